"""Areas beside each other."""

import shapely

from orbitrage.shared.geo import to_geos_multipolygon
from tests.requests_app import world


def box(west, south, east, north):
    return to_geos_multipolygon(shapely.box(west, south, east, north))


def small(programme, west=1.3, south=43.5):
    return world.draft(programme, aoi=world.square(west=west, south=south, size_deg=0.05))


def joining(programme, west=1.3, **wanted):
    """In arbitration: 23 km², below the operator's minimum of 25 km²; it asks to join somebody."""
    aoi = world.square(west=west, size_deg=0.05)
    return world.in_arbitration(programme, **{"aoi": aoi, "asks_to_join": True} | wanted)
