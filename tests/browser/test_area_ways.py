"""The ways to give an area, as people use them: by mouse, by keyboard, on a telephone, without scripts."""

import json
import re
from collections.abc import Callable, Iterator

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from places.models import Place
from requests_app.models import ImageryRequest
from tests.browser.inspection import View, new_context, open_window
from tests.browser.keyboard import press, tab_to, type_in
from tests.browser.people import SCREEN, WISHES, Person
from tests.places.factories import PlaceFactory
from tests.requests_app import world
from tests.requests_app.test_area_ways import two_layers

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("area ways")]

TELEPHONE = View("en", 390)
READ = "#area-said .notice--success"
DRAWING = "[data-draw-target]"
CORNERS = "1.3 43.5\n1.38 43.5\n1.38 43.58\n1.3 43.58"


@pytest.fixture
def requester(person: Callable[..., Person]) -> Person:
    """On the form of a new request, all of it answered but the area."""
    somebody = person("requester")
    somebody.page.goto(somebody.base + reverse("requests:new"))
    somebody.answer(**WISHES)
    return somebody


@pytest.fixture
def montpellier(base: str) -> Place:
    square = MultiPolygon(Polygon.from_bbox((3.8, 43.55, 3.95, 43.66)), srid=4326)
    PlaceFactory(name="Montpellier-de-Médillan", code="17244", parent_label="17")
    return PlaceFactory(name="Montpellier", code="34172", geometry=square)


def choose(page: Page, way: str) -> None:
    page.check(f"[name=area_way][value={way}]")


def drafted() -> ImageryRequest:
    return ImageryRequest.objects.get()


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
    expect(page.locator("[aria-live] tfoot")).to_be_visible()
    assert page.locator("#area-map .map-legend li").count() == 1
    assert page.locator("#area-map figcaption").inner_text().startswith("1 ")

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
    expect(page.locator("#places-found [type=radio]")).to_have_count(2)
    assert page.locator("#places-said").inner_text().startswith("2 ")
    page.check(f"[name=area_place][value='{montpellier.pk}']")
    expect(page.locator(READ)).to_be_visible()

    requester.confirm()
    assert drafted().aoi.extent == montpellier.geometry.extent


def test_area_of_an_earlier_request_is_taken(requester: Person, programme: world.Programme):
    earlier = world.draft(programme)
    page = requester.page
    choose(page, "request")

    page.fill("#id_area_request", earlier.number)
    page.locator("#id_area_request").blur()
    expect(page.locator(READ)).to_be_visible()
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


# --- Drawing --------------------------------------------------------------------------------------


@pytest.fixture
def drawing(requester: Person) -> Iterator[Page]:
    """The map of the drawing, over Toulouse."""
    page = requester.page
    choose(page, "draw")
    page.locator(DRAWING).scroll_into_view_if_needed()
    page.evaluate(
        """selector => {
            const { map } = window.Orbitrage.maps.get(document.querySelector(selector));
            map.setView([43.55, 1.4], 10, { animate: false });
        }""",
        DRAWING,
    )
    return page


def place_of(page: Page, longitude: float, latitude: float) -> tuple[float, float]:
    x, y = page.evaluate(
        """([selector, longitude, latitude]) => {
            const element = document.querySelector(selector);
            const { map } = window.Orbitrage.maps.get(element);
            const point = map.latLngToContainerPoint([latitude, longitude]);
            const box = element.getBoundingClientRect();
            return [box.x + point.x, box.y + point.y];
        }""",
        [DRAWING, longitude, latitude],
    )
    return x, y


def tool(page: Page, number: int) -> None:
    """Polygon, rectangle, circle, hole, point at the cross, finish, back, clear."""
    page.locator(f".area-way--draw .map-tools button:nth-of-type({number})").click()


def click_at(page: Page, *positions: tuple[float, float]) -> None:
    for position in positions:
        page.mouse.click(*place_of(page, *position))


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*place_of(page, *start))
    page.mouse.down()
    page.mouse.move(*place_of(page, *end), steps=4)
    page.mouse.up()


