import json
from io import StringIO

import pytest
import shapely
from django.core.management import CommandError, call_command

from orbitrage.shared.geo import to_geos_multipolygon
from tests.eligibility.factories import EntityFactory
from tests.requests_app.world import load_policy

SQUARE = {
    "type": "Polygon",
    "coordinates": [[[1, 43], [1.1, 43], [1.1, 43.1], [1, 43.1], [1, 43]]],
}


def inspect(*arguments: str) -> tuple[list[dict], int]:
    """The lines printed and the exit code."""
    out, code = StringIO(), 0
    try:
        call_command("inspect_aoi", *arguments, "--json", stdout=out, stderr=StringIO())
    except CommandError as error:
        code = error.returncode
    except SystemExit as stop:
        code = int(stop.code or 0)
    return [json.loads(line) for line in out.getvalue().splitlines()], code


def test_usable_file_is_described(tmp_path):
    file = tmp_path / "square.geojson"
    file.write_text(json.dumps(SQUARE))

    (said,), code = inspect(str(file))

    assert code == 0
    assert said["ok"] is True
    assert said["parts"] == 1
    assert said["vertices"] == 5
    assert said["bbox"] == [1.0, 43.0, 1.1, 43.1]
    assert said["area_km2"] == pytest.approx(90.45, abs=0.1)
    assert said["refusals"] == []


def test_file_that_is_not_usable_ends_in_one_with_its_code(tmp_path):
    good, bad = tmp_path / "square.geojson", tmp_path / "bad.geojson"
    good.write_text(json.dumps(SQUARE))
    bad.write_text('{"type": "Point", "coordinates": [1, 43]}')

    said, code = inspect(str(good), str(bad))

    assert code == 1
    assert [line["ok"] for line in said] == [True, False]
    assert said[1]["refusals"][0]["code"] == "no_polygon"


def test_area_that_is_too_large_is_measured_and_refused(tmp_path):
    file = tmp_path / "hemisphere.geojson"
    ring = [[0, -90], [180, -90], [180, 90], [0, 90], [0, -90]]
    file.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))

    (said,), code = inspect(str(file))

    assert code == 1
    assert said["area_km2"] == pytest.approx(255_032_811, abs=10)
    assert [refusal["code"] for refusal in said["refusals"]] == ["area_too_large"]


def test_file_to_be_mended_is_usable_and_says_what_to_agree_to(tmp_path):
    file = tmp_path / "bow.geojson"
    ring = [[1, 43], [1.2, 43.2], [1.2, 43], [1, 43.2], [1, 43]]
    file.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))

    (said,), code = inspect(str(file))

    assert (code, said["ok"], said["repaired"]) == (0, True, True)
    repair = said["repair"]
    assert repair.keys() == {
        "polygons", "faults", "before_km2", "after_km2", "change_km2", "change_percent",
    }  # fmt: skip
    assert repair["faults"] == [{"reason": "Self-intersection", "longitude": 1.1, "latitude": 43.1}]
    assert repair["after_km2"] == said["area_km2"]
    assert repair["change_km2"] == pytest.approx(repair["after_km2"] - repair["before_km2"])


@pytest.mark.django_db
def test_axes_that_look_swapped_beside_a_territory_are_said(tmp_path):
    file = tmp_path / "swapped.geojson"
    file.write_text(
        json.dumps(SQUARE | {"coordinates": [[[y, x] for x, y in SQUARE["coordinates"][0]]]})
    )
    entity = EntityFactory(territory=to_geos_multipolygon(shapely.box(0.5, 42.5, 2, 44)))

    (alone,), _code = inspect(str(file))
    (beside,), code = inspect(str(file), "--entity", str(entity.pk))

    assert alone["swapped"] is None
    assert code == 0
    assert beside["swapped"]["bbox"] == pytest.approx([1.0, 43.0, 1.1, 43.1])


@pytest.mark.django_db
def test_area_of_too_many_vertices_is_usable_and_says_what_the_operator_takes(tmp_path):
    load_policy()
    file = tmp_path / "disc.geojson"
    disc = shapely.Point(1.4, 43.6).buffer(0.3, quad_segs=500)
    file.write_text(shapely.to_geojson(disc))

    (said,), code = inspect(str(file), "--sensor", "pleiades")

    assert (code, said["vertices"]) == (0, 2_001)
    order = said["order"]
    assert (order["simplified"], order["enlarged"]) == (True, False)
    assert order["vertices"] <= 999
    assert said["area_km2"] < order["area_km2"] < said["area_km2"] * 1.01


def test_missing_file_is_said_without_a_traceback(tmp_path):
    said, code = inspect(str(tmp_path / "none.geojson"))

    assert code == 1
    assert [line["ok"] for line in said] == [False]
