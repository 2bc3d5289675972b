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

__all__ = [
    "Affiliation",
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
    "Sensor",
    "Terms",
    "TermsAcceptance",
    "User",
    "UserCategory",
]
