"""From polygons as drawn to one MultiPolygon in WGS 84."""

import ast
from pathlib import Path

import pytest
import shapely
from django.utils.translation import override

from requests_app.aoi import refusals
from requests_app.aoi.geometry import normalise
from requests_app.aoi.layers import Layer, UnreadLayer, choose
from requests_app.aoi.unusable import Unusable

AOI_PACKAGE = Path(refusals.__file__).parent


def layer(*polygons: shapely.Polygon, crs: str | None = "OGC:CRS84") -> Layer:
    return Layer("area", crs, list(polygons))


def code_of(given: Layer) -> str:
    with pytest.raises(Unusable) as unusable:
        normalise(given)
    return unusable.value.code


def test_clockwise_shell_and_hole_of_any_winding_come_out_right():
    shell = [(1, 43), (1, 44), (2, 44), (2, 43), (1, 43)]
    hole = [(1.2, 43.2), (1.2, 43.4), (1.4, 43.4), (1.4, 43.2), (1.2, 43.2)]
    drawn = [shapely.Polygon(shell, [ring]) for ring in (hole, hole[::-1])]

    found = [normalise(layer(each)).area for each in drawn]

    assert found[0] == found[1]
    assert found[0].geoms[0].exterior.is_ccw
    assert found[0].area == pytest.approx(0.96)


def test_overlapping_polygons_count_once():
    found = normalise(layer(shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)))

    assert found.area.equals(shapely.MultiPolygon([shapely.box(0, 0, 3, 1)]))


def test_crossed_polygon_is_mended_and_kept_as_drawn_for_comparison():
    bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2), (0, 0)])

    found = normalise(layer(bow_tie))

    assert (found.area.is_valid, found.area.area) == (True, 2.0)
    assert found.drawn == shapely.MultiPolygon([bow_tie])
    assert found.faults == ["Self-intersection[1 1]"]


def test_sound_polygon_is_not_called_mended():
    found = normalise(layer(shapely.box(0, 0, 1, 1)))

    assert (found.drawn.is_empty, found.mended.is_empty, found.split) == (True, True, False)


def test_hole_as_large_as_its_shell_leaves_no_surface():
    square = shapely.box(0, 0, 1, 1).exterior.coords

    assert code_of(layer(shapely.Polygon(square, [square]))) == "zero_area"


@pytest.mark.parametrize(
    "ring",
    [
        [(179, 0), (-179, 0), (-179, 1), (179, 1), (179, 0)],
        [(179, 0), (181, 0), (181, 1), (179, 1), (179, 0)],
        [(-181, 0), (-179, 0), (-179, 1), (-181, 1), (-181, 0)],
    ],
)
def test_area_across_the_antimeridian_is_cut_there(ring):
    found = normalise(layer(shapely.Polygon(ring)))

    expected = shapely.MultiPolygon([shapely.box(179, 0, 180, 1), shapely.box(-180, 0, -179, 1)])
    assert found.split
    assert found.area.equals(expected)


@pytest.mark.parametrize(
    "ring",
    [
        [(565_000, 6_270_000), (566_000, 6_270_000), (566_000, 6_271_000), (565_000, 6_270_000)],
        [(1, 43), (2, 43), (2, 91), (1, 43)],
        [(541, 43), (542, 43), (542, 44), (541, 43)],
        # Jumps over the antimeridian and runs past it: nobody can tell its shape.
        [(179, 0), (-190, 0), (-190, 1), (179, 1), (179, 0)],
    ],
)
def test_what_is_not_longitude_and_latitude_is_refused(ring):
    assert code_of(layer(shapely.Polygon(ring))) == "out_of_range"


def test_lambert_93_becomes_degrees():
    square = shapely.box(574_000, 6_279_000, 575_000, 6_280_000)

    found = normalise(layer(square, crs="EPSG:2154"))

    longitude, latitude = found.area.centroid.coords[0]
    assert (longitude, latitude) == (pytest.approx(1.447, abs=0.01), pytest.approx(43.6, abs=0.02))


@pytest.mark.parametrize(
    ("crs", "code"),
    [
        (None, "no_crs"),
        ("EPSG:999999", "unknown_crs"),
        ("+proj=lcc +nadgrids=/etc/hostname", "unknown_crs"),
        ('LOCAL_CS["plan"]', "unknown_crs"),
    ],
)
def test_reference_system_that_is_missing_or_unknown_is_refused(crs, code):
    assert code_of(layer(shapely.box(0, 0, 1, 1), crs=crs)) == code


def test_only_layer_with_polygons_is_chosen():
    roads = UnreadLayer("roads", lambda: Layer("roads", "EPSG:4326", [], lines=3))
    zone = UnreadLayer("zone", lambda: layer(shapely.box(0, 0, 1, 1)))

    assert choose([roads, zone], None).name == "area"


def test_several_layers_of_polygons_are_asked_about():
    zones = [
        UnreadLayer(name, lambda name=name: Layer(name, None, [shapely.box(0, 0, 1, 1)]))
        for name in ("a", "b")
    ]

    with pytest.raises(Unusable) as asked:
        choose(zones, None)

    assert (asked.value.code, asked.value.facts) == ("choose_layer", {"layers": ["a", "b"]})
    assert choose(zones, "b").name == "b"
    with pytest.raises(Unusable) as unknown:
        choose(zones, "c")
    assert unknown.value.code == "unknown_layer"


def codes_in_use() -> set[str]:
    """Of every ``Unusable("code", …)`` written in the package."""
    return {
        call.args[0].value
        for path in AOI_PACKAGE.glob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", "") == "Unusable"
        and isinstance(call.args[0], ast.Constant)
    }


def test_every_code_has_its_sentence():
    assert len(codes_in_use()) > 20
    assert codes_in_use() - {"invalid_coordinates", "archive_unsafe"} <= set(refusals.SENTENCES)


@pytest.mark.parametrize("code", sorted(refusals.SENTENCES))
def test_sentence_stands_even_when_a_broken_reader_leaves_its_facts_out(code):
    with override("en"):
        refusal = refusals.refusal(code, {})

    assert refusal.code == code
    assert "%(" not in refusal.message


def test_facts_from_the_sandbox_are_shown_short_and_without_control_characters():
    facts = {"layer": "a\r\nBcc: x\u202e" + "y" * 500, "layers": ["b"]}

    with override("en"):
        refusal = refusals.refusal("unknown_layer", facts)

    assert refusal.message.startswith("The file has no layer named a  Bcc: x yyy")
    assert len(refusal.message) < 250


def test_place_of_a_wrong_coordinate_is_told():
    facts = {"reason": "not_a_position", "feature": 3, "ring": 1, "position": 7}

    with override("en"):
        refusal = refusals.refusal("invalid_coordinates", facts)

    assert refusal.message == (
        "The coordinates cannot be read: a position is two numbers, longitude then latitude "
        "(feature 3, ring 1, position 7)."
    )
