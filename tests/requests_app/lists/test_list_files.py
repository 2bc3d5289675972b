"""A list of requests as CSV, workbook, GeoJSON and GeoPackage: its rows, its figures, its shapes."""

import json
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
import shapely
from django.conf import settings
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.urls import reverse
from django.utils import timezone
from shapely.geometry import shape

from orbitrage.shared.geo import geodesic_area_km2
from requests_app.intake import services as intake
from requests_app.lists import downloads, selectors
from requests_app.lists.columns import COLUMNS
from requests_app.models import ImageryRequest
from tests.requests_app import after, world
from tests.requests_app.lists.list_files import KEYS, body_of, headings, read_file
from tests.requests_app.pages import text_of

pytestmark = pytest.mark.django_db

FORMATS = ("csv", "xlsx", "geojson", "gpkg")
# And how large the areas are.
FILE_QUERIES = {"csv": 5, "xlsx": 5, "geojson": 6, "gpkg": 6}
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
}
# With a hole, on both sides of ±180°, outer rings clockwise.
FIJI = MultiPolygon(
    Polygon(
        [(179.9, -17), (179.9, -16.9), (180, -16.9), (180, -17), (179.9, -17)],
        [(179.94, -16.97), (179.96, -16.97), (179.96, -16.94), (179.94, -16.94), (179.94, -16.97)],
    ),
    Polygon([(-180, -17), (-180, -16.9), (-179.95, -16.9), (-179.95, -17), (-180, -17)]),
    srid=4326,
)


@pytest.fixture
def take(client, programme):
    """The file that somebody takes of their list."""

    def get(extension, user=None, language="en", **query):
        client.force_login(user or programme.requester)
        url = reverse("requests:list_file", args=[extension])
        return client.get(url, query, headers={"accept-language": language})

    return get


@pytest.fixture
def read(take):
    def rows(extension, user=None, **query):
        return read_file(body_of(take(extension, user, **query)), extension)

    return rows


# --- Which rows -----------------------------------------------------------------------------------


@pytest.mark.parametrize("extension", FORMATS)
def test_file_is_the_filtered_list_in_its_order_and_all_of_its_pages(
    programme, read, monkeypatch, extension
):
    monkeypatch.setattr(selectors, "PAGE_LENGTH", 1)
    drafts = [
        world.draft(programme, aoi=world.square(west=each), title=f"Draft {each}")
        for each in (1, 2, 3)
    ]
    world.submitted(programme, aoi=world.square(west=4))

    query = {"state": "draft", "sort": "title", "after": drafts[1].number}
    numbers = [row["number"] for row in read(extension, **query)]

    assert numbers == [draft.number for draft in drafts]


@pytest.mark.parametrize("extension", FORMATS)
def test_draft_of_a_colleague_is_in_no_file(programme, read, extension):
    draft = world.draft(programme)

    assert [row["number"] for row in read(extension)] == [draft.number]
    assert read(extension, programme.colleague) == []
    assert read(extension, programme.secretariat) == []


@pytest.mark.parametrize("extension", FORMATS)
def test_reviewer_is_named_in_no_file(programme, take, extension):
    world.in_review(programme)
    reviewer = "Not in any file"
    programme.reviewer.full_name = reviewer
    programme.reviewer.save(update_fields=["full_name"])

    assert reviewer not in str(read_file(body_of(take(extension)), extension))


@pytest.mark.parametrize("how_many", [1, 3])
@pytest.mark.parametrize("extension", FORMATS)
def test_files_cost_the_same_with_one_row_and_with_three(
    programme, client, django_assert_num_queries, extension, how_many
):
    for each in range(how_many):
        world.submitted(programme, aoi=world.square(west=1.5 + each))

    client.force_login(programme.requester)

    with django_assert_num_queries(FILE_QUERIES[extension]):
        body = body_of(client.get(reverse("requests:list_file", args=[extension])))

    assert len(read_file(body, extension)) == how_many


# --- What they say --------------------------------------------------------------------------------


