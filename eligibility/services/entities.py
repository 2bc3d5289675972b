from collections.abc import Iterable

from django.contrib.gis.geos import MultiPolygon
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import Affiliation, Entity
from eligibility.notifications import AFFILIATION_TOPIC
from eligibility.services.notices import tell, tell_of_wish_to_join
from eligibility.services.refusing import actor, locked_entity, refuse
from orbitrage.shared.days import day_in_words
from orbitrage.shared.transactions import retried_once


@retried_once
@transaction.atomic
def register_entity(
    *,
    user_id: int,
    name: str,
    category_id: int,
    acronym: str = "",
    siret: str = "",
    country: str = "FR",
    city: str = "",
    postal_address: str = "",
    website: str = "",
    supervising_body_ids: Iterable[int] = (),
) -> Entity:
    """The person who registers it becomes its contact. Raises entity_already_registered."""
    _demand_unknown(name, country, siret)
    entity = Entity.objects.create(
        name=name,
        category_id=category_id,
        acronym=acronym,
        siret=siret,
        country=country,
        city=city,
        postal_address=postal_address,
        website=website,
    )
    entity.supervising_bodies.set(supervising_body_ids)
    Affiliation.objects.create(
        user_id=user_id,
        entity=entity,
        role=Affiliation.Role.ENTITY_CONTACT,
        since=timezone.localdate(),
    )
    return entity


def _demand_unknown(name: str, country: str, siret: str) -> None:
    same = Q(name__iexact=name, country=country)
    if siret:
        same |= Q(siret=siret)
    known = Entity.objects.filter(same).first()
    if known is not None:
        raise refuse(
            "entity_already_registered",
            _("%(entity)s is already registered: ask to join it.") % {"entity": known.name},
        )


@retried_once
@transaction.atomic
def affiliate(*, user_id: int, entity_id: int, role: str = Affiliation.Role.MEMBER) -> Affiliation:
    """Ask to join; the entity's contact is told and activates. Raises already_affiliated,
    affiliation_already_requested."""
    affiliation = pending_affiliation(user_id=user_id, entity_id=entity_id, role=role)
    tell_of_wish_to_join(affiliation)
    return affiliation


@retried_once
@transaction.atomic
def tell_of_wishes_to_join(*, user_id: int) -> None:
    """The person's address is confirmed: the contacts of who was asked at sign-up are told."""
    for affiliation in Affiliation.objects.pending().filter(user_id=user_id).order_by("pk"):
        tell_of_wish_to_join(affiliation)


def pending_affiliation(
    *, user_id: int, entity_id: int, role: str = Affiliation.Role.MEMBER
) -> Affiliation:
    """In the transaction in progress; nobody is told. Raises as `affiliate`."""
    entity = locked_entity(entity_id)
    known = Affiliation.objects.filter(
        user_id=user_id, entity=entity, role=role, until__isnull=True
    ).first()
    if known is None:
        return Affiliation.objects.create(user_id=user_id, entity=entity, role=role)
    if known.since is None:
        raise refuse(
            "affiliation_already_requested",
            _("You asked to join %(entity)s on %(day)s: its contact has not answered yet.")
            % {"entity": entity, "day": day_in_words(timezone.localdate(known.requested_at))},
        )
    raise refuse(
        "already_affiliated",
        _("You have belonged to %(entity)s since %(day)s.")
        % {"entity": entity, "day": day_in_words(known.since)},
    )


@retried_once
@transaction.atomic
def activate_affiliation(*, affiliation_id: int, by_user_id: int) -> None:
    """Raises not_entity_contact, affiliation_not_pending."""
    affiliation = _managed_affiliation(affiliation_id, by_user_id)
    if not affiliation.is_pending:
        raise refuse(
            "affiliation_not_pending",
            _("The affiliation of %(person)s to %(entity)s has already been answered.")
            % {"person": affiliation.user, "entity": affiliation.entity},
        )
    affiliation.since = timezone.localdate()
    affiliation.save(update_fields=["since"])
    tell(AFFILIATION_TOPIC, affiliation.pk, "activated")


@retried_once
@transaction.atomic
def end_affiliation(*, affiliation_id: int, by_user_id: int) -> None:
    """From today on; a request not yet answered is declined. Raises not_entity_contact,
    affiliation_ended, last_entity_contact."""
    affiliation = _managed_affiliation(affiliation_id, by_user_id)
    if affiliation.until is not None:
        raise refuse(
            "affiliation_ended",
            _("The affiliation of %(person)s ended on %(day)s.")
            % {"person": affiliation.user, "day": day_in_words(affiliation.until)},
        )
    if _is_last_contact(affiliation):
        raise refuse(
            "last_entity_contact",
            _("%(person)s is the only contact of %(entity)s: name another one first.")
            % {"person": affiliation.user, "entity": affiliation.entity},
        )
    was_pending = affiliation.is_pending
    affiliation.until = timezone.localdate()
    affiliation.save(update_fields=["until"])
    if was_pending:
        tell(AFFILIATION_TOPIC, affiliation.pk, "declined")


def _managed_affiliation(affiliation_id: int, by_user_id: int) -> Affiliation:
    """Locks the entity first: two contacts cannot end each other at once."""
    entity_id = Affiliation.objects.values_list("entity_id", flat=True).get(pk=affiliation_id)
    entity = locked_entity(entity_id)
    _demand_managing(entity, by_user_id)
    return (
        Affiliation.objects.select_for_update(no_key=True, of=("self",))
        .select_related("user", "entity")
        .get(pk=affiliation_id)
    )


@retried_once
@transaction.atomic
def set_territory(*, entity_id: int, by_user_id: int, outline: MultiPolygon, name: str) -> None:
    """Where the entity is at work: against it areas are recognised whose axes were swapped.
    ``outline`` in EPSG:4326. Raises not_entity_contact."""
    entity = locked_entity(entity_id)
    _demand_managing(entity, by_user_id)
    entity.territory = outline
    entity.territory_name = name
    entity.territory_set_by_id = by_user_id
    entity.territory_set_at = timezone.now()
    fields = ["territory", "territory_name", "territory_set_by", "territory_set_at"]
    entity.save(update_fields=fields)


def _demand_managing(entity: Entity, user_id: int) -> None:
    if not actor(user_id).manages_people_of(entity.pk):
        raise refuse(
            "not_entity_contact",
            _("Only the contact of %(entity)s or its legal representative may do this.")
            % {"entity": entity},
        )


def _is_last_contact(affiliation: Affiliation) -> bool:
    contact = Affiliation.Role.ENTITY_CONTACT
    if affiliation.role != contact or affiliation.since is None:
        return False
    running = Affiliation.objects.running(timezone.localdate())
    contacts = running.filter(entity_id=affiliation.entity_id, role=contact)
    return not contacts.exclude(pk=affiliation.pk).exists()
