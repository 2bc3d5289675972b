"""What addresses name: one object of each sort, for the rights table."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from catalogue.models import Item
from eligibility.models import Affiliation, Entity, Terms, User
from licences.models import Licence
from licences.services import render
from quotas import services as quotas
from quotas.grant_files import read_grants
from quotas.models import PolicyRevision, QuotaAct, Quotation
from quotas.selectors import figures_in_force
from requests_app.intake import services as intake
from requests_app.messages.services import write_message
from requests_app.models import MessageKind
from tests.catalogue.factories import ItemFactory
from tests.eligibility.factories import (
    AffiliationFactory,
    MembershipFactory,
    UserFactory,
)
from tests.requests_app import world as path
from tests.requests_app.attached import upload
from tests.rights.notices import objects_of_notices
from tests.rights.world import World, envelope_of


def add_objects(world: World, partner: Entity, contractor: Entity) -> None:
    found = world.programme
    licence = Licence.objects.get(request_number=world.requests["approved"].number)
    revoked = Licence.objects.get(request_number=world.requests["cancelled"].number)
    for each in (licence, revoked):
        render(each.pk)
    applicant = UserFactory(full_name="Applicant")
    delivered = Item.objects.get(request_number=world.requests["delivered"].number)
    open_item = ItemFactory(sensor=found.sensor, audience=["open"])
    key = f"entity:{world.other_entity.pk}@{found.sensor.code}"
    secret = ItemFactory(sensor=found.sensor, audience=[key])
    charter = Terms.objects.get(kind="charter")
    pending = AffiliationFactory(user=applicant, entity=found.entity, since=None)
    of_colleague = Affiliation.objects.get(user=found.colleague)
    suspended = MembershipFactory(
        entity=partner, sensors=[found.sensor], suspended_on=path.in_days(0),
        suspension_reason="Report missing",
    )  # fmt: skip
    world.objects = {
        "": {},
        "wrong key": {"key": "wrong"},
        "wrong token": {"token": "wrong"},
        "licence": {"number": licence.number},
        "revoked licence": {"number": revoked.number},
        "item of the entity": {"pk": delivered.pk},
        "open item": {"pk": open_item.pk},
        "item of another entity": {"pk": secret.pk},
        "the entity": {"pk": found.entity.pk},
        "another entity": {"pk": world.other_entity.pk},
        "entity that joins": {"pk": contractor.pk},
        "the cell": {"pk": found.cell.pk},
        "the entity's terms": {"pk": found.entity.pk, "terms_pk": charter.pk},
        "terms": {"pk": charter.pk},
        "who asks to join": {"pk": pending.pk},
        "the colleague": {"pk": of_colleague.pk},
        "membership": {"pk": found.entity.memberships.get().pk},
        "suspended membership": {"pk": suspended.pk},
        "envelope of the entity": {"pk": envelope_of(entity=found.entity).pk},
        "envelope of the cell": {"pk": envelope_of(cell=found.cell).pk},
        "envelope of another entity": {"pk": envelope_of(entity=world.other_entity).pk},
        "act that waits": {"pk": _waiting_act(world).pk},
        "revision that waits": {"pk": _draft_revision(world, amount=120, months=6).pk},
        "published revision": {"pk": _published_revision(world).pk},
        "sensor with quotas": {"sensor": found.sensor.code},
        "quotation of a request": {"number": _quotation_of_a_request(world).number},
        "quotation of a package": {"number": _quotation_of_a_package(found.entity_contact)},
        "quotation of another entity": {
            "number": _quotation_of_a_package(world.other_people["entity_contact"])
        },
        "file that waits": {"pk": _waiting_file(world).pk},
        "attachment": _attached(world, "requester", MessageKind.SHARED),
        "attachment of a note": _attached(world, "reviewer", MessageKind.INTERNAL),
        "unfinished form": {"key": _unfinished_form(world)},
        **objects_of_notices(world),
    }
    for name, request in world.requests.items():
        world.objects[name] = {"number": request.number}


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
