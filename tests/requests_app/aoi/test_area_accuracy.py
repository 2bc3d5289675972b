"""Areas of random polygons against the same polygons measured another way: every edge cut into
geodesics of 100 m at most, drawn on an equal-area map of the ellipsoid, and measured there."""

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pyproj
import pytest
import shapely

from orbitrage.shared.geo import cut_at_antimeridian, geodesic_area_km2, polygons_in
from tests.sizes import size

GEOD = pyproj.Geod(ellps="WGS84")
SEED = 20_261_121
COUNT = size(small=40, large=1_000)
LEAST_KM2, MOST_KM2 = 1.0, 1e6
EDGE_M = 100
LARGEST_ERROR = 1e-6


def random_polygon(random: np.random.Generator) -> shapely.MultiPolygon:
    """Around a place anywhere; in one of five cases around a pole, in one of five across 180°."""
    case = random.integers(5)
    latitude = math.degrees(math.asin(random.uniform(-1, 1)))
    longitude = random.uniform(-180, 180)
    radius_m = math.sqrt(10 ** random.uniform(0, 6) / math.pi) * 1000
    if case == 0:
        latitude = random.choice([-1, 1]) * (90 - random.uniform(0, 2) * radius_m / 111_000)
    elif case == 1:
        longitude = 180 + random.uniform(-0.5, 0.5) * radius_m / 111_000
    return star(random, longitude, max(min(latitude, 90), -90), radius_m)


def star(
    random: np.random.Generator, longitude: float, latitude: float, radius_m: float
) -> shapely.MultiPolygon:
    """Corners in all directions, at distances that differ by two; its longitudes run on past 180°."""
    corners = random.integers(4, 40)
    turns = -360 * (np.arange(corners) + random.uniform(0, 0.9, corners)) / corners
    away_m = radius_m * random.uniform(0.7, 1.4, corners)
    east, north, _back = GEOD.fwd(
        np.full(corners, longitude), np.full(corners, latitude), turns, away_m
    )
    east = np.unwrap([*east, east[0]], period=360)
    ring = np.column_stack([east, [*north, north[0]]])
    if abs(east[-1] - east[0]) > 180:  # all the way round: it holds the pole
        pole = math.copysign(90, latitude)
        ring = np.vstack([ring, [[east[-1], pole], [east[0], pole], ring[0]]])
    shift = 360 * round((ring[:, 0].min() + ring[:, 0].max()) / 720)
    return shapely.MultiPolygon([shapely.Polygon(ring - (shift, 0))])


def random_areas() -> Iterator[shapely.MultiPolygon]:
    """As they are stored: within ±180°, and valid on the map."""
    random = np.random.default_rng(SEED)
    while True:
        drawn = random_polygon(random)
        if drawn.is_valid:
            stored = cut_at_antimeridian(drawn)
            if LEAST_KM2 <= float(geodesic_area_km2(stored)) <= MOST_KM2:
                yield stored


def finely_measured_km2(area: shapely.MultiPolygon) -> float:
    middle = area.representative_point()
    flat = f"+proj=laea +lat_0={middle.y} +lon_0={middle.x} +datum=WGS84 +units=m"
    plane = pyproj.Transformer.from_crs("OGC:CRS84", flat, always_xy=True)
    rings_m2 = [
        abs(ring_m2(plane, shapely.get_coordinates(ring))) * (1 if is_shell else -1)
        for polygon in polygons_in(area)
        for ring, is_shell in [
            (polygon.exterior, True),
            *((hole, False) for hole in polygon.interiors),
        ]
    ]
    return sum(rings_m2) / 1e6


def ring_m2(plane: pyproj.Transformer, positions: np.ndarray) -> float:
    fine = np.vstack([cut_up(start, end) for start, end in pairwise(positions)])
    x, y = plane.transform(fine[:, 0], fine[:, 1])
    x, y = x - np.mean(x), y - np.mean(y)
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2


def cut_up(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The edge from its start on, without its end."""
    _there, _back, length_m = GEOD.inv(*start, *end)
    between = max(math.ceil(length_m / EDGE_M) - 1, 0)
    if between == 0:
        return start[None]
    line = GEOD.inv_intermediate(*start, *end, npts=between, return_back_azimuth=False)
    return np.vstack([start, np.column_stack([line.lons, line.lats])])


@pytest.mark.prove
def test_areas_of_random_polygons_are_exact_to_a_millionth(proof):
    areas = random_areas()
    errors, around_poles, across = [], 0, 0

    for _number in range(COUNT):
        area = next(areas)
        fine_km2 = finely_measured_km2(area)
        errors.append(abs(float(geodesic_area_km2(area)) - fine_km2) / fine_km2)
        west, south, east, north = area.bounds
        around_poles += max(-south, north) == 90
        across += (west, east) == (-180, 180)

    assert max(errors) <= LARGEST_ERROR
    assert min(around_poles, across) >= COUNT // 40
    where = f"{around_poles} hold a pole, {across} reach both sides of 180°"
    proof(f"areas of random polygons: error {max(errors):.1e} at most; {where}", COUNT)


def test_areas_measured_with_straight_edges_on_the_map_would_differ():
    """What the test above could find: of a polygon that is large and far north."""
    area = shapely.MultiPolygon([shapely.box(0, 60, 20, 65)])
    on_the_map = area.segmentize(0.01)

    found = [finely_measured_km2(area), finely_measured_km2(on_the_map)]

    assert abs(found[0] - found[1]) / found[0] > 1e-3
