"""A request from its area to its end, as a program makes it."""

import json
from decimal import Decimal

import pytest
from django.contrib.gis.geos import MultiPolygon

from eligibility.models import Sensor
from licences.services import render
from orbitrage.shared.models import OutboxMessage
from requests_app.models import ImageryRequest, UploadedArea
from requests_app.workflow import State
from tests.requests_app import world
from tests.requests_app.api.calling import codes, fields, new_request, program_of
from tests.rights.fingerprint import changed_tables, fingerprint

pytestmark = pytest.mark.django_db


@pytest.fixture
def area(programme) -> UploadedArea:
    return world.area_of(programme.requester)


def geojson(aoi: MultiPolygon) -> bytes:
    return aoi.geojson.encode()


# --- Areas ----------------------------------------------------------------------------------------


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


# --- Writing --------------------------------------------------------------------------------------


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
        ({"title": "a\x00b"}, {"title": "not_one_line"}),
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


def test_preview_says_what_submitting_would_and_writes_nothing(programme, requester, area):
    requester.get("/me")
    before = fingerprint()

    response = requester.post("/previews", new_request(programme, area))

    told = response.json()
    assert response.status_code == 200
    assert (told["is_accepted"], told["refusals"], told["cell"]) == (True, [], "pleiades-science")
    assert Decimal(told["remaining_km2"]) == area.area_km2
    assert changed_tables(before) == []


def test_preview_of_a_draft_gives_every_reason(programme, requester):
    draft = world.draft(programme, **world.tasking_window())
    before = fingerprint()

    told = requester.get(f"/requests/{draft.number}/preview").json()

    assert (told["is_accepted"], [each["code"] for each in told["refusals"]]) == (
        False,
        ["below_minimum_order"],
    )
    assert changed_tables(before) in ([], ["eligibility_apitoken"])


def test_preview_of_a_submitted_request_is_refused(programme, requester):
    request = world.submitted(programme)

    response = requester.get(f"/requests/{request.number}/preview")

    assert (response.status_code, codes(response)) == (409, ["already_decided"])


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


def test_change_of_sensor_is_taken(programme, requester):
    draft = world.draft(programme)

    response = requester.patch(f"/requests/{draft.number}", {"sensor": "sentinel2"})

    assert (response.json()["sensor"], response.json()["request_kind"]) == ("sentinel2", "open")


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"title": None}, {"title": "required"}),
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


# --- Moves ----------------------------------------------------------------------------------------


def test_request_is_submitted(programme, requester, area):
    number = requester.post("/requests", new_request(programme, area)).json()["number"]

    response = requester.post(f"/requests/{number}/do/submit")

    told = response.json()
    assert (response.status_code, told["state"], told["cell"]) == (
        200, "submitted", "pleiades-science",
    )  # fmt: skip
    assert [move["name"] for move in told["moves"]] == ["recall", "cancel"]
    assert OutboxMessage.objects.filter(topic="requests.notice").count() == 1


def test_refused_submission_gives_every_reason_and_writes_nothing(programme, requester):
    draft = world.draft(programme, **world.tasking_window())

    response = requester.post(f"/requests/{draft.number}/do/submit")

    told = response.json()
    assert (response.status_code, response["Content-Type"]) == (409, "application/problem+json")
    assert told == {
        "type": "urn:orbitrage:problem:below_minimum_order",
        "title": "Conflict",
        "status": 409,
        "detail": told["refusals"][0]["message"],
        "instance": f"/api/v1/requests/{draft.number}/do/submit",
        "code": "below_minimum_order",
        "refusals": [{"code": "below_minimum_order", "message": told["detail"]}],
    }
    draft.refresh_from_db()
    assert draft.state == State.DRAFT


def test_second_submission_is_refused(programme, requester):
    request = world.submitted(programme)

    response = requester.post(f"/requests/{request.number}/do/submit")

    assert (response.status_code, codes(response)) == (409, ["already_decided"])


def test_move_that_asks_for_a_text_is_refused_without(programme):
    request = world.in_review(programme)

    response = program_of(programme.reviewer).post(
        f"/requests/{request.number}/do/request_information", {}
    )

    assert (response.status_code, fields(response)) == (422, {"question": "missing"})


