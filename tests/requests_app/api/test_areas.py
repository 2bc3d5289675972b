"""Areas of interest: a file in, what the upload form would say of it out."""

import json

import pytest
from django.contrib.gis.geos import MultiPolygon

from requests_app.models import UploadedArea
from tests.requests_app import world
from tests.requests_app.api.calling import codes, fields, program_of

pytestmark = pytest.mark.django_db


def geojson(aoi: MultiPolygon) -> bytes:
    return aoi.geojson.encode()


def test_area_is_checked_and_kept(requester):
    response = requester.upload(geojson(world.square()))

    told = response.json()
    kept = UploadedArea.objects.get()
    assert response.status_code == 201
    assert told == {
        "id": kept.pk,
        "file_name": "area.geojson",
        "area_km2": str(kept.area_km2),
        "bbox": [1.3, 43.5, 1.38, 43.58],
        "parts": 1,
        "vertices": 5,
        "repaired": False,
        "repair_change_km2": None,
        "geometry": json.loads(kept.geometry.geojson),
    }
    assert requester.get(f"/areas/{kept.pk}").json() == told


@pytest.mark.parametrize(
    ("data", "name", "status", "code"),
    [
        (b"", "area.geojson", 422, "empty_file"),
        (b"{", "area.geojson", 422, "invalid_json"),
        (b"GIF89a", "area.gif", 415, "unsupported_format"),
        (b'{"type": "Point", "coordinates": [1, 2]}', "point.geojson", 422, "no_polygon"),
    ],
)
def test_area_that_cannot_be_taken_says_why(requester, data, name, status, code):
    response = requester.upload(data, name=name)

    assert (response.status_code, codes(response)) == (status, [code])
    assert UploadedArea.objects.count() == 0


def test_area_that_is_too_large_a_file_is_refused(requester):
    response = requester.upload(b" " * (20 * 2**20 + 1))

    assert (response.status_code, codes(response)) == (413, ["file_too_large"])


def test_area_without_a_file_is_refused(requester):
    response = requester.client.post("/api/v1/areas", {"layer": ""}, headers=requester.headers)

    assert (response.status_code, fields(response)) == (422, {"file": "missing"})


def test_area_of_another_is_not_there(programme, requester, area):
    response = program_of(programme.colleague).get(f"/areas/{area.pk}")

    assert (response.status_code, codes(response)) == (404, ["not_found"])


@pytest.mark.parametrize("key", ["0", str(2**63), "9" * 40])
def test_area_under_no_key_is_not_there(requester, key):
    assert requester.get(f"/areas/{key}").status_code == 404
