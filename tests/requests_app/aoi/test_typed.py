"""Areas that are typed: a box, a circle, a tile of Sentinel-2, well-known text."""

import json
from decimal import Decimal

import pyproj
import pytest
import shapely
from shapely.geometry import shape

from orbitrage.shared.geo import geodesic_area_km2
from requests_app.aoi.reading import AreaRefused, read_area
from requests_app.aoi.tiles import UnknownTile, outline_of_tile
from requests_app.aoi.typed import file_of, tile_file

GEOD = pyproj.Geod(ellps="WGS84")


def read(text: str):
    typed = file_of(text)
    return read_area(typed.data, typed.filename)


def refused(text: str) -> tuple[str, ...]:
    with pytest.raises(AreaRefused) as refusal:
        read(text)
    return refusal.value.codes


def test_box_is_west_south_east_north():
    area = read("3.70, 43.50, 3.90, 43.60")

    assert area.bbox == (3.7, 43.5, 3.9, 43.6)
    box = shapely.MultiPolygon([shapely.box(3.7, 43.5, 3.9, 43.6)])
    assert area.area_km2 == geodesic_area_km2(box)


@pytest.mark.parametrize(
    "text",
    [
        "3.7 43.5 3.9 43.6",
        " 3.7;43.5; 3.9 ;43.6 ",
        "3.7,43.5,3.9,43.6",
        "3,7 43,5 3,9 43,6",
        "3,7, 43,5, 3,9, 43,6",
    ],
)
def test_box_takes_any_separator(text):
    assert read(text).bbox == (3.7, 43.5, 3.9, 43.6)


def test_box_across_the_180_degree_meridian_is_cut_there():
    area = read("179.9, -17.1, -179.8, -17")

    assert area.parts == 2
    assert area.bbox == pytest.approx((179.9, -17.1, -179.8, -17.0))


@pytest.mark.parametrize(
    ("text", "latitude", "longitude", "km"),
    [
        ("43.61 N 3.88 E 5 km", 43.61, 3.88, 5),
        ("16.25°S, 151.5°W, 12.5km", -16.25, -151.5, 12.5),
        ("48,4 N 4,5 O 1 km", 48.4, -4.5, 1),
        ("3.88 E 43.61 N 5 km", 43.61, 3.88, 5),
        ("17 S 179.99 E 20 km", -17, 179.99, 20),
    ],
)
def test_circle_is_its_radius_away_from_its_centre(text, latitude, longitude, km):
    polygons = shapely.from_wkb(read(text).wkb)

    positions = shapely.get_coordinates(polygons)
    on_the_cut = abs(positions[:, 0]) == 180
    for x, y in positions[~on_the_cut]:
        assert abs(GEOD.inv(longitude, latitude, x, y)[2] - km * 1000) < 0.01


def test_tile_is_the_one_of_the_grid(shared_data):
    """Their outlines have four corners each; ours follow the sides: half a hundredth at most."""
    grid = json.loads(
        (shared_data / "grid/tile_grids/s2_tiles_france_overseas.geojson").read_bytes()
    )

    differing = {
        feature["properties"]["tile"]: _difference(feature) for feature in grid["features"]
    }

    assert len(differing) == 300
    assert {tile for tile, part in differing.items() if part > 0.005} == set()


def _difference(feature) -> float:
    ours = shapely.Polygon(outline_of_tile(feature["properties"]["tile"]))
    return ours.symmetric_difference(shape(feature["geometry"])).area / ours.area


@pytest.mark.parametrize("name", ["31TXX", "61TEJ", "31IEJ"])
def test_tile_that_is_not_is_unknown(name):
    with pytest.raises(UnknownTile):
        outline_of_tile(name)


def test_tile_may_be_written_as_products_do():
    assert read("T31TEJ").area_km2 == read("31tej").area_km2 > Decimal(12_000)