def test_unknown_move_is_not_there(programme, requester):
    draft = world.draft(programme)

    for name in ("lapse", "import_request", "delete"):
        response = requester.post(f"/requests/{draft.number}/do/{name}")
        assert (response.status_code, codes(response)) == (404, ["not_found"])


def test_whole_file_is_moved_by_programs(programme, requester, area):
    """Every office by its own token: the way of the walkthrough."""
    number = requester.post("/requests", new_request(programme, area)).json()["number"]
    steps = [
        (programme.requester, "submit", None),
        (programme.reviewer, "take", None),
        (programme.reviewer, "request_information", {"question": "Which season?"}),
        (programme.requester, "answer", {"text": "Summer."}),
        (programme.reviewer, "recommend", {"opinion": "Good.", "nationality_reviewed": True}),
        (programme.arbitrator, "offer", {"polygon": world.square(size_deg=0.05).geojson}),
        (programme.requester, "accept_offer", None),
        (programme.supply_officer, "order", None),
    ]

    states = [
        program_of(person).post(f"/requests/{number}/do/{name}", body).json().get("state")
        for person, name, body in steps
    ]

    assert states == [
        "submitted", "in_review", "information_requested", "in_review", "in_arbitration",
        "offered", "approved", "ordered",
    ]  # fmt: skip
    story = requester.get(f"/requests/{number}/story").json()
    assert [step["by"] for step in story["steps"]][:2] == ["Requester", programme.cell.name]


def test_offer_is_told_with_its_price_and_who_accepts(programme, requester):
    request = world.priced_offer(programme)

    told = requester.get(f"/requests/{request.number}").json()

    assert (told["offer"]["asked_km2"], told["offer"]["contacts"]) == (
        str(request.area_km2), ["Entity Contact"],
    )  # fmt: skip
    assert Decimal(told["offer"]["price_eur"]) == request.priced_eur > 0


def test_open_data_are_answered_with_links(programme, requester):
    draft = world.draft(programme)
    requester.patch(f"/requests/{draft.number}", {"sensor": "sentinel2"})

    told = requester.post(f"/requests/{draft.number}/do/submit").json()

    links = Sensor.objects.get(code="sentinel2").open_data_links
    assert told["state"] == "closed"
    assert [link["url"] for link in told["open_data_links"]] == [link["url"] for link in links]


# --- What came of it ------------------------------------------------------------------------------


def test_delivered_images_are_listed(programme, requester):
    request = world.delivered(programme)

    told = requester.get(f"/requests/{request.number}/items").json()["items"]

    assert [(item["identifier"], item["is_open_to_me"]) for item in told] == [("DS_PHR1A_1", True)]


def test_areas_are_geojson(programme, requester):
    request = world.approved(programme)

    told = requester.get(f"/requests/{request.number}/areas.geojson").json()

    assert [each["properties"]["role"] for each in told["features"]] == ["aoi", "granted"]


def test_licence_is_listed_and_its_document_downloaded(programme, requester):
    request = world.approved(programme)
    (before,) = requester.get("/licences", {"request": request.number}).json()["items"]
    from licences.models import Licence

    render(Licence.objects.get().pk)

    (told,) = requester.get("/licences", {"request": request.number}).json()["items"]
    document = requester.client.get(told["files"][0]["href"], headers=requester.headers)

    assert (before["files"], [file["language"] for file in told["files"]]) == ([], ["fr", "en"])
    assert (document.status_code, document["Content-Type"]) == (200, "application/pdf")
    assert len(document.content) == told["files"][0]["size_bytes"]
    assert requester.get(f"/licences/{told['number']}").json() == told


def test_revoked_licence_is_not_given_out(programme, requester):
    request = world.approved(programme)
    requester.post(f"/requests/{request.number}/do/cancel", {"reason": "Not needed."})
    (licence,) = requester.get("/licences", {"request": request.number}).json()["items"]

    response = requester.get(f"/licences/{licence['number']}/fr.pdf")

    assert (licence["state"], licence["files"]) == ("revoked", [])
    assert (response.status_code, codes(response)) == (410, ["licence_withdrawn"])


