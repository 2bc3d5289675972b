"""What the service would say of a request, before it is submitted."""

import math
from dataclasses import dataclass
from datetime import date

import shapely
from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import MultiPolygon
from django.utils.translation import gettext as _

from catalogue.selectors import Coverage
from eligibility.models import Cell, User
from eligibility.rules import EligibilityAnswer
from eligibility.selectors import eligibility_answer, parameter
from licences.selectors import Audience, audience_of
from orbitrage.shared.errors import Refusal
from orbitrage.shared.geo import to_geos_multipolygon
from quotas.pricing import Explanation, FundingPlan
from quotas.selectors import explain_funding
from requests_app.intake.order_rules import (
    OrderChoices,
    area_is_counted_once,
    order_refusals,
)
from requests_app.intake.rules import (
    Neighbour,
    Neighbours,
    Window,
    enlargement_refusal,
    not_too_many_holding,
    repair_refusal,
    window_refusals,
)
from requests_app.models import (
    AcquisitionMode,
    CloudAdvice,
    ImageryRequest,
    ImageryRequestQuerySet,
    OrderPreset,
    RequestKind,
    UnfinishedForm,
)
from requests_app.routing import cell_for
from requests_app.selectors import coverage_of, funding_question, parts_km2, standing_refusals

# As far as one pass of the satellite sees, and two areas are worth one order.
NEARBY_KM = 20
KM_PER_DEGREE = 111.195
# Of what others ask for nearby, no more is told than the square it lies in: some 20 to 40 km.
GRID_LONGITUDE_DEG = 0.4
GRID_LATITUDE_DEG = 0.2
_NEIGHBOURS_SHOWN = 3
_EARLIER_PROPOSED = 20


def earlier_requests(user: User) -> list[tuple[str, str]]:
    """Numbers and titles of the latest that ``user`` may see: an area may be taken from them."""
    latest = ImageryRequest.objects.visible_to(user).order_by("-pk")
    return list(latest.values_list("number", "title")[:_EARLIER_PROPOSED])


def presets_in_force(on: date) -> list[OrderPreset]:
    """What the simple form proposes: of sensors that may be asked for."""
    rows = OrderPreset.objects.in_force(on).filter(sensor__is_offered=True)
    return list(rows.select_related("sensor").order_by("rank", "code"))


def cloud_advice(aoi: MultiPolygon, on: date) -> CloudAdvice | None:
    """The least share of clouds that it is wise to accept at the latitude of the area's middle."""
    _west, south, _east, north = aoi.extent
    latitude_deg = abs(south + north) / 2
    rows = CloudAdvice.objects.in_force(on)
    found = rows.filter(latitude_from_deg__lte=latitude_deg, latitude_to_deg__gte=latitude_deg)
    return found.order_by("latitude_from_deg", "code").first()


def unfinished_forms(user: User, *, request_id: int | None = None) -> list[UnfinishedForm]:
    """What ``user`` has begun to type and not sent: of a first request, or of changes to one."""
    return list(UnfinishedForm.objects.visible_to(user).filter(request_id=request_id))


@dataclass(frozen=True)
class Preview:
    """One answer for the panel, the check button, the reviewer and the frozen record. ``audience``:
    the rights by which the images were looked for.

    ``not_allowed``: why it cannot be asked for in the name of the entity, or not by this person;
    ``not_ready``: what is to be mended in the request itself. ``neighbours``: whose order it might
    join, looked for where its own is to be enlarged without agreement.
    """

    eligibility: EligibilityAnswer
    cell: Cell | None
    audience: Audience
    coverage: Coverage
    explanation: Explanation
    not_allowed: tuple[Refusal, ...]
    not_ready: tuple[Refusal, ...]
    neighbours: Neighbours | None = None

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        return self.not_allowed + self.not_ready

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
    audience = audience_of(user)
    covered = coverage_of(draft, audience)
    question = funding_question(
        draft,
        aoi=draft.aoi,
        area_km2=draft.area_km2,
        covered_km2=covered.covered_km2,
        cell_id=cell.pk if cell else None,
        on=on,
    )
    neighbours = neighbours_of(draft, user) if _is_below_minimum(draft) else None
    return Preview(
        eligibility=eligibility,
        cell=cell,
        audience=audience,
        coverage=covered,
        explanation=explain_funding(question, parts_km2(draft.aoi)),
        not_allowed=(*standing_refusals(draft, on), *eligibility.refusals),
        not_ready=tuple(_not_ready(draft, cell, neighbours, on)),
        neighbours=neighbours,
    )


