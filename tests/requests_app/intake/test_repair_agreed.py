"""An outline that crosses itself is mended with the requester's agreement, and not otherwise; axes
that look swapped are swapped when the requester says so."""

import json
from decimal import Decimal

import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from eligibility.models import Sensor
from orbitrage.shared.geo import to_geos_multipolygon, to_shapely
from requests_app.intake import services as intake
from requests_app.intake.forms.answers import RequestForm
from requests_app.models import ImageryRequest, UploadedArea
from tests.requests_app import world
from tests.requests_app.area_posts import send_area, send_form
from tests.requests_app.books import refused
from tests.requests_app.outlines import BOW_TIE, TERRITORY, drawn

pytestmark = pytest.mark.django_db

SQUARE = [[1.3, 43.5], [1.4, 43.5], [1.4, 43.6], [1.3, 43.6], [1.3, 43.5]]


def kept(programme, ring=BOW_TIE) -> UploadedArea:
    return intake.keep_area(user=programme.requester, data=drawn(ring), file_name="a.geojson")


def draft_of(programme, *, agrees: bool) -> ImageryRequest:
    request = intake.draft_of(
        user=programme.requester,
        entity=programme.entity,
        mandate=None,
        sensor=programme.sensor,
        area=kept(programme),
        answers=world.ANSWERS | {"agrees_to_repair": agrees},
    )
    return intake.create_draft(draft=request, user=programme.requester)


def test_request_is_not_submitted_with_a_repair_nobody_agreed_to(programme):
    request = draft_of(programme, agrees=False)

    with refused("repair_not_agreed"):
        intake.submit(request_id=request.pk, user=programme.requester)


def test_open_data_are_not_given_for_a_repair_nobody_agreed_to(programme):
    programme.sensor = Sensor.objects.get(code="sentinel2")
    request = draft_of(programme, agrees=False)

    with refused("repair_not_agreed"):
        intake.submit(request_id=request.pk, user=programme.requester)

    ImageryRequest.objects.filter(pk=request.pk).update(agrees_to_repair=True)
    assert intake.submit(request_id=request.pk, user=programme.requester).state == "closed"


def test_request_is_submitted_with_a_repair_agreed_to(programme):
    request = draft_of(programme, agrees=True)

    submitted = intake.submit(request_id=request.pk, user=programme.requester)

    assert (submitted.state, submitted.aoi_repaired) == ("submitted", True)


def test_agreement_to_one_repair_is_none_to_the_next(programme):
    request = draft_of(programme, agrees=True)

    intake.update_draft(
        request_id=request.pk,
        user=programme.requester,
        sensor=programme.sensor,
        answers=world.ANSWERS,
        area=kept(programme),
    )

    assert not ImageryRequest.objects.get(pk=request.pk).agrees_to_repair


def test_repair_nobody_agreed_to_is_never_stored_as_submitted(programme):
    request = world.submitted(programme)

    with pytest.raises(IntegrityError, match="request_repair_agreed_to"), transaction.atomic():
        ImageryRequest.objects.filter(pk=request.pk).update(aoi_repaired=True)


def test_kept_area_knows_what_was_drawn_and_where_the_fault_is(programme):
    area = kept(programme)

    assert shapely.from_wkb(bytes(area.drawn.wkb)).equals_exact(
        shapely.MultiPolygon([shapely.Polygon(BOW_TIE)])
    )
    assert (area.first_fault.longitude, area.first_fault.latitude) == pytest.approx((1.4, 43.6))
    assert area.drawn_km2 == area.area_km2 - area.repair_change_km2
    assert area.repair_change_km2 > Decimal(100)


# --- On the form ----------------------------------------------------------------------------------


def read(client, programme, ring):
    client.force_login(programme.requester)
    return client.post(
        reverse("requests:read_area"),
        {"area_file": SimpleUploadedFile("a.geojson", drawn(ring))},
        headers={"accept-language": "en"},
    )


def test_form_shows_before_after_and_the_place_and_asks(client, programme):
    response = read(client, programme, BOW_TIE)

    features = json.loads(response.context["map_area"].geojson)["features"]
    assert [feature["properties"]["role"] for feature in features] == ["drawn", "aoi", "fault"]
    assert 'name="agrees_to_repair"' in response.text
    assert "First at longitude 1.4000°, latitude 43.6000°." in response.text
    assert "swaps_axes" not in response.text


