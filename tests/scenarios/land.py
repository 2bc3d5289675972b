"""Rectangles whose geodesic area is a round number, so that the books of a scenario can be added up
in one's head.

All share their western edge (1.3° E) and their parallels (43.5° and 43.6° N, those of SPOT 43° and
44° N); a smaller one lies in a larger one. The eastern edges were solved once with pyproj's Geod on the WGS 84 ellipsoid, to
0.00000000001°, a thousandth of the ledger's square metre.
"""

from django.contrib.gis.geos import MultiPolygon, Polygon

WEST, SOUTH, NORTH = 1.3, 43.5, 43.6
EAST_OF_KM2 = {
    40: 1.34455206762,
    60: 1.36682810321,
    80: 1.38910414093,
    100: 1.4113801815,
    130: 1.44479424923,
    150: 1.46707030001,
}

EAST_OF_SPOT_KM2 = {2_800: 1.61161406285, 3_000: 1.63387226129}


def land(km2: int, *, place: int = 0) -> MultiPolygon:
    """Each place lies one degree east of the one before: files of two places do not touch."""
    east = EAST_OF_KM2[km2]
    rectangle = Polygon.from_bbox((WEST + place, SOUTH, east + place, NORTH))
    return MultiPolygon(rectangle, srid=4326)


def land_for_spot(km2: int) -> MultiPolygon:
    rectangle = Polygon.from_bbox((WEST, 43.0, EAST_OF_SPOT_KM2[km2], 44.0))
    return MultiPolygon(rectangle, srid=4326)
