"""Lists, by pages and filters."""

import pytest

from tests.requests_app import world
from tests.requests_app.api.calling import fields, program_of

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

    # The token, the posts of its person (for the list, and for what they may see), the rows.
    with django_assert_num_queries(4):
        program.get(path)
