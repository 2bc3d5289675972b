"""An entity with everybody its requests pass by, for the walkthrough and the demonstration."""

from dataclasses import dataclass

from django.utils import timezone

from eligibility.models import (
    Affiliation,
    Cell,
    CellMember,
    Entity,
    Membership,
    Terms,
    TermsAcceptance,
    User,
    UserCategory,
)
from eligibility.selectors.pages import managed_sensors


@dataclass(frozen=True)
class People:
    entity: Entity
    requester: User
    entity_contact: User
    reviewer: User
    arbitrator: User
    supply_officer: User


def found_entity(*, category: str, cell: Cell, suffix: str) -> People:
    """A new member entity of ``category``, its people, and officers of ``cell``."""
    entity = Entity.objects.create(
        name=f"Walkthrough entity {suffix}",
        category=UserCategory.objects.get(code=category),
        city="Toulouse",
        postal_address="1 place du Capitole\n31000 Toulouse",
    )
    requester = affiliated(entity, "requester", Affiliation.Role.MEMBER, suffix)
    contact = affiliated(entity, "contact", Affiliation.Role.ENTITY_CONTACT, suffix)
    signatory = affiliated(entity, "director", Affiliation.Role.LEGAL_REPRESENTATIVE, suffix)
    make_member(entity, signatory)
    return People(
        entity=entity,
        requester=requester,
        entity_contact=contact,
        reviewer=officer(cell, CellMember.Role.REVIEWER, suffix),
        arbitrator=officer(cell, CellMember.Role.ARBITRATOR, suffix),
        supply_officer=officer(cell, CellMember.Role.SUPPLY_OFFICER, suffix),
    )


def make_member(entity: Entity, signatory: User) -> Membership:
    """For every managed sensor, its terms accepted by ``signatory``."""
    membership = Membership.objects.create(entity=entity, starts_on=timezone.localdate())
    membership.sensors.set(managed_sensors())
    for terms in Terms.objects.in_force(timezone.localdate()).filter(
        kind__in=Terms.ACCEPTED_BY_ENTITY
    ):
        TermsAcceptance.objects.create(
            terms=terms, entity=entity, user=signatory, text_sha256=terms.text_sha256
        )
    return membership


def affiliated(entity: Entity, name: str, role: str, suffix: str) -> User:
    person = account(f"{name}-{suffix}", f"Walkthrough {name}")
    affiliate(entity, person, role)
    return person


def affiliate(entity: Entity, person: User, role: str) -> None:
    Affiliation.objects.create(user=person, entity=entity, role=role, since=timezone.localdate())


def officer(cell: Cell, role: str, suffix: str) -> User:
    person = account(f"{role}-{suffix}", f"Walkthrough {role.replace('_', ' ')}")
    appoint(cell, person, role)
    return person


def appoint(cell: Cell, person: User, role: str) -> None:
    CellMember.objects.create(cell=cell, user=person, role=role, since=timezone.localdate())


def account(local_part: str, full_name: str) -> User:
    return User.objects.create_user(
        email=f"{local_part}@walkthrough.invalid", full_name=full_name, language="fr"
    )
