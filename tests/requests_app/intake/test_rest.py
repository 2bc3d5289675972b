"""One click that asks only for what is not available yet."""

import pytest
import shapely
from django.urls import reverse
from django.utils.translation import override

from orbitrage.shared.geo import geodesic_area_km2, to_shapely
from requests_app.aoi.reading import AreaRefused
from requests_app.intake import services as intake
from requests_app.models import ImageryRequest, UploadedArea
from tests.catalogue.factories import ItemFactory
from tests.requests_app import world
from tests.requests_app.area_posts import CORNERS, answers
from tests.requests_app.pages import text_of

pytestmark = pytest.mark.django_db

REST = shapely.box(1.348, 43.5, 1.38, 43.58)
HTMX = {"HX-Request": "true", "accept-language": "en"}
PLAIN = {"accept-language": "en"}


@pytest.fixture
def click(client, programme):
    def post(headers=HTMX, user=None, number=None, **typed):
        client.force_login(user or programme.requester)
        name, args = ("rest_of_change", [number]) if number else ("rest", [])
        return client.post(
            reverse(f"requests:{name}", args=args), answers(programme, **typed), headers=headers
        )

    return post


def newest() -> UploadedArea:
    return UploadedArea.objects.latest("pk")


def refusals(programme, **wanted):
    with pytest.raises(AreaRefused) as caught:
        intake.keep_remaining(user=programme.requester, draft=world.draft(programme, **wanted))
    return caught.value.codes


# --- The service ----------------------------------------------------------------------------------


def test_rest_is_what_was_asked_less_what_is_there(programme, covered):
    draft = world.draft(programme)

    with override("en"):
        area = intake.keep_remaining(user=programme.requester, draft=draft)

    assert to_shapely(area.geometry).symmetric_difference(REST).area < 1e-9
    assert abs(area.area_km2 - geodesic_area_km2(REST)) < world.km2("0.001")
    assert (area.uploaded_by, area.file_name) == (programme.requester, "rest of area.geojson")


def test_nothing_remains_of_what_is_all_there(programme):
    ItemFactory(sensor=programme.sensor, footprint=world.square())

    assert refusals(programme) == ("nothing_remains",)


def test_all_remains_of_what_is_not_there(programme):
    assert refusals(programme) == ("nothing_available",)


def test_images_of_others_cover_nothing(programme):
    ItemFactory(sensor=programme.sensor, footprint=world.square(), audience=["entity:999999"])

    assert refusals(programme) == ("nothing_available",)


def test_no_part_is_taken_of_a_mended_outline_that_nobody_agreed_to(programme, covered):
    draft = world.draft(programme)
    draft.aoi_repaired = True

    with pytest.raises(AreaRefused) as caught:
        intake.keep_remaining(user=programme.requester, draft=draft)

    assert caught.value.codes == ("repair_not_agreed",)
    draft.agrees_to_repair = True
    assert intake.keep_remaining(user=programme.requester, draft=draft).area_km2 > 0


# --- Beside the form ------------------------------------------------------------------------------


def test_click_puts_the_rest_in_place_of_the_area_and_its_map(programme, covered, click):
    area = world.area_of(programme.requester)

    response = click(area_id=area.pk)

    assert f'name="area_id" value="{newest().pk}"' in response.text
    assert 'name="area_given_by" value="rest"' in response.text
    assert 'id="area-map" hx-swap-oob="true"' in response.text
    assert newest() != area


def test_the_rest_stands_against_the_fields_that_still_give_the_whole(
    programme, covered, click, client
):
    """With scripts the fields stay as they were filled in: they gave the area before."""
    typed = {"area_way": "draw", "area_drawn": CORNERS}
    click(area_id=world.area_of(programme.requester).pk, **typed)

    client.post(
        reverse("requests:new"),
        answers(programme, area_id=newest().pk, area_given_by="rest", **typed)
        | {"agrees_to_enlargement": "on"},
    )

    assert to_shapely(ImageryRequest.objects.get().aoi).symmetric_difference(REST).area < 1e-9


