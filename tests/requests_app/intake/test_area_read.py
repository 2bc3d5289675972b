"""An area that is told and shown as soon as it is given, and taken back or kept when it is not."""

import json

import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from orbitrage.shared.geo import to_shapely
from requests_app.intake import services as intake
from requests_app.intake.forms.area import AreaWay
from requests_app.models import ImageryRequest, UploadedArea
from tests.eligibility.factories import ParameterFactory, UserFactory
from tests.requests_app import world
from tests.requests_app.area_posts import CORNERS, SQUARE, WKT, errors, send_area, two_layers
from tests.requests_app.books import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def give(client, programme):
    """Post the fields of the area alone, as the page does at once."""

    def post(user=None, **area):
        client.force_login(user or programme.requester)
        return send_area(client, **area)

    return post


# --- As soon as it is given -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "area",
    [
        {"area_way": "draw", "area_drawn": CORNERS},
        {"area_way": "typed", "area_typed": WKT},
        {"area_way": "tile", "area_tile": "31TEJ"},
    ],
    ids=["draw", "typed", "tile"],
)
def test_area_is_told_and_shown_as_soon_as_it_is_given(give, area):
    response = give(**area)

    kept = UploadedArea.objects.get()
    (feature,) = json.loads(response.context["map_area"].geojson)["features"]
    assert f'name="area_id" value="{kept.pk}"' in response.text
    assert f'name="area_given_by" value="{area["area_way"]}"' in response.text
    assert "1 part, longitude" in response.text
    shown = shapely.from_geojson(json.dumps(feature["geometry"]))
    assert shapely.equals_exact(shown, to_shapely(kept.geometry), 1e-9)


@pytest.mark.parametrize("way", AreaWay.values)
def test_way_that_gives_nothing_yet_changes_nothing(give, way):
    assert give(area_way=way, area_given_by="").status_code == 204


def test_choosing_another_way_keeps_the_area_that_was_read(ask, programme):
    kept = world.area_of(programme.requester)

    ask(area_way="tile", area_id=kept.pk, area_given_by="upload")

    assert ImageryRequest.objects.get().aoi == kept.geometry


def test_drawing_that_was_cleared_is_taken_back(give, ask, programme):
    kept = world.area_of(programme.requester)

    told = give(area_way="draw", area_given_by="draw", area_drawn="")
    sent = ask(area_way="draw", area_given_by="draw", area_drawn="", area_id=kept.pk)

    assert "area_id" not in told.text
    assert json.loads(told.context["map_area"].geojson)["features"] == []
    assert errors(sent) == {"area_drawn": ["area_missing"]}


def test_file_is_sent_once_and_stays(ask, programme):
    kept = world.area_of(programme.requester)

    ask(area_way="upload", area_given_by="upload", area_id=kept.pk)

    assert ImageryRequest.objects.get().aoi == kept.geometry


def test_what_was_done_to_the_area_unasked_is_told(give):
    response = give(area_way="typed", area_typed="POLYGON ((3 43, 4 43, 4 44, 3 44))")

    assert response.context["area"].notes == ["1 ring was not closed; it was closed."]
    assert ">1 ring was not closed; it was closed.</p>" in response.text


def test_fault_of_a_field_is_told_as_a_refusal(give):
    response = give(area_way="tile", area_tile="31TEJ\n31TDJ")

    assert [refusal.code for refusal in response.context["refusals"]] == ["not_one_line"]


@pytest.mark.parametrize(
    "area",
    [
        {"area_way": "draw", "area_drawn": CORNERS},
        {"area_way": "typed", "area_typed": WKT},
        {"area_way": "tile", "area_tile": "31TEJ"},
    ],
    ids=["draw", "typed", "tile"],
)
def test_area_of_whoever_may_ask_for_nobody_is_refused(give, area):
    response = give(UserFactory(), **area)

    assert [refusal.code for refusal in response.context["refusals"]] == ["asks_for_nobody"]
    assert not UploadedArea.objects.exists()


# --- A file with several layers -------------------------------------------------------------------


def test_layers_come_as_a_list_to_choose_from(give):
    response = give(area_way="upload", area_file=two_layers())

    assert [refusal.code for refusal in response.context["refusals"]] == ["choose_layer"]
    assert '<option value="north">north</option>' in response.text
    assert '<option value="south">south</option>' in response.text
    assert 'name="layer_of" value="areas.zip"' in response.text


def test_layer_that_was_chosen_is_read_and_the_choice_stays(give):
    response = give(area_way="upload", area_file=two_layers(), layer="south", layer_of="areas.zip")

    assert UploadedArea.objects.get().geometry.extent == (1, 43, 1.1, 43.1)
    assert "area-layers" not in response.text


def test_layer_of_another_file_is_not_asked_of_this_one(give):
    give(
        area_way="upload", layer="south", layer_of="areas.zip",
        area_file=SimpleUploadedFile("one.geojson", shapely.to_geojson(SQUARE).encode()),
    )  # fmt: skip

    assert to_shapely(UploadedArea.objects.get().geometry).equals(SQUARE)


def test_form_sent_without_scripts_asks_for_the_layer(ask):
    response = ask(area_way="upload", area_file=two_layers())

    assert errors(response) == {"area_file": ["choose_layer"]}
    assert '<option value="south">south</option>' in response.text


def test_layer_that_is_not_in_the_file_is_refused_with_those_that_are(give):
    response = give(area_way="upload", area_file=two_layers(), layer="east", layer_of="areas.zip")

    assert [refusal.code for refusal in response.context["refusals"]] == ["unknown_layer"]
    assert '<option value="south">south</option>' in response.text


# --- How many are kept ----------------------------------------------------------------------------


def test_account_keeps_a_number_of_areas_and_is_told(programme, give):
    ParameterFactory(
        code="kept-areas-maximum", amount=2, valid_from=timezone.localdate(), unit="areas"
    )
    for _ in range(2):
        give(area_way="typed", area_typed=WKT)

    with refused("too_many_areas") as caught:
        intake.keep_typed_area(user=programme.requester, text=WKT)

    assert "2 areas, of 2" in str(caught.value)
    assert UploadedArea.objects.count() == 2
    assert intake.keep_typed_area(user=programme.colleague, text=WKT).pk
