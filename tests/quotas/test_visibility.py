"""The visibility circle of a receiving station, and what lies outside it."""

import datetime as dt
from decimal import Decimal

import pytest
import shapely
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from orbitrage.shared.geo import WGS84, geodesic_area_km2, to_geos_multipolygon
from quotas.selectors import outside_circle, outside_km2
from tests.eligibility.factories import SensorFactory
from tests.quotas.factories import VisibilityCircleFactory

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 2, 15)


def area(west: float, south: float, east: float, north: float):
    return to_geos_multipolygon(shapely.box(west, south, east, north))


def test_outline_keeps_its_distance_from_the_station():
    circle = VisibilityCircleFactory(radius_km=Decimal(2_342))

    corners = shapely.get_coordinates(circle.outline)
    _azimuth, _back, metres = WGS84.inv(
        [3.88] * len(corners), [43.61] * len(corners), corners[:, 0], corners[:, 1]
    )

    assert abs(metres - 2_342_000).max() < 0.01


@pytest.mark.parametrize(
    ("aoi", "is_inside"),
    [
        pytest.param((2.2, 48.8, 2.4, 48.9), True, id="Paris"),
        pytest.param((3.0, 36.6, 3.2, 36.8), True, id="Algiers"),
        pytest.param((-70.2, -33.6, -70.0, -33.4), False, id="Santiago"),
        pytest.param((-52.4, 4.9, -52.2, 5.0), False, id="Cayenne"),
        pytest.param((55.4, -21.0, 55.6, -20.9), False, id="La Réunion"),
    ],
)
def test_places_are_inside_or_outside(aoi, is_inside):
    circle = VisibilityCircleFactory()

    outside = outside_km2(sensor_id=circle.sensor_id, aoi=area(*aoi), on=ON)

    whole = geodesic_area_km2(shapely.box(*aoi))
    assert outside == (0 if is_inside else whole)


def test_part_outside_is_told_with_its_outline():
    """A band of longitudes across the western edge: what is outside and inside add up."""
    circle = VisibilityCircleFactory()
    aoi = area(-27, 43, -24, 44)

    outside = outside_circle(sensor_id=circle.sensor_id, aoi=aoi, on=ON)

    outline = shapely.from_wkb(bytes(outside.wkb))
    inside = shapely.from_wkb(bytes(aoi.wkb)).intersection(circle.outline)
    west, _south, east, _north = outline.bounds
    assert (west, -26 < east < -25) == (-27, True)
    whole = geodesic_area_km2(shapely.box(-27, 43, -24, 44))
    parts = geodesic_area_km2(outline) + geodesic_area_km2(inside)
    assert abs(parts - whole) / whole < Decimal("0.0003")  # the edges cut in two bow
    told = outside_km2(sensor_id=circle.sensor_id, aoi=aoi, on=ON)
    assert told == geodesic_area_km2(outline)


def test_sensor_without_a_circle_has_nothing_outside():
    VisibilityCircleFactory()

    sensor = SensorFactory(code="without-a-circle")

    assert outside_circle(sensor_id=sensor.pk, aoi=area(-71, -34, -70, -33), on=ON) is None


def test_two_stations_see_more_than_one():
    circle = VisibilityCircleFactory()
    VisibilityCircleFactory(
        sensor=circle.sensor, code="cayenne", longitude_deg=Decimal("-52.3"),
        latitude_deg=Decimal("4.9"),
    )  # fmt: skip

    guiana = area(-52.4, 4.9, -52.2, 5.0)

    assert outside_km2(sensor_id=circle.sensor_id, aoi=guiana, on=ON) == 0


def test_circle_of_the_day_is_the_latest_one():
    circle = VisibilityCircleFactory(radius_km=Decimal(100))
    VisibilityCircleFactory(
        sensor=circle.sensor, radius_km=Decimal(2_342), valid_from=ON + dt.timedelta(days=1)
    )
    paris = area(2.2, 48.8, 2.4, 48.9)

    before = outside_km2(sensor_id=circle.sensor_id, aoi=paris, on=ON)
    after = outside_km2(sensor_id=circle.sensor_id, aoi=paris, on=ON + dt.timedelta(days=1))

    assert (before > 0, after) == (True, 0)


@pytest.mark.parametrize(
    "place",
    [
        {"latitude_deg": Decimal(85)},
        {"longitude_deg": Decimal(170), "latitude_deg": Decimal(0)},
        {"latitude_deg": Decimal(-70)},
    ],
)
def test_circle_that_no_flat_map_can_draw_is_refused(place):
    circle = VisibilityCircleFactory.build(sensor=SensorFactory(), **place)

    with pytest.raises(ValidationError) as refused:
        circle.full_clean()

    assert refused.value.error_dict["__all__"][0].code == "circle_out_of_map"


def test_database_refuses_a_place_that_is_nowhere():
    with pytest.raises(IntegrityError, match="visibility_circle_on_earth"), transaction.atomic():
        VisibilityCircleFactory(latitude_deg=Decimal(91))
