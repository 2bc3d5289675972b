"""The account behind a session, read again under its lock."""

from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from eligibility.models import User
from eligibility.services.accounts import lock_account
from eligibility.services.refusing import refuse


def lock_account_of_session(user_id: int, session_hash: str | None) -> User:
    """``session_hash`` is ``get_session_auth_hash`` as the session has it; None: no session asks.

    Raises EligibilityRefused: session_ended, the password or the account has changed meanwhile.
    """
    user = lock_account(user_id)
    if session_hash is None:
        return user
    is_same = constant_time_compare(session_hash, user.get_session_auth_hash())
    if user.is_active and is_same:
        return user
    raise refuse("session_ended", _("Your password has changed: sign in again first."))
