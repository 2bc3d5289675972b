"""What an arbitrator looks at before deciding."""

from dataclasses import dataclass
from decimal import Decimal

import shapely
from django.contrib.gis.geos import MultiPolygon
from django.utils import timezone
from shapely.geometry.base import BaseGeometry

from catalogue.selectors import CoverageCriteria, ItemOver, items_over
from eligibility.models import Sensor
from eligibility.permissions import Actor
from eligibility.selectors import actor_of, eligibility_answer
from licences.selectors import audience_of
from orbitrage.shared.errors import Refusal, refusals_in
from orbitrage.shared.geo import geodesic_area_km2, to_geos_multipolygon, to_shapely
from quotas.pricing import FundingPlan
from requests_app.arbitration import rules
from requests_app.conversion import Available, Conversion, converted
from requests_app.effects import frozen_coverage
from requests_app.models import ImageryRequest
from requests_app.order_checks import choice_refusals
from requests_app.permissions import is_chair
from requests_app.proposals import proposed_rescission
from requests_app.routing import cell_for
from requests_app.selectors import (
    coverage_of,
    criteria_of,
    nationality_refusals,
    order_area,
    plan_for,
    standing_refusals,
)
from requests_app.workflow import is_allowed

ITEMS_TO_CHOOSE_FROM = 30


@dataclass(frozen=True)
class OfferedArea:
    """An area the cell proposes, with the polygon that would go to the operator. Areas in km²."""

    aoi: MultiPolygon
    area_km2: Decimal
    outside_km2: Decimal
    covered_km2: Decimal
    operator_aoi: MultiPolygon
    operator_area_km2: Decimal
    order_is_enlarged: bool
    is_same: bool


def offered_area(request: ImageryRequest, polygon_wkb: bytes | None) -> OfferedArea:
    """Measure the polygon of an offer; None means the area that was asked for."""
    if polygon_wkb is None:
        return _as_asked(request)
    asked = to_shapely(request.aoi)
    offered = shapely.from_wkb(polygon_wkb)
    outside = offered.difference(asked)
    order = order_area(request, polygon_wkb)
    return OfferedArea(
        aoi=to_geos_multipolygon(offered),
        area_km2=geodesic_area_km2(offered),
        outside_km2=geodesic_area_km2(outside) if not outside.is_empty else Decimal(0),
        covered_km2=_available_km2(offered, request),
        operator_aoi=to_geos_multipolygon(shapely.from_wkb(order.wkb)),
        operator_area_km2=order.area_km2,
        order_is_enlarged=order.enlarged,
        is_same=bool(offered.equals(asked)),
    )


def available_items(request: ImageryRequest) -> tuple[ItemOver, ...]:
    """What of its sensor whoever asks may use over the area, of any day and under any clouds: it is
    for the cell to say what will do."""
    return items_over(
        aoi=request.aoi,
        criteria=CoverageCriteria(sensor_id=request.sensor_id),
        audience=audience_of(request.requester),
        at_most=ITEMS_TO_CHOOSE_FROM,
    )


def _available_km2(offered: BaseGeometry, request: ImageryRequest) -> Decimal:
    """Km² of the offered polygon that were available when the request was submitted: what was
    frozen then, so that requester, arbitrator and account read the same figure."""
    if request.missing_aoi is None:
        return geodesic_area_km2(offered)
    available = offered.difference(to_shapely(request.missing_aoi))
    return geodesic_area_km2(available) if not available.is_empty else Decimal(0)


def _as_asked(request: ImageryRequest) -> OfferedArea:
    covered = request.coverage["covered_km2"] if request.coverage else "0"
    return OfferedArea(
        aoi=request.aoi,
        area_km2=request.area_km2,
        outside_km2=Decimal(0),
        covered_km2=Decimal(covered),
        operator_aoi=request.operator_aoi,
        operator_area_km2=request.operator_area_km2,
        order_is_enlarged=request.order_is_enlarged,
        is_same=True,
    )


def sensors_to_offer(request: ImageryRequest) -> list[Sensor]:
    """Those of the request's cell, beside the one that was asked for."""
    others = Sensor.objects.offered().exclude(pk=request.sensor_id).order_by("pk")
    return [each for each in others if _is_served(request, each)]


def _is_served(request: ImageryRequest, sensor: Sensor) -> bool:
    cell = cell_for(
        sensor_id=sensor.pk,
        is_scientific=request.entity.category.is_scientific,
        on=timezone.localdate(),
    )
    return not sensor.is_open_data and cell is not None and cell.pk == request.cell_id


def conversion_refusals(request: ImageryRequest, conversion: Conversion) -> list[Refusal]:
    """Why the request could not have been asked for as converted; nothing where it is not."""
    if conversion == Conversion():
        return []
    other, today = converted(request, conversion), timezone.localdate()
    is_served = conversion.sensor_id is None or _is_served(request, other.sensor)
    cell = request.cell.name if request.cell else ""
    unserved = rules.sensor_is_served(name=other.sensor.name, cell=cell, is_served=is_served)
    if unserved is not None:
        return [unserved]
    eligibility = eligibility_answer(
        request.entity, other.sensor, other.request_kind, request.policy_on or today
    )
    return [
        *eligibility.refusals,
        *choice_refusals(other, today),
        *standing_refusals(other, today),
        *nationality_refusals(other),
    ]


def available_as_converted(request: ImageryRequest, conversion: Conversion) -> Available | None:
    """What of the images offered is available to whoever asks; None where the same are looked for
    as at the submission, whose answer stands."""
    other = converted(request, conversion)
    if criteria_of(other) == criteria_of(request):
        return None
    found = coverage_of(other, audience_of(request.requester))
    return Available(frozen_coverage(found), found.remaining)


def offered_plan(
    request: ImageryRequest, area: OfferedArea, *, is_shortfall_priced: bool = False
) -> FundingPlan:
    """How the offered area would be paid for, from the envelopes of the submission."""
    return plan_for(
        request,
        aoi=area.aoi,
        area_km2=area.area_km2,
        covered_km2=area.covered_km2,
        cell_id=request.cell_id,
        on=timezone.localdate(),
        is_shortfall_priced=is_shortfall_priced,
    )


def rescission_refusals(request: ImageryRequest, actor: Actor) -> list[Refusal]:
    """Why ``actor`` cannot confirm that the approval be taken back."""
    proposal = proposed_rescission(request)
    if proposal is None:
        missing = rules.rescission_is_proposed(is_proposed=False)
        return [missing] if missing else []
    # Posts end, and interests begin, between the proposal and its confirmation.
    proposer = actor_of(proposal.author) if proposal.author else Actor(user_id=0)
    answers = (
        rules.another_person_confirms(proposer_id=proposal.author_id, confirmer_id=actor.user_id),
        rules.proposer_still_may(
            may_propose=is_allowed(request, "propose_rescission", proposer),
            proposed_at=proposal.at,
        ),
        rules.chair_takes_part(
            is_proposed_by_chair=is_chair(request, proposer),
            is_confirmed_by_chair=is_chair(request, actor),
        ),
    )
    return refusals_in(*answers)
