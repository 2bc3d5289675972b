import datetime as dt
import itertools
import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalogue.models import Item
from catalogue.selectors import PAGE_LENGTH
from tests.catalogue.factories import ItemFactory, box
from tests.eligibility.factories import (
    AffiliationFactory,
    EntityFactory,
    SensorFactory,
    SpotFactory,
    UserFactory,
    member_entity,
)

pytestmark = pytest.mark.django_db

LIST = "/catalogue/"


@pytest.fixture
def entity():
    return member_entity(SensorFactory())


@pytest.fixture
def affiliate(entity):
    return AffiliationFactory(entity=entity).user


def listed(client, **query) -> list[str]:
    response = client.get(LIST, query)
    assert response.status_code == 200
    return [item.identifier for item in response.context.get("items", [])]


def map_of(response) -> list[tuple[str, str]]:
    text = response.content.decode()
    data = re.search(r'<script id="items?-data" type="application/json">(.*?)</script>', text)[1]
    return [
        (feature["properties"]["role"], feature["geometry"]["type"])
        for feature in json.loads(data)["features"]
    ]


def test_anonymous_sees_open_images_only(client):
    ItemFactory(identifier="OPEN")
    ItemFactory(identifier="FOR-ENTITY", audience=["entity:7@pleiades"])
    ItemFactory(identifier="FOR-MEMBERS", audience=["member@pleiades"])

    assert Item.objects.count() == 3
    assert listed(client) == ["OPEN"]


def test_affiliate_sees_the_images_of_the_entity(client, entity, affiliate):
    ItemFactory(identifier="OURS", audience=[f"entity:{entity.pk}@pleiades"])
    ItemFactory(identifier="THEIRS", audience=[f"entity:{EntityFactory().pk}@pleiades"])
    client.force_login(affiliate)

    assert listed(client) == ["OURS"]


def test_image_is_a_page_for_who_may_download_and_unknown_to_strangers(client, entity, affiliate):
    item = ItemFactory(audience=[f"entity:{entity.pk}@pleiades"])
    statuses = [client.get(item.get_absolute_url()).status_code]

    client.force_login(UserFactory())
    statuses.append(client.get(item.get_absolute_url()).status_code)
    client.force_login(affiliate)
    statuses.append(client.get(item.get_absolute_url()).status_code)

    assert statuses == [404, 404, 200]


def test_image_page_says_what_it_is_and_how_to_cite_it(client, entity, affiliate):
    item = ItemFactory(
        audience=["open", "licence:spot_member@pleiades", f"entity:{entity.pk}@pleiades"]
    )

    response = client.get(item.get_absolute_url())

    text = response.content.decode()
    for fact in (item.identifier, item.mission, item.attribution, entity.name):
        assert fact in text
    assert map_of(response) == [("item", "MultiPolygon")]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"sensor": "spot67"}, ["SPOT"]),
        ({"acquired_from": "2024-07-01"}, ["SPOT"]),
        ({"acquired_to": "2024-07-01"}, ["PHR"]),
        ({"cloud": "5"}, ["PHR"]),
        ({"bbox": "3.9,43.6,4.2,44"}, ["PHR"]),
        ({"bbox": "179,-18,-179,-16"}, ["SPOT"]),
        ({"area": "POLYGON ((3.9 43.6, 4.2 43.6, 4.2 44, 3.9 43.6))"}, ["PHR"]),
        (
            {
                "area": '{"type": "Polygon", "coordinates": '
                "[[[3.9,43.6],[4.2,43.6],[4.2,44],[3.9,43.6]]]}"
            },
            ["PHR"],
        ),
        ({"bbox": "10,10,11,11"}, []),
        ({}, ["SPOT", "PHR"]),
    ],
)
def test_address_filters_the_list(client, query, found):
    ItemFactory(identifier="PHR")
    ItemFactory(
        identifier="SPOT",
        sensor=SpotFactory(),
        mission="SPOT6",
        acquired_at=dt.datetime(2024, 8, 1, 10, tzinfo=dt.UTC),
        cloud_cover_percent=20,
        footprint=box(-180, -17, -179.5, -16),
    )

    assert listed(client, **query) == found


