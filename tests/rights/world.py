"""One programme with a person per role and one object per state, for the rights table.

Everything is built once, in one transaction that its owner rolls back.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import uuid4

from allauth.account.models import EmailAddress
from django.apps import apps
from django.db import connection
from django.test import Client
from django.utils import timezone

from catalogue.models import Item
from eligibility.models import Affiliation, Cell, Entity, Sensor, Terms, User, UserCategory
from licences.models import Licence
from licences.services import render
from quotas import services as quotas
from quotas.grant_files import COLUMNS, read_grants
from quotas.models import Envelope, PolicyRevision, QuotaAct, Quotation
from quotas.selectors import figures_in_force
from requests_app.arbitration import services as arbitration
from requests_app.intake import services as intake
from requests_app.intake.services import offers
from requests_app.models import ImageryRequest
from requests_app.review import services as review
from requests_app.supply import services as supply
from tests.catalogue.factories import ItemFactory
from tests.eligibility.factories import (
    AffiliationFactory,
    CellMemberFactory,
    EntityFactory,
    MandateFactory,
    MembershipFactory,
    ProgrammeRoleFactory,
    TermsAcceptanceFactory,
    UserFactory,
)
from tests.requests_app import world as path

PASSWORD = "a long password for tests"
CELL_ROLES = ("reviewer", "arbitrator", "chair", "supply_officer")
ROLES = (
    "anonymous",
    "stranger",
    "requester",
    "co_requester",
    "colleague",
    "entity_contact",
    "legal_representative",
    "contractor",
    "reviewer",
    "reviewer_other",
    "arbitrator",
    "chair",
    "supply_officer",
    "other_cell_officer",
    "secretariat",
    "observer",
    "suspended_member",
    "staff",
    "staff_secretariat",
    "superuser",
)


@dataclass
class World:
    """``programme`` is entity A and the Pléiades science cell; B is another member of another cell.

    ``objects`` maps the name in the table's column ``object`` to what stands in an address.
    """

    programme: path.Programme
    people: dict[str, User]
    clients: dict[str, Client]
    other_entity: Entity
    other_people: dict[str, User] = field(default_factory=dict)
    requests: dict[str, ImageryRequest] = field(default_factory=dict)
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    areas: dict[str, int] = field(default_factory=dict)

    def first_row(self, admin_url: str) -> Any:
        """The key of some row of the model that an address of the administration is about."""
        app_label, model_name, _page = admin_url.removeprefix("admin:").split("_")
        return apps.get_model(app_label, model_name).objects.order_by("pk").first().pk

    def lines_of_grants(self, amount: int) -> str:
        """A file that grants so much to the envelope of the cell."""
        envelope = _envelope(cell=self.programme.cell)
        line = (
            "programme", self.programme.cell.code, self.programme.sensor.code,
            envelope.request_kind, "km2", envelope.period_starts_on.isoformat(), str(amount), "Agreed",
        )  # fmt: skip
        return f"{';'.join(COLUMNS)}\n{';'.join(line)}\n"


def _leave_the_numbers_of_examples() -> None:
    """Pages give R2026-000123 as an example; no request here has it."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER SEQUENCE requests_app_request_number RESTART WITH 500001")


def build() -> World:
    _leave_the_numbers_of_examples()
    programme = path.programme()
    partner = EntityFactory(name="Partner laboratory", category=programme.entity.category)
    contractor = EntityFactory(name="Contractor", category=programme.entity.category)
    other = _other_member()
    people = _people(programme, partner, contractor)
    for person in people.values():
        person.set_password(PASSWORD)
    User.objects.bulk_update(people.values(), ["password"])
    EmailAddress.objects.bulk_create(
        EmailAddress(user=person, email=person.email, verified=True, primary=True)
        for person in people.values()
    )
    built = World(programme, people, {}, other)
    built.other_people = {
        role: AffiliationFactory(entity=other, role=role).user
        for role in ("member", "entity_contact")
    }
    mandate = MandateFactory(
        contractor=contractor, principal=programme.entity, sensors=[programme.sensor]
    )
    _add_requests(built, mandate)
    _add_objects(built, partner, contractor)
    built.areas = {role: path.area_of(person).pk for role, person in people.items()}
    built.clients = {role: _signed_in(people.get(role)) for role in ROLES}
    _suspend(people["suspended_member"])
    return built


def _other_member() -> Entity:
    """A member of another category, whose requests go to another cell."""
    category = UserCategory.objects.get(code="institutional")
    entity = EntityFactory(name="Unrelated body", category=category)
    MembershipFactory(entity=entity, sensors=list(Sensor.objects.all()))
    signatory = AffiliationFactory(entity=entity, role="legal_representative").user
    for terms in Terms.objects.exclude(kind="site"):
        TermsAcceptanceFactory(terms=terms, entity=entity, user=signatory)
    return entity


