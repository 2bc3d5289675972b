"""Writing a request before it is submitted."""

import pytest

from requests_app.models import ImageryRequest
from requests_app.states import State
from tests.requests_app import world
from tests.requests_app.api.calling import codes, fields, new_request, program_of

pytestmark = pytest.mark.django_db


def test_request_is_written_as_a_draft(programme, requester, area):
    response = requester.post("/requests", new_request(programme, area))

    draft, told = ImageryRequest.objects.get(), response.json()
    assert response.status_code == 201
    assert response["Location"] == f"/api/v1/requests/{draft.number}"
    assert (told["number"], told["state"], told["emergency"]) == (draft.number, "draft", None)
    assert (draft.area_km2, draft.sensor.code) == (area.area_km2, "pleiades")
    chosen = (draft.acquisition_mode, draft.spectral_mode, draft.processing_level)
    assert chosen == ("mono", "pansharpened", "ortho")
    assert requester.get(f"/requests/{draft.number}").json() == {
        name: value for name, value in told.items() if name != "emergency"
    }


def test_emergency_keeps_the_draft_and_says_where_to_go(programme, requester, area):
    response = requester.post("/requests", new_request(programme, area, is_emergency=True))

    assert (response.status_code, response.json()["emergency"]) == (201, "/emergency/")
    assert ImageryRequest.objects.get().state == State.DRAFT


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"title": ""}, {"title": "string_too_short"}),
        ({"title": "  "}, {"title": "required"}),
        ({"title": "a\nb"}, {"title": "not_one_line"}),
        ({"title": "a\x00b"}, {"title": "null_characters_not_allowed"}),
        ({"title": 5}, {"title": "string_type"}),
        ({"title": "\ud800"}, {"title": "string_unicode"}),
        ({"sensor": "landsat"}, {"sensor": "invalid_choice"}),
        ({"request_kind": "both"}, {"request_kind": "literal_error"}),
        ({"maximum_cloud_percent": 101}, {"maximum_cloud_percent": "less_than_equal"}),
        ({"maximum_cloud_percent": "10"}, {"maximum_cloud_percent": "int_type"}),
        ({"on_behalf": "0-0"}, {"on_behalf": "invalid_choice"}),
        ({"area_id": 10**18}, {"area_id": "area_missing"}),
        ({"area_id": -1}, {"area_id": "greater_than_equal"}),
        ({"is_emergency": "no"}, {"is_emergency": "bool_type"}),
        ({"invented": 1}, {"invented": "extra_forbidden"}),
        (
            {"window_starts_on": "2026-05-02", "window_ends_on": "2026-05-01"},
            {"window_ends_on": "window_reversed"},
        ),
    ],
)
def test_wrong_answer_is_refused_at_its_field(programme, requester, area, changes, wrong):
    response = requester.post("/requests", new_request(programme, area) | changes)

    assert (response.status_code, fields(response)) == (422, wrong)
    assert ImageryRequest.objects.count() == 0


def test_every_missing_answer_is_named(requester):
    response = requester.post("/requests", {})

    assert fields(response) == dict.fromkeys(
        ["sensor", "area_id", "is_emergency", "on_behalf", "request_kind", "title", "purpose"],
        "missing",
    )


def test_what_is_wrong_is_said_with_its_numbers(requester):
    wrong = requester.post("/requests", {"title": "x" * 121}).json()["refusals"]

    assert {"code": "missing", "message": "This field is required.", "field": "purpose"} in wrong
    assert {
        "code": "string_too_long",
        "message": "At most 120 characters are taken.",
        "field": "title",
    } in wrong


def test_area_of_another_is_not_taken(programme, requester):
    theirs = world.area_of(programme.colleague)

    response = requester.post("/requests", new_request(programme, theirs))

    assert (response.status_code, fields(response)) == (422, {"area_id": "area_missing"})


@pytest.mark.parametrize(
    ("text", "kind", "status", "code"),
    [
        ("{", "application/json", 400, "invalid_json"),
        ("[" * 100_000, "application/json", 400, "invalid_json"),
        ("[]", "application/json", 422, "model_attributes_type"),
        ("null", "application/json", 422, "model_attributes_type"),
        ("", "application/json", 422, "missing"),
        ("title=x", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        ("{}", "text/plain", 415, "unsupported_media_type"),
    ],
)
def test_body_that_is_no_object_is_refused(requester, text, kind, status, code):
    response = requester.client.generic(
        "POST", "/api/v1/requests", text, kind, headers=requester.headers
    )

    assert (response.status_code, codes(response)) == (status, [code])


def test_change_leaves_what_is_not_said(programme, requester):
    draft = world.draft(programme, purpose="Mapping of hedges")
    other = world.area_of(programme.requester, world.square(size_deg=0.05))

    response = requester.patch(
        f"/requests/{draft.number}", {"title": "Hedges", "area_id": other.pk}
    )

    draft.refresh_from_db()
    assert response.status_code == 200
    assert (draft.title, draft.purpose, draft.area_km2) == (
        "Hedges", "Mapping of hedges", other.area_km2,
    )  # fmt: skip


def test_nought_is_a_number(programme, requester):
    draft = world.draft(programme)

    response = requester.patch(f"/requests/{draft.number}", {"maximum_cloud_percent": 0})

    assert response.json()["maximum_cloud_percent"] == 0


def test_change_of_sensor_is_taken(programme, requester):
    draft = world.draft(programme)

    response = requester.patch(f"/requests/{draft.number}", {"sensor": "sentinel2"})

    assert (response.json()["sensor"], response.json()["request_kind"]) == ("sentinel2", "open")


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"title": None}, {"title": "string_type"}),
        ({"maximum_cloud_percent": None}, {"maximum_cloud_percent": "int_type"}),
        ({"sensor": None}, {"sensor": "invalid_choice"}),
        ({"area_id": 10**18}, {"area_id": "area_missing"}),
        ({"on_behalf": "1-0"}, {"on_behalf": "extra_forbidden"}),
    ],
)
def test_wrong_change_is_refused_at_its_field(programme, requester, body, wrong):
    draft = world.draft(programme)

    response = requester.patch(f"/requests/{draft.number}", body)

    assert (response.status_code, fields(response)) == (422, wrong)


def test_change_of_a_submitted_request_is_refused(programme, requester):
    request = world.submitted(programme)

    response = requester.patch(f"/requests/{request.number}", {"title": "Late"})

    assert (response.status_code, codes(response)) == (409, ["not_editable"])


def test_copy_is_a_new_draft(programme):
    request = world.submitted(programme)

    response = program_of(programme.colleague).post(f"/requests/{request.number}/copy")

    told = response.json()
    assert (response.status_code, told["state"], told["requester"]) == (201, "draft", "Colleague")
    assert told["number"] != request.number
