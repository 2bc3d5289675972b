"""Measures on the ellipsoid, against measures made another way."""

import math
from decimal import Decimal

import pytest
import shapely
from django.contrib.gis.geos import GEOSGeometry
from hypothesis import given
from hypothesis import strategies as st

from orbitrage.shared.geo import (
    EARTH_KM2,
    LocalPlane,
    bounds_of,
    cut_at_antimeridian,
    geodesic_area_km2,
    grow_to_area,
    joined_at_antimeridian,
    minimum_width_km,
    to_geos_multipolygon,
    to_shapely,
    vertices_of,
)

ECCENTRICITY = math.sqrt(0.0066943799901413165)
SEMI_MAJOR_KM = 6378.137


def zone_km2(south: float, north: float) -> float:
    """Between two parallels, all round: the closed formula of the ellipsoid."""

    def up_to(latitude: float) -> float:
        sine = math.sin(math.radians(latitude))
        e = ECCENTRICITY
        return sine / (1 - (e * sine) ** 2) + math.log((1 + e * sine) / (1 - e * sine)) / (2 * e)

    return math.pi * SEMI_MAJOR_KM**2 * (1 - ECCENTRICITY**2) * (up_to(north) - up_to(south))


@given(
    west=st.floats(-180, 170),
    south=st.floats(-89, 88),
    width=st.floats(0.05, 10),
    height=st.floats(0.05, 1),
)
def test_area_of_a_quadrangle_equals_the_closed_formula(west, south, width, height):
    north = south + height
    quadrangle = shapely.box(west, south, west + width, north)
    # Parallels are not geodesics: the edges are cut until they are nearly.
    edged = shapely.segmentize(quadrangle, 0.002)

    found = float(geodesic_area_km2(edged))

    assert found == pytest.approx(zone_km2(south, north) * width / 360, rel=1e-6, abs=2e-6)


def test_hole_is_subtracted_whatever_its_winding():
    shell, hole = shapely.box(0, 0, 2, 2), shapely.box(0.5, 0.5, 1, 1)
    holes = (hole.exterior.coords, hole.exterior.coords[::-1])

    found = [geodesic_area_km2(shapely.Polygon(shell.exterior.coords, [ring])) for ring in holes]

    assert found[0] == found[1]
    expected = geodesic_area_km2(shell) - geodesic_area_km2(hole)
    assert abs(found[0] - expected) <= Decimal("0.000001")


def test_band_all_round_the_earth_has_its_area():
    band = shapely.box(-180, -10, 180, 10)

    assert float(geodesic_area_km2(band)) == pytest.approx(zone_km2(-10, 10), rel=1e-3)


@pytest.mark.parametrize("east", [120, 179, 180])
def test_box_of_a_long_side_has_the_area_of_its_share_of_the_band(east):
    """The geodesic of its northern side would pass near the pole."""
    box = shapely.box(0, 0, east, 1)

    expected = zone_km2(0, 1) * east / 360
    assert float(geodesic_area_km2(box)) == pytest.approx(expected, rel=1e-3)


def test_more_than_half_the_earth_is_not_taken_for_the_rest():
    world = shapely.box(-180, -90, 180, 90)

    assert float(geodesic_area_km2(world)) == pytest.approx(EARTH_KM2, rel=1e-6)


def test_lines_and_points_have_no_area():
    mixed = shapely.GeometryCollection([shapely.Point(0, 0), shapely.box(0, 0, 1, 1)])

    assert geodesic_area_km2(mixed) == geodesic_area_km2(shapely.box(0, 0, 1, 1))
    assert geodesic_area_km2(shapely.Point(0, 0)) == Decimal("0.000000")


def test_box_across_the_antimeridian_runs_from_east_to_west():
    halves = shapely.MultiPolygon([shapely.box(179, 0, 180, 1), shapely.box(-180, 0, -178, 1)])

    assert bounds_of(halves) == (179, 0, -178, 1)
    assert bounds_of(shapely.box(-5, 42, 8, 51)) == (-5, 42, 8, 51)


def test_joining_and_cutting_at_the_antimeridian_undo_each_other():
    halves = shapely.MultiPolygon([shapely.box(179, 0, 180, 1), shapely.box(-180, 0, -178, 1)])

    joined = joined_at_antimeridian(halves)

    assert joined.equals(shapely.box(179, 0, 182, 1))
    assert cut_at_antimeridian(joined).equals(halves)


@given(longitude=st.floats(-180, 180), latitude=st.floats(-85, 85))
def test_local_plane_keeps_distances_from_its_centre(longitude, latitude):
    plane = LocalPlane(longitude, latitude)
    disc = shapely.Point(0, 0).buffer(10_000, quad_segs=64)

    found = float(geodesic_area_km2(plane.unproject(disc)))

    assert found == pytest.approx(disc.area / 1e6, rel=1e-4)


def test_plane_over_a_pole_gives_a_shape_that_holds_the_pole():
    disc = shapely.Point(0, 0).buffer(100_000, quad_segs=64)

    cap = cut_at_antimeridian(LocalPlane(0, 89.9).unproject(disc))

    assert cap.is_valid
    assert cap.bounds[3] == 90
    assert float(geodesic_area_km2(cap)) == pytest.approx(disc.area / 1e6, rel=2e-3)


def test_width_is_the_narrowest_in_any_direction():
    plane = LocalPlane(2, 46)
    slanted = shapely.affinity.rotate(shapely.box(-20_000, -3_000, 20_000, 3_000), 31)

    assert minimum_width_km(plane.unproject(slanted)) == pytest.approx(
        Decimal(6), abs=Decimal("0.01")
    )


def test_growth_reaches_both_minimums():
    strip = LocalPlane(2, 46).unproject(shapely.box(-30_000, -500, 30_000, 500))

    grown = grow_to_area(strip, minimum_area_km2=Decimal(500), minimum_width_km=Decimal(20))

    assert grown.area_km2 >= 500
    assert Decimal(20) <= minimum_width_km(grown.geometry) < Decimal("20.01")
    assert grown.geometry.covers(strip)


def test_geometry_passes_to_geodjango_and_back():
    area = shapely.MultiPolygon([shapely.box(0, 0, 1, 1)])

    passed = to_geos_multipolygon(shapely.GeometryCollection([area, shapely.Point(3, 3)]))

    assert (passed.srid, passed.geom_type) == (4326, "MultiPolygon")
    assert to_shapely(passed).equals(area)
    assert to_shapely(GEOSGeometry("POINT(1 2)")) == shapely.Point(1, 2)
    assert vertices_of(area) == 5
