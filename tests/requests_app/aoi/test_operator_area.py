"""The polygon sent to the operator contains the area and keeps to the operator's limits."""

from decimal import Decimal

import shapely
from hypothesis import given
from hypothesis import strategies as st

from requests_app.aoi.operator_area import operator_area

LIMIT_KM2 = Decimal(100)


def disc(longitude: float, latitude: float, radius_deg: float, corners: int) -> bytes:
    round_shape = shapely.Point(longitude, latitude).buffer(radius_deg, quad_segs=corners // 4)
    return shapely.to_wkb(shapely.MultiPolygon([round_shape]))


def test_area_within_the_limits_is_left_as_it_is():
    wkb = disc(1.4, 43.6, 0.2, 64)

    found = operator_area(wkb, minimum_area_km2=LIMIT_KM2, maximum_vertices=999)

    assert not found.enlarged
    assert not found.simplified
    assert shapely.from_wkb(found.wkb).equals(shapely.from_wkb(wkb))


@given(
    longitude=st.floats(-179, 179),
    latitude=st.floats(-70, 70),
    radius_deg=st.floats(0.002, 0.03),
)
def test_small_area_is_grown_to_the_minimum_and_kept_inside(longitude, latitude, radius_deg):
    wkb = disc(longitude, latitude, radius_deg, 32)

    found = operator_area(wkb, minimum_area_km2=LIMIT_KM2)

    assert found.enlarged
    assert LIMIT_KM2 <= found.area_km2 <= LIMIT_KM2 * Decimal("1.001")
    assert shapely.from_wkb(found.wkb).buffer(1e-9).covers(shapely.from_wkb(wkb))


@given(
    longitude=st.floats(-170, 170),
    latitude=st.floats(-60, 60),
    corners=st.integers(1_200, 6_000),
)
def test_too_many_vertices_are_thinned_and_the_area_stays_inside(longitude, latitude, corners):
    wkb = disc(longitude, latitude, 0.5, corners)

    found = operator_area(wkb, maximum_vertices=999)

    assert found.simplified
    assert found.vertices <= 999
    assert shapely.from_wkb(found.wkb).covers(shapely.from_wkb(wkb))


def test_area_across_the_antimeridian_stays_within_180_degrees():
    halves = shapely.MultiPolygon(
        [shapely.box(179.95, -17, 180, -16.95), shapely.box(-180, -17, -179.95, -16.95)]
    )

    found = operator_area(shapely.to_wkb(halves), minimum_area_km2=Decimal(500))

    west, _south, east, _north = shapely.from_wkb(found.wkb).bounds
    assert -180 <= west <= east <= 180
    assert Decimal(500) <= found.area_km2 <= Decimal("500.5")