def test_statement_of_the_entity_is_that_of_the_page(programme, requester):
    world.approved(programme)
    (owner,) = requester.get("/quotas").json()["items"]

    told = requester.client.get(owner["href"], headers=requester.headers).json()

    assert (owner["kind"], owner["id"]) == ("entity", programme.entity.pk)
    assert (told["format"], told["owner"]) == (
        "orbitrage-owner-statement/1", str(programme.entity),
    )  # fmt: skip


def test_statement_of_reversed_days_is_refused(programme, requester):
    response = requester.get(
        f"/quotas/entities/{programme.entity.pk}",
        {"starts_on": "2026-05-02", "ends_on": "2026-05-01"},
    )

    assert (response.status_code, fields(response)) == (422, {"ends_on": "dates_reversed"})


def test_sensors_say_from_which_area_on_they_are_ordered(requester):
    told = {each["code"]: each for each in requester.get("/sensors").json()["items"]}

    pleiades = Sensor.objects.get(code="pleiades")
    assert told["pleiades"]["kinds"]["tasking"]["minimum_area_km2"] == str(
        pleiades.tasking_minimum_area_km2
    )
    assert list(told["sentinel2"]["kinds"]) == ["open"]


# --- Lists ----------------------------------------------------------------------------------------


def test_list_is_paged_newest_first(programme, requester):
    made = [world.draft(programme).number for _ in range(5)]
    seen, cursor = [], ""
    while cursor is not None:
        page = requester.get("/requests", {"limit": 2, "cursor": cursor}).json()
        seen.append([row["number"] for row in page["items"]])
        cursor = page["next_cursor"]

    assert seen == [[made[4], made[3]], [made[2], made[1]], [made[0]]]


def test_filters_are_those_of_the_page(programme, requester):
    world.draft(programme)
    submitted = world.submitted(programme, aoi=world.square(west=3.0))

    told = requester.get("/requests", {"state": "submitted", "q": submitted.number}).json()

    assert [row["number"] for row in told["items"]] == [submitted.number]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({"state": "lost"}, "state"),
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "é"}, "cursor"),
        ({"cursor": "azA"}, "cursor"),
    ],
)
def test_wrong_query_is_refused(requester, query, wrong):
    response = requester.get("/requests", query)

    assert (response.status_code, set(fields(response))) == (422, {wrong})


def test_queue_is_of_officers(programme, requester):
    request = world.submitted(programme)

    assert requester.get("/queue").status_code == 404
    (row,) = program_of(programme.reviewer).get("/queue").json()["items"]
    assert row["number"] == request.number


@pytest.mark.parametrize("requests", [1, 3])
@pytest.mark.parametrize("path", ["/requests", "/queue"])
def test_list_costs_the_same_queries(programme, django_assert_num_queries, path, requests):
    for n in range(requests):
        world.submitted(programme, aoi=world.square(west=1.3 + n))
    person = programme.requester if path == "/requests" else programme.reviewer
    program = program_of(person)
    program.get(path)

    # The token, the day of its use, the posts of the person (twice), the rows.
    with django_assert_num_queries(5 if path == "/requests" else 6):
        program.get(path)


# --- Errors of every kind have one shape ----------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing/here", 404, "not_found"),
        ("GET", "", 404, "not_found"),
        ("GET", "/requests/no-such-number", 404, "not_found"),
        ("GET", "/requests/a%00b", 404, "not_found"),
        ("DELETE", "/requests", 405, "method_not_allowed"),
        ("PUT", "/me", 405, "method_not_allowed"),
    ],
)
def test_address_that_takes_nothing_answers_a_problem(requester, method, path, status, code):
    response = requester.client.generic(method, f"/api/v1{path}", headers=requester.headers)

    assert (response.status_code, codes(response)) == (status, [code])
    assert response["Content-Type"] == "application/problem+json"


def test_method_that_is_taken_is_told(requester):
    response = requester.client.delete("/api/v1/me", headers=requester.headers)

    assert response["Allow"] == "GET"


def test_body_that_is_too_long_is_refused_unread(requester, settings):
    settings.ORBITRAGE_BODY_MAXIMUM_BYTES = 100

    response = requester.post("/requests", {"title": "x" * 200})

    assert (response.status_code, codes(response)) == (413, ["body_too_large"])


def test_pages_keep_their_own_errors(client):
    response = client.get("/nothing-here/")

    assert (response.status_code, response["Content-Type"]) == (404, "text/html; charset=utf-8")
