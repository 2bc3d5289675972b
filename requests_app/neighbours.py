"""Pending requests near a small one, whose order it might join: one order instead of two."""

import math
from dataclasses import dataclass

import shapely
from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import MultiPolygon
from django.db.models import Exists, Q

from eligibility.models import User
from orbitrage.shared.geo import to_geos_multipolygon
from requests_app.models import ImageryRequest, ImageryRequestQuerySet
from requests_app.states import WITH_OPERATOR, State

# As far as one pass of the satellite sees, and two areas are worth one order.
NEARBY_KM = 20
KM_PER_DEGREE = 111.195
# Of what others ask for nearby, no more is told than the square it lies in: some 20 to 40 km.
GRID_LONGITUDE_DEG = 0.4
GRID_LATITUDE_DEG = 0.2
_NEIGHBOURS_SHOWN = 3
_CANDIDATES_SHOWN = 20
# Theirs is to leave, or with the operator.
_HAVE_AN_ORDER = (State.APPROVED, *WITH_OPERATOR)


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
    """Others for the same images, decided on or not, not ordered yet and in no other order."""
    pending: ImageryRequestQuerySet = ImageryRequest.objects.holding_quota().filter(ordered_with="")
    alike = pending.filter(sensor_id=request.sensor_id, request_kind=request.request_kind)
    return alike.exclude(pk=request.pk)


def candidates_for(request: ImageryRequest) -> tuple[Neighbour, ...]:
    """Those whose order ``request`` might join, the nearest first; of its cell, which orders both.
    None where others are ordered with it. For the cell to see."""
    of_cell = _alike(request).filter(~Exists(joined_to(request)), cell=request.cell)
    return _nearest(of_cell, request.aoi, most=_CANDIDATES_SHOWN)


def joined_to(request: ImageryRequest) -> ImageryRequestQuerySet:
    """Those that are ordered with ``request``, or will be."""
    joined: ImageryRequestQuerySet = ImageryRequest.objects.filter(
        cell=request.cell, state__in=_HAVE_AN_ORDER, ordered_with=request.number
    )
    return joined


def lock_with_neighbour(request_id: int, number: str = "") -> None:
    """Lock a request and its neighbour, by pk: that of ``number``, which it is to join, or the one
    that it joins, if it does. Of two who would join each other, the second reads what has become
    of the first. After the memberships, before :func:`transitions.begin`."""
    file = ImageryRequest.objects.filter(pk=request_id)
    number = number or file.values_list("ordered_with", flat=True).get()
    if number:
        both = ImageryRequest.objects.filter(Q(pk=request_id) | Q(number=number))
        list(both.order_by("pk").select_for_update(no_key=True).values_list("pk"))


def has_order(neighbour: ImageryRequest) -> bool:
    """Whether another order can be within its own."""
    return neighbour.state in _HAVE_AN_ORDER and not neighbour.ordered_with


def is_still_near(neighbour: ImageryRequest, request: ImageryRequest) -> bool:
    """Whether it is for the same images, of the same cell and nearby, as when it was chosen: until
    it is ordered itself, all of that may change."""
    alike = ("sensor_id", "request_kind", "cell_id")
    if any(getattr(neighbour, name) != getattr(request, name) for name in alike):
        return False
    itself = ImageryRequest.objects.filter(pk=neighbour.pk)
    return bool(_nearest(itself, request.aoi))
