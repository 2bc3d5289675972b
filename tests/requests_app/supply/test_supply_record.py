"""What came of earlier orders, by region and season."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.utils import timezone

from requests_app.delays import FILES_AT_LEAST, UsualSupply, usual_supply
from requests_app.models import Acquisition, AcquisitionShare, ImageryRequest
from requests_app.regions import Region, Season, region_of, season_of
from tests.requests_app import world

pytestmark = pytest.mark.django_db

SUMMER = (date(2026, 6, 1), date(2026, 8, 31))
TOULOUSE = Region(west_deg=0, south_deg=40)
IN_SUMMER = Season(6)


@pytest.fixture
def asked(programme) -> ImageryRequest:
    """What the orders below were for: a tasking of one summer, complete today."""
    draft = world.draft(programme, request_kind="tasking")
    starts_on, ends_on = SUMMER
    ImageryRequest.objects.filter(pk=draft.pk).update(
        window_starts_on=starts_on, window_ends_on=ends_on, delivered_at=timezone.now()
    )
    return ImageryRequest.objects.get(pk=draft.pk)


def order(asked, *, delivered="10", state="delivered", days_ago=20, area=None):
    acquisition = Acquisition.objects.create(
        sensor=asked.sensor,
        request_kind="tasking",
        area=area or asked.aoi,
        area_km2=Decimal(10),
        state=state,
        ordered_by=asked.requester,
    )
    ordered_at = timezone.now() - timedelta(days=days_ago)
    Acquisition.objects.filter(pk=acquisition.pk).update(ordered_at=ordered_at)
    AcquisitionShare.objects.create(
        acquisition=acquisition,
        request=asked,
        granted_km2=Decimal(10),
        delivered_km2=Decimal(delivered),
    )


def measured(asked, *, region=TOULOUSE, season=IN_SUMMER, kind="tasking", on=None):
    return usual_supply(
        sensor_id=asked.sensor_id,
        request_kind=kind,
        region=region,
        season=season,
        on=on or world.in_days(0),
    )


def test_orders_are_told_apart_by_how_much_came(asked):
    for delivered, days_ago in (("10", 3), ("9", 5), ("8.9", 7), ("0.5", 40)):
        order(asked, delivered=delivered, days_ago=days_ago)
    ImageryRequest.objects.filter(pk=asked.pk).update(delivered_at=timezone.now())
    order(asked, delivered="0", state="delivered", days_ago=50)

    found = measured(asked)

    assert found == UsualSupply(orders=5, whole=2, nothing=1, median_days=7)
    assert (found.whole_percent, found.partly) == (Decimal(40), 2)


def test_too_few_orders_tell_only_how_many_they_are(asked):
    for _ in range(FILES_AT_LEAST - 1):
        order(asked)

    found = measured(asked)

    assert (found, found.is_measured) == (UsualSupply(orders=FILES_AT_LEAST - 1), False)


def test_no_order_ever_ended(asked):
    assert measured(asked) == UsualSupply(orders=0)


def test_orders_under_way_and_stopped_do_not_count(asked):
    for state in ("planned", "placed", "in_progress", "partially_delivered", "cancelled"):
        order(asked, state=state)
    order(asked, state="failed", delivered="0")

    assert measured(asked).orders == 1


def test_failed_orders_count_and_have_no_delay(programme, asked):
    ImageryRequest.objects.filter(pk=asked.pk).update(delivered_at=None)
    for _ in range(FILES_AT_LEAST):
        order(asked, state="failed", delivered="0")

    assert measured(asked) == UsualSupply(orders=5, whole=0, nothing=5, median_days=None)


def test_other_regions_do_not_count(asked):
    order(asked)
    order(asked, area=MultiPolygon(Polygon.from_bbox((1.3, 45.1, 1.4, 45.2)), srid=4326))

    assert measured(asked).orders == 1
    assert measured(asked, region=Region(0, 45)).orders == 1
    assert measured(asked, region=None).orders == 2


def test_other_seasons_do_not_count(asked):
    order(asked)

    assert [measured(asked, season=Season(month)).orders for month in (3, 6, 9, 12)] == [0, 1, 0, 0]
    assert measured(asked, season=None).orders == 1


def test_other_kinds_and_sensors_and_orders_of_long_ago_do_not_count(asked):
    order(asked)
    order(asked, days_ago=3 * 365 + 2)

    assert measured(asked).orders == 1
    assert measured(asked, kind="archive").orders == 0
    asked.sensor_id += 1
    assert measured(asked).orders == 0


def test_it_is_measured_in_one_query(asked, django_assert_num_queries):
    order(asked)

    with django_assert_num_queries(1):
        measured(asked)


@pytest.mark.parametrize(
    ("bbox", "expected"),
    [
        ((1.3, 43.5, 1.4, 43.6), (0, 40)),
        ((-0.1, 43.5, -0.05, 43.6), (-5, 40)),
        ((-53, -0.2, -52.9, -0.1), (-55, -5)),
        ((179.8, 88, 180, 90), (175, 85)),
    ],
)
def test_region_is_a_square_of_a_fixed_grid(bbox, expected):
    area = MultiPolygon(Polygon.from_bbox(bbox), srid=4326)

    assert region_of(area) == Region(*expected)


def test_region_of_parts_on_both_sides_of_the_antimeridian_is_that_of_the_larger():
    east, west = Polygon.from_bbox((179, 1, 180, 2)), Polygon.from_bbox((-180, 1, -179.5, 2))

    assert region_of(MultiPolygon(east, west, srid=4326)) == Region(175, 0)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "first_month"),
    [
        (date(2026, 6, 1), date(2026, 8, 31), 6),
        (date(2026, 2, 27), date(2026, 5, 30), 3),
        (date(2026, 12, 1), date(2027, 2, 1), 12),
        (date(2027, 1, 1), date(2027, 1, 30), 12),
        (date(2026, 11, 1), date(2026, 11, 30), 9),
    ],
)
def test_season_is_that_of_the_middle_of_the_window(starts_on, ends_on, first_month):
    assert season_of(starts_on, ends_on) == Season(first_month)


def test_no_window_has_no_season():
    assert season_of(None, date(2026, 6, 1)) is None


def test_winter_goes_over_the_year():
    assert Season(12).months == (12, 1, 2)
