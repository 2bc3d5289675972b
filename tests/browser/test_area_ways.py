"""The ways to give an area, as people use them: by mouse, by keyboard, without scripts."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from playwright.sync_api import Browser, expect

from places.models import Place
from requests_app.models import ImageryRequest
from tests.browser.area_form import READ, begin, choose
from tests.browser.people import SCREEN, WISHES, Person, geojson
from tests.browser.request_form import wait_until_at_rest
from tests.places.factories import PlaceFactory
from tests.requests_app import world
from tests.requests_app.area_posts import CORNERS, two_layers
from tests.requests_app.form_posts import drafted

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("area ways")]


@pytest.fixture
def requester(person: Callable[..., Person]) -> Person:
    return begin(person("requester"))


@pytest.fixture
def montpellier(base: str) -> Place:
    square = MultiPolygon(Polygon.from_bbox((3.8, 43.55, 3.95, 43.66)), srid=4326)
    PlaceFactory(name="Montpellier-de-Médillan", code="17244", parent_label="17")
    return PlaceFactory(name="Montpellier", code="34172", geometry=square)


def test_outline_that_crosses_itself_is_shown_before_and_after_with_the_place(requester: Person):
    page = requester.page
    choose(page, "typed")
    page.fill("#id_area_typed", "POLYGON ((1.3 43.5, 1.5 43.7, 1.5 43.5, 1.3 43.7, 1.3 43.5))")

    page.keyboard.press("Tab")

    expect(page.locator("#id_agrees_to_repair")).to_be_visible()
    expect(page.locator("#area-map .map-legend li")).to_have_count(3)
    expect(page.locator("#area-map .map path[stroke='#8f1d1d']")).to_have_count(1)


# --- Each way, with scripts -----------------------------------------------------------------------


def test_only_the_chosen_way_is_shown(requester: Person):
    page = requester.page

    for way in ("upload", "draw", "place", "tile", "typed", "request"):
        choose(page, way)
        shown = page.locator(".area-way:visible").evaluate_all("all => all.map(e => e.className)")
        assert [name.split("--")[1].split()[0] for name in shown] == [way]


@pytest.mark.parametrize(
    ("way", "field", "text", "file_name"),
    [
        ("tile", "#id_area_tile", "31TEJ", "31TEJ.geojson"),
        ("typed", "#id_area_typed", "3,8 43,55 3,95 43,66", ".geojson"),
    ],
)
def test_area_in_words_is_read_when_it_is_typed(
    requester: Person, way: str, field: str, text: str, file_name: str
):
    page = requester.page
    choose(page, way)

    page.fill(field, text)
    page.locator(field).blur()
    expect(page.locator(READ)).to_be_visible()
    expect(page.locator("#panel section").first).to_be_visible()
    assert page.locator("#area-map .map-legend li").count() == 1
    assert page.locator("#area-map figcaption").inner_text().startswith("1 ")

    wait_until_at_rest(page)
    requester.confirm()
    assert drafted().aoi_file_name.endswith(file_name)


def test_enter_in_a_field_of_the_area_reads_it_and_sends_nothing(requester: Person):
    page = requester.page
    choose(page, "tile")

    page.fill("#id_area_tile", "31TEJ")
    page.keyboard.press("Enter")

    expect(page.locator(READ)).to_be_visible()
    assert ImageryRequest.objects.count() == 0


def test_place_is_looked_for_and_chosen(requester: Person, montpellier: Place):
    page = requester.page
    choose(page, "place")

    page.locator("#id_place_query").press_sequentially("montp")
    expect(page.locator("#places-found [type=checkbox]")).to_have_count(2)
    assert page.locator("#places-said").inner_text().startswith("2 ")
    page.check(f"[name=area_place][value='{montpellier.pk}']")
    expect(page.locator(READ)).to_be_visible()
    wait_until_at_rest(page)

    requester.confirm()
    assert drafted().aoi.extent == montpellier.geometry.extent


def test_swapped_axes_are_offered_the_other_way_round(
    requester: Person, programme: world.Programme
):
    """Typed latitude first, the square near Toulouse lies off Somalia."""
    here = world.square()
    entity = programme.entity
    entity.territory = here
    entity.save(update_fields=["territory"])
    west, south, east, north = here.extent
    page = requester.page

    swapped = MultiPolygon(Polygon.from_bbox((south, west, north, east)), srid=4326)
    requester.answer(area_file=geojson(swapped))
    page.check("#id_swaps_axes")
    wait_until_at_rest(page)
    requester.confirm()

    assert drafted().aoi.extent == pytest.approx(here.extent)


def test_several_places_are_chosen_one_after_the_other(requester: Person, montpellier: Place):
    page = requester.page
    PlaceFactory(name="Lunel", code="34145", geometry=world.square(west=4.1))
    choose(page, "place")

    page.locator("#id_place_query").press_sequentially("montp")
    page.check(f"[name=area_place][value='{montpellier.pk}']")
    page.fill("#id_place_query", "lunel")
    expect(page.locator("#places-found")).to_contain_text("Lunel")
    page.locator("#places-found [type=checkbox]:not(:checked)").check()
    expect(page.locator(READ)).to_contain_text("Lunel (34145), Montpellier")
    wait_until_at_rest(page)
    requester.confirm()

    assert drafted().aoi.num_geom == 2


def test_area_of_an_earlier_request_is_taken(requester: Person, programme: world.Programme):
    earlier = world.draft(programme)
    page = requester.page
    choose(page, "request")

    page.fill("#id_area_request", earlier.number)
    page.locator("#id_area_request").blur()
    expect(page.locator(READ)).to_be_visible()
    wait_until_at_rest(page)
    requester.confirm()

    later = ImageryRequest.objects.exclude(pk=earlier.pk).get()
    assert later.aoi.equals(earlier.aoi)


def test_refused_words_are_told_at_once_and_the_rest_stays(requester: Person):
    page = requester.page
    choose(page, "tile")

    page.fill("#id_area_tile", "31TXX")
    page.locator("#id_area_tile").blur()

    told = page.locator("#area-said [data-code]")
    expect(told).to_have_attribute("data-code", "tile_unknown")
    assert page.input_value("#id_title") == WISHES["title"]
    page.click("main .form__actions button")
    codes = page.locator("#id_area_tile_error li").evaluate_all("e => e.map(x => x.dataset.code)")
    assert (codes, page.input_value("#id_area_tile")) == (["tile_unknown"], "31TXX")


def test_layer_is_chosen_from_a_list(requester: Person):
    page, packed = requester.page, two_layers()
    file = {"name": "areas.zip", "mimeType": "application/zip", "buffer": packed.read()}
    page.set_input_files("#id_area_file", file)

    page.select_option("#id_layer", "south")
    expect(page.locator(READ)).to_be_visible()

    assert page.input_value("#id_layer") == "south"
    assert page.locator("#area-said [data-code]").count() == 0


# --- Without scripts (by keyboard: test_by_keyboard.py) --------------------------------------------


@pytest.fixture
def without_scripts(browser: Browser, base: str, programme: world.Programme) -> Iterator[Person]:
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": SCREEN.width, "height": 900}, locale="fr"
    )
    page = context.new_page()
    somebody = Person(page, base, []).sign_in(programme.requester)
    yield begin(somebody)
    context.close()


@pytest.mark.parametrize(
    ("way", "field", "text"),
    [
        ("draw", "#id_area_drawn", CORNERS),
        ("tile", "#id_area_tile", "31TEJ"),
        ("typed", "#id_area_typed", "43.61 N 3.88 E 5 km"),
    ],
)
def test_area_in_words_needs_no_scripts(without_scripts: Person, way: str, field: str, text: str):
    choose(without_scripts.page, way)
    without_scripts.page.fill(field, text)

    without_scripts.confirm()

    assert drafted().area_km2 > 50


def test_place_needs_no_scripts(without_scripts: Person, montpellier: Place):
    page = without_scripts.page
    choose(page, "place")
    page.fill("#id_place_query", "montpellier")
    page.click("main .form__actions button")
    assert page.locator("#id_place_query_error li").get_attribute("data-code") == "place_not_chosen"
    assert page.input_value("#id_title") == WISHES["title"]

    page.check(f"[name=area_place][value='{montpellier.pk}']")
    without_scripts.confirm()

    assert drafted().aoi.extent == montpellier.geometry.extent
