"""Pending requests near a small one, whose order it might join: one order instead of two."""

import math
from dataclasses import dataclass

import shapely
from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import MultiPolygon

from eligibility.models import User
from orbitrage.shared.geo import to_geos_multipolygon
from requests_app.models import ImageryRequest, ImageryRequestQuerySet

# As far as one pass of the satellite sees, and two areas are worth one order.
NEARBY_KM = 20
KM_PER_DEGREE = 111.195
# Of what others ask for nearby, no more is told than the square it lies in: some 20 to 40 km.
GRID_LONGITUDE_DEG = 0.4
GRID_LATITUDE_DEG = 0.2
_NEIGHBOURS_SHOWN = 3
_CANDIDATES_SHOWN = 20


@dataclass(frozen=True)
class Neighbour:
    """Another request for the same images, not ordered yet, that the reader may see."""

    number: str
    title: str
    away_km: int


@dataclass(frozen=True)
class Neighbours:
    """``seen``: the nearest; ``has_hidden``: there are others that the reader may not see."""

    seen: tuple[Neighbour, ...]
    has_hidden: bool


def neighbours_of(draft: ImageryRequest, user: User) -> Neighbours | None:
    """Those whose order it might join. Of those that ``user`` may not see it is told only whether
    there are any in the squares of a grid around the area: the answer is the same all over a
    square, so that asking with many small areas does not find them."""
    others = _alike(draft)
    visible = others.visible_to(user)
    hidden = others.exclude(pk__in=visible.values("pk")).filter(aoi__intersects=_squares(draft.aoi))
    found = Neighbours(_nearest(visible, draft.aoi), has_hidden=hidden.exists())
    return found if found.seen or found.has_hidden else None


def _nearest(
    requests: ImageryRequestQuerySet, aoi: MultiPolygon, *, most: int = _NEIGHBOURS_SHOWN
) -> tuple[Neighbour, ...]:
    _west, south, _east, north = aoi.extent
    shrunk = max(math.cos(math.radians(max(abs(south), abs(north)))), 0.01)
    nearby = requests.filter(aoi__dwithin=(aoi, NEARBY_KM / KM_PER_DEGREE / shrunk))
    by_distance = nearby.annotate(away=Distance("aoi", aoi)).order_by("away", "pk")
    rows = by_distance.values_list("number", "title", "away")[:most]
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


def _alike(request: ImageryRequest) -> ImageryRequestQuerySet:
    """Others for the same images, decided on or not, and not ordered yet."""
    pending: ImageryRequestQuerySet = ImageryRequest.objects.holding_quota()
    alike = pending.filter(sensor_id=request.sensor_id, request_kind=request.request_kind)
    return alike.exclude(pk=request.pk)


def candidates_for(request: ImageryRequest) -> tuple[Neighbour, ...]:
    """Those whose order ``request`` might join, the nearest first; of its cell, which orders both.
    For the cell to see."""
    of_cell = _alike(request).filter(cell=request.cell)
    return _nearest(of_cell, request.aoi, most=_CANDIDATES_SHOWN)
