"""Lists, by pages and filters."""

import csv
import io
import json

import pytest
from django.utils import timezone

from orbitrage.shared.tables import CSV_TYPE
from requests_app.lists.downloads import ROWS_OF_A_FILE
from tests.requests_app import world
from tests.requests_app.api.calling import codes, fields, program_of

pytestmark = pytest.mark.django_db


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


def listed(program, **query) -> list[str]:
    response = program.get("/requests", query)
    assert response.status_code == 200, response.json()
    return [row["number"] for row in response.json()["items"]]


def test_every_filter_of_the_page_is_one_of_the_list(programme, requester):
    kept = world.submitted(programme, title="Hedges")
    world.submitted(programme, aoi=world.square(west=20, south=40), title="Elsewhere")
    today = timezone.localdate(kept.submitted_at).isoformat()
    wanted = {
        "q": "hedges",
        "sensor": "pleiades",
        "kind": "archive",
        "waits": "cell",
        "state": ["submitted", "in_review"],
        "cell": "pleiades-science",
        "entity": programme.entity.name,
        "submitted_from": today,
        "submitted_to": today,
        "bbox": "1,43,2,44",
        "scope": "mine",
    }

    assert listed(requester, **wanted) == [kept.number]
    assert len(listed(requester)) == 2


@pytest.mark.parametrize(
    "query",
    [
        {"state": "draft"},
        {"bbox": "20,39,21,41"},
        {"submitted_to": "2020-01-01"},
        {"period_from": "2020-01-01"},
        {"entity": "Nobody"},
        {"late": "true"},
        {"kind": "tasking"},
        {"sensor": "sentinel2"},
        {"cell": "spot-science"},
        {"waits": "operator"},
    ],
)
def test_each_filter_leaves_out(programme, requester, query):
    world.submitted(programme)

    assert listed(requester, **query) == []


@pytest.mark.parametrize(
    "sort", ["title", "-title", "area", "-area", "submitted", "-due", "number"]
)
def test_sorted_list_is_paged_in_its_order(programme, requester, sort):
    for west in (1.3, 2.3, 3.3):
        world.draft(programme, title="Same", aoi=world.square(west=west))
    world.submitted(programme, title="Another", aoi=world.square(west=5, size_deg=0.1))
    whole, seen, cursor = listed(requester, sort=sort), [], ""

    while cursor is not None:
        page = requester.get("/requests", {"sort": sort, "limit": 1, "cursor": cursor}).json()
        seen += [row["number"] for row in page["items"]]
        cursor = page["next_cursor"]

    assert (seen, len(whole)) == (whole, 4)


def test_cursor_of_a_request_that_is_gone_is_refused(programme, requester):
    world.draft(programme)
    gone = world.draft(programme)
    page = requester.get("/requests", {"sort": "-title", "limit": 1}).json()
    gone.delete()

    response = requester.get("/requests", {"sort": "-title", "cursor": page["next_cursor"]})

    assert (response.status_code, fields(response)) == (422, {"cursor": "cursor_unknown"})


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({"state": "lost"}, {"state.0": "literal_error"}),
        ({"limit": 0}, {"limit": "greater_than_equal"}),
        ({"limit": 201}, {"limit": "less_than_equal"}),
        ({"cursor": "nonsense"}, {"cursor": "cursor_unknown"}),
        ({"cursor": "é"}, {"cursor": "cursor_unknown"}),
        ({"cursor": "azA"}, {"cursor": "cursor_unknown"}),
        ({"sensor": "landsat"}, {"sensor": "invalid_choice"}),
        ({"cell": "nowhere"}, {"cell": "invalid_choice"}),
        ({"scope": "cells"}, {"scope": "invalid_choice"}),
        ({"bbox": "1,2,3"}, {"bbox": "bbox"}),
        ({"bbox": "nan,nan,nan,nan"}, {"bbox": "bbox"}),
        ({"sort": "reviewer"}, {"sort": "literal_error"}),
        ({"q": "a\x00b"}, {"q": "null_characters_not_allowed"}),
        ({"late": "perhaps"}, {"late": "bool_parsing"}),
        ({"submitted_from": "31/05/2026"}, {"submitted_from": "date_from_datetime_parsing"}),
        (
            {"submitted_from": "2026-05-02", "submitted_to": "2026-05-01"},
            {"submitted_to": "dates_reversed"},
        ),
    ],
)
def test_wrong_query_is_refused_at_its_field(requester, query, wrong):
    response = requester.get("/requests", query)

    assert response["Content-Type"] == "application/problem+json"
    assert (response.status_code, fields(response)) == (422, wrong)


def test_wrong_filter_of_the_queue_is_refused(programme):
    response = program_of(programme.reviewer).get("/queue", {"bbox": "here"})

    assert (response.status_code, fields(response)) == (422, {"bbox": "bbox"})


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

    # The token, the posts of its person, the rows; the queue asks for the posts once more.
    with django_assert_num_queries(3 if path == "/requests" else 4):
        program.get(path)


# --- Files ----------------------------------------------------------------------------------------


def test_list_is_a_table_to_keep(programme, requester):
    hedges = world.submitted(programme, title="Hedges")
    world.submitted(programme, aoi=world.square(west=3.0), title="Roofs")

    response = requester.get("/requests/list.csv", {"q": "hedges"})

    _headings, *rows = csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig")))
    assert (response["Content-Type"], [row[0] for row in rows]) == (CSV_TYPE, [hedges.number])
    assert response["Content-Disposition"].startswith("attachment; filename=")


def test_list_is_a_file_of_areas(programme, requester):
    request = world.submitted(programme)

    told = json.loads(requester.get("/requests/list.geojson").getvalue())

    assert [feature["id"] for feature in told["features"]] == [request.number]


@pytest.mark.parametrize(("extension", "magic"), [("xlsx", b"PK"), ("gpkg", b"SQLite format 3")])
def test_list_is_a_file_of_other_programs(programme, requester, extension, magic):
    world.submitted(programme)

    response = requester.get(f"/requests/list.{extension}")

    assert (response.status_code, response.getvalue().startswith(magic)) == (200, True)


def test_file_holds_what_its_reader_may_see(programme):
    world.submitted(programme)
    stranger = program_of(programme.stranger)

    told = json.loads(stranger.get("/requests/list.geojson").getvalue())

    assert told["features"] == []


def test_file_is_read_with_the_scope_of_reading(programme):
    blind = program_of(programme.requester, "areas")

    assert blind.get("/requests/list.csv").status_code == 403


def test_file_that_is_too_long_is_refused_in_the_words_of_the_page(
    programme, requester, monkeypatch
):
    monkeypatch.setitem(ROWS_OF_A_FILE, "xlsx", 1)
    world.draft(programme)
    assert requester.get("/requests/list.xlsx").status_code == 200
    world.draft(programme)

    response = requester.get("/requests/list.xlsx")

    assert (response.status_code, codes(response)) == (422, ["list_too_long"])


def test_file_of_no_format_is_refused(requester):
    response = requester.get("/requests/list.pdf")

    assert (response.status_code, fields(response)) == (422, {"extension": "literal_error"})
