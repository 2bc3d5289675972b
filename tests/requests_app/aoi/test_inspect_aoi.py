import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

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


def test_missing_file_is_said_without_a_traceback(tmp_path):
    said, code = inspect(str(tmp_path / "none.geojson"))

    assert code == 1
    assert [line["ok"] for line in said] == [False]
