"""Drawing an area on the map of the form: by mouse, by keyboard, on a telephone."""

import json
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from requests_app.models import ImageryRequest, UnfinishedForm
from tests.browser.area_form import DRAWING, READ, begin, choose, choose_drawing, rings, tool
from tests.browser.inspection import View, new_context, open_window
from tests.browser.people import Person
from tests.browser.request_form import wait_until_at_rest, wait_until_kept
from tests.requests_app import world
from tests.requests_app.area_posts import CORNERS

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("drawing")]

TELEPHONE = View("en", 390)


@pytest.fixture
def requester(person: Callable[..., Person]) -> Person:
    return begin(person("requester"))


@pytest.fixture
def drawing(requester: Person) -> Page:
    """The map of the drawing, over Toulouse."""
    page = requester.page
    choose_drawing(page)
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


def click_at(page: Page, *positions: tuple[float, float]) -> None:
    for position in positions:
        page.mouse.click(*place_of(page, *position))


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*place_of(page, *start))
    page.mouse.down()
    page.mouse.move(*place_of(page, *end), steps=4)
    page.mouse.up()


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
    wait_until_kept(drawing)
    requester.confirm()
    draft = ImageryRequest.objects.get()
    assert [len(polygon) for polygon in draft.aoi] == [2]
    assert 505 < draft.area_km2 < 535  # 24.3 km × 22.2 km, less a disc of 2.4 km


def test_drag_begun_before_the_timer_of_the_last_is_drawn(drawing: Page):
    drawing.evaluate("() => { window.held = []; window.setTimeout = (act) => held.push(act); }")
    tool(drawing, 2)
    drag(drawing, (1.2, 43.45), (1.4, 43.6))

    tool(drawing, 2)
    drawing.mouse.move(*place_of(drawing, 1.5, 43.45))
    drawing.mouse.down()
    drawing.evaluate("held.splice(0).forEach((act) => act())")
    drawing.mouse.move(*place_of(drawing, 1.6, 43.6))
    drawing.mouse.up()

    assert rings(drawing) == [[4], [4]]


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

    choose_drawing(page)
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


def test_half_a_drawing_is_not_sent_and_what_is_typed_next_is_kept(
    requester: Person, drawing: Page
):
    tool(drawing, 1)
    click_at(drawing, (1.3, 43.5), (1.4, 43.5))

    drawing.click("main .form__actions button")
    drawing.fill("#id_purpose", "Typed after that.")

    with drawing.expect_response("**" + reverse("requests:keep_form")):
        pass

    assert UnfinishedForm.objects.get().answers["purpose"] == ["Typed after that."]
    assert ImageryRequest.objects.count() == 0


def test_drawing_stays_when_another_field_is_wrong(requester: Person, drawing: Page):
    drawing.fill("#id_area_drawn", CORNERS)
    drawing.fill("#id_title", "")

    drawing.click("main .form__actions button")

    assert drawing.locator("#id_title_error li").count() == 1
    assert drawing.input_value("#id_area_drawn").replace("\r", "") == CORNERS
    assert drawing.locator(".area-way--draw .map-vertex[tabindex]").count() == 4


def test_area_is_drawn_on_a_telephone(browser: Browser, base: str, programme: world.Programme):
    window = open_window(new_context(browser, base, TELEPHONE))
    somebody = Person(window.page, base, window.console).sign_in(programme.requester)
    page = somebody.page
    page.goto(base + reverse("requests:new") + "?depth=expert")
    choose_drawing(page)
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


def test_drawn_text_is_what_the_server_reads(requester: Person, drawing: Page):
    """The circle that the tool draws is the one that is kept, corner by corner."""
    tool(drawing, 3)
    drag(drawing, (1.4, 43.55), (1.5, 43.55))
    expect(drawing.locator(READ)).to_be_visible()
    typed = drawing.input_value("#id_area_drawn")

    wait_until_at_rest(drawing)
    requester.confirm()

    kept = json.loads(ImageryRequest.objects.get().aoi.geojson)["coordinates"][0][0]
    corners = {tuple(float(number) for number in line.split()) for line in typed.split("\n")}
    assert {tuple(position) for position in kept} == corners
