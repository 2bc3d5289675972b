"""Latitude before longitude: a mistake that only shows on a map, or beside where one is at work."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from orbitrage.shared.geo import Bounds, bounds_of, geodesic_area_km2

# People ask for places around their territory too, some 50 km away.
_AROUND_DEGREES = 0.5


@dataclass(frozen=True)
class SwappedAxes:
    """``wkb``: the area with its axes the other way round, a MultiPolygon in EPSG:4326."""

    wkb: bytes
    area_km2: Decimal
    bbox: Bounds


def swapped_axes(wkb: bytes, territories: Sequence[BaseGeometry]) -> SwappedAxes | None:
    """Where the area lies outside all ``territories`` as it is, and within them with its axes
    swapped: that area, to be offered. None: it does not look swapped, or nobody can tell."""
    area = shapely.from_wkb(wkb)
    west, _south, east, _north = area.bounds
    if not territories or max(abs(west), abs(east)) > 90:
        return None
    parts = shapely.get_parts(territories)
    around = shapely.union_all([shapely.box(*part.bounds) for part in parts])
    around = around.buffer(_AROUND_DEGREES)
    turned = with_axes_swapped(area)
    if around.intersects(area) or not around.contains(turned):
        return None
    return SwappedAxes(shapely.to_wkb(turned), geodesic_area_km2(turned), bounds_of(turned))


def with_axes_swapped(geometry: BaseGeometry) -> BaseGeometry:
    turned = shapely.transform(geometry, lambda positions: np.flip(positions, axis=1))
    return shapely.orient_polygons(turned)