def rings(page: Page) -> list[list[int]]:
    """How many corners each ring has, by part, as the text says it."""
    parts = page.input_value("#id_area_drawn").split("\n\n")
    holes = re.compile("\n(?:hole|trou)\n")
    return [[len(ring.split("\n")) for ring in holes.split(part)] for part in parts if part]


def test_parts_holes_and_steps_back(requester: Person, drawing: Page):
    tool(drawing, 2)
    drag(drawing, (1.2, 43.45), (1.5, 43.65))
    assert rings(drawing) == [[4]]

    tool(drawing, 4)
    tool(drawing, 3)
    drag(drawing, (1.3, 43.55), (1.33, 43.55))
    assert rings(drawing) == [[4, 64]]

    tool(drawing, 1)
    click_at(drawing, (1.6, 43.5), (1.7, 43.5), (1.65, 43.6))
    tool(drawing, 6)
    assert rings(drawing) == [[4, 64], [3]]

    tool(drawing, 7)
    assert rings(drawing) == [[4, 64]]
    expect(drawing.locator(READ)).to_be_visible()
    drawing.wait_for_load_state("networkidle")
    requester.confirm()
    draft = drafted()
    assert [len(polygon) for polygon in draft.aoi] == [2]
    assert 505 < draft.area_km2 < 535  # 24.3 km × 22.2 km, less a disc of 2.4 km


def test_hole_outside_every_part_is_not_drawn(drawing: Page):
    tool(drawing, 2)
    drag(drawing, (1.2, 43.45), (1.4, 43.6))

    tool(drawing, 4)
    tool(drawing, 2)
    drag(drawing, (1.5, 43.45), (1.6, 43.6))

    assert rings(drawing) == [[4]]
    told = drawing.locator(".map-tools__status").inner_text()
    assert told == drawing.evaluate("window.Orbitrage.words.holeOutside")


def test_corner_is_moved_added_and_removed_by_keyboard(drawing: Page):
    tool(drawing, 2)
    drag(drawing, (1.2, 43.45), (1.5, 43.65))
    before = drawing.input_value("#id_area_drawn")
    drawing.locator(".area-way--draw .map-vertex[tabindex='0']").focus()

    drawing.keyboard.press("ArrowLeft")
    moved = drawing.input_value("#id_area_drawn")
    drawing.keyboard.press("Insert")
    assert rings(drawing) == [[5]]
    drawing.keyboard.press("Delete")
    drawing.keyboard.press("PageDown")
    drawing.keyboard.press("Delete")

    assert moved != before
    assert rings(drawing) == [[3]]
    assert drawing.locator(".area-way--draw .map-vertex[tabindex='0']").count() == 1


def test_rectangle_is_drawn_without_a_mouse(drawing: Page):
    drawing.locator(".area-way--draw .map-tools button").first.focus()
    drawing.keyboard.press("Tab")
    drawing.keyboard.press("Enter")
    tab_to(drawing, DRAWING)

    drawing.keyboard.press("Enter")
    for key in ("ArrowRight", "ArrowDown"):
        drawing.keyboard.press(key)
        drawing.wait_for_timeout(400)  # the map moves there
    drawing.keyboard.press("Enter")

    assert rings(drawing) == [[4]]
    expect(drawing.locator(READ)).to_be_visible()


def test_text_and_drawing_follow_each_other(drawing: Page):
    drawing.fill("#id_area_drawn", CORNERS.replace(" ", ", "))
    drawing.locator("#id_area_drawn").blur()

    expect(drawing.locator(READ)).to_be_visible()
    assert drawing.locator(".area-way--draw .map-vertex[tabindex]").count() == 4
    assert "57" in drawing.locator(".map-tools__status").inner_text()


def test_area_that_was_read_is_edited(requester: Person):
    page = requester.page
    choose(page, "typed")
    page.fill("#id_area_typed", "1.3 43.5 1.38 43.58")
    page.locator("#id_area_typed").blur()
    expect(page.locator(READ)).to_be_visible()

    choose(page, "draw")
    tool(page, 9)

    assert rings(page) == [[4]]
    expect(page.locator("[name=area_given_by][value=draw]")).to_be_attached()


