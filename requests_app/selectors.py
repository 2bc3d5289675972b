"""Reads that several parts of a request's life share."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.contrib.gis.geos import MultiPolygon
from django.db.models import Case, Exists, F, OuterRef, Prefetch, QuerySet, When
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalogue.models import Item
from catalogue.selectors import Coverage, CoverageCriteria, coverage
from eligibility.models import User
from eligibility.permissions import Actor
from eligibility.selectors import actor_of, mandate_refusals, membership_refusals
from licences.selectors import Audience, audience_of
from orbitrage.shared.days import day_in_words
from orbitrage.shared.errors import Refusal
from orbitrage.shared.geo import geodesic_area_km2, polygons_in, to_shapely
from quotas.models import Envelope
from quotas.pricing import Explanation, FundingPlan
from quotas.selectors import (
    FundingQuestion,
    RevisedPolicy,
    allowance_used_km2,
    allowance_users,
    explain_funding,
    outside_km2,
    preview_funding,
    revised_policy,
)
from requests_app.aoi.operator_area import OperatorArea, operator_area
from requests_app.models import (
    Attachment,
    ImageryRequest,
    ImageryRequestQuerySet,
    Message,
    RequestKind,
    RequestRevision,
    TransitionRecord,
)
from requests_app.workflow import FINAL_STATES, is_allowed


def coverage_of(request: ImageryRequest, audience: Audience) -> Coverage:
    """What of its area one can download already, by the request's own criteria."""
    return coverage(aoi=request.aoi, criteria=criteria_of(request), audience=audience)


def criteria_of(request: ImageryRequest) -> CoverageCriteria:
    return CoverageCriteria(
        sensor_id=request.sensor_id,
        acquired_from=request.window_starts_on,
        acquired_to=request.window_ends_on,
        maximum_cloud_percent=request.maximum_cloud_percent,
    )


def plan_for(
    request: ImageryRequest,
    *,
    aoi: MultiPolygon,
    area_km2: Decimal,
    covered_km2: Decimal,
    cell_id: int | None,
    on: date,
    is_shortfall_priced: bool = False,
) -> FundingPlan:
    """How ``aoi``, of ``area_km2`` (km²), would be paid for. Writes nothing.

    The policy and the envelopes are those of the submission; before it, those of the day ``on``.
    """
    question = funding_question(
        request, aoi=aoi, area_km2=area_km2, covered_km2=covered_km2, cell_id=cell_id, on=on
    )
    return preview_funding(replace(question, is_shortfall_priced=is_shortfall_priced))


def funding_question(
    request: ImageryRequest,
    *,
    aoi: MultiPolygon,
    area_km2: Decimal,
    covered_km2: Decimal,
    cell_id: int | None,
    on: date,
) -> FundingQuestion:
    is_tasking = request.request_kind == RequestKind.TASKING
    policy_on = request.policy_on or on
    return FundingQuestion(
        entity_id=request.entity_id,
        is_scientific=request.entity.category.is_scientific,
        sensor_id=request.sensor_id,
        request_kind=request.request_kind,
        acquisition_mode=request.acquisition_mode,
        area_km2=area_km2,
        covered_km2=covered_km2,
        cell_id=cell_id,
        on=request.charged_on or on,
        policy_on=policy_on,
        request_number=request.number,
        related_km2=related_free_km2(request),
        outside_km2=(
            outside_km2(sensor_id=request.sensor_id, aoi=aoi, on=policy_on)
            if is_tasking
            else Decimal(0)
        ),
        uses_prefunded=request.uses_prefunded,
    )


def plan_as_asked(request: ImageryRequest) -> FundingPlan:
    """For the whole area that was asked, what is covered being as frozen at submission, so that
    requester and arbitrator read the same figure."""
    return preview_funding(_question_as_asked(request))


def _question_as_asked(request: ImageryRequest) -> FundingQuestion:
    covered = request.coverage["covered_km2"] if request.coverage else "0"
    return funding_question(
        request,
        aoi=request.aoi,
        area_km2=request.area_km2,
        covered_km2=Decimal(covered),
        cell_id=request.cell_id,
        on=timezone.localdate(),
    )


@dataclass(frozen=True)
class IfDecidedNow:
    """What a decision would do now with all that was asked, and what a revision of policy since the
    submission changes of it (None where nothing)."""

    explanation: Explanation
    revision: RevisedPolicy | None


def if_decided_now(request: ImageryRequest) -> IfDecidedNow:
    """Writes nothing."""
    question = _question_as_asked(request)
    return IfDecidedNow(
        explanation=explain_funding(question, parts_km2(request.aoi)),
        revision=revised_policy(question),
    )


def parts_km2(aoi: MultiPolygon) -> list[Decimal]:
    """Areas of the parts of an area (EPSG:4326), in km², the largest first."""
    parts = polygons_in(to_shapely(aoi))
    return sorted((geodesic_area_km2(part) for part in parts), reverse=True)


