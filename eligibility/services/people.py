from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import User
from eligibility.services.accounts import lock_account
from eligibility.services.calendars import forget_calendar_address
from eligibility.services.entities import pending_affiliation
from eligibility.services.refusing import demand_secretariat, refuse
from eligibility.services.terms import accept_terms
from eligibility.services.tokens import end_tokens
from orbitrage.shared.transactions import retried_once


@retried_once
@transaction.atomic
def complete_signup(
    *,
    user_id: int,
    full_name: str,
    language: str,
    entity_id: int | None = None,
    site_terms_id: int | None = None,
) -> None:
    """What the sign-up form asks beside e-mail and password. The entity's contact is not told
    before the address is confirmed: `tell_of_wishes_to_join`."""
    update_profile(user_id=user_id, full_name=full_name, language=language)
    if site_terms_id is not None:
        accept_terms(terms_id=site_terms_id, user_id=user_id)
    if entity_id is not None:
        pending_affiliation(user_id=user_id, entity_id=entity_id)


@retried_once
@transaction.atomic
def update_profile(*, user_id: int, full_name: str, language: str) -> None:
    user = lock_account(user_id)
    user.full_name = full_name
    user.language = language
    user.save(update_fields=["full_name", "language"])


@retried_once
@transaction.atomic
def suspend_account(*, user_id: int, by_user_id: int) -> None:
    """Ends every session at its next page, every token, and the calendar address. Raises
    not_secretariat, own_account."""
    demand_secretariat(by_user_id)
    if user_id == by_user_id:
        raise refuse("own_account", _("Nobody suspends their own account."))
    user = lock_account(user_id)
    user.suspended_at = timezone.now()
    user.is_active = False
    user.save(update_fields=["suspended_at", "is_active"])
    end_tokens(user_id=user_id)
    forget_calendar_address(user.pk)


@retried_once
@transaction.atomic
def change_password(*, user: User, password: str) -> None:
    """Ends every session, every token and the calendar address: whoever knew the old password may
    have made them. The password is set on ``user`` itself, from which its sessions are made."""
    lock_account(user.pk)
    user.set_password(password)
    user.save(update_fields=["password"])
    end_what_is_open(user_id=user.pk)


@transaction.atomic
def end_what_is_open(*, user_id: int) -> None:
    """Every token and the calendar address: what an account has opened beside its sessions."""
    lock_account(user_id)
    end_tokens(user_id=user_id)
    forget_calendar_address(user_id)
