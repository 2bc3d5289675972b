"""The order of a list of requests, and its pages one after the other."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from requests_app.lists import selectors
from requests_app.lists.forms import SORTS
from requests_app.lists.ordering import NEWEST_FIRST, SORT_COLUMNS, Ordering
from requests_app.models import ImageryRequest
from tests.requests_app import world
from tests.requests_app.lists.listing import listed, rows_of

pytestmark = pytest.mark.django_db

A_DAY = timezone.make_aware(datetime(2026, 3, 1, 12))
# Two are the same in each column, and one has no value where there may be none.
FACTS = [
    {"title": "B", "area_km2": Decimal(3), "submitted_at": A_DAY, "due_on": None},
    {"title": "A", "area_km2": Decimal(1), "submitted_at": None, "due_on": date(2026, 4, 2)},
    {"title": "B", "area_km2": Decimal(2), "submitted_at": A_DAY, "due_on": date(2026, 4, 1)},
    {"title": "C", "area_km2": Decimal(2), "submitted_at": A_DAY + timedelta(days=1), "due_on": None},
    {"title": "a", "area_km2": Decimal(9), "submitted_at": None, "due_on": date(2026, 4, 2)},
]  # fmt: skip
# Places in FACTS, typed by hand; of what is the same, the older comes first when values rise.
WANTED = {
    "": [4, 3, 2, 1, 0],
    "number": [0, 1, 2, 3, 4],
    "title": [4, 1, 0, 2, 3],
    "-title": [3, 2, 0, 1, 4],
    "area": [1, 2, 3, 0, 4],
    "-area": [4, 0, 3, 2, 1],
    "submitted": [0, 2, 3, 1, 4],
    "-submitted": [4, 1, 3, 2, 0],
    "due": [2, 1, 4, 0, 3],
    "-due": [3, 0, 4, 1, 2],
}


@pytest.fixture
def places(programme):
    """By number, the place in FACTS."""
    found = {}
    for place, facts in enumerate(FACTS):
        request = world.draft(programme, aoi=world.square(west=1.0 + place / 2))
        ImageryRequest.objects.filter(pk=request.pk).update(**facts)
        found[request.number] = place
    return found


@pytest.mark.parametrize("sort", WANTED)
def test_list_is_sorted(programme, client, places, sort):
    numbers = listed(client, programme.requester, sort=sort)

    assert [places[number] for number in numbers] == WANTED[sort]


@pytest.mark.parametrize("length", [1, 2, 3])
@pytest.mark.parametrize("sort", WANTED)
def test_pages_one_after_the_other_are_the_whole_list(
    programme, client, places, monkeypatch, sort, length
):
    monkeypatch.setattr(selectors, "PAGE_LENGTH", length)
    client.force_login(programme.requester)
    address, found = f"{reverse('requests:list')}?sort={sort}", []

    while address:
        response = client.get(address)
        found.append([places[row.number] for row in rows_of(response)])
        address = response.context["next_page"]

    assert [place for page in found for place in page] == WANTED[sort]
    assert [len(page) for page in found[:-1]] == [length] * (len(found) - 1)


def test_page_goes_on_where_it_was_though_newer_requests_have_come(
    programme, client, places, monkeypatch
):
    monkeypatch.setattr(selectors, "PAGE_LENGTH", 2)
    client.force_login(programme.requester)
    first = client.get(reverse("requests:list"))
    world.draft(programme)

    second = client.get(first.context["next_page"])

    assert [places[row.number] for row in rows_of(second)] == [2, 1]
    assert second.context["first_page"] == "/requests/"


def test_last_page_has_no_next(programme, client, places, monkeypatch):
    monkeypatch.setattr(selectors, "PAGE_LENGTH", len(FACTS))
    client.force_login(programme.requester)

    context = client.get(reverse("requests:list")).context

    assert (context["first_page"], context["next_page"]) == ("", "")


def test_every_order_offered_is_one_of_the_columns():
    offered = [Ordering.of(sort) for sort, _label in SORTS if sort]

    assert {ordering.key for ordering in offered} == set(SORT_COLUMNS)
    assert [str(ordering) for ordering in offered] == [sort for sort, _label in SORTS if sort]
    assert str(NEWEST_FIRST) == ""


@pytest.mark.parametrize(
    ("query", "sorted_by", "then"),
    [
        ({}, {"Number": "descending"}, "/requests/?sort=number"),
        ({"sort": "number"}, {"Number": "ascending"}, "/requests/"),
        ({"sort": "-area"}, {"km²": "descending"}, "/requests/"),
    ],
)
def test_headings_say_the_order_and_turn_it(programme, client, query, sorted_by, then):
    world.draft(programme)
    client.force_login(programme.requester)

    response = client.get(reverse("requests:list"), query, headers={"accept-language": "en"})

    headings = {heading.label: heading for heading in response.context["headings"]}
    assert {
        label: each.aria_sort for label, each in headings.items() if each.aria_sort
    } == sorted_by
    assert headings["Number"].address == then
    assert [label for label, each in headings.items() if not each.address] == [
        "Entity", "Sensor", "State",
    ]  # fmt: skip
    assert response.text.count("aria-sort=") == 1
