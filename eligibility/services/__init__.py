"""What people do with accounts, entities and memberships. Each function is one transaction."""

from eligibility.services.accounts import lock_account
from eligibility.services.calendars import end_calendar_address, make_calendar_address
from eligibility.services.entities import (
    activate_affiliation,
    affiliate,
    end_affiliation,
    register_entity,
    set_territory,
    tell_of_wishes_to_join,
)
from eligibility.services.memberships import (
    create_mandate,
    lock_entity,
    reinstate_membership,
    share_membership,
    start_membership,
    suspend_membership,
)
from eligibility.services.officers import appoint_cell_member, open_office
from eligibility.services.people import (
    change_password,
    complete_signup,
    end_what_is_open,
    suspend_account,
    update_profile,
)
from eligibility.services.refusing import EligibilityRefused
from eligibility.services.terms import accept_terms
from eligibility.services.tokens import (
    create_token,
    end_tokens,
    hash_of,
    note_use,
    revoke_token,
)

__all__ = [
    "EligibilityRefused",
    "accept_terms",
    "activate_affiliation",
    "affiliate",
    "appoint_cell_member",
    "change_password",
    "complete_signup",
    "create_mandate",
    "create_token",
    "end_affiliation",
    "end_calendar_address",
    "end_tokens",
    "end_what_is_open",
    "hash_of",
    "lock_account",
    "lock_entity",
    "make_calendar_address",
    "note_use",
    "open_office",
    "register_entity",
    "reinstate_membership",
    "revoke_token",
    "set_territory",
    "share_membership",
    "start_membership",
    "suspend_account",
    "suspend_membership",
    "tell_of_wishes_to_join",
    "update_profile",
]