def test_csv_says_all_of_a_request(programme, read):
    request = ImageryRequest.objects.get(pk=world.offered(programme, **world.tasking()).pk)
    ImageryRequest.objects.filter(pk=request.pk).update(area_km2=Decimal("57.123456"))

    (row,) = read("csv")

    at = timezone.localtime(request.submitted_at)
    assert row == {
        "number": request.number,
        "title": "Cover of the commune",
        "state": "offered",
        "state_label": "Offer to accept",
        "who_must_act": "The requester",
        "entity": programme.entity.name,
        "requester": programme.requester.full_name,
        "cell": programme.cell.name_en,
        "sensor": "Pléiades",
        "request_kind": "New acquisition",
        "asked_km2": "57.123456",
        "granted_km2": "",
        "images": "1",
        "counted_km2": "22.454826",
        "price_eur": "0.000000",
        "window_starts_on": world.in_days(10).isoformat(),
        "window_ends_on": world.in_days(100).isoformat(),
        "submitted_at": at.isoformat(timespec="seconds"),
        "due_on": request.due_on.isoformat(),
        "licence_number": "",
        "address": f"{settings.ORBITRAGE_PUBLIC_URL}/requests/{request.number}/",
    }


def recalled(programme):
    request = world.submitted(programme)
    return intake.recall(request_id=request.pk, user=programme.requester)


COUNTED = [
    (world.submitted, ""),
    (recalled, ""),
    (world.offered, "22.454826"),
    (world.approved, "57.470255"),
    (world.closed, "57.470255"),
    (after.refused, ""),
    (after.cancelled_by_requester, ""),
    (after.lapsed, ""),
    (after.failed, ""),
]


@pytest.mark.parametrize(
    ("reach", "counted_km2"), COUNTED, ids=[reach.__name__ for reach, _km2 in COUNTED]
)
def test_only_what_is_granted_or_offered_is_counted_in_a_file(programme, read, reach, counted_km2):
    reach(programme)

    (row,) = read("csv")

    assert row["counted_km2"] == counted_km2


def test_every_format_says_the_same(programme, read):
    request = ImageryRequest.objects.get(pk=world.approved(programme, **world.tasking()).pk)
    (sheet,), (feature,), (package,) = (read(each) for each in ("xlsx", "geojson", "gpkg"))

    (line,) = read("csv")

    at = timezone.localtime(request.submitted_at).replace(microsecond=0)
    texts = {key for key in KEYS if isinstance(feature[key], str)} - {
        "window_starts_on", "window_ends_on", "submitted_at", "due_on",
    }  # fmt: skip
    assert {key: line[key] for key in texts} == {key: feature[key] for key in texts}
    assert {key: line[key] for key in texts} == {key: package[key] for key in texts}
    assert {key: line[key] for key in texts} == {key: sheet[key] or "" for key in texts}
    figures = ("asked_km2", "granted_km2", "price_eur")
    exact = {key: float(line[key]) for key in figures}
    for each in (sheet, feature, package):
        assert {key: float(each[key]) for key in figures} == exact
    assert Decimal(line["granted_km2"]) == request.granted_area_km2
    assert feature["submitted_at"] == line["submitted_at"] == at.isoformat()
    assert sheet["submitted_at"] == at.replace(tzinfo=None)
    assert package["submitted_at"] == np.datetime64(int(at.timestamp()), "s")
    assert package["window_ends_on"] == np.datetime64(request.window_ends_on)
    assert np.isnat(package["due_on"]) == (request.due_on is None)


@pytest.mark.parametrize(
    ("language", "first"), [("en", ["Number", "Title"]), ("fr", ["Numéro", "Titre"])]
)
@pytest.mark.parametrize("extension", ["csv", "xlsx"])
def test_headings_are_in_the_language_of_the_reader(take, extension, language, first):
    found = headings(body_of(take(extension, language=language)), extension)

    assert found[:2] == first
    assert len(found) == len(COLUMNS)


@pytest.mark.parametrize("extension", ["csv", "xlsx"])
def test_title_that_a_spreadsheet_would_run_is_prefixed(programme, read, extension):
    world.draft(programme, title="=HYPERLINK(1)")

    (row,) = read(extension)

    assert row["title"] == "'=HYPERLINK(1)"


@pytest.mark.parametrize("extension", ["geojson", "gpkg"])
def test_title_is_left_alone_where_nothing_would_run_it(programme, read, extension):
    world.draft(programme, title='=HYPERLINK("1")')

    (row,) = read(extension)

    assert row["title"] == '=HYPERLINK("1")'


