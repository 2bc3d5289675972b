"""The polygon an operator takes: large enough, wide enough, of few enough vertices.

It always contains the area of interest. What is counted against a quota stays the area of
interest: the enlargement is the operator's rule, not the requester's wish.
"""

import math
from dataclasses import dataclass
from decimal import Decimal

import shapely
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from orbitrage.shared.areas import AREA_MAXIMUM_KM2, whole_km2
from orbitrage.shared.errors import DomainError, Refusal
from orbitrage.shared.geo import (
    cut_at_antimeridian,
    geodesic_area_km2,
    grow_to_area,
    joined_at_antimeridian,
    minimum_width_km,
    polygons_in,
    vertices_of,
)

_SMOOTHINGS = (0.01, 0.1, 0.3, 0.6)
_METRES_PER_DEGREE = 111_195.0
_FINEST_M = 0.5
_COARSEST_M = 40_000_000.0
_REFINEMENTS = 4
# Filling the creeks takes at most this many times fewer vertices than simplifying alone.
_HOPELESS = 5
_MOST_VERTICES_OF_A_BOX = 5


class OrderTooLarge(DomainError):
    """The parts lie so far apart that what encloses them is no order."""


@dataclass(frozen=True)
class OperatorArea:
    """``wkb``: MultiPolygon in EPSG:4326, every part within ±180°."""

    wkb: bytes
    area_km2: Decimal
    enlarged: bool
    simplified: bool
    vertices: int


def operator_area(
    aoi_wkb: bytes,
    minimum_area_km2: Decimal | None = None,
    minimum_width_km: Decimal | None = None,
    maximum_vertices: int | None = None,
) -> OperatorArea:
    """Grown evenly to the minimums, the area landing within 0.1 % above its own; each part is as
    wide as the minimum, being an order of its own. Simplified to at most ``maximum_vertices`` in
    all. None: no such limit. Raises ValueError when ``maximum_vertices`` is less than a box's,
    OrderTooLarge.
    """
    if maximum_vertices is not None and maximum_vertices < _MOST_VERTICES_OF_A_BOX:
        raise ValueError(f"no polygon has {maximum_vertices} vertices or fewer")
    shape = asked = joined_at_antimeridian(shapely.from_wkb(aoi_wkb))
    simplified = enlarged = False
    if _has_too_many(shape, maximum_vertices):
        shape, simplified = covering(shape, maximum_vertices or 0), True
    if _is_too_small(shape, minimum_area_km2, minimum_width_km):
        shape, enlarged = _grown(shape, minimum_area_km2, minimum_width_km, maximum_vertices), True
    result = cut_at_antimeridian(shape)
    if _has_too_many(result, maximum_vertices):
        result, simplified = _covering_when_cut(shape, maximum_vertices or 0), True
    return OperatorArea(
        wkb=shapely.to_wkb(result),
        area_km2=_orderable_km2(result, asked),
        enlarged=enlarged,
        simplified=simplified,
        vertices=vertices_of(result),
    )


def _orderable_km2(order: BaseGeometry, asked: BaseGeometry) -> Decimal:
    area_km2 = geodesic_area_km2(order)
    if area_km2 <= AREA_MAXIMUM_KM2:
        return area_km2
    raise OrderTooLarge(
        Refusal(
            "order_too_large",
            _(
                "The outline that the operator would take around the %(parts)s parts of the area "
                "holds %(area)s km²; %(maximum)s km² at most are accepted. Ask for the parts in "
                "several requests."
            )
            % {
                "parts": len(polygons_in(asked)),
                "area": whole_km2(area_km2),
                "maximum": whole_km2(AREA_MAXIMUM_KM2),
            },
        )
    )


def _has_too_many(shape: BaseGeometry, maximum_vertices: int | None) -> bool:
    return maximum_vertices is not None and vertices_of(shape) > maximum_vertices


def _is_too_small(shape: BaseGeometry, area_km2: Decimal | None, width_km: Decimal | None) -> bool:
    if area_km2 is not None and geodesic_area_km2(shape) < area_km2:
        return True
    return width_km is not None and minimum_width_km(shape) < width_km


