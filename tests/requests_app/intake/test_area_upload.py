"""An area on its way from a file to the page of a draft, through the pages themselves."""

import json
import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.urls import reverse
from django.utils import timezone

from orbitrage.shared.geo import to_geos_multipolygon
from requests_app.aoi.limits import MAXIMUM_FILE_BYTES
from requests_app.aoi.operator_area import OrderTooLarge, operator_area
from requests_app.aoi.reading import AreaRefused, bytes_of, read_area
from requests_app.arbitration.forms import OfferForm
from requests_app.models import ImageryRequest, UploadedArea
from requests_app.periodic import forget_uploaded_areas
from tests.eligibility.factories import UserFactory
from tests.requests_app import world
from tests.requests_app.area_posts import SQUARE
from tests.requests_app.outlines import SCATTERED

pytestmark = pytest.mark.django_db

HALF_TURN = shapely.box(0, 0, 180, 1)
OTHER_HALF_TURN = shapely.box(-180, 0, 0, 1)
BAND = shapely.box(-180, 0, 180, 1)
HEMISPHERE = shapely.box(0, 0, 180, 90)
WORLD = shapely.box(-180, -90, 180, 90)


def file_of(area: shapely.Geometry) -> SimpleUploadedFile:
    return SimpleUploadedFile("area.geojson", shapely.to_geojson(area).encode())


def ask(client, programme, area):
    client.force_login(programme.requester)
    typed = {name: value for name, value in world.ANSWERS.items() if value not in (None, False)}
    typed |= {
        "sensor": programme.sensor.pk,
        "on_behalf": f"{programme.entity.pk}-0",
        "is_emergency": "no",
        "area_file": file_of(area),
    }
    return client.post(reverse("requests:new"), typed)


def codes(response) -> list[str]:
    return [error.code for error in response.context["form"].errors.as_data()["area_file"]]


def test_ordinary_area_becomes_a_draft_with_its_page(client, programme):
    response = ask(client, programme, SQUARE)

    assert response.url == ImageryRequest.objects.get().get_absolute_url()
    assert client.get(response.url).status_code == 200


@pytest.mark.parametrize("area", [HALF_TURN, OTHER_HALF_TURN], ids=["east", "west"])
def test_area_half_round_the_globe_becomes_a_draft_with_its_page(client, programme, area):
    response = ask(client, programme, area)

    draft = ImageryRequest.objects.get()
    assert response.url == draft.get_absolute_url()
    assert Decimal(2215570) < draft.area_km2 < Decimal(2215590)
    assert client.get(response.url).status_code == 200


@pytest.mark.parametrize("area", [HEMISPHERE, WORLD], ids=["hemisphere", "world"])
def test_area_larger_than_a_continent_is_refused_with_its_figures(client, programme, area):
    response = ask(client, programme, area)

    assert (response.status_code, codes(response)) == (200, ["area_too_large"])
    assert not UploadedArea.objects.exists()
    assert not ImageryRequest.objects.exists()


def test_offer_larger_than_a_continent_is_refused_in_its_form(programme):
    asked = world.draft(programme)

    form = OfferForm({"polygon": shapely.to_geojson(HEMISPHERE)}, imagery_request=asked)

    assert [error.code for error in form.errors.as_data()["polygon"]] == ["area_too_large"]


def test_figures_of_what_is_too_large_are_told():
    with pytest.raises(AreaRefused) as refused:
        read_area(shapely.to_geojson(WORLD).encode(), "world.geojson")

    figures = [
        int(re.sub(r"\D", "", text)) for text in re.findall(r"[\d\s]+(?=km)", str(refused.value))
    ]
    assert figures == [510_065_622, 10_000_000]


def test_polygon_drawn_over_itself_many_times_is_refused_by_what_was_drawn():
    """The change by its repair would be larger than the column holds."""
    ring = [[0, 0], [30, 0], [30, 28], [0, 28], [0, 0]]
    drawn = {"type": "MultiPolygon", "coordinates": [[ring]] * 15}

    with pytest.raises(AreaRefused) as refused:
        read_area(json.dumps(drawn).encode(), "again.geojson")

    assert refused.value.codes == ("area_too_large",)


