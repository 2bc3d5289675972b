"""Areas of interest: a file in, what the upload form would say of it out."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from orbitrage.shared.geo import to_geos_multipolygon
from requests_app.models import ImageryRequest, UploadedArea
from tests.places.factories import PlaceFactory
from tests.requests_app import world
from tests.requests_app.api.calling import codes, fields, geojson, new_request, program_of
from tests.requests_app.area_posts import CORNERS, SQUARE, WKT
from tests.requests_app.outlines import BOW_TIE, TERRITORY, drawn

pytestmark = pytest.mark.django_db


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
        "faults": [],
        "looks_swapped": False,
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


def test_file_alone_is_enough(requester):
    file = SimpleUploadedFile("area.geojson", geojson(world.square()))

    response = requester.client.post("/api/v1/areas", {"file": file}, headers=requester.headers)

    assert response.status_code == 201


def test_area_of_another_is_not_there(programme, requester, area):
    response = program_of(programme.colleague).get(f"/areas/{area.pk}")

    assert (response.status_code, codes(response)) == (404, ["not_found"])


@pytest.mark.parametrize("key", ["0", str(2**63), "9" * 40])
def test_area_under_no_key_is_not_there(requester, key):
    assert requester.get(f"/areas/{key}").status_code == 404


# --- Given otherwise than by a file ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "file_name"),
    [
        ({"area_way": "draw", "area_drawn": CORNERS}, "drawing.geojson"),
        ({"area_way": "typed", "area_typed": "1.3, 43.5, 1.38, 43.58"}, "box.geojson"),
        ({"area_way": "typed", "area_typed": WKT}, "typed.wkt"),
    ],
    ids=["drawn", "box", "wkt"],
)
def test_area_in_words_is_kept(requester, given, file_name):
    response = requester.post("/areas/given", given)

    kept = UploadedArea.objects.get()
    assert (response.status_code, response.json()["id"]) == (201, kept.pk)
    assert (kept.file_name, kept.geometry.equals(to_geos_multipolygon(SQUARE))) == (file_name, True)


def test_area_of_a_tile_is_kept(requester):
    told = requester.post("/areas/given", {"area_way": "tile", "area_tile": "31tej"}).json()

    assert 12_000 < float(told["area_km2"]) < 12_200


def test_area_of_a_place_is_found_by_name_and_kept(requester):
    place = PlaceFactory(name="Montpellier", parent_label="Hérault")
    PlaceFactory(name="Sète")

    (found,) = requester.get("/places", {"name": "montp"}).json()["items"]
    response = requester.post("/areas/given", {"area_way": "place", "area_place": [found["id"]]})

    assert found == {
        "id": place.pk, "name": "Montpellier", "kind": "commune", "code": place.code,
        "parent": "Hérault", "area_km2": "57.470000",
    }  # fmt: skip
    assert (response.status_code, response.json()["bbox"]) == (201, [1.3, 43.5, 1.38, 43.58])


def test_area_of_an_earlier_request_is_kept(programme, requester):
    earlier = world.draft(programme)

    response = requester.post(
        "/areas/given", {"area_way": "request", "area_request": earlier.number.lower()}
    )

    assert (response.status_code, response.json()["area_km2"]) == (201, str(earlier.area_km2))


def test_area_of_another_s_draft_is_not_taken(programme):
    theirs = world.draft(programme)

    response = program_of(programme.colleague).post(
        "/areas/given", {"area_way": "request", "area_request": theirs.number}
    )

    assert (response.status_code, codes(response)) == (422, ["request_not_found"])
    assert UploadedArea.objects.filter(uploaded_by=programme.colleague).count() == 0


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"area_way": "tile"}, {"area_tile": "area_missing"}),
        ({"area_way": "place"}, {"area_place": "area_missing"}),
        ({"area_way": "draw", "area_drawn": " "}, {"area_drawn": "area_missing"}),
        ({"area_way": "upload"}, {"area_way": "literal_error"}),
        ({"area_way": "place", "area_place": [0]}, {"area_place.0": "greater_than_equal"}),
        ({"area_way": "place", "area_place": [2**63 - 1]}, {"": "place_unknown"}),
        (
            {"area_way": "request", "area_request": "R\x00"},
            {"area_request": "null_characters_not_allowed"},
        ),
        ({"area_way": "tile", "area_tile": "99ZZZ"}, {"": "tile_unknown"}),
        ({"area_way": "typed", "area_typed": "x" * 200_001}, {"area_typed": "max_length"}),
        ({}, {"area_way": "missing"}),
    ],
)
def test_area_that_is_wrongly_given_says_why(requester, given, wrong):
    response = requester.post("/areas/given", given)

    assert fields(response).items() >= wrong.items()
    assert (response.status_code, UploadedArea.objects.count()) == (422, 0)


# --- Mended, or swapped ---------------------------------------------------------------------------


def test_repair_is_told_and_taken_once_agreed_to(programme, requester):
    area = requester.upload(drawn(BOW_TIE)).json()
    body = new_request(programme, UploadedArea.objects.get())

    refused = requester.post("/requests", body)
    agreed = requester.post("/requests", body | {"agrees_to_repair": True})

    assert (area["repaired"], len(area["faults"])) == (True, 1)
    assert fields(refused) == {"agrees_to_repair": "repair_not_agreed"}
    assert (agreed.status_code, agreed.json()["agrees_to_repair"]) == (201, True)


def test_agreement_is_to_the_repair_of_one_area(programme, requester):
    first, second = (requester.upload(drawn(BOW_TIE)).json()["id"] for _ in range(2))
    body = new_request(programme, UploadedArea.objects.get(pk=first), agrees_to_repair=True)
    number = requester.post("/requests", body).json()["number"]

    refused = requester.patch(f"/requests/{number}", {"area_id": second})
    agreed = requester.patch(f"/requests/{number}", {"area_id": second, "agrees_to_repair": True})

    assert fields(refused) == {"agrees_to_repair": "repair_not_agreed"}
    assert agreed.status_code == 200
    assert ImageryRequest.objects.get().agrees_to_repair


def test_axes_that_look_swapped_are_swapped_when_asked(programme, requester):
    programme.entity.territory = to_geos_multipolygon(TERRITORY)
    programme.entity.save(update_fields=["territory"])
    ring = [[y, x] for x, y in SQUARE.exterior.coords]
    area = requester.upload(drawn(ring)).json()

    swapped = requester.post(f"/areas/{area['id']}/swap")

    assert (area["looks_swapped"], swapped.status_code) == (True, 201)
    assert swapped.json()["bbox"] == [1.3, 43.5, 1.38, 43.58]
    assert requester.get(f"/areas/{area['id']}").json() == area


def test_axes_that_look_right_are_left(requester, area):
    response = requester.post(f"/areas/{area.pk}/swap")

    assert (response.status_code, codes(response)) == (422, ["axes_not_swapped"])


def test_area_of_another_is_not_swapped(programme, area):
    response = program_of(programme.colleague).post(f"/areas/{area.pk}/swap")

    assert response.status_code == 404
