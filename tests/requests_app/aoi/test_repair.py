"""What the requester is asked to agree to, and what may be wrong with the axes."""

import json
from decimal import Decimal

import pytest
import shapely
from django.utils.translation import override

from orbitrage.shared.geo import geodesic_area_km2
from requests_app.aoi.axes import swapped_axes
from requests_app.aoi.reading import read_area
from requests_app.aoi.repair import Fault, faults_of, percent_of_change

BOW_TIE = [[1, 43], [1.2, 43.2], [1.2, 43], [1, 43.2], [1, 43]]
HAUTE_GARONNE = shapely.box(0.4, 42.6, 2.1, 43.95)
TOULOUSE = shapely.box(1.3, 43.5, 1.4, 43.6)


def read(ring: list[list[float]]):
    drawn = {"type": "Polygon", "coordinates": [ring]}
    return read_area(json.dumps(drawn).encode(), "drawn.geojson")


def test_crossed_outline_comes_with_both_shapes_the_change_and_the_place():
    found = read(BOW_TIE)

    repair = found.repair
    assert repair.polygons == 1
    assert repair.faults == (Fault("Self-intersection", 1.1, 43.1),)
    assert shapely.from_wkb(repair.drawn_wkb).equals_exact(
        shapely.MultiPolygon([shapely.Polygon(BOW_TIE)])
    )
    assert repair.mended_wkb == found.wkb
    assert repair.after_km2 == found.area_km2
    assert repair.change_km2 == repair.after_km2 - repair.before_km2
    assert repair.change_km2 > 100


def test_sound_outline_has_nothing_to_agree_to():
    assert read([[1, 43], [1.1, 43], [1.1, 43.1], [1, 43]]).repair is None


def test_note_names_the_place_and_the_change():
    with override("en"):
        note = read(BOW_TIE).repair.in_words

    assert note.startswith("1 polygon crosses itself, at longitude 1.1000°, latitude 43.1000°:")
    assert " km²" in note


@pytest.mark.parametrize(
    ("change", "after", "percent"),
    [("1", "101", "1.0"), ("-2", "98", "-2.0"), ("50", "50", None)],
)
def test_change_is_told_as_a_share_of_what_was_drawn(change, after, percent):
    found = percent_of_change(Decimal(change), Decimal(after))

    assert found == (None if percent is None else Decimal(percent))


def test_faults_that_no_reader_writes_are_left_out():
    said = ["Self-intersection[1.5 -43]", "[1 2]", "x[1 2", "Hole[181 0]", "Hole[1 nan]", 3, None]

    assert list(faults_of(said)) == [Fault("Self-intersection", 1.5, -43)]


def turned(shape: shapely.Polygon) -> bytes:
    return shapely.to_wkb(
        shapely.MultiPolygon([shapely.Polygon([(y, x) for x, y in shape.exterior.coords])])
    )


def test_area_off_somalia_is_offered_back_in_its_territory():
    found = swapped_axes(turned(TOULOUSE), [HAUTE_GARONNE])

    assert shapely.from_wkb(found.wkb).equals(shapely.MultiPolygon([TOULOUSE]))
    assert found.bbox == pytest.approx(TOULOUSE.bounds)
    assert found.area_km2 == geodesic_area_km2(TOULOUSE)


@pytest.mark.parametrize(
    ("wkb", "territories"),
    [
        (shapely.to_wkb(shapely.MultiPolygon([TOULOUSE])), [HAUTE_GARONNE]),  # where it belongs
        (turned(TOULOUSE), []),  # nobody can tell
        (turned(shapely.box(30, 10, 31, 11)), [HAUTE_GARONNE]),  # far away either way
        (turned(shapely.box(120, 43, 121, 44)), [HAUTE_GARONNE]),
        (shapely.to_wkb(shapely.MultiPolygon([shapely.box(120, 1, 121, 2)])), [HAUTE_GARONNE]),
    ],
)
def test_other_areas_are_left_alone(wkb, territories):
    assert swapped_axes(wkb, territories) is None