@pytest.mark.parametrize(
    "area",
    [HALF_TURN, OTHER_HALF_TURN, BAND, shapely.box(-180, 60, 180, 90)],
    ids=["east", "west", "band", "cap"],
)
def test_draft_stored_with_a_wide_area_has_its_pages(client, programme, area):
    draft = world.draft(programme)
    ImageryRequest.objects.filter(pk=draft.pk).update(aoi=to_geos_multipolygon(area))
    client.force_login(programme.requester)

    pages = [
        draft.get_absolute_url(),
        reverse("requests:edit", args=[draft.number]),
        reverse("requests:move", args=[draft.number, "cancel"]),
        reverse("requests:move", args=[draft.number, "submit"]),
    ]

    assert [client.get(page).status_code for page in pages] == [200] * len(pages)


def test_parts_all_over_the_world_are_refused_when_their_outline_is_no_order(client, programme):
    response = ask(client, programme, SCATTERED)

    assert (response.status_code, codes(response)) == (200, ["order_too_large"])
    assert not ImageryRequest.objects.exists()


def test_refused_order_tells_how_many_parts_and_km2():
    with pytest.raises(OrderTooLarge) as refused:
        operator_area(shapely.to_wkb(SCATTERED), maximum_vertices=999)

    assert "375" in str(refused.value)


class Unread(UploadedFile):
    def read(self, *_size):
        pytest.fail("the file was read")


def test_file_that_is_too_large_is_refused_unread():
    upload = Unread(name="area.geojson", size=MAXIMUM_FILE_BYTES + 1)

    with pytest.raises(AreaRefused) as refused:
        bytes_of(upload)

    assert refused.value.codes == ("file_too_large",)


def test_file_of_somebody_who_may_ask_for_nobody_is_not_read(client, programme):
    ask(client, programme, SQUARE)
    read_of_the_requester = UploadedArea.objects.count()
    client.force_login(UserFactory())

    response = client.post(reverse("requests:new"), {"area_file": file_of(SQUARE)})

    assert response.status_code == 200
    assert (read_of_the_requester, UploadedArea.objects.count()) == (1, 1)


# --- As soon as a file is chosen -------------------------------------------------------------------


def read(client, **posted):
    return client.post(reverse("requests:read_area"), posted, headers={"accept-language": "en"})


def test_chosen_file_is_told_with_its_area_and_shown(client, programme):
    client.force_login(programme.requester)

    response = read(client, area_file=file_of(SQUARE))

    kept = UploadedArea.objects.get()
    (feature,) = json.loads(response.context["map_area"].geojson)["features"]
    assert "area.geojson is read: 57.47\N{NO-BREAK SPACE}km²" in response.text
    assert f'name="area_id" value="{kept.pk}"' in response.text
    assert shapely.from_geojson(json.dumps(feature["geometry"])).equals(SQUARE)
    assert kept.uploaded_by == programme.requester


def test_chosen_file_that_is_refused_is_told_and_not_kept(client, programme):
    client.force_login(programme.requester)

    response = read(client, area_file=SimpleUploadedFile("area.geojson", b"{not json"))

    assert [refusal.code for refusal in response.context["refusals"]] == ["invalid_json"]
    assert response.context["refusals"][0].message in unescape(response.text)
    assert "area_id" not in response.text
    assert not UploadedArea.objects.exists()


def test_without_a_file_nothing_is_told(client, programme):
    client.force_login(programme.requester)

    assert read(client, layer="communes").status_code == 204


def test_file_of_whoever_may_ask_for_nobody_is_refused(client, programme):
    client.force_login(UserFactory())

    response = read(client, area_file=file_of(SQUARE))

    assert [refusal.code for refusal in response.context["refusals"]] == ["asks_for_nobody"]
    assert not UploadedArea.objects.exists()


def test_areas_read_for_a_form_are_forgotten_and_those_of_drafts_stay(programme):
    draft = world.draft(programme)
    world.area_of(programme.requester)
    recent = world.area_of(programme.requester)
    long_ago = timezone.now() - timedelta(days=8)
    UploadedArea.objects.exclude(pk=recent.pk).update(uploaded_at=long_ago)

    assert forget_uploaded_areas() == 2

    assert list(UploadedArea.objects.all()) == [recent]
    assert ImageryRequest.objects.get().aoi == draft.aoi


@pytest.mark.parametrize("field", ["title", "public_service_mission"])
def test_answer_of_one_line_takes_no_line_break(client, programme, field):
    client.force_login(programme.requester)

    response = client.post(reverse("requests:new"), {field: "Cover\nhttps://evil.example"})

    errors = response.context["form"].errors.as_data()[field]
    assert [error.code for error in errors] == ["not_one_line"]