def _people(programme: path.Programme, partner: Entity, contractor: Entity) -> dict[str, User]:
    people = dict(programme.people)
    people["co_requester"] = AffiliationFactory(entity=partner).user
    people["contractor"] = AffiliationFactory(entity=contractor).user
    people["suspended_member"] = AffiliationFactory(entity=programme.entity).user
    people["reviewer_other"] = CellMemberFactory(cell=programme.cell, role="reviewer").user
    other_cell = Cell.objects.get(code="spot-science")
    people["other_cell_officer"] = UserFactory()
    for role in CELL_ROLES:
        CellMemberFactory(cell=other_cell, user=people["other_cell_officer"], role=role)
    people["staff"] = UserFactory(is_staff=True)
    people["staff_secretariat"] = ProgrammeRoleFactory(user__is_staff=True).user
    people["superuser"] = UserFactory(is_staff=True, is_superuser=True)
    return people


def _signed_in(user: User | None) -> Client:
    client = Client(headers={"accept-language": "en"})
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _suspend(user: User) -> None:
    user.suspended_at, user.is_active = timezone.now(), False
    user.save(update_fields=["suspended_at", "is_active"])


# --- Requests: one per state ----------------------------------------------------------------------


class _Squares:
    """Areas of about 32 km² that do not touch: none is a slice of another."""

    def __init__(self) -> None:
        self.count = 0

    def next(self, *, size_deg: float = 0.06) -> Any:
        self.count += 1
        return path.square(west=1.0 + 0.3 * (self.count % 10), south=43.0 + 0.3 * (self.count // 10),
                           size_deg=size_deg)  # fmt: skip


def _add_requests(world: World, mandate: Any) -> None:
    found, squares = world.programme, _Squares()
    _grant_plenty(found)

    def ask(make: Callable[..., ImageryRequest], **wanted: Any) -> ImageryRequest:
        return make(found, aoi=squares.next(), **wanted)

    built = {
        "draft": ask(path.draft),
        "submitted": ask(path.submitted),
        "in_review": ask(path.in_review),
        "information_requested": _information_requested(ask(path.in_review), found),
        "in_arbitration": ask(path.in_arbitration),
        "deferred": _deferred(ask(path.in_arbitration), found),
        "approved": ask(path.approved),
        "ordered": ask(path.ordered),
        "closed": _closed(ask(path.ordered), found),
        "delivered": _delivered(ask(path.ordered), found, "delivered"),
        "disputed": _disputed(ask(path.ordered), found),
        "partially_delivered": _partially_delivered(ask(path.ordered, agrees_to_enlargement=True, **path.tasking_window()), found),
        "refused": _refused(ask(path.in_arbitration), found),
        "cancelled": _cancelled(ask(path.approved), found),
        "failed": _failed(ask(path.ordered), found),
        "expired": _expired(_information_requested(ask(path.in_review), found)),
        "offered": _offered(found, squares.next()),
        "offered_priced": _offered_priced(found, squares.next(size_deg=0.12)),
        "open_data": _open_data(found, squares.next()),
        "inadmissible": _inadmissible(ask(path.in_review), found),
        "mandated": _mandated(world, squares.next(), mandate),
    }  # fmt: skip
    for request in built.values():
        request.co_requesters.add(world.people["co_requester"])
    world.requests = {
        name: request.__class__.objects.get(pk=request.pk) for name, request in built.items()
    }
    world.requests["unrelated"] = _of_other_entity(world, squares.next())


def _grant_plenty(found: path.Programme) -> None:
    """Enough on the entity's allowance for a request in every state."""
    opened = quotas.ensure_envelopes(
        entity_id=found.entity.pk,
        sensor_id=found.sensor.pk,
        request_kind="archive",
        on=timezone.localdate(),
    )
    for envelope in opened:
        cause = quotas.Cause(decision=uuid4(), reason="policy")
        quotas.grant(envelope_id=envelope.pk, amount=Decimal(20_000), cause=cause)


def _information_requested(request: ImageryRequest, found: path.Programme) -> ImageryRequest:
    return review.request_information(
        request_id=request.pk, user=found.reviewer, question="Which season?"
    )


def _deferred(request: ImageryRequest, found: path.Programme) -> ImageryRequest:
    return arbitration.defer(
        request_id=request.pk, user=found.arbitrator, until=path.in_days(1), reason="Next month."
    )


def _delivered(
    request: ImageryRequest, found: path.Programme, identifier: str, *, complete: bool = True
) -> ImageryRequest:
    return supply.register_delivery(
        request_id=request.pk,
        user=found.supply_officer,
        products=[path.product(request.aoi, identifier=f"DS_PHR1A_{identifier}")],
        complete=complete,
    )


def _partially_delivered(request: ImageryRequest, found: path.Programme) -> ImageryRequest:
    """With its window over: the supply officer may close it."""
    _delivered(request, found, "part", complete=False)
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=path.in_days(-1))
    return ImageryRequest.objects.get(pk=request.pk)