def test_cleared_drawing_is_no_area(drawing: Page):
    drawing.fill("#id_area_drawn", CORNERS)
    drawing.locator("#id_area_drawn").blur()
    expect(drawing.locator("[name=area_id]")).to_be_attached()

    tool(drawing, 8)

    expect(drawing.locator("[name=area_id]")).to_have_count(0)
    assert drawing.input_value("#id_area_drawn") == ""


def test_drawing_stays_when_another_field_is_wrong(requester: Person, drawing: Page):
    drawing.fill("#id_area_drawn", CORNERS)
    drawing.fill("#id_title", "")

    drawing.click("main .form__actions button")

    assert drawing.locator("#id_title_error li").count() == 1
    assert drawing.input_value("#id_area_drawn").replace("\r", "") == CORNERS
    assert drawing.locator(".area-way--draw .map-vertex[tabindex]").count() == 4


# --- By keyboard, on a telephone, without scripts -------------------------------------------------


def way_by_keyboard(page: Page, steps: int) -> None:
    tab_to(page, "[name=area_way]")
    for _ in range(steps):
        page.keyboard.press("ArrowDown")


def test_corners_are_typed_and_sent_without_a_mouse(requester: Person):
    page = requester.page
    page.locator("#id_request_kind").focus()

    way_by_keyboard(page, 1)
    type_in(page, "#id_area_drawn", CORNERS)
    page.keyboard.press("Tab")
    expect(page.locator(READ)).to_be_visible()
    press(page, "main .form__actions button")

    assert drafted().aoi.extent == (1.3, 43.5, 1.38, 43.58)


def test_place_is_chosen_without_a_mouse(requester: Person, montpellier: Place):
    page = requester.page
    page.locator("#id_request_kind").focus()

    way_by_keyboard(page, 2)
    type_in(page, "#id_place_query", "montpellier")
    expect(page.locator("#places-found [type=radio]")).to_have_count(2)
    tab_to(page, "[name=area_place]")
    page.keyboard.press("Space")
    expect(page.locator(READ)).to_be_visible()
    press(page, "main .form__actions button")

    assert drafted().aoi.extent == montpellier.geometry.extent


def test_area_is_drawn_on_a_telephone(browser: Browser, base: str, programme: world.Programme):
    window = open_window(new_context(browser, base, TELEPHONE))
    somebody = Person(window.page, base, window.console).sign_in(programme.requester)
    page = somebody.page
    page.goto(base + reverse("requests:new"))
    choose(page, "draw")
    page.locator(DRAWING).scroll_into_view_if_needed()

    tool(page, 2)
    box = page.locator(DRAWING).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 100, box["y"] + 100)
    page.mouse.click(box["x"] + 220, box["y"] + 200)

    assert rings(page) == [[4]]
    expect(page.locator(READ)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert window.console == []


@pytest.fixture
def without_scripts(browser: Browser, base: str, programme: world.Programme) -> Iterator[Person]:
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": SCREEN.width, "height": 900}, locale="fr"
    )
    page = context.new_page()
    somebody = Person(page, base, []).sign_in(programme.requester)
    page.goto(base + reverse("requests:new"))
    somebody.answer(**WISHES)
    yield somebody
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


def test_drawn_text_is_what_the_server_reads(requester: Person, drawing: Page):
    """The circle that the tool draws is the one that is kept, corner by corner."""
    tool(drawing, 3)
    drag(drawing, (1.4, 43.55), (1.5, 43.55))
    expect(drawing.locator(READ)).to_be_visible()
    typed = drawing.input_value("#id_area_drawn")

    requester.confirm()

    kept = json.loads(drafted().aoi.geojson)["coordinates"][0][0]
    corners = {tuple(float(number) for number in line.split()) for line in typed.split("\n")}
    assert {tuple(position) for position in kept} == corners
