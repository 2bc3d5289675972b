"""The filters of a list of requests: what each keeps, and what is said of one that is wrong."""

from datetime import date, datetime, timedelta

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.urls import reverse
from django.utils import timezone

from eligibility.models import Entity, Sensor
from requests_app.lists import selectors
from requests_app.models import ImageryRequest
from tests.requests_app import after, world
from tests.requests_app.lists.listing import listed, rows_of
from tests.requests_app.pages import text_of

pytestmark = pytest.mark.django_db

NEW_YEAR = date(2026, 1, 1)


@pytest.fixture
def requests(programme):
    """One of each sort, by a name."""
    return {
        "draft": world.draft(programme, title="Glaciers of the Écrins"),
        "submitted": world.submitted(
            programme, aoi=world.square(west=2.0), title="Roofs, 100% of them"
        ),
        "tasking": world.submitted(programme, aoi=world.square(west=2.5), **world.tasking()),
        "asked": after.asked(programme),
        "closed": world.closed(
            programme, aoi=world.square(west=3.5), footprint=world.square(west=3.5)
        ),
    }


@pytest.fixture
def kept(programme, client, requests):
    """The names of what a filter keeps for the requester."""
    names = {request.number: name for name, request in requests.items()}

    def keep(**query) -> set[str]:
        return {names[number] for number in listed(client, programme.requester, **query)}

    return keep


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"q": "glaciers"}, {"draft"}),
        ({"q": "ÉCRINS"}, {"draft"}),
        ({"q": "100%"}, {"submitted"}),
        ({"q": "_"}, set()),
        ({"state": "draft"}, {"draft"}),
        ({"state": ["draft", "closed"]}, {"draft", "closed"}),
        ({"kind": "tasking"}, {"tasking"}),
        ({"sensor": "spot67"}, set()),
        ({"sensor": "pleiades", "state": "closed"}, {"closed"}),
        ({"waits": "1"}, {"draft", "asked"}),
        ({"waits": "requester"}, {"draft", "asked"}),
        ({"waits": "cell"}, {"submitted", "tasking"}),
        ({"waits": "operator"}, set()),
        ({"cell": "pleiades-science"}, {"submitted", "tasking", "asked", "closed"}),
        ({"cell": "spot-science"}, set()),
        ({"late": "1"}, set()),
    ],
)
def test_filter_keeps(kept, query, wanted):
    assert kept(**query) == wanted


def test_text_finds_a_part_of_a_number(kept, requests):
    assert kept(q=requests["closed"].number[3:].lower()) == {"closed"}


def test_entity_is_found_by_name_and_by_acronym(programme, kept):
    Entity.objects.filter(pk=programme.entity.pk).update(name="Institute of Ice", acronym="IOI")

    everything = kept()

    assert [kept(entity="of ice"), kept(entity="ioi"), kept(q="ioi")] == [everything] * 3
    assert kept(entity="fire") == set()


def test_days_of_submission_are_whole_and_both_included(kept, requests):
    first = timezone.make_aware(datetime(2026, 3, 1, 0, 0))
    last = timezone.make_aware(datetime(2026, 3, 2, 23, 59, 59))
    for name, at in (("submitted", first), ("tasking", last)):
        ImageryRequest.objects.filter(pk=requests[name].pk).update(submitted_at=at)

    assert kept(submitted_from="2026-03-01", submitted_to="2026-03-02") == {"submitted", "tasking"}
    assert kept(submitted_to="2026-03-01") == {"submitted"}
    assert kept(submitted_from="2026-03-02", submitted_to="2026-03-02") == {"tasking"}


@pytest.mark.parametrize(
    ("starts_in", "ends_in", "is_kept"),
    [(-30, 9, False), (-30, 10, True), (50, 60, True), (100, 400, True), (101, 400, False)],
)
def test_period_meets_the_window(kept, starts_in, ends_in, is_kept):
    """The tasking's runs from ten to a hundred days from now; the others have none."""
    period = {"period_from": world.in_days(starts_in), "period_to": world.in_days(ends_in)}

    assert kept(**period) == ({"tasking"} if is_kept else set())


def test_period_open_on_one_side(kept):
    assert kept(period_from=world.in_days(100)) == {"tasking"}
    assert kept(period_to=world.in_days(9)) == set()


def test_box_meets_the_area(kept):
    assert kept(bbox="2.05,43.0,2.6,44.0") == {"submitted", "tasking"}
    assert kept(bbox="2.09,43.0,2.1,44.0") == set()


