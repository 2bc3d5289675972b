"""A request as somebody makes and decides it who has no mouse: nothing here points or clicks."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.urls import reverse
from playwright.sync_api import Page, expect

from requests_app.models import ImageryRequest
from tests.browser.area_form import DRAWING, READ, rings, wait_until_map_is_seen
from tests.browser.keyboard import press, tab_to, type_in
from tests.browser.people import PASSWORD, WISHES, Person, geojson
from tests.browser.request_form import wait_until_at_rest
from tests.places.factories import PlaceFactory
from tests.requests_app import world
from tests.requests_app.area_posts import CORNERS

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("keyboard")]

WAYS = ("upload", "draw", "place", "tile", "typed", "request")
AREA = MultiPolygon(Polygon.from_bbox((1.3, 43.5, 1.38, 43.58)), srid=4326)
# What a reader of the page is told who does not see the map: parts, longitudes, latitudes.
SAYS = re.compile(r"^1 .*1,3°.*1,38°.*43,5°.*43,58°")
SAVE = "main .form__actions button"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    written = tmp_path / "zone.geojson"
    written.write_bytes(geojson(AREA)["buffer"])
    return written


@pytest.fixture
def requester(person: Callable[..., Person], file: Path) -> Person:
    somebody = person("requester")
    # The browser hands its dialogs over once told to, which a listener from the start has it be.
    somebody.page.on("filechooser", lambda chooser: chooser.set_files(file))
    somebody.page.goto(somebody.base + reverse("requests:new") + "?depth=expert")
    nobody_is_in_danger(somebody.page)
    return somebody


def nobody_is_in_danger(page: Page) -> None:
    """Asked before anything else, and not answered beforehand."""
    tab_to(page, "main form :is(input, select, textarea)")
    assert page.evaluate("document.activeElement.name") == "is_emergency"
    assert not page.locator("[name=is_emergency]:checked").count()
    page.keyboard.press("Space")
    expect(page.locator("[name=is_emergency][value=no]")).to_be_checked()


# --- Each way to give an area ---------------------------------------------------------------------


def choose(page: Page, way: str) -> None:
    """The radio buttons of the ways are one stop of Tab; the arrows go from one to the next."""
    tab_to(page, "[name=area_way]")
    for _ in range(WAYS.index(way)):
        page.keyboard.press("ArrowDown")
    expect(page.locator(f"[name=area_way][value={way}]")).to_be_checked()


def say_what_for(page: Page) -> None:
    type_in(page, "#id_title", WISHES["title"])
    type_in(page, "#id_purpose", WISHES["purpose"])


def upload(page: Page) -> None:
    tab_to(page, "#id_area_file")
    page.keyboard.press("Space")


def draw(page: Page) -> None:
    type_in(page, "#id_area_drawn", CORNERS)
    page.keyboard.press("Tab")


def find_place(page: Page) -> None:
    PlaceFactory(name="Montpellier-de-Médillan", code="17244", parent_label="17")
    PlaceFactory(name="Montpellier", code="34172", geometry=AREA)
    # What is found for half a word is replaced by what is found for the whole.
    with page.expect_response(re.compile("place_query=montpellier(&|$)")):
        type_in(page, "#id_place_query", "montpellier")
    expect(page.locator("#places-found [type=checkbox]")).to_have_count(2)
    tab_to(page, "[name=area_place]")
    page.keyboard.press("Space")


def name_tile(page: Page) -> None:
    type_in(page, "#id_area_tile", "31TCJ")
    page.keyboard.press("Enter")


def type_box(page: Page) -> None:
    type_in(page, "#id_area_typed", "1,3 43,5 1,38 43,58")
    page.keyboard.press("Tab")


def name_request(page: Page) -> None:
    type_in(page, "#id_area_request", ImageryRequest.objects.get().number)
    page.keyboard.press("Tab")


GIVE: dict[str, Callable[[Page], None]] = {
    "upload": upload,
    "draw": draw,
    "place": find_place,
    "tile": name_tile,
    "typed": type_box,
    "request": name_request,
}


@pytest.mark.parametrize("way", WAYS)
def test_area_is_given_and_described_without_a_mouse(
    requester: Person, programme: world.Programme, way: str
):
    page = requester.page
    earlier = [world.draft(programme, aoi=AREA)] if way == "request" else []

    choose(page, way)
    GIVE[way](page)
    expect(page.locator(READ)).to_be_visible()
    wait_until_at_rest(page)  # half of a box is one too: it is read while the rest is typed
    told = page.locator("#area-map figcaption").inner_text()
    say_what_for(page)
    press(page, SAVE)

    drafted = ImageryRequest.objects.exclude(pk__in=[each.pk for each in earlier]).get()
    assert told in page.locator("main figcaption").inner_text()
    if way == "tile":
        assert (told[:2], drafted.aoi_file_name) == ("1 ", "31TCJ.geojson")
    else:
        assert SAYS.match(told)
        assert drafted.aoi.extent == AREA.extent


def test_rectangle_is_drawn_without_a_mouse(requester: Person):
    page = requester.page
    choose(page, "draw")
    wait_until_map_is_seen(page)
    tab_to(page, ".area-way--draw .map-tools button:nth-of-type(2)")
    page.keyboard.press("Enter")
    tab_to(page, DRAWING)

    page.keyboard.press("Enter")
    move_map(page, "ArrowRight")
    move_map(page, "ArrowDown")
    page.keyboard.press("Enter")

    assert rings(page) == [[4]]
    expect(page.locator(READ)).to_be_visible()
    assert page.locator("#area-map figcaption").inner_text().startswith("1 ")


def move_map(page: Page, key: str) -> None:
    """It glides there, and says when it has come to rest."""
    page.evaluate(
        """selector => {
            const { map } = window.Orbitrage.maps.get(document.querySelector(selector));
            window.hasCome = new Promise((done) => map.once("moveend", () => done(true)));
        }""",
        DRAWING,
    )
    page.keyboard.press(key)
    assert page.evaluate("window.hasCome")


# --- From the request to its order ----------------------------------------------------------------


def sign_in(somebody: Person, email: str) -> None:
    somebody.page.goto(somebody.base)
    press(somebody.page, 'a[href="/accounts/login/"]')
    type_in(somebody.page, "#id_login", email)
    type_in(somebody.page, "#id_password", PASSWORD)
    press(somebody.page, "main form button")


def move(page: Page, name: str, **answers: str | bool) -> None:
    """From the page of the request: its link, what it asks for, its button."""
    press(page, f'main a[href$="/do/{name}/"]')
    for field, answer in answers.items():
        if answer is True:
            tab_to(page, f"#id_{field}")
            page.keyboard.press("Space")
        else:
            type_in(page, f"#id_{field}", str(answer))
    press(page, SAVE)


def test_request_is_submitted_and_found_in_the_list_without_a_mouse(
    person: Callable[..., Person], programme: world.Programme, file: Path
):
    somebody = person()
    page = somebody.page
    page.on("filechooser", lambda chooser: chooser.set_files(file))

    sign_in(somebody, programme.requester.email)
    press(page, 'a[href="/requests/"]')
    press(page, 'main a[href="/requests/new/"]')
    nobody_is_in_danger(page)
    upload(page)
    expect(page.locator(READ)).to_be_visible()
    type_in(page, "#id_purpose", WISHES["purpose"])
    press(page, SAVE)
    move(page, "submit")

    request = ImageryRequest.objects.get()
    assert (somebody.state, request.purpose) == ("submitted", WISHES["purpose"])
    press(page, 'a[href="/requests/"]')
    press(page, f'main table a[href="{request.get_absolute_url()}"]')
    assert somebody.state == "submitted"


def test_request_is_reviewed_approved_and_ordered_without_a_mouse(
    person: Callable[..., Person], programme: world.Programme
):
    request = world.submitted(programme)
    reviewer, arbitrator, officer = person(), person(), person()

    sign_in(reviewer, programme.reviewer.email)
    press(reviewer.page, 'a[href="/queue/"]')
    press(reviewer.page, f'main table a[href="{request.get_absolute_url()}"]')
    move(reviewer.page, "take")
    move(reviewer.page, "recommend", opinion="Besoin clair.", nationality_reviewed=True)
    assert reviewer.state == "in_arbitration"

    sign_in(arbitrator, programme.arbitrator.email)
    press(arbitrator.page, 'a[href="/queue/"]')
    press(arbitrator.page, f'main table a[href="{request.get_absolute_url()}"]')
    move(arbitrator.page, "approve", note="Bon usage des images.")
    assert arbitrator.state == "approved"

    sign_in(officer, programme.supply_officer.email)
    press(officer.page, 'a[href="/queue/"]')
    press(officer.page, f'main table a[href="{request.get_absolute_url()}"]')
    move(officer.page, "order")
    assert officer.state == "ordered"
