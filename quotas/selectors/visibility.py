"""What of an area lies outside the circle in which a receiving station sees the satellites."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import shapely
from django.contrib.gis.geos import MultiPolygon

from orbitrage.shared.geo import geodesic_area_km2, to_geos_multipolygon, to_shapely
from quotas.amounts import ZERO
from quotas.models import VisibilityCircle


def outside_circle(*, sensor_id: int, aoi: MultiPolygon, on: dt.date) -> MultiPolygon | None:
    """The part of `aoi` (EPSG:4326) that no station of the sensor sees; None where the sensor has
    no circle, or all is inside."""
    circles = VisibilityCircle.objects.in_force(on).filter(sensor_id=sensor_id)
    seen = [circle.outline for circle in circles]
    if not seen:
        return None
    outside = to_shapely(aoi).difference(shapely.union_all(seen))
    return to_geos_multipolygon(outside) if geodesic_area_km2(outside) else None


def outside_km2(*, sensor_id: int, aoi: MultiPolygon, on: dt.date) -> Decimal:
    """Area of that part, in km²; 0 where there is none."""
    outside = outside_circle(sensor_id=sensor_id, aoi=aoi, on=on)
    return ZERO if outside is None else geodesic_area_km2(to_shapely(outside))