def related_free_km2(request: ImageryRequest) -> Decimal:
    """Km² that the entity's other requests of the year for this sensor, of either kind, which touch
    this area hold or have used of its allowance, as counted.

    They count with this one against the cap of a request, so that slicing gains nothing.
    """
    return allowance_used_km2(_related(request).values_list("number", flat=True))


def related_requests(request: ImageryRequest, user: User) -> list[str]:
    """Numbers of those requests, as far as ``user`` may see them."""
    return allowance_users(_related(request).visible_to(user).values_list("number", flat=True))


def _related(request: ImageryRequest) -> ImageryRequestQuerySet:
    related: ImageryRequestQuerySet = ImageryRequest.objects.filter(
        entity_id=request.entity_id,
        sensor_id=request.sensor_id,
        charged_on__year=(request.charged_on or timezone.localdate()).year,
        aoi__intersects=request.aoi,
    ).exclude(pk=request.pk)
    return related


def entity_refusals(request: ImageryRequest, on: date) -> list[Refusal]:
    """Why the entity, or its mandate, cannot ask on that day. Open data needs no membership."""
    if request.request_kind == RequestKind.OPEN:
        return []
    found = list(membership_refusals(request.entity_id, request.sensor_id, on))
    if request.mandate_id is not None:
        found += mandate_refusals(request.mandate_id, request.sensor_id, on)
    return found


def standing_refusals(request: ImageryRequest, on: date) -> list[Refusal]:
    """Why the request cannot go forward in the name of its entity that day, by whoever asks it:
    what blocks a file until its order."""
    return entity_refusals(request, on) + _requester_refusals(request)


def _requester_refusals(request: ImageryRequest) -> list[Refusal]:
    """Whoever left the entity, or its contractor, asks no longer in its name."""
    asks_from = request.mandate.contractor_id if request.mandate else request.entity_id
    if actor_of(request.requester).belongs_to(asks_from):
        return []
    message = _("%(person)s no longer asks in the name of %(entity)s.")
    names = {"person": request.requester.full_name, "entity": request.entity.name}
    return [Refusal("requester_left", message % names)]


def window_refusals(request: ImageryRequest) -> list[Refusal]:
    """Why nothing can be acquired any more for a request that was submitted in time."""
    ends_on = request.acquisition_ends_on
    if ends_on is None or ends_on > timezone.localdate():
        return []
    message = _("The window ended on %s: nothing can be acquired in it any more.")
    return [Refusal("window_over", message % day_in_words(ends_on))]


def nationality_refusals(request: ImageryRequest) -> list[Refusal]:
    """Whoever joins a file or takes it over has its review opened again, whatever its state."""
    if request.nationality_reviewed or not request.sensor.needs_nationality_review:
        return []
    message = _("The review of nationality that %(sensor)s asks for is not closed.")
    return [Refusal("nationality_review_open", message % {"sensor": request.sensor.name})]


def order_area(request: ImageryRequest, wkb: bytes) -> OperatorArea:
    """The polygon to send to the operator for an area (EPSG:4326), within its limits."""
    minimum_area_km2, minimum_width_km = _order_limits(request)
    return operator_area(
        wkb,
        minimum_area_km2=minimum_area_km2,
        minimum_width_km=minimum_width_km,
        maximum_vertices=request.sensor.maximum_vertices,
    )


def _order_limits(request: ImageryRequest) -> tuple[Decimal | None, Decimal | None]:
    sensor = request.sensor
    match request.request_kind:
        case RequestKind.TASKING:
            return sensor.tasking_minimum_area_km2, sensor.tasking_minimum_width_km
        case RequestKind.ARCHIVE:
            return sensor.archive_minimum_area_km2, sensor.archive_minimum_width_km
        case _:
            return None, None


def plan_of(request: ImageryRequest) -> FundingPlan | None:
    """The funding plan as last decided or, before a decision, as simulated at submission."""
    frozen = request.funding_plan
    return FundingPlan.from_json(frozen) if frozen else None


def decided_plan(request: ImageryRequest) -> FundingPlan:
    """The funding plan of a request that has been decided.

    Raises:
        ValueError: the request has never been submitted.
    """
    plan = plan_of(request)
    if plan is None:
        raise ValueError(f"{request.number} has no funding plan")
    return plan


@dataclass(frozen=True)
class Link:
    label: str
    url: str


def open_data_links(request: ImageryRequest) -> list[Link]:
    """Where open data are downloaded; empty for what has to be ordered."""
    if request.request_kind != RequestKind.OPEN:
        return []
    language = "fr" if (get_language() or "fr").startswith("fr") else "en"
    return [Link(link[f"label_{language}"], link["url"]) for link in request.sensor.open_data_links]


def attribution_of(request: ImageryRequest) -> str:
    """What to print beside an image of the sensor, the year being that of each image."""
    return request.sensor.attribution_pattern.format(year=_("[year of the image]"))