def test_box_goes_across_the_antimeridian(programme, client):
    halves = [
        Polygon.from_bbox((179.9, -17, 180, -16.9)),
        Polygon.from_bbox((-180, -17, -179.9, -16.9)),
    ]
    fiji = world.draft(programme, aoi=MultiPolygon(*halves, srid=4326))
    world.draft(programme)

    assert listed(client, programme.requester, bbox="179,-20,-179,-10") == [fiji.number]
    assert listed(client, programme.requester, bbox="-179.95,-20,-179,-10") == [fiji.number]


@pytest.mark.parametrize("days", [15, 16, 40])
def test_late_are_those_that_the_page_calls_late(kept, requests, monkeypatch, days):
    later = timezone.now() + timedelta(days=days)
    monkeypatch.setattr(timezone, "now", lambda: later)

    late = {
        name for name, request in requests.items()
        if ImageryRequest.objects.get(pk=request.pk).is_late
    }  # fmt: skip

    assert kept(late="1") == late == ({"submitted", "tasking"} if days > 15 else set())


# --- In the address -------------------------------------------------------------------------------


def test_filters_stay_while_the_page_is_turned_and_sorted(programme, client, requests, monkeypatch):
    monkeypatch.setattr(selectors, "PAGE_LENGTH", 1)
    client.force_login(programme.requester)
    query = {"state": ["draft", "submitted"], "q": "e", "sensor": "", "map": "1"}

    context = client.get(reverse("requests:list"), query).context

    last = context["page"].rows[0].number
    assert context["next_page"] == f"/requests/?state=draft&state=submitted&q=e&map=1&after={last}"
    by_title = next(each for each in context["headings"] if each.label in ("Title", "Titre"))
    assert by_title.address == "/requests/?state=draft&state=submitted&q=e&map=1&sort=title"
    assert dict(context["files"])["csv"] == "/requests/list.csv?state=draft&state=submitted&q=e"
    assert context["other_view"] == "/requests/?state=draft&state=submitted&q=e"


def test_folded_filters_are_open_where_one_is_set(programme, client):
    client.force_login(programme.requester)

    def is_open(**query):
        page = client.get(reverse("requests:list"), query).text
        return '<details class="toolbar__more" open>' in page

    assert [is_open(), is_open(q="a"), is_open(late="1"), is_open(bbox="wrong")] == [
        False, False, True, True,
    ]  # fmt: skip


# --- What is wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("q", "x" * 101, "max_length"),
        ("q", "\x00", "null_characters_not_allowed"),
        ("state", "unheard", "invalid_choice"),
        ("sensor", "landsat", "invalid_choice"),
        ("kind", "free", "invalid_choice"),
        ("waits", "me", "invalid_choice"),
        ("cell", "nowhere", "invalid_choice"),
        ("submitted_from", "31/31/2026", "invalid"),
        ("submitted_to", "0001-01-01", "min_value"),
        ("period_to", "9999-12-31", "max_value"),
        ("bbox", "1,2,3", "bbox"),
        ("bbox", "1,2,3,nan", "bbox"),
        ("bbox", "3,44,4,43", "bbox"),
        ("bbox", "0,0,400,10", "bbox"),
        ("sort", "entity", "invalid_choice"),
        ("scope", "everything", "invalid_choice"),
        ("after", "R2026-999999", "no_such_page"),
    ],
)
def test_filter_that_is_wrong_is_said_and_lists_nothing(programme, client, name, value, code):
    world.submitted(programme)
    client.force_login(programme.requester)

    for url, status in (("requests:list", 200), ("requests:list_file", 400)):
        address = reverse(url, args=["csv"] if status == 400 else [])
        response = client.get(address, {name: value}, headers={"accept-language": "en"})

        assert response.status_code == status
        assert response.context["form"].has_error(name, code)
        assert rows_of(response) == []
        assert "Something must be mended before this can go on." in text_of(response)
        assert 'action="/requests/"' in response.text


@pytest.mark.parametrize("name", ["submitted", "period"])
def test_days_the_wrong_way_round_are_said(programme, client, name):
    client.force_login(programme.requester)
    query = {f"{name}_from": NEW_YEAR, f"{name}_to": NEW_YEAR - timedelta(days=1)}

    form = client.get(reverse("requests:list"), query).context["form"]

    assert form.has_error(f"{name}_to", "dates_reversed")


def test_queue_says_what_is_wrong_with_its_filters(programme, client):
    world.submitted(programme)
    client.force_login(programme.chair)

    response = client.get(
        reverse("queue:list"), {"state": "unheard"}, headers={"accept-language": "en"}
    )

    assert response.context["form"].has_error("state", "invalid_choice")
    assert rows_of(response) == []
    assert "Nothing was searched" in text_of(response)


def test_sensors_no_longer_offered_are_still_found(programme, client):
    """Their files remain."""
    request = world.submitted(programme)
    Sensor.objects.filter(code="pleiades").update(is_offered=False)

    assert listed(client, programme.requester, sensor="pleiades") == [request.number]
