"""Reads: who somebody is, for whom they may ask, and by which rule they are answered."""

from eligibility.selectors.actors import OnBehalf, acting_for, actor_of
from eligibility.selectors.pages import (
    CategoryRules,
    EntityPage,
    EntityStanding,
    Profile,
    RuleGroup,
    SensorStanding,
    eligibility_table,
    entities_for_page,
    entity_page,
    entity_standings,
    open_sensors,
    pending_requests_of,
    profile_of,
)
from eligibility.selectors.rights import (
    eligibility_answer,
    mandate_refusals,
    membership_refusals,
    parameter,
    site_terms,
    subject_of,
    terms_to_accept,
)

__all__ = [
    "CategoryRules",
    "EntityPage",
    "EntityStanding",
    "OnBehalf",
    "Profile",
    "RuleGroup",
    "SensorStanding",
    "acting_for",
    "actor_of",
    "eligibility_answer",
    "eligibility_table",
    "entities_for_page",
    "entity_page",
    "entity_standings",
    "mandate_refusals",
    "membership_refusals",
    "open_sensors",
    "parameter",
    "pending_requests_of",
    "profile_of",
    "site_terms",
    "subject_of",
    "terms_to_accept",
]
