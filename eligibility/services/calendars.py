import secrets

from django.db import transaction

from eligibility.models import CalendarAddress
from eligibility.models.calendars import hash_of
from eligibility.services.accounts import lock_account
from eligibility.services.sessions import lock_account_of_session
from orbitrage.shared.transactions import retried_once

TOKEN_BYTES = 32


@retried_once
@transaction.atomic
def make_calendar_address(*, user_id: int, session_hash: str | None = None) -> str:
    """The token of a new address, told this once; one made before opens nothing from now on.
    ``session_hash`` as for a token.

    Raises EligibilityRefused: session_ended.
    """
    lock_account_of_session(user_id, session_hash)
    forget_calendar_address(user_id)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    CalendarAddress.objects.create(user_id=user_id, token_sha256=hash_of(token))
    return token


@retried_once
@transaction.atomic
def end_calendar_address(*, user_id: int) -> None:
    lock_account(user_id)
    forget_calendar_address(user_id)


def forget_calendar_address(user_id: int) -> None:
    """In the transaction in progress, with whatever else ends what the account has opened."""
    CalendarAddress.objects.filter(user_id=user_id).delete()