@pytest.mark.parametrize(
    ("field", "query"),
    [
        ("sensor", {"sensor": "none"}),
        ("acquired_from", {"acquired_from": "yesterday"}),
        ("acquired_to", {"acquired_from": "2024-02-02", "acquired_to": "2024-02-01"}),
        ("cloud", {"cloud": "101"}),
        ("bbox", {"bbox": "1,2,3"}),
        ("bbox", {"bbox": "1,2,3,nan"}),
        ("bbox", {"bbox": "0,0,1,1", "area": "POLYGON ((0 0, 1 0, 1 1, 0 0))"}),
        ("area", {"area": "POINT (1 1)"}),
        ("area", {"area": "POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))"}),
        ("area", {"area": "POLYGON ((0 0"}),
        ("area", {"area": "{" * 500}),
        ("area", {"area": "POLYGON ((0 0, 1000 0, 1000 1, 0 0))"}),
        ("after", {"after": "2024-01-01T00:00:00+00:00"}),
        ("after", {"after": "2024-01-01T00:00:00~1"}),
        ("after", {"after": "2024-01-01T00:00:00+00:00~99999999999999999999"}),
    ],
)
def test_impossible_criterion_is_said_and_nothing_is_searched(client, field, query):
    ItemFactory()

    response = client.get(LIST, query)

    assert (response.status_code, list(response.context["form"].errors)) == (200, [field])
    assert "items" not in response.context


def test_area_too_long_is_refused_unread(client):
    ring = ", ".join(f"{n / 10_000} 1" for n in range(3_000))

    response = client.get(LIST, {"area": f"POLYGON (({ring}))"})

    assert list(response.context["form"].errors) == ["area"]


def test_searched_area_shows_its_coverage(client):
    ItemFactory(footprint=box(19, -1, 20.05, 1))

    response = client.get(LIST, {"bbox": "20,-0.05,20.1,0.05"})

    assert response.context["coverage"].covered_percent == 50
    assert map_of(response) == [
        ("aoi", "MultiPolygon"),
        ("remaining", "MultiPolygon"),
        ("item", "MultiPolygon"),
    ]


def test_pages_follow_one_another_without_gap_or_repeat(client):
    instants = [dt.datetime(2024, 1, 1 + n // 7, tzinfo=dt.UTC) for n in range(2 * PAGE_LENGTH + 3)]
    for instant in instants:
        ItemFactory(acquired_at=instant)

    seen, address = [], f"{LIST}?cloud=50"
    while address:
        response = client.get(address)
        seen.append([item.identifier for item in response.context["items"]])
        following = response.context.get("next_page")
        address = following and LIST + following

    assert [len(page) for page in seen] == [PAGE_LENGTH, PAGE_LENGTH, 3]
    assert list(itertools.chain(*seen)) == list(
        Item.objects.newest_first().values_list("identifier", flat=True)
    )


def test_list_asks_the_same_number_of_queries_for_one_image_and_for_three(client):
    client.get(LIST)
    counts = []
    for more in (1, 2):
        ItemFactory.create_batch(more)
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_empty_catalogue_says_so(client):
    response = client.get(reverse("catalogue:list"))

    assert response.status_code == 200
    assert 'class="empty"' in response.content.decode()


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_pages_only_read(client, method):
    item = ItemFactory()

    statuses = [
        getattr(client, method)(path).status_code for path in (LIST, item.get_absolute_url())
    ]

    assert statuses == [405, 405]


HALF_TURN = "POLYGON((0 0,180 0,180 1,0 1,0 0))"


@pytest.mark.parametrize("query", [{"bbox": "0,0,180,1"}, {"area": HALF_TURN}])
def test_area_half_round_the_globe_is_searched(client, query):
    response = client.get(LIST, query)

    assert response.status_code == 200
    assert 2_215_570 < response.context["coverage"].area_km2 < 2_215_590


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"bbox": "-180,-90,180,90"}, "area_too_large"),
        ({"bbox": "180,0,-180,1"}, "area_too_small"),
        ({"bbox": "0,0,1e-300,1"}, "area_too_small"),
        ({"bbox": "0,1e-320,1,2e-320"}, "area_too_small"),
        ({"bbox": "179.99999999999999,0,-179.99999999999999,1"}, "area_too_small"),
        ({"area": "POLYGON((0 0,180 0,180 90,0 90,0 0))"}, "area_too_large"),
        ({"area": "CURVEPOLYGON(CIRCULARSTRING(0 0,1 1,2 0,1 -1,0 0))"}, "area"),
        ({"area": "MULTISURFACE(((0 0,1 0,1 1,0 0)))"}, "area"),
        ({"area": "POLYGON((" + "0 0," * 700 + "0 0))"}, "max_length"),
        ({"after": "9999-12-31T23:59:59-23:59~9223372036854775807"}, "after"),
        ({"after": "0001-01-01T00:00:00+23:59~1"}, "after"),
    ],
)
def test_search_that_cannot_be_made_is_an_error_of_its_field(client, query, code):
    response = client.get(LIST, query)

    (field,) = query
    assert response.status_code == 200
    assert [error.code for error in response.context["form"].errors.as_data()[field]] == [code]


def test_page_after_an_instant_of_any_offset_is_shown(client):
    ItemFactory(identifier="BEFORE")

    assert listed(client, after="2999-01-01T00:00:00-18:00~9") == ["BEFORE"]
