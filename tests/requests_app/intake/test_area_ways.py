"""The ways to give an area: each ends in an area that is kept, or in a refusal beside its field."""

from html import unescape

import pytest
from django.urls import reverse

from orbitrage.shared.geo import to_geos_multipolygon, to_shapely
from places.models import Place
from requests_app.aoi.reading import AreaRefused
from requests_app.intake import services as intake
from requests_app.intake.forms.area import FIELDS, AreaForm, AreaWay
from requests_app.models import ImageryRequest, UploadedArea
from tests.places.factories import PlaceFactory
from tests.requests_app import world
from tests.requests_app.area_posts import CORNERS, SQUARE, WKT, answers, errors

pytestmark = pytest.mark.django_db


# --- Each way ends in a draft ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("area", "file_name"),
    [
        ({"area_way": "draw", "area_drawn": CORNERS}, "drawing.geojson"),
        ({"area_way": "typed", "area_typed": "1.3, 43.5, 1.38, 43.58"}, "box.geojson"),
        ({"area_way": "typed", "area_typed": WKT}, "typed.wkt"),
    ],
    ids=["drawn", "box", "wkt"],
)
def test_area_given_in_words_becomes_a_draft(ask, area, file_name):
    response = ask(**area)

    draft = ImageryRequest.objects.get()
    assert response.url == draft.get_absolute_url()
    assert to_shapely(draft.aoi).equals(SQUARE)
    assert draft.aoi_file_name == file_name


def test_circle_becomes_a_draft(ask):
    ask(area_way="typed", area_typed="43.61 N 3.88 E 5 km")

    assert 78.4 < ImageryRequest.objects.get().area_km2 < 78.6  # π × 5² less what corners cut


def test_tile_becomes_a_draft(ask):
    ask(area_way="tile", area_tile="t31tej")

    draft = ImageryRequest.objects.get()
    assert draft.aoi_file_name == "31TEJ.geojson"
    assert 12_000 < draft.area_km2 < 12_100


def test_place_becomes_a_draft(ask):
    place = PlaceFactory(name="Montpellier", code="34172", geometry=to_geos_multipolygon(SQUARE))

    ask(area_way="place", place_query="montp", area_place=place.pk)

    draft = ImageryRequest.objects.get()
    assert to_shapely(draft.aoi).equals(SQUARE)
    assert draft.aoi_file_name == "Montpellier (34172).geojson"


def test_several_places_become_one_area(ask):
    names = {"Montpellier": (3.8, "34172"), "Lunel": (4.1, "34145"), "Sète": (3.6, "34301")}
    places = [
        PlaceFactory(name=name, code=code, geometry=world.square(west=west, south=43.5))
        for name, (west, code) in names.items()
    ]

    ask(area_way="place", place_query="lun", area_place=[place.pk for place in places])

    draft = ImageryRequest.objects.get()
    assert (draft.aoi.num_geom, draft.aoi_file_name) == (
        3, "Lunel (34145), Montpellier (34172), Sète (34301).geojson",
    )  # fmt: skip


def test_places_that_were_chosen_stay_on_the_list_of_others(client, programme):
    chosen, found = PlaceFactory(name="Lunel"), PlaceFactory(name="Montpellier")
    client.force_login(programme.requester)
    typed = {"place_query": "montp", "area_place": chosen.pk}

    page = client.get(reverse("requests:places"), typed).text

    boxes = [f'name="area_place" value="{each.pk}"' in page for each in (chosen, found)]
    assert (boxes, page.count(" checked")) == ([True, True], 1)


def test_more_places_than_make_one_area_are_refused(ask):
    places = PlaceFactory.create_batch(51, name="Villeneuve")

    response = ask(area_way="place", area_place=[place.pk for place in places])

    assert set(errors(response)) == {"area_place"}
    assert UploadedArea.objects.count() == 0


def test_area_of_an_earlier_request_becomes_a_draft(ask, programme):
    earlier = world.draft(programme, aoi=world.square(size_deg=0.12))

    ask(area_way="request", area_request=f" {earlier.number.lower()} ")

    later = ImageryRequest.objects.exclude(pk=earlier.pk).get()
    assert later.aoi.equals(earlier.aoi)
    assert later.aoi_file_name == f"{earlier.number}.geojson"


@pytest.mark.parametrize("way", AreaWay.values)
def test_every_way_is_on_the_form(client, programme, way):
    client.force_login(programme.requester)

    page = client.get(reverse("requests:new")).text

    assert f'name="area_way" value="{way}"' in page
    assert f"area-way--{way}" in page


# --- Refusals, beside their field -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("way", "typed", "code"),
    [
        ("draw", "1 43\n1.1 43\n1.1 43,x", "corner_not_understood"),
        ("tile", "31TXX", "tile_unknown"),
        ("typed", "between the river and the road", "typed_not_understood"),
        ("typed", "POLYGON ((1 43, 2 43", "invalid_wkt"),
        ("typed", "POLYGON EMPTY", "no_polygon"),
        ("request", "R2026-999999", "request_not_found"),
    ],
)
def test_refused_area_is_told_beside_its_field_and_stays_typed(ask, way, typed, code):
    response = ask(area_way=way, **{FIELDS[way]: typed})

    assert response.status_code == 200
    assert errors(response) == {FIELDS[way]: [code]}
    assert typed in unescape(response.text)
    assert 'value="Cover of the commune"' in response.text
    assert f'name="area_way" value="{way}"' in response.text
    assert response.context["form"]["area_way"].value() == way
    assert (ImageryRequest.objects.count(), UploadedArea.objects.count()) == (0, 0)