def test_another_area_given_afterwards_replaces_the_rest(programme, covered, click, client):
    click(area_id=world.area_of(programme.requester).pk)
    kept = newest()

    response = client.post(
        reverse("requests:read_area"),
        {"area_way": "typed", "area_typed": "1, 43, 1.1, 43.1", "area_given_by": "rest"},
    )

    assert newest() != kept
    assert 'name="area_given_by" value="typed"' in response.text


def test_click_where_nothing_remains_says_so_and_leaves_the_area(programme, click):
    ItemFactory(sensor=programme.sensor, footprint=world.square())
    area = world.area_of(programme.requester)

    response = click(area_id=area.pk)

    assert 'data-code="nothing_remains"' in response.text
    assert f'name="area_id" value="{area.pk}"' in response.text
    assert newest() == area


def test_area_of_somebody_else_is_not_cut(programme, covered, click):
    area = world.area_of(programme.colleague)

    response = click(area_id=area.pk)

    assert newest() == area
    assert 'name="area_id"' not in response.text


def test_click_on_a_change_cuts_the_area_of_the_request(programme, covered, click):
    draft = world.draft(programme)

    response = click(number=draft.number)

    assert f'name="area_id" value="{newest().pk}"' in response.text
    draft.refresh_from_db()
    assert to_shapely(draft.aoi).equals(to_shapely(world.square()))


def test_click_on_what_one_may_not_change_does_nothing(programme, covered, click):
    request = world.submitted(programme)
    count = UploadedArea.objects.count()

    assert click(number=request.number).status_code == 403
    assert click(number=request.number, user=programme.stranger).status_code == 404
    assert UploadedArea.objects.count() == count


# --- Without scripts ------------------------------------------------------------------------------


def test_check_button_shows_the_panel_in_the_form_and_saves_nothing(programme, covered, client):
    client.force_login(programme.requester)
    typed = answers(programme, area_id=world.area_of(programme.requester).pk, check="1")

    response = client.post(reverse("requests:new"), typed, headers=PLAIN)

    assert response.status_code == 200
    assert "60% available already" in text_of(response)
    assert 'formaction="/requests/rest/"' in response.text
    assert response.context["form"]["title"].value() == typed["title"]
    assert not ImageryRequest.objects.exists()


def test_check_button_of_a_change_saves_nothing(programme, covered, client):
    draft = world.draft(programme)
    client.force_login(programme.requester)

    response = client.post(
        reverse("requests:edit", args=[draft.number]),
        answers(programme, check="1", title="Another title"),
        headers=PLAIN,
    )

    assert "60% available already" in text_of(response)
    assert response.context["form"]["title"].value() == "Another title"
    draft.refresh_from_db()
    assert draft.title == world.ANSWERS["title"]


def test_whole_form_comes_back_with_the_rest_and_all_that_was_typed(programme, covered, click):
    response = click(
        PLAIN,
        area_id=world.area_of(programme.requester).pk,
        area_given_by="draw",
        area_way="draw",
        area_drawn=CORNERS,
    )

    assert response.context["area"] == newest()
    assert response.context["form"]["title"].value() == world.ANSWERS["title"]
    assert response.context["form"]["area_drawn"].value() is None
    assert "0% is available to you" in text_of(response)


def test_form_that_came_back_is_sent_with_the_rest(programme, covered, click, client):
    click(PLAIN, area_id=world.area_of(programme.requester).pk)

    client.post(
        reverse("requests:new"),
        answers(programme, area_id=newest().pk, area_given_by="", agrees_to_enlargement="on"),
    )

    assert to_shapely(ImageryRequest.objects.get().aoi).symmetric_difference(REST).area < 1e-9


def test_change_comes_back_with_the_rest(programme, covered, click):
    draft = world.draft(programme)

    response = click(PLAIN, number=draft.number)

    assert response.context["area"] == newest()
    assert "0% is available to you" in text_of(response)


def test_refusal_is_said_on_the_whole_form(programme, click):
    area = world.area_of(programme.requester)

    response = click(PLAIN, area_id=area.pk)

    assert "is available to you yet: all of it remains." in text_of(response)
    assert response.context["area"] == area
