"""What an area asked for would be counted and paid, and what is available of it."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.contrib.gis.geos import MultiPolygon
from django.db.models import QuerySet
from django.utils import timezone

from catalogue.selectors import Coverage, CoverageCriteria, coverage
from eligibility.models import User
from eligibility.permissions import Actor
from licences.selectors import Audience
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
from requests_app.images import images_km2, parts_km2
from requests_app.models import (
    ImageryRequest,
    ImageryRequestQuerySet,
    RequestKind,
)
from requests_app.states import UNDECIDED_STATES


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
    """How the images of ``aoi``, of ``area_km2`` (km²), would be paid for. Writes nothing.

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
        images_km2=images_km2(request, aoi=aoi, area_km2=area_km2),
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


@dataclass(frozen=True)
class PricedNow:
    plan: FundingPlan | None
    explanation: Explanation | None = None
    revision: RevisedPolicy | None = None


def priced_now(request: ImageryRequest) -> PricedNow:
    """What its page says: as a decision would settle it now or, once decided, as that did."""
    if request.state not in UNDECIDED_STATES:
        return PricedNow(plan_of(request))
    now = if_decided_now(request)
    return PricedNow(now.explanation.plan, now.explanation, now.revision)


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