def _disputed(request: ImageryRequest, found: path.Programme) -> ImageryRequest:
    _delivered(request, found, "disputed")
    return offers.dispute(request_id=request.pk, user=found.requester, reason="Too many clouds.")


def _closed(request: ImageryRequest, found: path.Programme) -> ImageryRequest:
    _delivered(request, found, "closed")
    return offers.accept_delivery(request_id=request.pk, user=found.requester)


def _refused(request: ImageryRequest, found: path.Programme) -> ImageryRequest:
    return arbitration.refuse(
        request_id=request.pk, user=found.arbitrator, reason="other", text="Ask again next year."
    )


def _cancelled(request: ImageryRequest, found: path.Programme) -> ImageryRequest:
    return intake.cancel(request_id=request.pk, user=found.requester)


def _failed(request: ImageryRequest, found: path.Programme) -> ImageryRequest:
    return supply.fail(request_id=request.pk, user=found.supply_officer, reason="Too cloudy.")


def _expired(request: ImageryRequest) -> ImageryRequest:
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=path.in_days(-1), reminders_sent=2)
    return intake.lapse(request_id=request.pk)


def _offered(found: path.Programme, aoi: Any) -> ImageryRequest:
    request = path.in_arbitration(found, aoi=aoi)
    west, south, _east, _north = aoi.extent
    smaller = path.square(west=west, south=south, size_deg=0.05)
    return arbitration.offer(
        request_id=request.pk, user=found.arbitrator, polygon_wkb=bytes(smaller.wkb)
    )


def _offered_priced(found: path.Programme, aoi: Any) -> ImageryRequest:
    """128 km²: more than is free for one request."""
    request = path.in_arbitration(found, aoi=aoi)
    return arbitration.offer(request_id=request.pk, user=found.arbitrator)


def _open_data(found: path.Programme, aoi: Any) -> ImageryRequest:
    """A draft for a sensor whose data are open."""
    draft = path.draft(found, aoi=aoi)
    answers = {name: getattr(draft, name) for name in path.ANSWERS}
    sensor = Sensor.objects.get(code="sentinel2")
    return intake.update_draft(
        request_id=draft.pk, user=found.requester, sensor=sensor, answers=answers
    )


def _inadmissible(request: ImageryRequest, found: path.Programme) -> ImageryRequest:
    return review.propose_inadmissible(
        request_id=request.pk, user=found.reviewer, opinion="The purpose is commercial."
    )


def _mandated(world: World, aoi: Any, mandate: Any) -> ImageryRequest:
    found, asks = world.programme, world.people["contractor"]
    draft = intake.draft_of(
        user=asks,
        entity=found.entity,
        mandate=mandate,
        sensor=found.sensor,
        area=path.area_of(asks, aoi),
        answers=path.ANSWERS,
    )
    draft = intake.create_draft(draft=draft, user=asks)
    return intake.submit(request_id=draft.pk, user=asks)


def _of_other_entity(world: World, aoi: Any) -> ImageryRequest:
    asks = world.other_people["member"]
    draft = intake.draft_of(
        user=asks,
        entity=world.other_entity,
        mandate=None,
        sensor=world.programme.sensor,
        area=path.area_of(asks, aoi),
        answers=path.ANSWERS | {"title": "Unrelated survey"},
    )
    draft = intake.create_draft(draft=draft, user=asks)
    return intake.submit(request_id=draft.pk, user=asks)


# --- What addresses name --------------------------------------------------------------------------


def _add_objects(world: World, partner: Entity, contractor: Entity) -> None:
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
        "envelope of the entity": {"pk": _envelope(entity=found.entity).pk},
        "envelope of the cell": {"pk": _envelope(cell=found.cell).pk},
        "envelope of another entity": {"pk": _envelope(entity=world.other_entity).pk},
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
    }
    for name, request in world.requests.items():
        world.objects[name] = {"number": request.number}


def _waiting_act(world: World) -> QuotaAct:
    """Proposed by a member of the secretariat: another confirms it."""
    return quotas.propose_act(
        user=world.people["staff_secretariat"],
        kind="grant",
        facts={
            "envelope_id": _envelope(entity=world.programme.entity).pk,
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


def _waiting_file(world: World) -> QuotaAct:
    lines = read_grants(world.lines_of_grants(5_000)).lines
    return quotas.propose_grants(user=world.people["staff_secretariat"], lines=lines)


def _envelope(**owner: Any) -> Envelope:
    envelopes = Envelope.objects.current(timezone.localdate()).filter(**owner, unit="km2")
    return envelopes.order_by("pk").first()  # type: ignore[return-value]