@pytest.mark.parametrize(
    "area",
    [
        {"area_way": "draw", "area_drawn": "1.3 43.5\n1.5 43.7\n1.5 43.5\n1.3 43.7"},
        {"area_way": "typed", "area_typed": shapely.Polygon(BOW_TIE).wkt},
    ],
    ids=["draw", "typed"],
)
def test_outline_given_without_a_file_is_shown_before_and_after_too(client, programme, area):
    client.force_login(programme.requester)

    response = send_area(client, **area)

    features = json.loads(response.context["map_area"].geojson)["features"]
    assert [feature["properties"]["role"] for feature in features] == ["drawn", "aoi", "fault"]
    assert 'name="agrees_to_repair"' in response.text


def test_form_asks_nothing_about_a_sound_outline(client, programme):
    response = read(client, programme, SQUARE)

    features = json.loads(response.context["map_area"].geojson)["features"]
    assert [feature["properties"]["role"] for feature in features] == ["aoi"]
    assert "agrees_to_repair" not in response.text


@pytest.mark.parametrize("agrees", [False, True])
def test_form_takes_a_mended_outline_only_with_agreement(client, programme, agrees):
    area = kept(programme)
    client.force_login(programme.requester)
    typed = {name: value for name, value in world.ANSWERS.items() if value not in (None, False)}
    typed |= {"sensor": programme.sensor.pk, "on_behalf": f"{programme.entity.pk}-0"}
    typed |= {"is_emergency": "no", "area_id": area.pk}
    typed |= {"agrees_to_repair": "on"} if agrees else {}

    response = client.post(reverse("requests:new"), typed)

    if agrees:
        assert ImageryRequest.objects.get().agrees_to_repair
    else:
        errors = response.context["form"].errors.as_data()["agrees_to_repair"]
        assert [error.code for error in errors] == ["repair_not_agreed"]
        assert response.context["area"] == area
        assert not ImageryRequest.objects.exists()


def test_form_of_a_sound_area_needs_no_agreement(programme):
    form = RequestForm({}, area=kept(programme, SQUARE))

    assert "agrees_to_repair" not in form.errors


# --- Swapped axes ---------------------------------------------------------------------------------


def in_territory(programme) -> None:
    programme.entity.territory = to_geos_multipolygon(TERRITORY)
    programme.entity.save(update_fields=["territory"])


def swapped(ring: list[list[float]]) -> list[list[float]]:
    return [[y, x] for x, y in ring]


def test_area_that_looks_swapped_is_kept_as_it_is_and_asked_about(client, programme):
    in_territory(programme)

    response = read(client, programme, swapped(SQUARE))

    area = UploadedArea.objects.get()
    assert area.looks_swapped
    assert area.geometry.extent == pytest.approx((43.5, 1.3, 43.6, 1.4))
    assert 'name="swaps_axes"' in response.text


def test_axes_are_swapped_when_the_requester_says_so(client, programme):
    in_territory(programme)
    area = kept(programme, swapped(SQUARE))
    client.force_login(programme.requester)

    response = client.post(reverse("requests:new"), {"area_id": area.pk, "swaps_axes": "on"})

    found = response.context["area"]
    assert to_shapely(found.geometry).equals(shapely.Polygon(SQUARE))
    assert not found.looks_swapped
    assert found.area_km2 == kept(programme, SQUARE).area_km2


def test_axes_of_an_area_sent_with_the_answers_are_swapped_too(client, programme):
    in_territory(programme)
    client.force_login(programme.requester)
    typed = shapely.Polygon(swapped(SQUARE)).wkt

    send_form(client, programme, area_way="typed", area_typed=typed, swaps_axes="on")

    request = ImageryRequest.objects.get()
    assert to_shapely(request.aoi).equals(shapely.Polygon(SQUARE))


def test_notes_of_a_reading_stay_with_the_area_whose_axes_are_swapped(programme):
    in_territory(programme)
    area = kept(programme, swapped(SQUARE[:-1]))

    turned = intake.swap_axes(user=programme.requester, area=area)

    assert len(turned.notes) == 1
    assert turned.notes == area.notes


def test_axes_that_do_not_look_swapped_stay(programme):
    in_territory(programme)
    area = kept(programme, SQUARE)

    with refused("axes_not_swapped"):
        intake.swap_axes(user=programme.requester, area=area)

    assert UploadedArea.objects.count() == 1
