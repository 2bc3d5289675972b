"""What an arbitrator looks at before deciding."""

from dataclasses import dataclass
from decimal import Decimal

import shapely
from django.contrib.gis.geos import MultiPolygon
from django.utils import timezone
from shapely.geometry.base import BaseGeometry

from eligibility.permissions import Actor
from orbitrage.shared.errors import Refusal
from orbitrage.shared.geo import geodesic_area_km2, to_geos_multipolygon, to_shapely
from quotas.pricing import FundingPlan
from requests_app.arbitration import rules
from requests_app.models import ImageryRequest
from requests_app.permissions import is_chair
from requests_app.proposals import proposed_rescission
from requests_app.selectors import order_area, plan_for


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
    answers = (
        rules.another_person_confirms(proposer_id=proposal.author_id, confirmer_id=actor.user_id),
        rules.chair_takes_part(
            is_proposed_by_chair=proposal.changes["is_chair"],
            is_confirmed_by_chair=is_chair(request, actor),
        ),
    )
    return [refusal for refusal in answers if refusal is not None]
