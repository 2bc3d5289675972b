"""Where and when an area is asked for, as coarsely as what came of earlier orders is counted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from django.contrib.gis.geos import MultiPolygon, Polygon
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

REGION_DEG = 5
_MONTHS_OF_A_SEASON = 3


@dataclass(frozen=True)
class Region:
    """A square of 5° of a fixed grid, by its south-western corner: counted in squares that nobody
    chooses, no order is found by asking with many areas."""

    west_deg: int
    south_deg: int

    def as_polygon(self) -> Polygon:
        west, south = self.west_deg, self.south_deg
        polygon = Polygon.from_bbox((west, south, west + REGION_DEG, south + REGION_DEG))
        polygon.srid = 4326
        return polygon

    @property
    def label(self) -> str:
        return _("%(south)s to %(north)s, %(west)s to %(east)s") % {
            "south": _latitude(self.south_deg),
            "north": _latitude(self.south_deg + REGION_DEG),
            "west": _longitude(self.west_deg),
            "east": _longitude(self.west_deg + REGION_DEG),
        }


def region_of(area: MultiPolygon) -> Region:
    """The square in which the largest part of the area lies (EPSG:4326), by its middle."""
    middle = max(area, key=lambda part: part.area).point_on_surface
    return Region(_corner(middle.x, highest=175), _corner(middle.y, highest=85))


def _corner(degrees: float, *, highest: int) -> int:
    return min(math.floor(degrees / REGION_DEG) * REGION_DEG, highest)


def _latitude(degrees: int) -> str:
    return _("%(degrees)s° S") % {"degrees": -degrees} if degrees < 0 else _north(degrees)


def _north(degrees: int) -> str:
    return _("%(degrees)s° N") % {"degrees": degrees} if degrees else "0°"


def _longitude(degrees: int) -> str:
    return _("%(degrees)s° W") % {"degrees": -degrees} if degrees < 0 else _east(degrees)


def _east(degrees: int) -> str:
    return _("%(degrees)s° E") % {"degrees": degrees} if degrees else "0°"


@dataclass(frozen=True)
class Season:
    """Three months, from December, March, June or September."""

    first_month: int

    @property
    def months(self) -> tuple[int, ...]:
        return tuple(_month(self.first_month + n) for n in range(_MONTHS_OF_A_SEASON))

    @property
    def label(self) -> str:
        first, _middle, last = self.months
        return _("%(first)s to %(last)s") % {"first": MONTHS[first], "last": MONTHS[last]}


def season_of(starts_on: date | None, ends_on: date | None) -> Season | None:
    """In which the middle of a window lies. None without a window."""
    if starts_on is None or ends_on is None:
        return None
    month = (starts_on + (ends_on - starts_on) // 2).month
    return Season(_month(month - month % _MONTHS_OF_A_SEASON))


def _month(number: int) -> int:
    return (number - 1) % 12 + 1
