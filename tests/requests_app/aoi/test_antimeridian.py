"""Areas on both sides of the 180° meridian, and around the poles."""

from decimal import Decimal

import pytest
import shapely
from django.conf import settings

from orbitrage.shared.areas import NO_MAXIMUM_KM2
from orbitrage.shared.geo import geodesic_area_km2
from requests_app.aoi.reading import read_area

AOI = settings.ORBITRAGE_SHARED_DATA / "aoi"
SUITE, EXPECTED = AOI / "antimeridian_suite", AOI / "antimeridian_expected"
# Expected with an option of the library: that the ring, which is not closed around it, hold the pole.
BY_OPTION = {"antimeridian__force-north-pole.json"}
# The library tests them on geometries of its code, or on a file with options: there is no input.
WITHOUT_INPUT = {
    "antimeridian__cw-only-no-fix.json",
    "antimeridian__cw-split-no-fix.json",
    "antimeridian__issues-134.json",
    "antimeridian__ocean.json",
}
NO_AREA = {"antimeridian__multi-line.json"}
# Of the surface on the map, in square degrees.
SHARE = 1e-6


def suite() -> list[str]:
    """Inputs that are areas, each with its expected cut."""
    return [
        path.name
        for path in sorted(EXPECTED.glob("*.json"))
        if path.name not in BY_OPTION
        and (SUITE / path.name).exists()
        and shapely.from_geojson(path.read_text()).geom_type in ("Polygon", "MultiPolygon")
    ]


@pytest.mark.parametrize("name", suite())
def test_antimeridian_suite_is_cut_as_expected(shared_data, name):
    expected = shapely.from_geojson((EXPECTED / name).read_text())

    read = read_area((SUITE / name).read_bytes(), name, maximum_km2=NO_MAXIMUM_KM2)

    found = shapely.from_wkb(read.wkb)
    assert found.symmetric_difference(expected).area <= expected.area * SHARE
    west, _south, east, _north = found.bounds
    assert -180 <= west <= east <= 180


def test_what_is_not_compared_is_known_one_by_one(shared_data):
    """18 of 24: a file that is new, or no longer read as an area, is not left out in silence."""
    expected = {path.name for path in EXPECTED.glob("*.json")}

    assert len(suite()) == 18
    assert expected - set(suite()) == BY_OPTION | WITHOUT_INPUT | NO_AREA


@pytest.mark.parametrize("name", sorted(WITHOUT_INPUT))
def test_expected_areas_without_an_input_are_measured_as_they_are(shared_data, name):
    expected = shapely.from_geojson((EXPECTED / name).read_text())

    read = read_area((EXPECTED / name).read_bytes(), name, maximum_km2=NO_MAXIMUM_KM2)

    found = shapely.from_wkb(read.wkb)
    assert found.symmetric_difference(expected).area <= expected.area * SHARE


def test_fiji_is_the_sum_of_its_halves_with_every_part_within_180_degrees(shared_data):
    name = "country-levels-export__FJ.geojson"
    found = read_area((AOI / "overseas_antimeridian" / name).read_bytes(), name)

    parts = shapely.get_parts(shapely.from_wkb(found.wkb))

    assert all(-180 <= part.bounds[0] <= part.bounds[2] <= 180 for part in parts)
    west = geodesic_area_km2(shapely.MultiPolygon([part for part in parts if part.bounds[0] < 0]))
    east = geodesic_area_km2(shapely.MultiPolygon([part for part in parts if part.bounds[0] >= 0]))
    assert west > 0
    assert east > 0
    assert abs(found.area_km2 - (west + east)) < Decimal("0.00001")