@dataclass(frozen=True)
class AvailableTransition:
    """A move open to somebody on a request, as its page offers it."""

    name: str
    label: str


def available_transitions(request: ImageryRequest, actor: Actor) -> list[AvailableTransition]:
    """What ``actor`` may do with the request in its state, in the order of the workflow."""
    found: dict[str, AvailableTransition] = {}
    for transition in request.get_available_state_transitions():  # type: ignore[attr-defined]
        allowed = is_allowed(request, transition.name, actor)
        if allowed and transition.name != "import_request":
            label = str(transition.custom["label"])
            found[transition.name] = AvailableTransition(transition.name, label)
    return list(found.values())


def items_open_to(user: User, items: list[Item]) -> set[int]:
    """Keys of those of ``items`` whose page ``user`` may open: an officer may hold no licence."""
    if not items:
        return set()
    visible = Item.objects.visible_to(audience_of(user))
    return set(visible.filter(pk__in=[item.pk for item in items]).values_list("pk", flat=True))


def cell_queue(*, user: User, actor: Actor) -> ImageryRequestQuerySet:
    """Files of the user's cells that are not over, each with ``awaits_cell``: first what the cell
    must do, what is expedited before the rest and each by how long it has had it, then what waits
    for others, by its date."""
    seen: ImageryRequestQuerySet = ImageryRequest.objects.visible_to(user)
    rows = seen.of_cells(actor).exclude(state__in=FINAL_STATES)
    waiting = ImageryRequest.objects.awaiting_cell().filter(pk=OuterRef("pk"))
    ours = rows.for_a_list().annotate(awaits_cell=Exists(waiting))
    came_at = Case(When(awaits_cell=True, then=F("came_to_cell_at")))
    return ours.order_by(
        "-awaits_cell",
        "-is_expedited",
        came_at.asc(nulls_last=True),
        F("due_on").asc(nulls_last=True),
        "pk",
    )


def expedited_this_year(actor: Actor) -> int:
    """How many files of the actor's cells were decided, or are to be, outside a meeting: those
    expedited since the first of January, each once, in the cell that has them."""
    year = timezone.localdate().year
    acts = TransitionRecord.objects.filter(transition="expedite", at__year=year)
    files: ImageryRequestQuerySet = ImageryRequest.objects.of_cells(actor)
    return files.filter(pk__in=acts.values("request_id")).count()


def pressures_of(actor: Actor) -> QuerySet[Envelope]:
    """Current envelopes of the actor's cells, each with ``asked``: the demand recorded on it."""
    of_cells = Envelope.objects.filter(cell_id__isnull=False)
    if not (actor.is_secretariat or actor.is_observer):
        of_cells = of_cells.filter(cell_id__in={cell_id for cell_id, _role in actor.cells})
    return of_cells.current(timezone.localdate()).with_owner().with_asked()


def pressures_on(request: ImageryRequest) -> QuerySet[Envelope]:
    """The envelopes of the request's cell that it would draw on, each with ``asked``."""
    on = request.charged_on or timezone.localdate()
    drawn = Envelope.objects.filter(cell=request.cell).serving(
        sensor_id=request.sensor_id, request_kind=request.request_kind, on=on
    )
    return drawn.with_owner().with_asked()


def request_page(user: User) -> QuerySet[ImageryRequest]:
    """Requests ``user`` may see, with all that the detail page shows already loaded."""
    actor = actor_of(user)
    records = TransitionRecord.objects.select_related("author", "note").order_by("pk")
    messages = Message.objects.visible_to_actor(actor).select_related("author", "cell", "text")
    files = Attachment.objects.select_related("name")
    seen: ImageryRequestQuerySet = ImageryRequest.objects.visible_to_actor(actor)
    return seen.select_related(
        "requester", "entity__category", "sensor", "cell", "reviewer", "mandate",
        "answers_handed_in",
    ).prefetch_related(
        Prefetch("records", queryset=records),
        Prefetch("messages", queryset=messages),
        Prefetch("messages__attachments", queryset=files),
        Prefetch("revisions", queryset=RequestRevision.objects.select_related("content")),
        "co_requesters",
        "offers",
        "shares__acquisition__deliveries__item",
    )  # fmt: skip


ORDER_CHOICES = (
    "acquisition_mode",
    "base_to_height_minimum",
    "base_to_height_maximum",
    "acquisition_dates",
    "interval_days",
    "archive_scenes",
    "maximum_cloud_percent",
    "maximum_incidence_deg",
    "spectral_mode",
    "processing_level",
    "radiometry",
    "bit_depth",
    "file_format",
)


def order_choices(request: ImageryRequest) -> dict[str, object]:
    """What the operator is asked for, as JSON; what was left open is left out."""
    chosen = {name: getattr(request, name) for name in ORDER_CHOICES}
    return {
        name: str(value) if isinstance(value, Decimal) else value
        for name, value in chosen.items()
        if value not in (None, [])
    }
