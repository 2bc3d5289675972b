from eligibility.models.calendars import CalendarAddress, CalendarAddressQuerySet
from eligibility.models.cells import Cell, CellMember, CellQuerySet, RoutingRule
from eligibility.models.entities import Affiliation, Entity, EntityQuerySet, Mandate, Membership
from eligibility.models.people import ProgrammeRole, User
from eligibility.models.policy import (
    EligibilityRule,
    Parameter,
    PolicyRow,
    PolicyRowQuerySet,
    Sensor,
    UserCategory,
)
from eligibility.models.terms import Terms, TermsAcceptance
from eligibility.models.tokens import LIFETIME_MAXIMUM_DAYS, ApiToken, ApiTokenQuerySet, Scope

__all__ = [
    "LIFETIME_MAXIMUM_DAYS",
    "Affiliation",
    "ApiToken",
    "ApiTokenQuerySet",
    "CalendarAddress",
    "CalendarAddressQuerySet",
    "Cell",
    "CellMember",
    "CellQuerySet",
    "EligibilityRule",
    "Entity",
    "EntityQuerySet",
    "Mandate",
    "Membership",
    "Parameter",
    "PolicyRow",
    "PolicyRowQuerySet",
    "ProgrammeRole",
    "RoutingRule",
    "Scope",
    "Sensor",
    "Terms",
    "TermsAcceptance",
    "User",
    "UserCategory",
]
