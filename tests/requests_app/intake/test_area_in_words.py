"""What is said of an area to who cannot see its map, and of what was done to read it."""

import datetime as dt
import json

import pytest
import shapely
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from orbitrage.shared.geo import longest_side_km, to_geos_multipolygon
from places.selectors import places_meeting
from requests_app.aoi.reading import read_area
from requests_app.features import extent_in_words
from requests_app.intake import services as intake
from requests_app.intake.rules.advice import several_parts
from requests_app.intake.selectors.panel import panel_of
from requests_app.models import ImageryRequest
from requests_app.rules.window import window_ahead
from tests.places.factories import PlaceFactory
from tests.requests_app import world

pytestmark = pytest.mark.django_db


def geojson(ring: list[list[float]], **more: object) -> bytes:
    return json.dumps({"type": "Polygon", "coordinates": [ring], **more}).encode()


# --- Its shape ------------------------------------------------------------------------------------


def test_square_is_told_by_its_corners_and_longest_side():
    with override("en"):
        assert extent_in_words(world.square()) == (
            "1 part, longitude 1.3° to 1.38°, latitude 43.5° to 43.58°. 4 corners, longest side"
            " 8.9 km."
        )


def test_holes_and_parts_are_counted():
    ring = shapely.box(0, 0, 1, 1) - shapely.box(0.4, 0.4, 0.6, 0.6)
    two = to_geos_multipolygon(shapely.union_all([ring, shapely.box(2, 2, 2.1, 2.1)]))

    with override("en"):
        assert extent_in_words(two).endswith("12 corners, 1 hole, longest side 111.3 km.")


def test_longest_side_is_measured_on_the_ellipsoid():
    degree_at_the_equator_km = 111.3195

    found = longest_side_km(shapely.Polygon([(0, 0), (1, 0), (0.5, 0.1)]))

    assert found == pytest.approx(degree_at_the_equator_km, abs=0.001)


def test_departments_that_it_meets_are_named():
    PlaceFactory(kind="department", name="Haute-Garonne", geometry=world.square(size_deg=1))
    PlaceFactory(kind="department", name="Ariège", geometry=world.square(south=43.45))
    PlaceFactory(kind="department", name="Finistère", geometry=world.square(west=-5))
    PlaceFactory(kind="commune", name="Toulouse")

    assert places_meeting(world.square()) == "Ariège, Haute-Garonne"


def test_no_more_than_six_are_named():
    PlaceFactory.create_batch(8, kind="department", name="Nord")

    assert places_meeting(world.square()) == ", ".join(["Nord"] * 6 + ["…"])


# --- How it was read ------------------------------------------------------------------------------


def test_reference_system_that_was_read_is_said():
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}
    ring = [[570_000, 6_270_000], [580_000, 6_270_000], [580_000, 6_280_000], [570_000, 6_270_000]]

    with override("en"):
        notes = read_area(geojson(ring, crs=crs), "zone.geojson").notes

    assert notes == ("Its coordinates are in RGF93 v1 / Lambert-93; they were read as WGS 84.",)


def test_nothing_is_said_of_what_is_in_wgs_84():
    ring = [[1.3, 43.5], [1.4, 43.5], [1.4, 43.6], [1.3, 43.5]]

    assert read_area(geojson(ring), "zone.geojson").notes == ()


def test_heights_that_are_left_out_are_said():
    ring = [[1.3, 43.5, 120], [1.4, 43.5, 130], [1.4, 43.6, 140], [1.3, 43.5, 120]]
    corners = " ".join(",".join(str(each) for each in position) for position in ring)
    kml = (
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><Polygon>'
        "<altitudeMode>absolute</altitudeMode><outerBoundaryIs><LinearRing><coordinates>"
        f"{corners}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Document>"
        "</kml>"
    )

    with override("en"):
        notes = [
            read_area(geojson(ring), "zone.geojson").notes,
            read_area(kml.encode(), "zone.kml").notes,
        ]

    assert notes == [("Its heights were left out: an area has none.",)] * 2


# --- Several parts --------------------------------------------------------------------------------


def test_several_parts_are_told_to_be_as_many_orders(programme):
    two = to_geos_multipolygon(
        shapely.union_all(
            [shapely.box(1.3, 43.5, 1.38, 43.58), shapely.box(1.5, 43.5, 1.58, 43.58)]
        )
    )
    draft = world.draft(programme, aoi=two)

    with override("en"):
        told = panel_of(draft, user=programme.requester, on=timezone.localdate()).advice

    assert [each.code for each in told] == ["several_parts"]
    assert "2 separate parts" in str(told[0].message)


def test_one_part_is_one_order():
    assert several_parts(parts=1, minimum_km2=None) is None


# --- A copy of what is over -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "expected"),
    [
        ("2025-03-01", "2025-06-30", ("2027-03-01", "2027-06-30")),
        ("2025-09-01", "2025-10-31", ("2026-09-01", "2026-10-31")),
        ("2024-11-15", "2025-02-15", ("2026-11-15", "2027-02-15")),
        ("2024-02-29", "2024-05-01", ("2027-02-28", "2027-05-01")),
        ("2026-05-01", "2026-06-30", ("2026-05-01", "2026-06-30")),
        ("2026-06-01", "2026-06-15", ("2027-06-01", "2027-06-15")),
    ],
)
def test_window_that_is_over_is_that_of_the_first_year_ahead(starts_on, ends_on, expected):
    today = dt.date(2026, 6, 15)

    found = window_ahead(dt.date.fromisoformat(starts_on), dt.date.fromisoformat(ends_on), today)

    assert tuple(day.isoformat() for day in found if day) == expected


def test_window_without_a_first_day_is_shifted_too():
    found = window_ahead(None, dt.date(2025, 6, 30), dt.date(2026, 6, 15))

    assert found == (None, dt.date(2026, 6, 30))


def test_copy_of_a_tasking_that_is_over_asks_for_days_ahead_and_says_so(client, programme):
    source = world.draft(programme, **world.tasking())
    ImageryRequest.objects.filter(pk=source.pk).update(
        window_starts_on=world.in_days(-300), window_ends_on=world.in_days(-200)
    )
    client.force_login(programme.requester)

    page = client.post(
        reverse("requests:copy", args=[source.number]),
        follow=True,
        headers={"accept-language": "en"},
    )

    copied = ImageryRequest.objects.exclude(pk=source.pk).get()
    assert copied.window_starts_on > timezone.localdate()
    assert copied.window_ends_on > copied.window_starts_on
    assert f"The window of {source.number} is over" in page.text


def test_copy_keeps_the_days_of_an_archive_search(programme):
    source = world.draft(
        programme, window_starts_on=world.in_days(-300), window_ends_on=world.in_days(-200)
    )

    copied = intake.copy(request_id=source.pk, user=programme.requester)

    assert copied.window_ends_on == world.in_days(-200)
