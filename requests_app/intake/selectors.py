"""What the service would say of a request, before it is submitted."""

import math
from dataclasses import dataclass
from datetime import date

from django.contrib.gis.db.models.functions import Distance
from django.utils.translation import gettext as _

from catalogue.selectors import Coverage
from eligibility.models import Cell, User
from eligibility.rules import EligibilityAnswer
from eligibility.selectors import eligibility_answer, parameter
from orbitrage.shared.errors import Refusal
from quotas.pricing import Explanation, FundingPlan
from quotas.selectors import explain_funding
from requests_app.intake.rules import (
    Neighbours,
    Window,
    enlargement_refusal,
    not_too_many_holding,
    repair_refusal,
    window_refusals,
)
from requests_app.models import ImageryRequest, RequestKind
from requests_app.routing import cell_for
from requests_app.selectors import coverage_of, funding_question, parts_km2, standing_refusals

# As far as one pass of the satellite sees, and two areas are worth one order.
NEARBY_KM = 20
KM_PER_DEGREE = 111.195
_EARLIER_PROPOSED = 20


def earlier_requests(user: User) -> list[tuple[str, str]]:
    """Numbers and titles of the latest that ``user`` may see: an area may be taken from them."""
    latest = ImageryRequest.objects.visible_to(user).order_by("-pk")
    return list(latest.values_list("number", "title")[:_EARLIER_PROPOSED])


@dataclass(frozen=True)
class Preview:
    """One answer for the panel, the check button, the reviewer and the frozen record."""

    eligibility: EligibilityAnswer
    cell: Cell | None
    coverage: Coverage
    explanation: Explanation
    refusals: tuple[Refusal, ...]

    @property
    def plan(self) -> FundingPlan:
        return self.explanation.plan

    @property
    def is_accepted(self) -> bool:
        return not self.refusals


def preview(draft: ImageryRequest, *, user: User, on: date) -> Preview:
    """Check ``draft`` as :func:`requests_app.intake.services.submit` would on that day.

    Writes nothing, and reports every refusal at once.
    """
    eligibility = eligibility_answer(
        draft.entity, draft.sensor, draft.request_kind, draft.policy_on or on
    )
    cell = cell_for(
        sensor_id=draft.sensor_id, is_scientific=draft.entity.category.is_scientific, on=on
    )
    covered = coverage_of(draft, aoi=draft.aoi, user=user)
    question = funding_question(
        draft,
        aoi=draft.aoi,
        area_km2=draft.area_km2,
        covered_km2=covered.covered_km2,
        cell_id=cell.pk if cell else None,
        on=on,
    )
    return Preview(
        eligibility=eligibility,
        cell=cell,
        coverage=covered,
        explanation=explain_funding(question, parts_km2(draft.aoi)),
        refusals=tuple(_refusals(draft, eligibility, cell, on)),
    )


def _refusals(
    draft: ImageryRequest, eligibility: EligibilityAnswer, cell: Cell | None, on: date
) -> list[Refusal]:
    found = standing_refusals(draft, on)
    found += eligibility.refusals
    window = Window(draft.request_kind, draft.window_starts_on, draft.window_ends_on, on)
    found += window_refusals(window)
    found += _order_refusals(draft)
    found += holding_refusals(draft, on)
    if cell is None and draft.request_kind != RequestKind.OPEN:
        found.append(_no_cell(draft))
    return found


def holding_refusals(draft: ImageryRequest, on: date) -> list[Refusal]:
    """Whether the entity has as many other requests under way as it may have at once."""
    if draft.request_kind == RequestKind.OPEN:
        return []
    holding = ImageryRequest.objects.filter(entity_id=draft.entity_id).holding_quota()
    refusal = not_too_many_holding(
        holding=holding.exclude(pk=draft.pk).count(),
        maximum=int(parameter("requests-holding-quota", on)),
    )
    return [refusal] if refusal else []


def _no_cell(draft: ImageryRequest) -> Refusal:
    return Refusal(
        "no_cell",
        _("No cell takes requests for %(sensor)s.") % {"sensor": draft.sensor.name},
    )


def neighbours_of(draft: ImageryRequest) -> Neighbours | None:
    """Those whose order it might join. How many and how far, for anybody's eyes: not whose."""
    _west, south, _east, north = draft.aoi.extent
    shrunk = max(math.cos(math.radians(max(abs(south), abs(north)))), 0.01)
    others = ImageryRequest.objects.holding_quota().exclude(pk=draft.pk)
    distances = (
        others.filter(
            sensor_id=draft.sensor_id,
            request_kind=draft.request_kind,
            aoi__dwithin=(draft.aoi, NEARBY_KM / KM_PER_DEGREE / shrunk),
        )
        .annotate(away=Distance("aoi", draft.aoi))
        .values_list("away", flat=True)
    )
    near_km = [away.km for away in distances if away.km <= NEARBY_KM]
    return Neighbours(len(near_km), round(min(near_km))) if near_km else None


def _order_refusals(draft: ImageryRequest) -> list[Refusal]:
    is_below = draft.order_is_enlarged and not draft.agrees_to_enlargement
    enlargement = enlargement_refusal(
        area_km2=draft.area_km2,
        operator_area_km2=draft.operator_area_km2,
        is_enlarged=draft.order_is_enlarged,
        agreed=draft.agrees_to_enlargement,
        neighbours=neighbours_of(draft) if is_below else None,
    )
    repair = repair_refusal(is_repaired=draft.aoi_repaired, agreed=draft.agrees_to_repair)
    return [refusal for refusal in (repair, enlargement) if refusal is not None]