@pytest.mark.parametrize("extension", FORMATS)
def test_file_leaves_as_an_attachment_that_does_nothing(take, extension):
    response = take(extension)

    assert body_of(response)
    name = f"requests-{timezone.localdate()}.{extension}"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["Content-Type"] == TYPES[extension]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox"


@pytest.mark.parametrize("extension", FORMATS)
def test_file_of_nothing_can_be_read(read, extension):
    assert read(extension) == []


def test_format_that_is_not_there(take):
    assert take("pdf").status_code == 404


# --- Where they lie -------------------------------------------------------------------------------


def shapes_of(read):
    (feature,), (package,) = read("geojson"), read("gpkg")
    return shape(feature["shape"]), shapely.from_wkb(package["shape"])


@pytest.mark.parametrize("aoi", [world.square(size_deg=0.12), FIJI], ids=["Toulouse", "Fiji"])
def test_shapes_have_the_area_of_the_ledger(programme, read, aoi):
    request = world.draft(programme, aoi=aoi)

    for found in shapes_of(read):
        assert found.is_valid
        area_km2 = geodesic_area_km2(found)
        assert abs(area_km2 - request.area_km2) <= request.area_km2 / 1_000


def test_geojson_keeps_to_its_standard_across_the_antimeridian(programme, take):
    world.draft(programme, aoi=FIJI)

    collection = json.loads(body_of(take("geojson")))

    assert set(collection) == {"type", "features"}
    (feature,) = collection["features"]
    assert set(feature) == {"type", "id", "properties", "geometry"}
    assert feature["geometry"]["type"] == "MultiPolygon"
    polygons = shape(feature["geometry"]).geoms
    assert sorted(polygon.bounds[::2] for polygon in polygons) == [(-180, -179.95), (179.9, 180)]
    assert all(polygon.exterior.is_ccw for polygon in polygons)
    assert [hole.is_ccw for polygon in polygons for hole in polygon.interiors] == [False]


def test_geopackage_is_written_some_rows_at_a_time(programme, read, monkeypatch):
    monkeypatch.setattr("requests_app.lists.files.ROWS_WRITTEN_AT_ONCE", 2)
    made = [world.draft(programme, aoi=world.square(west=each)) for each in (1, 2, 3)]

    rows = read("gpkg", sort="number")

    assert [row["number"] for row in rows] == [request.number for request in made]


def test_geopackage_leaves_nothing_behind(programme, take, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    world.draft(programme)

    response = take("gpkg")

    assert list(tmp_path.iterdir()) == [tmp_path / "storage"]
    assert body_of(response).startswith(b"SQLite format 3\x00")


# --- Too much -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("extension", "codes"),
    [("csv", []), ("xlsx", []), ("geojson", ["list_too_large"]), ("gpkg", ["list_too_large"])],
)
def test_areas_of_too_many_bytes_are_no_file(programme, take, monkeypatch, extension, codes):
    world.draft(programme)
    assert body_of(take(extension))
    monkeypatch.setattr(downloads, "BYTES_MAXIMUM", 100)

    response = take(extension)

    faults = response.context["form"].errors.as_data()["__all__"] if response.context else []
    assert [fault.code for fault in faults] == codes
    assert response.status_code == (400 if codes else 200)
    assert body_of(response)


@pytest.mark.parametrize("extension", FORMATS)
def test_list_too_long_for_a_file_says_what_to_do(programme, take, monkeypatch, extension):
    monkeypatch.setitem(downloads.ROWS_OF_A_FILE, extension, 1)
    for each in (1, 2):
        world.draft(programme, aoi=world.square(west=each))

    response = take(extension)

    assert response.status_code == 400
    assert response.context["form"].has_error("__all__", "list_too_long")
    assert "More than 1 requests: filter them" in text_of(response)
    assert len(response.context["page"].rows) == 2


def test_stranger_to_the_service_is_sent_to_sign_in(client):
    response = client.get(reverse("requests:list_file", args=["csv"]))

    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


def test_window_of_years_ago_is_a_day_like_others(programme, read):
    request = world.draft(programme)
    long_ago = timezone.localdate() - timedelta(days=20_000)
    ImageryRequest.objects.filter(pk=request.pk).update(window_starts_on=long_ago)

    (row,) = read("gpkg")

    assert row["window_starts_on"] == np.datetime64(long_ago)
