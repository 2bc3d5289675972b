"""Who may move a request: predicates on the request and an :class:`Actor`, without a query.

A role's name is the one of ``tests/requests_app/workflow_table.csv`` and of the documentation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from eligibility.permissions import Actor


class Movable(Protocol):
    """What a predicate may look at of a request."""

    requester_id: int
    entity_id: int
    cell_id: int | None
    reviewer_id: int | None
    priced_eur: Decimal

    @property
    def co_requester_ids(self) -> frozenset[int]: ...

    @property
    def registrar_ids(self) -> frozenset[int]: ...

    @property
    def opinion_giver_ids(self) -> frozenset[int]: ...


Predicate = Callable[[Movable, Actor], bool]

CLOCK = Actor(user_id=0)
"""Nobody: a transition that the calendar brings about."""


def has_conflict(request: Movable, actor: Actor) -> bool:
    """Somebody who asks, belongs to the entity that asks, or works for it under a mandate,
    neither reviews nor decides."""
    its_people = actor.entity_ids | actor.mandated_for
    return request.entity_id in its_people or is_asking(request, actor)


def is_asking(request: Movable, actor: Actor) -> bool:
    return is_requester(request, actor) or is_co_requester(request, actor)


def is_requester(request: Movable, actor: Actor) -> bool:
    return request.requester_id == actor.user_id


def is_co_requester(request: Movable, actor: Actor) -> bool:
    return actor.user_id in request.co_requester_ids


def is_entity_contact(request: Movable, actor: Actor) -> bool:
    return request.entity_id in actor.contact_of


def has_cell_role(request: Movable, actor: Actor, role: str) -> bool:
    return request.cell_id is not None and (request.cell_id, role) in actor.cells


def is_reviewer(request: Movable, actor: Actor) -> bool:
    return has_cell_role(request, actor, "reviewer") and not has_conflict(request, actor)


def is_assigned_reviewer(request: Movable, actor: Actor) -> bool:
    return request.reviewer_id == actor.user_id and is_reviewer(request, actor)


def is_arbitrator(request: Movable, actor: Actor) -> bool:
    """An arbitrator of the cell who did not review the file: the two are different persons."""
    return (
        has_cell_role(request, actor, "arbitrator")
        and not has_conflict(request, actor)
        and request.reviewer_id != actor.user_id
        and actor.user_id not in request.opinion_giver_ids
    )


def is_arbitrator_of_delivery(request: Movable, actor: Actor) -> bool:
    return is_arbitrator(request, actor) and not registered_delivery(request, actor)


def is_secretariat_of_delivery(request: Movable, actor: Actor) -> bool:
    return is_disinterested_secretariat(request, actor) and not registered_delivery(request, actor)


def registered_delivery(request: Movable, actor: Actor) -> bool:
    return actor.user_id in request.registrar_ids


def is_chair(request: Movable, actor: Actor) -> bool:
    return has_cell_role(request, actor, "chair") and not has_conflict(request, actor)


def is_supply_officer(request: Movable, actor: Actor) -> bool:
    return has_cell_role(request, actor, "supply_officer")


def is_secretariat(_request: Movable, actor: Actor) -> bool:
    return actor.is_secretariat


def is_disinterested_secretariat(request: Movable, actor: Actor) -> bool:
    return actor.is_secretariat and not has_conflict(request, actor)


def is_clock(_request: Movable, actor: Actor) -> bool:
    return actor is CLOCK


def accepts_free_offer(request: Movable, actor: Actor) -> bool:
    return is_requester(request, actor) and request.priced_eur == 0


def accepts_priced_offer(request: Movable, actor: Actor) -> bool:
    return is_entity_contact(request, actor) and request.priced_eur > 0


ROLES: dict[str, tuple[Promise, Predicate]] = {
    "requester": (_("requester"), is_requester),
    "co_requester": (_("co-requester"), is_co_requester),
    "entity_contact": (_("entity contact"), is_entity_contact),
    "requester_of_free_offer": (_("requester, when nothing is to pay"), accepts_free_offer),
    "contact_of_priced_offer": (
        _("entity contact, when a price is due"),
        accepts_priced_offer,
    ),
    "reviewer": (_("reviewer of the cell"), is_reviewer),
    "assigned_reviewer": (_("assigned reviewer"), is_assigned_reviewer),
    "arbitrator": (_("arbitrator of the cell, not its reviewer"), is_arbitrator),
    "arbitrator_of_delivery": (
        _("arbitrator who registered none of the deliveries"),
        is_arbitrator_of_delivery,
    ),
    "chair": (_("chair of the cell"), is_chair),
    "supply_officer": (_("supply officer"), is_supply_officer),
    "secretariat": (_("secretariat"), is_secretariat),
    "disinterested_secretariat": (
        _("secretariat without conflict"),
        is_disinterested_secretariat,
    ),
    "secretariat_of_delivery": (
        _("secretariat without conflict that registered none of the deliveries"),
        is_secretariat_of_delivery,
    ),
    "clock": (_("calendar"), is_clock),
}


ASKING = frozenset(
    {
        "requester", "co_requester", "entity_contact", "requester_of_free_offer",
        "contact_of_priced_offer",
    }
)  # fmt: skip
"""The roles of those who ask, and of their entity."""


@dataclass(frozen=True)
class AllowedTo:
    """A transition's ``permission``: any one of ``roles`` suffices."""

    roles: tuple[str, ...]

    @property
    def asking(self) -> tuple[str, ...]:
        return tuple(role for role in self.roles if role in ASKING)

    @property
    def of_office(self) -> tuple[str, ...]:
        return tuple(role for role in self.roles if role not in ASKING and role != "clock")

    def __call__(self, request: Movable, actor: Actor) -> bool:
        return any(ROLES[role][1](request, actor) for role in self.roles)


def by(*roles: str) -> AllowedTo:
    return AllowedTo(roles)
