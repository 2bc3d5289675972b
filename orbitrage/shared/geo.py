"""Measures and shapes on the WGS 84 ellipsoid. Geometries are longitude, latitude in degrees."""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from shapely.geometry.base import BaseGeometry

Positions = npt.NDArray[np.float64]
Bounds = tuple[float, float, float, float]

WGS84 = pyproj.Geod(ellps="WGS84")
WGS84_SRID = 4326
EARTH_KM2 = 510_065_621.724
_MILLIONTH = Decimal("0.000001")
_PIECE_DEGREES = 1.0
_LONG_EDGE_DEGREES = 120.0
_LONG_EDGE_KM = 5_000.0
_HALF_TURN_DEGREES = 180.0
_WORLD_COPIES = (-360.0, 0.0, 360.0)
# Beyond this an azimuthal equidistant map stretches by more than 0.4 %.
_ONE_PLANE_KM = 1_000.0
_LANDING = Decimal("1.0005")
_MOST_STEPS = 60


def geodesic_area_km2(geometry: BaseGeometry) -> Decimal:
    """Area on the ellipsoid, to the square metre, half up. Edges are geodesics, but those
    of 120° and 5,000 km or of half a turn, which follow the map.

    Holes are subtracted whatever their winding. What is not a polygon counts nothing.
    """
    total_m2 = sum(_polygon_area_m2(polygon) for polygon in polygons_in(geometry))
    return Decimal(repr(total_m2 / 1e6)).quantize(_MILLIONTH, ROUND_HALF_UP)


def _polygon_area_m2(polygon: shapely.Polygon) -> float:
    holes = sum(_ring_area_m2(hole) for hole in polygon.interiors)
    return max(_ring_area_m2(polygon.exterior) - holes, 0.0)


def _ring_area_m2(ring: shapely.LinearRing) -> float:
    positions = _with_short_edges(shapely.get_coordinates(ring))
    signed_m2, _perimeter_m = WGS84.polygon_area_perimeter(positions[:, 0], positions[:, 1])
    area_m2 = abs(float(signed_m2))
    # The formula cannot tell a ring from its outside: the cylindrical equal-area map can.
    return EARTH_KM2 * 1e6 - area_m2 if _share_of_the_world(positions) > 0.5 else area_m2


def _with_short_edges(positions: Positions) -> Positions:
    """An edge of a third of a turn or more, whose geodesic is far from the line drawn or is
    not a single one, follows the map instead; near a pole it is short all the same."""
    if (np.abs(np.diff(positions[:, 0])) < _LONG_EDGE_DEGREES).all():
        return positions
    pieces = []
    for start, end in itertools.pairwise(positions):
        span = abs(end[0] - start[0])
        steps = math.ceil(span / _PIECE_DEGREES) if _is_long(start, end) else 1
        pieces.append(start + (end - start) * np.arange(steps)[:, None] / steps)
    return np.vstack([*pieces, positions[-1:]])


def _is_long(start: Positions, end: Positions) -> bool:
    span = abs(end[0] - start[0])
    if span < _LONG_EDGE_DEGREES or span >= _HALF_TURN_DEGREES:
        return bool(span >= _LONG_EDGE_DEGREES)
    _there, _back, distance_m = WGS84.inv(start[0], start[1], end[0], end[1])
    return bool(distance_m > _LONG_EDGE_KM * 1000)


def _share_of_the_world(positions: Positions) -> float:
    x, y = positions[:, 0] / 360, np.sin(np.radians(positions[:, 1])) / 2
    return float(abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2)


def polygons_in(geometry: BaseGeometry) -> list[shapely.Polygon]:
    """Out of multi-geometries and collections of any depth."""
    waiting: list[BaseGeometry] = [geometry]
    polygons: list[shapely.Polygon] = []
    while waiting:
        one = waiting.pop()
        if isinstance(one, shapely.Polygon):
            if not one.is_empty:
                polygons.append(one)
        elif hasattr(one, "geoms"):
            waiting.extend(one.geoms)
    return polygons[::-1]


def vertices_of(geometry: BaseGeometry) -> int:
    """Positions stored: the closing one of every ring counts."""
    return int(shapely.get_num_coordinates(geometry))


def longest_side_km(geometry: BaseGeometry) -> float:
    """The longest straight line between two corners of a ring, on the ellipsoid."""
    longest_m = 0.0
    for polygon in polygons_in(geometry):
        for ring in (polygon.exterior, *polygon.interiors):
            positions = shapely.get_coordinates(ring)
            sides_m = WGS84.inv(*positions[:-1].T, *positions[1:].T)[2]
            longest_m = max(longest_m, float(sides_m.max()))
    return longest_m / 1000


