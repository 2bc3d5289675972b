"""Every layer of the real areas of interest, against the facts measured apart from this project."""

import csv
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
import shapely
from django.conf import settings

from orbitrage.shared.areas import NO_MAXIMUM_KM2
from orbitrage.shared.geo import geodesic_area_km2
from requests_app.aoi.reading import AreaOfInterest, AreaRefused, read_area
from tests.sizes import size

AOI = settings.ORBITRAGE_SHARED_DATA / "aoi"
TOLERANCE = Decimal("0.001")

# Usable polygons for a general reader, and what ours says of them instead.
ELSEWISE = {
    "derived_crs/haute_garonne_mapinfo.zip": "archive_without_data",
    "geojson/gdal__ogr_geojson_14.geojson": "invalid_coordinates",
    "jsonfg/gdal__fence.json": "no_polygon",
    "other_formats/validator__PRESCRIPTION_SURF.gml": "unsupported_format",
    "other_formats/validator__ZONE_URBA.gml": "unsupported_format",
}
REFUSED = {"no CRS": {"no_crs", "unsupported_format"}}
# What GDAL reads in part or not at all, and ours reads by the rules of the format.
READ_AFTER_ALL = {
    "antimeridian_suite/antimeridian__issues-187.json",
    "derived_shapes/geometrycollection_toulouse.geojson",
    "geojson/geojson-invalid-geometry__valid_featurecollection_with_geometrycollection.geojson",
    "geojson/turf__geometrycollection.geojson",
    "kml/OTB__multigeometry.kml",
    "kml/gdal__geometries.kml",
    "kml/libkml__outline_space.kml",
    "kml/libkml__polygons2d.kml",
    "kml/togeojson__timespan.kml",
}
ONE_IN = size(small=4, large=1)


def facts() -> list[dict[str, str]]:
    path = AOI / "FACTS_aoi.csv"
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def layers_of(name: str) -> list[dict[str, str]]:
    return [row for row in facts() if row["file"] == name]


@cache
def read(name: str, layer: str | None) -> AreaOfInterest | AreaRefused:
    try:
        data = (AOI / name).read_bytes()
        return read_area(data, Path(name).name, layer=layer, maximum_km2=NO_MAXIMUM_KM2)
    except AreaRefused as refused:
        return refused


def answer(row: dict[str, str]) -> AreaOfInterest | AreaRefused:
    several = len(layers_of(row["file"])) > 1
    return read(row["file"], row["layer"] if several else None)


def with_(usable: str) -> list[dict[str, str]]:
    """All of them in `make prove`, one in four otherwise."""
    return [row for row in facts() if row["usable"] == usable][::ONE_IN]


@pytest.mark.prove
def test_usable_polygons_have_the_area_of_the_facts(shared_data, proof):
    wrong = []
    for row in with_("polygon"):
        found, expected = answer(row), Decimal(row["area_km2_union"])
        if row["file"] in ELSEWISE:
            is_right = isinstance(found, AreaRefused) and found.codes == (ELSEWISE[row["file"]],)
        elif isinstance(found, AreaRefused) and found.codes == ("choose_layer",):
            named = read(row["file"], row["layer"])
            is_right = near(named, expected)
        else:
            is_right = near(found, expected)
        if not is_right:
            wrong.append((row["file"], row["layer"], found))

    assert wrong == []
    proof("layers of real files whose area equals the facts", len(with_("polygon")))


def near(found: AreaOfInterest | AreaRefused, expected: Decimal) -> bool:
    if isinstance(found, AreaRefused):
        return False
    return abs(found.area_km2 - expected) <= max(expected * TOLERANCE, Decimal("0.000002"))


def test_layers_without_polygon_are_refused_or_read_by_the_format(shared_data):
    unexpected = {
        row["file"]
        for row in with_("no polygon")
        if not isinstance(answer(row), AreaRefused)
        and len(layers_of(row["file"])) == 1
        and row["file"] not in READ_AFTER_ALL
    }

    assert unexpected == set()


def test_layers_without_a_reference_system_are_refused(shared_data):
    found = {row["file"]: answer(row) for row in with_("no CRS")}

    assert all(isinstance(each, AreaRefused) for each in found.values())
    assert {code for each in found.values() for code in each.codes} <= REFUSED["no CRS"]


def test_every_refusal_has_a_code_and_a_whole_sentence(shared_data):
    for row in facts()[::ONE_IN]:
        found = answer(row)
        if isinstance(found, AreaRefused):
            for refusal in found.refusals:
                assert refusal.code
                assert "%(" not in refusal.message
                assert refusal.message.endswith((".", "…", "?"))


SUITE = "antimeridian_suite"
# A polygon that winds round a pole against the flat reading of the suite.
POLES = {"antimeridian__force-north-pole.json"}


def suite() -> list[str]:
    """Inputs that are areas, each with its expected cut."""
    expected = sorted((AOI / "antimeridian_expected").glob("*.json"))
    return [
        path.name
        for path in expected
        if path.name not in POLES
        and (AOI / SUITE / path.name).exists()
        and shapely.from_geojson(path.read_text()).geom_type in ("Polygon", "MultiPolygon")
    ]


@pytest.mark.parametrize("name", suite())
def test_antimeridian_suite_is_cut_as_expected(shared_data, name):
    expected = shapely.from_geojson((AOI / "antimeridian_expected" / name).read_text())

    found = read_area((AOI / SUITE / name).read_bytes(), name, maximum_km2=NO_MAXIMUM_KM2)

    assert abs(found.area_km2 - geodesic_area_km2(expected)) <= found.area_km2 * TOLERANCE
    west, _south, east, _north = shapely.from_wkb(found.wkb).bounds
    assert -180 <= west <= east <= 180


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
