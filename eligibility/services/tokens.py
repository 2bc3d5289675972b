"""Access tokens: made by their person, ended by them or by what ends their sessions."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import LIFETIME_MAXIMUM_DAYS, ApiToken, Scope, User
from eligibility.services.refusing import refuse
from eligibility.services.sessions import lock_account_of_session
from orbitrage.shared.transactions import retried_once

TOKENS_MAXIMUM = 20
_SECRET_BYTES = 32
_PREFIX_BYTES = 4


@retried_once
@transaction.atomic
def create_token(
    *, user_id: int, name: str, scopes: Sequence[str], days: int, session_hash: str | None = None
) -> tuple[ApiToken, str]:
    """The token and, this once, its secret. ``session_hash`` is that of whoever asks by a session:
    what a new password has ended makes nothing that outlives it.

    Raises EligibilityRefused: scope_unknown, lifetime_not_allowed, too_many_tokens,
    session_ended.
    """
    if not scopes or not set(scopes) <= set(Scope.values):
        raise refuse("scope_unknown", _("Choose at least one of the scopes offered."))
    if not 1 <= days <= LIFETIME_MAXIMUM_DAYS:
        raise refuse(
            "lifetime_not_allowed",
            _("A token lives 1 to %(maximum)d days; %(days)d were asked for.")
            % {"maximum": LIFETIME_MAXIMUM_DAYS, "days": days},
        )
    user = lock_account_of_session(user_id, session_hash)
    _demand_room(user)
    prefix = secrets.token_hex(_PREFIX_BYTES)
    secret = f"orb_{prefix}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    now = timezone.now()
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=prefix,
        sha256=hash_of(secret),
        scopes=sorted(set(scopes)),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    return token, secret


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _demand_room(user: User) -> None:
    usable = ApiToken.objects.visible_to(user).usable().count()
    if usable < TOKENS_MAXIMUM:
        return
    message = _("You have %(count)d tokens in use, as many as one account may have: end one first.")
    raise refuse("too_many_tokens", message % {"count": usable})


@retried_once
@transaction.atomic
def revoke_token(*, token_id: int, user_id: int) -> None:
    """Ends one's own token at once; again, nothing more."""
    mine = ApiToken.objects.filter(pk=token_id, user_id=user_id, revoked_at__isnull=True)
    mine.update(revoked_at=timezone.now())


def end_tokens(*, user_id: int) -> None:
    """Part of the transaction that suspends or erases an account, or changes its password."""
    ApiToken.objects.filter(user_id=user_id, revoked_at__isnull=True).update(
        revoked_at=timezone.now()
    )


def note_use(*, token_id: int) -> None:
    """The day only."""
    ApiToken.objects.filter(pk=token_id).update(last_used_on=timezone.localdate())