@pytest.mark.parametrize("way", AreaWay.values)
def test_way_without_its_area_is_asked_for_it(ask, way):
    response = ask(area_way=way)

    field = "place_query" if way == "place" else FIELDS[way]
    assert errors(response) == {field: ["area_missing"]}


def test_text_that_is_too_long_is_refused(ask):
    response = ask(area_way="typed", area_typed="1" * 200_001)

    assert errors(response) == {"area_typed": ["max_length"]}


def test_way_that_is_none_is_refused(ask):
    assert errors(ask(area_way="telepathy")) == {"area_way": ["invalid_choice"]}


# --- Places ---------------------------------------------------------------------------------------


def test_place_is_chosen_among_those_found(ask):
    PlaceFactory(name="Saint-Denis", code="97411")
    PlaceFactory(name="Saint-Denis-d'Oléron", code="17323")

    response = ask(area_way="place", place_query="st denis")

    assert errors(response) == {"place_query": ["place_not_chosen"]}
    assert response.text.count('name="area_place"') == 2
    assert 'value="st denis"' in response.text


def test_place_that_nobody_knows_is_told(ask):
    assert errors(ask(area_way="place", place_query="Ys")) == {"place_query": ["place_not_found"]}


@pytest.mark.parametrize("chosen", ["0", "-1", "9" * 30, "x"])
def test_place_that_was_not_found_is_not_taken(ask, chosen):
    PlaceFactory(name="Montpellier")

    response = ask(area_way="place", place_query="montpellier", area_place=chosen)

    assert errors(response) == {"area_place": ["invalid_choice"]}


def test_place_that_left_the_register_meanwhile_is_refused(programme):
    place = PlaceFactory()
    kept = intake.keep_places(user=programme.requester, place_ids=[place.pk])
    Place.objects.all().delete()

    with pytest.raises(AreaRefused) as refused:
        intake.keep_places(user=programme.requester, place_ids=[place.pk])

    assert kept.file_name.startswith(place.name)
    assert refused.value.codes == ("place_unknown",)


def test_places_come_as_a_list_to_choose_from(client, programme):
    chosen = PlaceFactory(
        name="Hérault", kind="department", code="34", parent_label="Occitanie (76)"
    )
    client.force_login(programme.requester)

    page = client.get(
        reverse("requests:places"), {"place_query": "herau"}, headers={"accept-language": "en"}
    ).text

    assert f'name="area_place" value="{chosen.pk}"' in page
    assert "Hérault – Department, Occitanie (76), 57.47 km²" in page
    assert "1 place is found." in page


@pytest.mark.parametrize("typed", ["", " ", "'", "&|!():*", "\0", "x" * 5_000, "%", "1e999"])
def test_hostile_search_finds_nothing(client, programme, typed):
    PlaceFactory()
    client.force_login(programme.requester)

    response = client.get(reverse("requests:places"), {"place_query": typed})

    assert response.status_code == 200
    assert "area_place" not in response.text


def test_list_of_places_takes_as_many_queries_for_three_as_for_one(
    client, programme, django_assert_max_num_queries
):
    client.force_login(programme.requester)
    counts = []
    for count in (1, 2):
        PlaceFactory.create_batch(count, name="Villeneuve")
        with django_assert_max_num_queries(9) as queries:
            page = client.get(reverse("requests:places"), {"place_query": "villeneuve"}).text
        counts.append((page.count('name="area_place"'), len(queries)))

    (few, queries_for_few), (more, queries_for_more) = counts
    assert (few, more) == (1, 3)
    assert queries_for_few == queries_for_more


# --- An earlier request ---------------------------------------------------------------------------


def test_request_that_one_may_not_see_is_as_one_that_is_not(ask, programme):
    private = world.draft(programme)
    ImageryRequest.objects.update(requester=programme.colleague)
    assert ask(programme.colleague, area_way="request", area_request=private.number).url

    response = ask(area_way="request", area_request=private.number)
    absent = ask(area_way="request", area_request="R2026-999999")

    assert errors(response) == errors(absent) == {"area_request": ["request_not_found"]}
    (told,) = response.context["form"].errors["area_request"]
    (told_of_none,) = absent.context["form"].errors["area_request"]
    assert told == told_of_none.replace("R2026-999999", private.number)


def test_only_requests_that_one_may_see_are_proposed(client, programme):
    mine, private = world.draft(programme), world.draft(programme)
    ImageryRequest.objects.filter(pk=private.pk).update(requester=programme.colleague)
    client.force_login(programme.requester)

    page = client.get(reverse("requests:new")).text

    assert f'<option value="{mine.number}">' in page
    assert private.number not in page


# --- A request that is being changed --------------------------------------------------------------


def test_area_of_a_draft_is_replaced_by_a_tile(client, programme):
    draft = world.draft(programme)
    client.force_login(programme.requester)

    client.post(
        reverse("requests:edit", args=[draft.number]),
        answers(programme, area_way="tile", area_tile="31TEJ"),
    )

    assert ImageryRequest.objects.get().aoi_file_name == "31TEJ.geojson"


@pytest.mark.parametrize("way", AreaWay.values)
def test_area_of_a_draft_stays_when_none_is_given(client, programme, way):
    draft = world.draft(programme)
    client.force_login(programme.requester)

    client.post(
        reverse("requests:edit", args=[draft.number]), answers(programme, area_way=way, title="New")
    )

    changed = ImageryRequest.objects.get()
    assert (changed.title, changed.aoi) == ("New", draft.aoi)


def test_form_offers_nothing_of_an_area_by_itself():
    form = AreaForm({"area_way": "upload"})

    assert form.is_valid()
    assert form.given is None