def to_shapely(geometry: GEOSGeometry) -> BaseGeometry:
    return shapely.from_wkb(bytes(geometry.wkb))


def to_geos_multipolygon(geometry: BaseGeometry) -> MultiPolygon:
    """The polygons of a geometry, in EPSG:4326."""
    many = shapely.MultiPolygon(polygons_in(geometry))
    made = GEOSGeometry(memoryview(shapely.to_wkb(many)), srid=WGS84_SRID)
    assert isinstance(made, MultiPolygon)
    return made


def bounds_of(geometry: BaseGeometry) -> Bounds:
    """West, south, east, north; west > east across the 180° meridian, by RFC 7946 5.2."""
    west, south, east, north = joined_at_antimeridian(geometry).bounds
    if west >= 180:
        west, east = west - 360, east - 360
    if east > 180:
        east -= 360
    return (west, south, east, north)


def joined_at_antimeridian(geometry: BaseGeometry) -> shapely.MultiPolygon:
    """One continuous shape out of parts on both sides of the 180° meridian.

    Its longitudes run past 180 where that makes it narrower; elsewhere it is left as it is.
    """
    parts = polygons_in(geometry)
    moved = [_shifted(part, 360) if part.bounds[2] <= 0 else part for part in parts]
    if _spread(moved) >= _spread(parts):
        return shapely.MultiPolygon(parts)
    return shapely.MultiPolygon(polygons_in(shapely.union_all(moved)))


def _spread(parts: Sequence[BaseGeometry]) -> float:
    west, _south, east, _north = shapely.total_bounds(parts)
    return float(east - west)


def cut_at_antimeridian(geometry: BaseGeometry) -> shapely.MultiPolygon:
    """The opposite: every part within ±180°, shells anti-clockwise."""
    pieces: list[shapely.Polygon] = []
    for shift in _WORLD_COPIES:
        world = shapely.box(-180 - shift, -90, 180 - shift, 90)
        if geometry.intersects(world):
            pieces += polygons_in(_shifted(geometry.intersection(world), shift))
    made = shapely.orient_polygons(shapely.MultiPolygon(polygons_in(shapely.union_all(pieces))))
    assert isinstance(made, shapely.MultiPolygon)
    return made


def _shifted(geometry: BaseGeometry, degrees: float) -> BaseGeometry:
    return shapely.transform(geometry, lambda positions: np.add(positions, (degrees, 0.0)))


class LocalPlane:
    """Azimuthal equidistant map around a point: metres, true from the centre."""

    def __init__(self, longitude: float, latitude: float) -> None:
        self.longitude = longitude
        self.latitude = latitude

    @classmethod
    def around(cls, geometry: BaseGeometry) -> "LocalPlane":
        return cls(*_centre(geometry))

    def project(self, geometry: BaseGeometry) -> BaseGeometry:
        return shapely.transform(geometry, self._to_metres)

    def unproject(self, geometry: BaseGeometry) -> shapely.MultiPolygon:
        """Continuous around the centre: longitudes may pass ±180."""
        parts = polygons_in(shapely.orient_polygons(geometry))
        return shapely.MultiPolygon(
            [
                shapely.Polygon(
                    self._continuous(self._to_degrees(shapely.get_coordinates(part.exterior))),
                    [
                        self._continuous(self._to_degrees(shapely.get_coordinates(hole)))
                        for hole in part.interiors
                    ],
                )
                for part in parts
            ]
        )

    def _to_metres(self, positions: Positions) -> Positions:
        """By the geodesic itself: a projection of PROJ takes longer to make than to use."""
        centre = self._centre_for(positions)
        azimuths, _back, metres = WGS84.inv(*centre, positions[:, 0], positions[:, 1])
        turns = np.radians(azimuths)
        return np.column_stack([metres * np.sin(turns), metres * np.cos(turns)])

    def _to_degrees(self, positions: Positions) -> Positions:
        azimuths = np.degrees(np.arctan2(positions[:, 0], positions[:, 1]))
        centre = self._centre_for(positions)
        longitudes, latitudes, _back = WGS84.fwd(*centre, azimuths, np.hypot(*positions.T))
        return np.column_stack([longitudes, latitudes])

    def _centre_for(self, positions: Positions) -> tuple[Positions, Positions]:
        return np.full(len(positions), self.longitude), np.full(len(positions), self.latitude)

    def _continuous(self, positions: Positions) -> Positions:
        longitudes = np.unwrap(positions[:, 0], period=360)
        longitudes += 360 * np.round((self.longitude - longitudes.mean()) / 360)
        ring = np.column_stack([longitudes, positions[:, 1]])
        if abs(ring[0, 0] - ring[-1, 0]) < 180:
            ring[-1] = ring[0]
            return ring
        # All the way round: the ring holds a pole, to its left when it runs east.
        pole = math.copysign(90.0, ring[-1, 0] - ring[0, 0])
        corners = np.array([[ring[-1, 0], pole], [ring[0, 0], pole], ring[0]])
        return np.vstack([ring, corners])