def test_well_known_text_is_read_in_its_reference_system():
    degrees = read("POLYGON ((3.7 43.5, 3.9 43.5, 3.9 43.6, 3.7 43.6, 3.7 43.5))")
    lambert = read("SRID=2154;POLYGON ((770000 6270000, 771000 6270000, 771000 6271000, 770000 6270000))")  # fmt: skip

    assert degrees.bbox == (3.7, 43.5, 3.9, 43.6)
    assert abs(lambert.area_km2 - Decimal("0.5")) < Decimal("0.01")


@pytest.mark.parametrize("text", ["31TEJ", " t31tej "])
def test_tile_field_takes_a_tile(text):
    assert tile_file(text).filename == "31TEJ.geojson"


@pytest.mark.parametrize("text", ["31TXX", "Montpellier", "3.7 43.5 3.9 43.6", "31TEJ 31TDJ"])
def test_tile_field_takes_nothing_else(text):
    with pytest.raises(AreaRefused) as refusal:
        tile_file(text)

    assert refusal.value.codes == ("tile_unknown",)


PARTS_AND_HOLE = """
3.70 43.50
3.90 43.50
3.90 43.60
3.70 43.60
trou
3,75 43,52
3,80 43,52
3,80 43,55

4.00; 43.50
4.10, 43.50
4.10 43.60"""


def test_corners_are_parts_and_holes():
    area = read(PARTS_AND_HOLE)

    shell = shapely.box(3.7, 43.5, 3.9, 43.6).exterior
    drawn = shapely.MultiPolygon(
        [
            shapely.Polygon(shell, [[(3.75, 43.52), (3.8, 43.52), (3.8, 43.55)]]),
            shapely.Polygon([(4, 43.5), (4.1, 43.5), (4.1, 43.6)]),
        ]
    )
    assert (area.parts, area.area_km2) == (2, geodesic_area_km2(drawn))


def test_corners_may_be_closed_or_not():
    assert read("1 43\n1.1 43\n1.1 43.1").wkb == read("1 43\n1.1 43\n1.1 43.1\n1 43").wkb


def test_geojson_may_be_pasted():
    assert read(shapely.to_geojson(shapely.box(1, 43, 1.1, 43.1))).bbox == (1, 43, 1.1, 43.1)


def test_fault_among_corners_is_told_with_its_line():
    with pytest.raises(AreaRefused) as refusal:
        file_of("1 43\n1.1 43\n1.1 43,x")

    assert "Line 3" in str(refusal.value) or "ligne 3" in str(refusal.value).lower()
    assert "1.1 43,x" in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "typed_not_understood"),
        ("Montpellier", "typed_not_understood"),
        ("3.7, 43.5, 3.9", "typed_not_understood"),
        ("3.7, 43.6, 3.9, 43.5", "box_upside_down"),
        ("3.7, 43.5, 181, 43.6", "typed_out_of_range"),
        ("95 N 3 E 5 km", "typed_out_of_range"),
        ("43 N 3 E 0 km", "radius_out_of_range"),
        ("43 N 3 E 501 km", "radius_out_of_range"),
        ("89.99 N 3 E 5 km", "circle_round_a_pole"),
        ("31TXX", "tile_unknown"),
        ("POLYGON ((3 43, 4 43", "invalid_wkt"),
        ("GEOMETRYCOLLECTION(" * 100, "nested_too_deep"),
        ("POLYGON EMPTY", "no_polygon"),
        ("43 N 44 N 5 km", "typed_not_understood"),
        ("1 43\n1.1 43\n1.1 43 5", "corner_not_understood"),
        ("1 43\n1.1 43\n\n1.1 43.1\n1.2 43.1\n1.2 43.2", "too_few_corners"),
        ("1 43\n1.1 43\n1 43", "too_few_corners"),
        ("hole\n1 43\n1.1 43\n1.1 43.1", "hole_of_nothing"),
        ("1 95\n1.1 95\n1.1 95.1", "out_of_range"),
        ("{not json", "invalid_json"),
    ],
)
def test_what_cannot_be_read_says_why(text, code):
    assert refused(text) == (code,)
