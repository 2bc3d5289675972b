import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from catalogue.footprints import RingUnusable, area_of_box, area_of_polygons, polygon_of_ring

TWO_HALVES = shapely.MultiPolygon(
    [shapely.box(179.5, -17, 180, -16), shapely.box(-180, -17, -179.5, -16)]
)


@pytest.mark.parametrize(
    "ring",
    [
        [(179.5, -16), (-179.5, -16), (-179.5, -17), (179.5, -17)],
        [(179.5, -17), (-179.5, -17), (-179.5, -16), (179.5, -16)],
        [(-179.5, -16), (179.5, -16), (179.5, -17), (-179.5, -17)],
        [(179.5, -16), (180.5, -16), (180.5, -17), (179.5, -17)],
        [(-180.5, -16), (-179.5, -16), (-179.5, -17), (-180.5, -17)],
        [(179.5, -16), (179.5, -16), (-179.5, -16), (-179.5, -17), (179.5, -17), (179.5, -16)],
    ],
    ids=["clockwise", "counter-clockwise", "from the west", "beyond 180", "beyond -180", "repeats"],
)
def test_ring_over_the_antimeridian_becomes_two_halves(ring):
    footprint = polygon_of_ring(ring)

    assert len(footprint.geoms) == 2
    assert footprint.equals(TWO_HALVES)
    assert all(part.exterior.is_ccw for part in footprint.geoms)


@pytest.mark.parametrize("edge", [180, -180])
def test_ring_that_ends_on_the_antimeridian_stays_whole(edge):
    side = 179.5 if edge == 180 else -179.5

    eastern = polygon_of_ring([(179.5, -16), (edge, -16), (edge, -17), (179.5, -17)])
    western = polygon_of_ring([(side, -16), (-edge, -16), (-edge, -17), (side, -17)])

    assert eastern.equals(shapely.box(179.5, -17, 180, -16))
    assert western.equals(shapely.box(min(side, edge), -17, max(side, edge), -16))


@given(
    centre=st.floats(-180, 180),
    latitude=st.floats(-80, 80),
    width=st.floats(0.01, 20),
    is_clockwise=st.booleans(),
    start=st.integers(0, 3),
)
def test_any_box_keeps_its_area_and_stays_within_180(centre, latitude, width, is_clockwise, start):
    west, east, south, north = centre - width / 2, centre + width / 2, latitude, latitude + 1
    ring = [(west, south), (east, south), (east, north), (west, north)]
    ring = [(wrapped(x), y) for x, y in ring[start:] + ring[:start]]

    footprint = polygon_of_ring(ring[::-1] if is_clockwise else ring)

    assert footprint.area == pytest.approx(width, rel=1e-6)
    assert footprint.bounds[0] >= -180
    assert footprint.bounds[2] <= 180
    assert footprint.is_valid


def wrapped(longitude: float) -> float:
    return (longitude + 180) % 360 - 180


def test_box_with_west_beyond_east_crosses_the_antimeridian():
    assert area_of_box(179.5, -17, -179.5, -16).equals(TWO_HALVES)


@pytest.mark.parametrize(
    "box",
    [(3, 44, 4, 43), (3, 43, 3, 44), (-181, 0, 1, 1), (0, -91, 1, 1), (0, 0, float("nan"), 1)],
)
def test_impossible_box_is_refused(box):
    with pytest.raises(RingUnusable):
        area_of_box(*box)


def test_hole_is_left_out():
    holed = shapely.box(0, 0, 4, 4) - shapely.box(1, 1, 2, 2)

    assert area_of_polygons(holed).area == 15


@pytest.mark.parametrize("wkt", ["POINT (1 1)", "POLYGON EMPTY", "LINESTRING (0 0, 1 1)"])
def test_what_is_no_polygon_is_refused(wkt):
    with pytest.raises(RingUnusable):
        area_of_polygons(shapely.from_wkt(wkt))
