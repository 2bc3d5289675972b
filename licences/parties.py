"""Entities and people as a document names them, on the day it is issued."""

from django.utils import timezone
from django.utils.translation import override

from eligibility.models import Affiliation, Entity, User
from licences.records import Party, Signatory


def party(entity: Entity) -> Party:
    return Party(
        name=entity.name,
        acronym=entity.acronym,
        siret=entity.siret,
        address=entity.postal_address,
        country=entity.country,
    )


def representative_of(entity: Entity) -> Signatory | None:
    """The legal representative: of several, who has been so for longest."""
    role = Affiliation.Role.LEGAL_REPRESENTATIVE
    if (user := _first_with(role, entity)) is None:
        return None
    with override("fr"):
        role_fr = str(role.label)
    with override("en"):
        role_en = str(role.label)
    return Signatory(name=user.full_name, role_fr=role_fr, role_en=role_en)


def contact_name_of(entity: Entity) -> str:
    user = _first_with(Affiliation.Role.ENTITY_CONTACT, entity)
    return user.full_name if user else ""


def _first_with(role: Affiliation.Role, entity: Entity) -> User | None:
    running = Affiliation.objects.running(timezone.localdate()).filter(entity=entity, role=role)
    affiliation = running.select_related("user").order_by("since", "pk").first()
    return affiliation.user if affiliation else None