def _centre(geometry: BaseGeometry) -> tuple[float, float]:
    """Of the vertices, on the sphere: the antimeridian and the poles are places like others."""
    longitudes, latitudes = np.radians(shapely.get_coordinates(geometry)).T
    x = float(np.mean(np.cos(latitudes) * np.cos(longitudes)))
    y = float(np.mean(np.cos(latitudes) * np.sin(longitudes)))
    z = float(np.mean(np.sin(latitudes)))
    return math.degrees(math.atan2(y, x)), math.degrees(math.atan2(z, math.hypot(x, y)))


def minimum_width_km(geometry: BaseGeometry) -> Decimal:
    """The narrowest that any part is, in any direction: between two parallels that enclose it."""
    widths = [_width_m(LocalPlane.around(part).project(part)) for part in polygons_in(geometry)]
    return Decimal(repr(min(widths, default=0.0) / 1000)).quantize(_MILLIONTH, ROUND_HALF_UP)


def _width_m(planar: BaseGeometry) -> float:
    corners = shapely.get_coordinates(planar.convex_hull)
    edges = np.diff(corners, axis=0)
    lengths = np.hypot(edges[:, 0], edges[:, 1])
    narrowest = math.inf
    for corner, edge, length in zip(corners, edges, lengths, strict=False):
        if length > 0:
            away = corners - corner
            reach = np.abs(away[:, 0] * edge[1] - away[:, 1] * edge[0]).max() / length
            narrowest = min(narrowest, float(reach))
    return 0.0 if math.isinf(narrowest) else narrowest


@dataclass(frozen=True)
class Grown:
    """``geometry`` is continuous: see ``cut_at_antimeridian``."""

    geometry: shapely.MultiPolygon
    area_km2: Decimal
    distance_m: float


def grow_to_area(
    geometry: BaseGeometry,
    *,
    minimum_area_km2: Decimal,
    minimum_width_km: Decimal = Decimal(0),
    smoothing: float = 0.01,
) -> Grown:
    """The smallest buffer of equal distance all round that reaches both minimums.

    The area ends at most 0.05 % above its minimum, unless the width asks for more. ``smoothing``
    is how far the outline may cut corners, as a share of the distance: below 1, the result still
    contains the geometry.
    """
    buffer = _Buffer(geometry, smoothing)
    low_m, high_m = 0.0, math.sqrt(float(minimum_area_km2) * 1e6) + float(minimum_width_km) * 500
    high = buffer.at(high_m)
    for _ in range(_MOST_STEPS):
        middle_m = (low_m + high_m) / 2
        middle = buffer.at(middle_m)
        if _reaches(middle, minimum_area_km2, minimum_width_km):
            high_m, high = middle_m, middle
        else:
            low_m = middle_m
        landed = high.area_km2 <= minimum_area_km2 * _LANDING
        if landed or high_m - low_m < 0.01:
            break
    return high


def _reaches(grown: Grown, area_km2: Decimal, width_km: Decimal) -> bool:
    if grown.area_km2 < area_km2:
        return False
    return not width_km or minimum_width_km(grown.geometry) >= width_km


class _Buffer:
    def __init__(self, geometry: BaseGeometry, smoothing: float) -> None:
        whole = joined_at_antimeridian(geometry)
        self.smoothing = smoothing
        self.pieces = [
            (plane, plane.project(_finely_edged(piece))) for plane, piece in _by_plane(whole)
        ]

    def at(self, distance_m: float) -> Grown:
        grown = shapely.union_all(
            [plane.unproject(piece.buffer(distance_m)) for plane, piece in self.pieces]
        )
        # In degrees of longitude the tolerance is shorter than in metres: on the safe side.
        tolerance = distance_m * self.smoothing / 111_700
        smooth = shapely.MultiPolygon(polygons_in(grown.simplify(tolerance)))
        return Grown(smooth, geodesic_area_km2(smooth), distance_m)


def _by_plane(whole: shapely.MultiPolygon) -> Iterable[tuple[LocalPlane, BaseGeometry]]:
    plane = LocalPlane.around(whole)
    reach_m = np.abs(shapely.get_coordinates(plane.project(whole))).max()
    if reach_m <= _ONE_PLANE_KM * 1000:
        return [(plane, whole)]
    return [(LocalPlane.around(part), part) for part in polygons_in(whole)]


def _finely_edged(geometry: BaseGeometry) -> BaseGeometry:
    """A straight edge of the map is not straight in the plane: about one vertex a kilometre."""
    return geometry.segmentize(max(0.01, geometry.length / 5_000))
