"""What is made of rings that cross themselves, lie elsewhere, are there twice, or enclose nothing to
speak of."""

import pytest
import shapely

from requests_app.aoi.mending import mended, one_multipolygon, sort_out

SQUARE = [(0, 0), (2, 0), (2, 2), (0, 2), (0, 0)]
HOLE = [(0.5, 0.5), (1, 0.5), (1, 1), (0.5, 1), (0.5, 0.5)]
# About 11 cm.
THIN_DEGREES = 1e-6


def hole_at(x: float, *, size: float = 1) -> list[tuple[float, float]]:
    return [(x, 0.5), (x + size, 0.5), (x + size, 1), (x, 1), (x, 0.5)]


def test_bow_tie_keeps_both_of_its_wings():
    bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2), (0, 0)])

    assert mended(bow_tie).area == 2


@pytest.mark.parametrize(
    ("hole", "area"),
    [
        (hole_at(5), 4),  # elsewhere: takes nothing away, and adds nothing
        (hole_at(1.5), 4 - 0.25),  # half outside: only its inner half
        (hole_at(2), 4),  # beside the shell, touching it
        (SQUARE, 0),
    ],
)
def test_hole_takes_away_what_it_shares_with_its_shell(hole, area):
    assert mended(shapely.Polygon(SQUARE, [hole])).area == pytest.approx(area)


def test_hole_in_a_hole_is_an_island():
    around = [(0.2, 0.2), (1.8, 0.2), (1.8, 1.8), (0.2, 1.8), (0.2, 0.2)]

    assert mended(shapely.Polygon(SQUARE, [around, HOLE])).area == pytest.approx(4 - 2.56 + 0.25)


def test_hole_drawn_twice_is_no_fault_to_agree_to():
    polygon = shapely.Polygon(SQUARE, [HOLE, HOLE[::-1]])

    found = sort_out([polygon])

    assert (len(found.valid), found.drawn, found.duplicate_rings) == (1, [], 1)
    assert found.valid[0].area == pytest.approx(3.75)


def test_sliver_between_neighbours_is_closed():
    neighbours = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]
    with_gap = shapely.union_all(neighbours) - shapely.box(0.999999, 0.2, 1, 0.8)

    found, slivers = one_multipolygon([with_gap])

    assert slivers == 1
    assert found.equals(shapely.MultiPolygon([shapely.box(0, 0, 2, 1)]))


def test_sliver_beside_an_area_is_left_out():
    found, slivers = one_multipolygon(
        [shapely.box(0, 0, 1, 1), shapely.box(3, 0, 3 + THIN_DEGREES, 1)]
    )

    assert slivers == 1
    assert found.equals(shapely.MultiPolygon([shapely.box(0, 0, 1, 1)]))


def test_narrow_area_that_is_all_there_is_stays():
    strip = shapely.box(3, 0, 3 + THIN_DEGREES, 1)

    found, slivers = one_multipolygon([strip])

    assert (slivers, found.equals(shapely.MultiPolygon([strip]))) == (0, True)


def test_road_of_five_metres_is_no_sliver():
    found, slivers = one_multipolygon([shapely.box(0, 0, 1, 1), shapely.box(3, 0, 3.00005, 1)])

    assert (slivers, len(found.geoms)) == (0, 2)
