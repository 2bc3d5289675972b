"""Rings of longitudes and latitudes made into polygons that a planar database can hold."""

from collections.abc import Sequence

import shapely

from orbitrage.shared.geo import cut_at_antimeridian

Point = tuple[float, float]


class RingUnusable(ValueError):
    """The points enclose no area on the globe, or enclose a pole."""


def polygon_of_ring(ring: Sequence[Point]) -> shapely.MultiPolygon:
    """The ring as counter-clockwise parts within ±180°, whatever its winding.

    Two neighbours are taken to be joined the short way round, so that a ring which jumps from
    179° to -179° crosses the antimeridian; there it is cut along the straight line in lon/lat,
    the edge that every other operation of the database assumes. Raises RingUnusable.
    """
    points = _unwrapped(_without_repeats(ring))
    if len(points) < 3:
        raise RingUnusable("fewer than three different points")
    polygon = shapely.Polygon(points)
    if not polygon.is_valid or polygon.area == 0:
        raise RingUnusable("the edges cross one another or enclose nothing")
    return cut_at_antimeridian(polygon)


def area_of_box(west: float, south: float, east: float, north: float) -> shapely.MultiPolygon:
    """A west greater than the east crosses the antimeridian. Raises RingUnusable."""
    sides_are_known = -180 <= west <= 180 and -180 <= east <= 180
    if not sides_are_known or not -90 <= south < north <= 90 or west == east:
        raise RingUnusable("not a box of longitudes and latitudes")
    return cut_at_antimeridian(shapely.box(west, south, east + 360 if east < west else east, north))


def area_of_polygons(geometry: shapely.Geometry | None) -> shapely.MultiPolygon:
    """The union of the polygons, each ring read as in `polygon_of_ring`. Raises RingUnusable."""
    parts = [] if geometry is None else shapely.get_parts(geometry).tolist()
    if not parts or not all(isinstance(part, shapely.Polygon) for part in parts):
        raise RingUnusable("not a polygon")
    area = shapely.union_all([_area_of_polygon(part) for part in parts])
    if area.is_empty:
        raise RingUnusable("nothing enclosed")
    return cut_at_antimeridian(area)


def _area_of_polygon(polygon: shapely.Polygon) -> shapely.Geometry:
    holes = [polygon_of_ring(_ring(hole)) for hole in polygon.interiors]
    return shapely.difference(polygon_of_ring(_ring(polygon.exterior)), shapely.union_all(holes))


def _ring(ring: shapely.LinearRing) -> list[Point]:
    return [(float(x), float(y)) for x, y in shapely.get_coordinates(ring)]


def _without_repeats(ring: Sequence[Point]) -> list[Point]:
    points = [point for n, point in enumerate(ring) if n == 0 or point != ring[n - 1]]
    return points[:-1] if len(points) > 1 and points[0] == points[-1] else points


def _unwrapped(points: Sequence[Point]) -> list[Point]:
    unwrapped: list[Point] = []
    for longitude, latitude in points:
        if not -90 <= latitude <= 90 or not -360 <= longitude <= 360:
            raise RingUnusable("a point lies outside the globe")
        reference = unwrapped[-1][0] if unwrapped else _reduced(longitude)
        turns = round((reference - longitude) / 360)
        unwrapped.append((longitude + 360 * turns, latitude))
    if unwrapped and abs(unwrapped[-1][0] - unwrapped[0][0]) > 180:
        raise RingUnusable("the ring goes round a pole")
    return unwrapped


def _reduced(longitude: float) -> float:
    return longitude - 360 * round(longitude / 360) if abs(longitude) > 180 else longitude