def _is_below_minimum(draft: ImageryRequest) -> bool:
    return draft.order_is_enlarged and not draft.agrees_to_enlargement


def _not_ready(
    draft: ImageryRequest, cell: Cell | None, neighbours: Neighbours | None, on: date
) -> list[Refusal]:
    window = Window(draft.request_kind, draft.window_starts_on, draft.window_ends_on, on)
    found = window_refusals(window)
    found += order_refusals(_order_of(draft))
    several = area_is_counted_once(
        dates=draft.acquisition_dates or 1, scenes=len(draft.archive_scenes or [])
    )
    found += [several] if several is not None else []
    found += _area_refusals(draft, neighbours)
    found += holding_refusals(draft, on)
    if cell is None and draft.request_kind != RequestKind.OPEN:
        found.append(_no_cell(draft))
    return found


def _order_of(draft: ImageryRequest) -> OrderChoices:
    """While a form is filled in, an answer that cannot be read yet is None."""
    return OrderChoices(
        request_kind=draft.request_kind,
        acquisition_mode=draft.acquisition_mode or AcquisitionMode.MONO,
        processing_level=draft.processing_level,
        radiometry=draft.radiometry,
        bit_depth=draft.bit_depth,
        ratio_minimum=draft.base_to_height_minimum,
        ratio_maximum=draft.base_to_height_maximum,
        dates=draft.acquisition_dates or 1,
        interval_days=draft.interval_days,
        window_starts_on=draft.window_starts_on,
        window_ends_on=draft.window_ends_on,
    )


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


def neighbours_of(draft: ImageryRequest, user: User) -> Neighbours | None:
    """Those whose order it might join. Of those that ``user`` may not see it is told only whether
    there are any in the squares of a grid around the area: the answer is the same all over a
    square, so that asking with many small areas does not find them."""
    pending: ImageryRequestQuerySet = ImageryRequest.objects.holding_quota()
    alike = pending.filter(sensor_id=draft.sensor_id, request_kind=draft.request_kind)
    others = alike.exclude(pk=draft.pk)
    visible = others.visible_to(user)
    hidden = others.exclude(pk__in=visible.values("pk")).filter(aoi__intersects=_squares(draft.aoi))
    found = Neighbours(_nearest(visible, draft.aoi), has_hidden=hidden.exists())
    return found if found.seen or found.has_hidden else None


def _nearest(requests: ImageryRequestQuerySet, aoi: MultiPolygon) -> tuple[Neighbour, ...]:
    _west, south, _east, north = aoi.extent
    shrunk = max(math.cos(math.radians(max(abs(south), abs(north)))), 0.01)
    nearby = requests.filter(aoi__dwithin=(aoi, NEARBY_KM / KM_PER_DEGREE / shrunk))
    by_distance = nearby.annotate(away=Distance("aoi", aoi)).order_by("away", "pk")
    rows = by_distance.values_list("number", "title", "away")[:_NEIGHBOURS_SHOWN]
    return tuple(
        Neighbour(number, title, round(away.km))
        for number, title, away in rows
        if away.km <= NEARBY_KM
    )


def _squares(aoi: MultiPolygon) -> MultiPolygon:
    """Those of the grid that each part meets, and one more all around."""
    boxes = {_on_grid(part.extent) for part in aoi}
    return to_geos_multipolygon(shapely.union_all([shapely.box(*box) for box in boxes]))


def _on_grid(extent: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    west, south, east, north = extent
    return (
        (math.floor(west / GRID_LONGITUDE_DEG) - 1) * GRID_LONGITUDE_DEG,
        (math.floor(south / GRID_LATITUDE_DEG) - 1) * GRID_LATITUDE_DEG,
        (math.floor(east / GRID_LONGITUDE_DEG) + 2) * GRID_LONGITUDE_DEG,
        (math.floor(north / GRID_LATITUDE_DEG) + 2) * GRID_LATITUDE_DEG,
    )


def _area_refusals(draft: ImageryRequest, neighbours: Neighbours | None) -> list[Refusal]:
    enlargement = enlargement_refusal(
        area_km2=draft.area_km2,
        operator_area_km2=draft.operator_area_km2,
        is_enlarged=draft.order_is_enlarged,
        agreed=draft.agrees_to_enlargement,
        may_join=neighbours is not None,
    )
    repair = repair_refusal(is_repaired=draft.aoi_repaired, agreed=draft.agrees_to_repair)
    return [refusal for refusal in (repair, enlargement) if refusal is not None]
