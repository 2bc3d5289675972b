"""What addresses name: one object of each sort, for the rights table."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from catalogue.models import Item
from eligibility.models import Entity, Terms, User
from licences.models import Licence, Renewals
from licences.rendering import render
from licences.signatories import path_to_sign
from quotas import services as quotas
from quotas.grant_files import read_grants
from quotas.models import PolicyRevision, QuotaAct, Quotation
from quotas.selectors import figures_in_force
from requests_app.intake import services as intake
from requests_app.messages.services import write_message
from requests_app.models import MessageKind
from tests.catalogue.factories import ItemFactory, box
from tests.eligibility.factories import (
    AffiliationFactory,
    MembershipFactory,
    SpotFactory,
    UserFactory,
)
from tests.licences.factories import issued, issued_region
from tests.places.factories import PlaceFactory
from tests.requests_app import world as path
from tests.requests_app.attached import upload
from tests.rights.notices import objects_of_notices
from tests.rights.world import World, envelope_of


def add_objects(world: World) -> None:
    PlaceFactory(name="Lunel", code="34145")
    PlaceFactory(kind="region", name="Bretagne", code="53")
    SpotFactory()
    world.objects = {name: named(world) for name, named in OBJECTS.items()}
    world.objects |= objects_of_notices(world)
    world.objects |= {name: {"number": request.number} for name, request in world.requests.items()}


def _licence(world: World, request: str) -> dict[str, Any]:
    """With its documents."""
    licence = Licence.objects.get(request_number=world.requests[request].number)
    render(licence.pk)
    return {"number": licence.number}


def _ending_licence(world: World) -> Licence:
    """Of the entity, with an end."""
    known = Licence.objects.filter(entity=world.programme.entity, valid_until__isnull=False)
    return known.first() or issued(
        entity=world.programme.entity,
        cell=world.programme.cell,
        request_number=world.requests["approved"].number.replace("R", "L"),
        valid_until=timezone.localdate() + timedelta(days=30),
    )


def _renewals(world: World) -> Renewals:
    return Renewals.objects.create(
        decision=uuid4(),
        kind="pleiades_institutional",
        ends_by=timezone.localdate(),
        decided_by=world.people["secretariat"],
    )


def _waiting_licence(world: World) -> Licence:
    """Of the entity, for its legal representative to sign."""
    known = Licence.objects.filter(state=Licence.State.AWAITING)
    return known.first() or issued_region(
        world.programme.entity, sensor_code=world.programme.sensor.code
    )


def _link_to_sign(world: World, user: User) -> dict[str, Any]:
    return {"token": path_to_sign(_waiting_licence(world), user).rstrip("/").rpartition("/")[2]}


def _delivered_item(world: World) -> dict[str, Any]:
    item = Item.objects.get(request_numbers=[world.requests["delivered"].number])
    return {"pk": item.pk}


def _item(world: World, audience: str) -> dict[str, Any]:
    item = ItemFactory(sensor=world.programme.sensor, audience=[audience])
    return {"pk": item.pk}


def _item_of_another_entity(world: World) -> dict[str, Any]:
    return _item(world, f"entity:{world.other_entity.pk}@{world.programme.sensor.code}")


def _charter() -> Terms:
    return Terms.objects.get(kind="charter")


def _who_asks_to_join(world: World) -> dict[str, Any]:
    applicant = UserFactory(full_name="Applicant")
    pending = AffiliationFactory(user=applicant, entity=world.programme.entity, since=None)
    return {"pk": pending.pk}


def _suspended_membership(world: World) -> dict[str, Any]:
    suspended = MembershipFactory(
        entity=_entity_of(world, "co_requester"), sensors=[world.programme.sensor],
        suspended_on=path.in_days(0), suspension_reason="Report missing",
    )  # fmt: skip
    return {"pk": suspended.pk}


def _entity_of(world: World, role: str) -> Entity:
    return world.people[role].affiliations.get().entity


def _half_available(world: World) -> Item:
    """An image over the western half of the draft for open data."""
    draft = world.requests["open_data"]
    west, south, east, north = draft.aoi.extent
    footprint = box(west, south, (west + east) / 2, north)
    return ItemFactory(sensor=draft.sensor, footprint=footprint)  # type: ignore[return-value]  # what a factory makes


def _unfinished_form(world: World) -> UUID:
    typed = intake.Typed(answers={"title": ["Coastline"]}, version=0)
    return intake.keep_form(key=uuid4(), user=world.programme.requester, typed=typed).key


def _waiting_act(world: World) -> QuotaAct:
    """Proposed by a member of the secretariat: another confirms it."""
    return quotas.propose_act(
        user=world.people["staff_secretariat"],
        kind="grant",
        facts={
            "envelope_id": envelope_of(entity=world.programme.entity).pk,
            "amount": Decimal(5_000),
        },
        reason="A large survey.",
    )


def _draft_revision(world: World, *, amount: int, months: int) -> PolicyRevision:
    """By the other member of the secretariat, about the free volume of one request."""
    found = world.programme
    rows = figures_in_force(found.sensor.pk, timezone.localdate())
    cap = next(row for row in rows if row.measure == "request_cap")
    return quotas.draft_revision(
        sensor_id=found.sensor.pk,
        user=world.people["staff_secretariat"],
        valid_from=path.in_days(30 * months),
        reason="La programmation du trimestre.",
        figures=[
            quotas.ProposedFigure(
                revises_id=cap.pk,
                amount=Decimal(amount),
                late_return=cap.late_return,
                source="Comité de direction",
                is_example=False,
            )
        ],
    )


def _published_revision(world: World) -> PolicyRevision:
    draft = _draft_revision(world, amount=110, months=3)
    return quotas.publish_revision(
        revision_id=draft.pk, version=1, user=world.people["secretariat"]
    )


def _quotation_of_a_request(world: World) -> Quotation:
    """With its documents."""
    priced = world.requests["offered_priced"]
    quotation = Quotation.objects.get(number=priced.quotation_number)
    quotas.render_quotation(quotation.pk, 1)
    return quotation


def _quotation_of_a_package(contact: User) -> str:
    entity = contact.affiliations.get().entity
    quotation = quotas.quote_package(
        user=contact, entity_id=entity.pk, package_code="spot67-package-20k"
    )
    return quotation.number


def _attached(world: World, role: str, kind: str) -> dict[str, Any]:
    """The file of a message that came with words of its kind."""
    request = world.requests["in_review"]
    message = write_message(
        request_id=request.pk,
        user=world.people[role],
        text=f"Words of the {kind} message.",
        kind=kind,
        attachments=[upload(f"{kind}.pdf")],
    )
    return {"number": request.number, "key": message.attachments.get().key}


def _waiting_file(world: World) -> QuotaAct:
    lines = read_grants(world.lines_of_grants(5_000)).lines
    return quotas.propose_grants(user=world.people["staff_secretariat"], lines=lines)


OBJECTS: dict[str, Callable[[World], dict[str, Any]]] = {
    "": lambda _world: {},
    "wrong key": lambda _world: {"key": "wrong"},
    "wrong token": lambda _world: {"token": "wrong"},
    "licence": lambda world: _licence(world, "approved"),
    "licence that ends": lambda world: {"number": _ending_licence(world).number},
    "renewal of several": lambda world: {"pk": _renewals(world).pk},
    "licence that waits": lambda world: {"number": _waiting_licence(world).number},
    "link of somebody else": lambda world: _link_to_sign(world, UserFactory()),
    "link of the signatory": lambda world: _link_to_sign(
        world, world.people["legal_representative"]
    ),
    "version of a text": lambda _world: {"kind": "pleiades_institutional", "version": "1"},
    "revoked licence": lambda world: _licence(world, "cancelled"),
    "item of the entity": _delivered_item,
    "open item": lambda world: _item(world, "open"),
    "open item for open data": lambda world: {"pk": _half_available(world).pk},
    "item of another entity": _item_of_another_entity,
    "the entity": lambda world: {"pk": world.programme.entity.pk},
    "another entity": lambda world: {"pk": world.other_entity.pk},
    "entity that joins": lambda world: {"pk": _entity_of(world, "contractor").pk},
    "the cell": lambda world: {"pk": world.programme.cell.pk},
    "the entity's terms": lambda world: {
        "pk": world.programme.entity.pk, "terms_pk": _charter().pk,
    },
    "terms": lambda _world: {"pk": _charter().pk},
    "who asks to join": _who_asks_to_join,
    "the colleague": lambda world: {"pk": world.programme.colleague.affiliations.get().pk},
    "membership": lambda world: {"pk": world.programme.entity.memberships.get().pk},
    "suspended membership": _suspended_membership,
    "envelope of the entity": lambda world: {"pk": envelope_of(entity=world.programme.entity).pk},
    "envelope of the cell": lambda world: {"pk": envelope_of(cell=world.programme.cell).pk},
    "envelope of another entity": lambda world: {"pk": envelope_of(entity=world.other_entity).pk},
    "act that waits": lambda world: {"pk": _waiting_act(world).pk},
    "revision that waits": lambda world: {"pk": _draft_revision(world, amount=120, months=6).pk},
    "published revision": lambda world: {"pk": _published_revision(world).pk},
    "sensor with quotas": lambda world: {"sensor": world.programme.sensor.code},
    "quotation of a request": lambda world: {"number": _quotation_of_a_request(world).number},
    "quotation of a package": lambda world: {
        "number": _quotation_of_a_package(world.programme.entity_contact)
    },
    "quotation of another entity": lambda world: {
        "number": _quotation_of_a_package(world.other_people["entity_contact"])
    },
    "file that waits": lambda world: {"pk": _waiting_file(world).pk},
    "attachment": lambda world: _attached(world, "requester", MessageKind.SHARED),
    "attachment of a note": lambda world: _attached(world, "reviewer", MessageKind.INTERNAL),
    "unfinished form": lambda world: {"key": _unfinished_form(world)},
}  # fmt: skip
"""What an address says, by the name in the table's column ``object``; made in this order."""
