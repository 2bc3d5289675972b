"""Areas beside each other."""

import shapely

from orbitrage.shared.geo import to_geos_multipolygon
from tests.requests_app import world


def box(west, south, east, north):
    return to_geos_multipolygon(shapely.box(west, south, east, north))


def small(programme, west=1.3, south=43.5):
    return world.draft(programme, aoi=world.square(west=west, south=south, size_deg=0.05))
