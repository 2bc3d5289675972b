"""What lists of requests and the queue of a cell show: whose, what waits for whom, and by when."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from requests_app.lists import selectors
from requests_app.models import ImageryRequest
from tests.requests_app import world
from tests.requests_app.lists.listing import listed, rows_of
from tests.requests_app.pages import text_of

pytestmark = pytest.mark.django_db

LIST_QUERIES = {"requests:list": 12, "queue:list": 13}


def waiting_for(client, user) -> list[str]:
    return listed(client, user, waits="1")


def test_price_waits_for_the_contact_who_alone_may_accept_it(programme, client):
    world.submitted(programme)
    request = world.priced_offer(programme, aoi=world.square(west=2.0, size_deg=0.12))

    found = {
        role: waiting_for(client, programme.people[role])
        for role in ("requester", "entity_contact", "colleague")
    }

    assert found == {
        "requester": [],
        "entity_contact": [request.number],
        "colleague": [],
    }


def test_free_offer_does_not_wait_for_the_contact(programme, client):
    request = world.offered(programme)

    assert waiting_for(client, programme.requester) == [request.number]
    assert waiting_for(client, programme.entity_contact) == []


def test_list_counts_what_waits(programme, read):
    world.offered(programme)
    world.submitted(programme, aoi=world.square(west=2.0))

    assert "1 waits for you" in read(programme.requester, reverse("requests:list"))


def test_list_sends_an_officer_to_the_queue(programme, read):
    address = reverse("requests:list")
    queue = "What your cells have in hand is in the queue."

    assert queue in read(programme.chair, address)
    assert queue not in read(programme.requester, address)


def test_queue_shows_first_what_the_cell_must_do(programme, client):
    offered = world.offered(programme)
    late = world.submitted(programme, aoi=world.square(west=2.0))
    soon = world.submitted(programme, aoi=world.square(west=2.5))
    client.force_login(programme.chair)

    response = client.get(reverse("queue:list"), headers={"accept-language": "en"})

    rows = [(row.number, row.awaits_cell) for row in response.context["page_obj"]]
    assert rows == [(late.number, True), (soon.number, True), (offered.number, False)]
    text = text_of(response)
    assert "2 files wait for the cell, 1 for somebody else" in text
    assert text.index("The cell must act") < text.index("Waiting for others")


def test_queue_counts_what_it_shows(programme, client):
    world.offered(programme)
    world.submitted(programme, aoi=world.square(west=2.0))
    client.force_login(programme.chair)

    context = client.get(reverse("queue:list"), {"state": "submitted"}).context

    assert (context["waiting"], context["elsewhere"]) == (1, 0)


def test_cell_should_act_within_its_usual_delay(programme):
    request = ImageryRequest.objects.get(pk=world.submitted(programme).pk)
    delay = timedelta(days=programme.cell.decision_delay_days)

    assert request.act_by == timezone.localdate() + delay


def test_others_should_act_by_the_date_set(programme):
    request = ImageryRequest.objects.get(pk=world.offered(programme).pk)

    assert request.act_by == request.due_on is not None


@pytest.mark.parametrize("name", ["requests:list", "queue:list"])
@pytest.mark.parametrize("how_many", [1, 3])
def test_lists_cost_the_same_with_one_row_and_with_three(
    programme, client, django_assert_num_queries, name, how_many
):
    for each in range(how_many):
        world.submitted(programme, aoi=world.square(west=1.5 + each))
    reader = programme.requester if name == "requests:list" else programme.chair
    client.force_login(reader)

    with django_assert_num_queries(LIST_QUERIES[name]):
        response = client.get(reverse(name))

    assert len(rows_of(response)) == how_many


@pytest.mark.parametrize("how_many", [1, 3])
def test_map_costs_one_query_more_however_many_shapes(
    programme, client, django_assert_num_queries, how_many
):
    for each in range(how_many):
        world.submitted(programme, aoi=world.square(west=1.5 + each))
    client.force_login(programme.requester)

    with django_assert_num_queries(LIST_QUERIES["requests:list"] + 1):
        response = client.get(reverse("requests:list"), {"map": "1"})

    assert len(response.context["map_data"]["features"]) == how_many


# --- Whose ----------------------------------------------------------------------------------------


def tabs_of(client, user) -> dict[str, int]:
    client.force_login(user)
    response = client.get(reverse("requests:list"), headers={"accept-language": "en"})
    return {tab.label: tab.count.figure for tab in response.context["tabs"]}


def test_tabs_are_those_that_differ_for_the_reader(programme, client):
    world.submitted(programme)
    world.draft(programme, aoi=world.square(west=2.0))

    found = {role: tabs_of(client, programme.people[role])
             for role in ("requester", "colleague", "chair", "secretariat", "stranger")}  # fmt: skip

    assert found == {
        "requester": {"All requests": 2, "Mine": 2, "My entity’s": 2},
        "colleague": {"All requests": 1, "Mine": 0, "My entity’s": 1},
        "chair": {"All requests": 1, "Mine": 0, "My cells’": 1},
        "secretariat": {"All requests": 1, "Mine": 0},
        "stranger": {},
    }


def test_cell_finds_its_files_again_once_they_are_over(programme, client):
    over = world.closed(programme)

    assert listed(client, programme.chair, scope="cells") == [over.number]
    client.force_login(programme.chair)
    assert list(client.get(reverse("queue:list")).context["page_obj"]) == []


def test_tab_keeps_the_filters_and_counts_without_them(programme, client):
    world.submitted(programme)
    client.force_login(programme.requester)

    response = client.get(reverse("requests:list"), {"state": "refused", "q": ""})

    tabs = {tab.address: tab.count.figure for tab in response.context["tabs"]}
    assert rows_of(response) == []
    assert tabs == {
        "/requests/?state=refused": 1,
        "/requests/?state=refused&scope=mine": 1,
        "/requests/?state=refused&scope=entity": 1,
    }


def test_large_counts_end_at_a_thousand(programme, client, monkeypatch):
    monkeypatch.setattr(selectors, "COUNTED_AT_MOST", 1)
    monkeypatch.setattr(selectors, "PAGE_LENGTH", 1)
    for each in range(2):
        world.submitted(programme, aoi=world.square(west=1.5 + each))
    client.force_login(programme.requester)

    response = client.get(reverse("requests:list"), headers={"accept-language": "en"})

    assert response.context["page"].count == selectors.BoundedCount(1, is_more=True)
    assert "Mine (1+)" in text_of(response)
    assert "1 request or more" in text_of(response)


# --- Nothing to show ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({}, "No request yet"),
        ({"state": "refused"}, "No request matches these filters"),
        ({"state": "unheard"}, "Nothing was searched"),
    ],
)
def test_list_of_nothing_says_why(programme, client, query, told):
    client.force_login(programme.requester)

    response = client.get(reverse("requests:list"), query, headers={"accept-language": "en"})

    assert told in text_of(response)
