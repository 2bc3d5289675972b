"""The map of a list: the requests of its page, each of a few vertices, tied to their rows."""

import json

import pytest
import shapely
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from shapely.geometry import shape

from orbitrage.shared.geo import to_geos_multipolygon, vertices_of
from requests_app.lists import selectors
from requests_app.lists.map import VERTICES_AT_MOST
from requests_app.models import ImageryRequest
from tests.requests_app import world
from tests.requests_app.outlines import SCATTERED

pytestmark = pytest.mark.django_db

STAR = shapely.Polygon(
    [(2 + (0.5 if n % 2 else 0.4) * x, 45 + (0.5 if n % 2 else 0.4) * y)
     for n, (x, y) in enumerate(shapely.get_coordinates(shapely.Point(0, 0).buffer(1, quad_segs=2_500)))]
)  # fmt: skip
CIRCLE = shapely.Point(2, 45).buffer(0.5, quad_segs=2_500)


@pytest.fixture
def shapes(programme, client):
    """The features of the page's map, by number."""

    def features(**query):
        client.force_login(programme.requester)
        context = client.get(
            reverse("requests:list"), {"map": "1"} | query, headers={"accept-language": "en"}
        ).context
        return {each["properties"]["row"]: each for each in context["map_data"]["features"]}

    return features


def draw(programme, area):
    """A draft of that area, whatever the form would say of it."""
    request = world.draft(programme)
    ImageryRequest.objects.filter(pk=request.pk).update(aoi=to_geos_multipolygon(area))
    return request


def test_shape_names_its_request_its_state_and_its_row(programme, shapes):
    request = world.submitted(programme)

    (found,) = shapes().values()

    assert found["properties"] == {
        "role": "request-waiting",
        "label": f"{request.number} · Submitted · Cover of the commune",
        "href": f"#{request.number}",
        "row": request.number,
    }
    assert shape(found["geometry"]).equals(shapely.box(1.3, 43.5, 1.38, 43.58))


def test_map_shows_the_page_and_no_other(programme, client, shapes, monkeypatch):
    monkeypatch.setattr(selectors, "PAGE_LENGTH", 2)
    made = [world.draft(programme, aoi=world.square(west=each)) for each in (1, 2, 3)]

    assert set(shapes()) == {made[2].number, made[1].number}
    assert set(shapes(after=made[1].number)) == {made[0].number}


def test_outline_is_thinned_and_stays_where_it_was(programme, shapes):
    request = draw(programme, CIRCLE)

    found = shape(shapes()[request.number]["geometry"])

    assert vertices_of(CIRCLE) == 10_001
    assert 8 <= vertices_of(found) <= VERTICES_AT_MOST
    assert found.symmetric_difference(CIRCLE).area <= CIRCLE.area / 20


@pytest.mark.parametrize(
    "area", [STAR, SCATTERED, shapely.MultiPolygon([STAR, shapely.box(4, 45, 5, 46)])],
    ids=["a star", "many parts", "both"],
)  # fmt: skip
def test_no_area_has_more_vertices_than_a_map_bears(programme, shapes, area):
    request = draw(programme, area)

    found = shape(shapes()[request.number]["geometry"])

    assert vertices_of(area) > VERTICES_AT_MOST >= vertices_of(found) >= 4
    assert shapely.box(*area.bounds).buffer(0.001).covers(found)


def test_area_across_the_antimeridian_is_not_thinned_away(programme, shapes):
    halves = [
        Polygon.from_bbox((179.9, -17, 180, -16.9)),
        Polygon.from_bbox((-180, -17, -179.9, -16.9)),
    ]
    request = world.draft(programme, aoi=MultiPolygon(*halves, srid=4326))

    found = shape(shapes()[request.number]["geometry"])

    assert sorted(part.bounds for part in found.geoms) == [
        (-180, -17, -179.9, -16.9), (179.9, -17, 180, -16.9),
    ]  # fmt: skip


def test_table_alone_loads_no_geometry(programme, client):
    world.submitted(programme)
    client.force_login(programme.requester)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get(reverse("requests:list"))

    asked = [query["sql"] for query in queries if '"requests_app_imageryrequest"' in query["sql"]]
    assert len(asked) > 1
    assert [sql for sql in asked if '"aoi"' in sql or '"funding_plan"' in sql] == []
    assert response.context["map_data"] is None
    assert "leaflet" not in response.text


def test_without_scripts_the_map_says_where_to_read(programme, client):
    world.submitted(programme)
    client.force_login(programme.requester)

    page = client.get(
        reverse("requests:list"), {"map": "1"}, headers={"accept-language": "en"}
    ).text

    assert '<p class="no-js">The map needs JavaScript; the table below says the same.</p>' in page
    data = page.split('<script id="requests-data" type="application/json">')[1].split("</script>")[
        0
    ]
    assert json.loads(data)["type"] == "FeatureCollection"


def test_list_of_nothing_has_no_map(programme, client):
    client.force_login(programme.requester)

    response = client.get(reverse("requests:list"), {"map": "1"})

    assert response.context["map_data"] is None
