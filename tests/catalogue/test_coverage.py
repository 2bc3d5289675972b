"""Areas worked out by hand: on the equator 0.1° × 0.1° is 11.1319491 km × 11.0574272 km, that is
123.0907 km² (a degree of the equator is 111.319491 km, of the meridian there 110.574272 km)."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalogue.selectors import Coverage, CoverageCriteria, coverage
from licences.selectors import Audience
from orbitrage.shared.geo import geodesic_area_km2, to_shapely
from tests.catalogue.factories import ItemFactory, box
from tests.eligibility.factories import SpotFactory

pytestmark = pytest.mark.django_db

ANYBODY = Audience(user_id=None, keys=frozenset({"open"}))
SQUARE = box(20, -0.05, 20.1, 0.05)
SQUARE_KM2 = 123.0907


def measured(aoi=SQUARE, audience=ANYBODY, **criteria) -> Coverage:
    return coverage(aoi=aoi, criteria=CoverageCriteria(**criteria), audience=audience)


def test_nothing_in_the_catalogue_covers_nothing():
    found = measured()

    assert float(found.area_km2) == pytest.approx(SQUARE_KM2, rel=1e-5)
    assert (found.covered_km2, found.covered_percent, found.items) == (0, 0, 0)
    assert found.remaining_km2 == found.area_km2
    assert found.remaining.equals(SQUARE)


def test_western_half_is_covered_by_half():
    ItemFactory(footprint=box(19, -1, 20.05, 1))

    found = measured()

    assert (found.covered_percent, found.items) == (Decimal("50.00"), 1)
    assert float(found.covered_km2) == pytest.approx(SQUARE_KM2 / 2, rel=1e-5)
    assert found.covered_km2 + found.remaining_km2 == found.area_km2
    assert found.remaining.equals(box(20.05, -0.05, 20.1, 0.05))


def test_overlapping_footprints_are_counted_once():
    ItemFactory(footprint=box(20, -1, 20.05, 1))
    ItemFactory(footprint=box(20.025, -1, 20.075, 1))
    ItemFactory(footprint=box(20.025, -1, 20.075, 1))

    found = measured()

    assert (found.covered_percent, found.items) == (Decimal("75.00"), 3)
    assert float(found.remaining_km2) == pytest.approx(SQUARE_KM2 / 4, rel=1e-5)


def test_whole_area_covered_leaves_nothing():
    ItemFactory(footprint=box(19, -1, 20.06, 1))
    ItemFactory(footprint=box(20.05, -1, 21, 1))

    found = measured()

    assert found.covered_km2 == found.area_km2
    assert (found.covered_percent, found.remaining_km2, found.remaining) == (100, 0, None)


def test_hundred_percent_is_said_only_of_the_whole():
    ItemFactory(footprint=box(19, -1, 20.099999, 1))

    found = measured()

    assert found.covered_percent == Decimal("99.99")
    assert found.remaining is not None


def test_area_with_a_hole_and_two_parts_is_measured_as_drawn():
    holed = Polygon.from_bbox((20, -0.05, 20.1, 0.05)).difference(
        Polygon.from_bbox((20.025, -0.025, 20.075, 0.025))
    )
    aoi = MultiPolygon(holed, Polygon.from_bbox((21, -0.05, 21.1, 0.05)), srid=4326)
    ItemFactory(footprint=box(20, -1, 20.2, 1))

    found = measured(aoi)

    assert float(found.area_km2) == pytest.approx(SQUARE_KM2 * 1.75, rel=1e-5)
    assert float(found.covered_km2) == pytest.approx(SQUARE_KM2 * 0.75, rel=1e-5)


def test_footprint_that_only_touches_covers_nothing():
    ItemFactory(footprint=box(20.1, -1, 21, 1))

    found = measured()

    assert (found.covered_km2, found.covered_percent) == (0, 0)


def test_audience_decides_what_counts():
    ItemFactory(footprint=box(19, -1, 20.05, 1), audience=["entity:7"])
    theirs = Audience(user_id=1, keys=frozenset({"open", "entity:7"}))

    assert measured(audience=theirs).covered_percent == 50
    assert (measured().covered_percent, measured().items) == (0, 0)


def test_cloud_date_and_sensor_decide_what_counts():
    ItemFactory(
        footprint=box(19, -1, 20.05, 1),
        cloud_cover_percent=15,
        acquired_at=dt.datetime(2024, 6, 1, 10, tzinfo=dt.UTC),
    )
    day = dt.date(2024, 6, 1)

    counted = [{}, {"maximum_cloud_percent": 15}, {"acquired_from": day}, {"acquired_to": day}]
    left_out = [
        {"maximum_cloud_percent": 14},
        {"acquired_from": day + dt.timedelta(days=1)},
        {"acquired_to": day - dt.timedelta(days=1)},
        {"sensor_id": SpotFactory().pk},
    ]

    assert [measured(**criteria).covered_percent for criteria in counted] == [50] * 4
    assert [measured(**criteria).covered_percent for criteria in left_out] == [0] * 4


def test_area_across_the_antimeridian_is_covered_from_both_sides():
    aoi = MultiPolygon(
        Polygon.from_bbox((179.95, -0.05, 180, 0.05)),
        Polygon.from_bbox((-180, -0.05, -179.95, 0.05)),
        srid=4326,
    )
    ItemFactory(
        footprint=MultiPolygon(
            Polygon.from_bbox((179.5, -1, 180, 1)),
            Polygon.from_bbox((-180, -1, -179.975, 1)),
            srid=4326,
        )
    )

    found = measured(aoi)

    assert float(found.area_km2) == pytest.approx(SQUARE_KM2, rel=1e-5)
    assert found.covered_percent == 75
    assert found.remaining.equals(box(-179.975, -0.05, -179.95, 0.05))


def test_area_on_one_side_is_not_covered_from_the_other_end_of_the_map():
    ItemFactory(footprint=box(-180, -1, -179, 1))

    assert measured(box(179, -0.05, 179.1, 0.05)).covered_percent == 0
    assert measured(box(-179.1, -0.05, -179, 0.05)).covered_percent == 100


def test_long_edges_cut_by_a_footprint_do_not_shift_the_share():
    """A geodesic between distant corners leaves the straight line: halves must stay halves."""
    triangle = GEOSGeometry("SRID=4326;POLYGON ((0 45, 4 45, 2 47, 0 45))")
    ItemFactory(footprint=box(-1, 44, 2, 48))

    assert measured(triangle).covered_percent == 50


@pytest.mark.parametrize(
    "wkt",
    [
        "POLYGON ((0 45, 4 45, 2 47, 0 45))",
        "POLYGON ((3 43, 3.01 43, 3.01 43.01, 3 43.01, 3 43))",
        "MULTIPOLYGON (((179 -17, 180 -17, 180 -16, 179 -17)), ((-180 -17, -179 -17, -180 -16, -180 -17)))",
    ],
)
def test_area_is_the_one_that_the_rest_of_the_service_measures(wkt):
    aoi = GEOSGeometry(f"SRID=4326;{wkt}")

    assert measured(aoi).area_km2 == geodesic_area_km2(to_shapely(aoi))


def test_many_footprints_give_the_share_of_their_union():
    """More than the first sample holds: a chequered strip of a thousand squares, every other one
    given twice, the last tenth of the area left out."""
    width = 0.1 / 1_000
    for n in range(900):
        west = 20 + n * width
        for _copy in range(1 + n % 2):
            ItemFactory(footprint=box(west - width / 10, -1, west + width, 1))

    found = measured()

    assert (found.covered_percent, found.items) == (Decimal("90.00"), 1_350)
    assert found.remaining.area == pytest.approx(box(20.09, -0.05, 20.1, 0.05).area, rel=1e-6)


def test_coverage_is_one_query_however_many_images():
    counts = []
    for _ in range(2):
        ItemFactory(footprint=box(19, -1, 20.05, 1))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            measured()
        counts.append(len(queries))

    assert counts == [1, 1]


@pytest.mark.parametrize(
    "aoi",
    [box(0, 0, 180, 1), box(-180, 0, 0, 1), box(-180, -10, 180, 10), box(0, 0, 180, 90)],
    ids=["half-turn-east", "half-turn-west", "band", "hemisphere"],
)
def test_area_with_edges_of_half_a_turn_is_measured(aoi):
    found = measured(aoi)

    assert found.area_km2 == geodesic_area_km2(to_shapely(aoi)) > 1_000_000
    assert (found.covered_km2, found.remaining_km2) == (0, found.area_km2)


def test_half_covered_half_turn_is_covered_by_half():
    ItemFactory(footprint=box(0, -1, 90, 2))

    found = measured(box(0, 0, 180, 1))

    assert found.covered_percent == Decimal("50.00")
    assert found.remaining.equals(box(90, 0, 180, 1))


def test_area_of_no_surface_is_covered_by_nothing():
    found = measured(box(0, 0, 1e-9, 1e-9))

    assert (found.covered_km2, found.remaining) == (found.area_km2, None)
