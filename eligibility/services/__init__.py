"""What people do with accounts, entities and memberships. Each function is one transaction."""

from eligibility.services.calendars import end_calendar_address, make_calendar_address
from eligibility.services.entities import (
    activate_affiliation,
    affiliate,
    end_affiliation,
    register_entity,
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
    "hash_of",
    "lock_entity",
    "make_calendar_address",
    "note_use",
    "open_office",
    "register_entity",
    "reinstate_membership",
    "revoke_token",
    "share_membership",
    "start_membership",
    "suspend_account",
    "suspend_membership",
    "tell_of_wishes_to_join",
    "update_profile",
]