def _grown(
    shape: BaseGeometry,
    area_km2: Decimal | None,
    width_km: Decimal | None,
    maximum_vertices: int | None,
) -> shapely.MultiPolygon:
    """With the finest outline that the number of vertices allows."""
    for smoothing in _SMOOTHINGS:
        grown = grow_to_area(
            shape,
            minimum_area_km2=max(area_km2 or Decimal(0), geodesic_area_km2(shape)),
            minimum_width_km=width_km or Decimal(0),
            smoothing=smoothing,
        )
        if not _has_too_many(grown.geometry, maximum_vertices):
            break
    return grown.geometry


def _covering_when_cut(shape: BaseGeometry, maximum_vertices: int) -> shapely.MultiPolygon:
    """The cut at 180° adds vertices: leave room for them."""
    room = maximum_vertices
    while room > _MOST_VERTICES_OF_A_BOX:
        result = cut_at_antimeridian(covering(shape, room))
        if vertices_of(result) <= maximum_vertices:
            return result
        room = max(room * 3 // 4, _MOST_VERTICES_OF_A_BOX)
    return cut_at_antimeridian(shape.envelope)


def covering(shape: BaseGeometry, maximum_vertices: int) -> shapely.MultiPolygon:
    """The closest outline found that contains the shape with at most so many vertices."""
    plane = _EquirectangularPlane(shape)
    base = plane.project(shape)
    tolerance_m = _FINEST_M
    while tolerance_m < _COARSEST_M:
        # Coarser and coarser: what is left out here adds up to a sixth of the tolerance.
        base = base.simplify(tolerance_m / 12)
        bare = base.simplify(tolerance_m)
        room = _HOPELESS * maximum_vertices + len(polygons_in(bare)) * _MOST_VERTICES_OF_A_BOX
        hopeless = vertices_of(bare) > room
        found = (
            None if hopeless else _covering_at(tolerance_m, base, plane, shape, maximum_vertices)
        )
        if found is not None:
            return _refined(found, tolerance_m, base, plane, shape, maximum_vertices)
        tolerance_m *= 2
    return shapely.MultiPolygon(polygons_in(shape.envelope))


def _refined(
    found: shapely.MultiPolygon,
    tolerance_m: float,
    base: BaseGeometry,
    plane: "_EquirectangularPlane",
    shape: BaseGeometry,
    maximum_vertices: int,
) -> shapely.MultiPolygon:
    low_m, high_m = tolerance_m / 2, tolerance_m
    for _refinement in range(_REFINEMENTS):
        middle_m = (low_m + high_m) / 2
        closer = _covering_at(middle_m, base, plane, shape, maximum_vertices)
        if closer is None:
            low_m = middle_m
        else:
            found, high_m = closer, middle_m
    return found


def _covering_at(
    tolerance_m: float,
    base: BaseGeometry,
    plane: "_EquirectangularPlane",
    shape: BaseGeometry,
    maximum_vertices: int,
) -> shapely.MultiPolygon | None:
    """Swollen, shrunk back in part, which fills the creeks, then simplified by less than is left.

    Douglas-Peucker stays in its strip, so never enters the shape. None when that is not enough.
    """
    closed = base.buffer(3 * tolerance_m, quad_segs=4).buffer(-1.8 * tolerance_m, quad_segs=4)
    candidate = plane.unproject(closed.simplify(0.9 * tolerance_m))
    if vertices_of(candidate) > maximum_vertices or not candidate.covers(shape):
        return None
    return candidate


class _EquirectangularPlane:
    """Metres, nearly; being affine, it keeps straight what is straight on the map."""

    def __init__(self, shape: BaseGeometry) -> None:
        _west, south, _east, north = shape.bounds
        shrunk = max(math.cos(math.radians((south + north) / 2)), 0.01)
        self._scale = (_METRES_PER_DEGREE * shrunk, _METRES_PER_DEGREE)

    def project(self, shape: BaseGeometry) -> BaseGeometry:
        return shapely.transform(shape, lambda positions: positions * self._scale)

    def unproject(self, shape: BaseGeometry) -> shapely.MultiPolygon:
        degrees = shapely.transform(shape, lambda positions: positions / self._scale)
        within = degrees.intersection(shapely.box(-720, -90, 720, 90))
        return shapely.MultiPolygon(polygons_in(within))
