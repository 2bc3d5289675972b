"""The form of a request in a browser, all of it answered but the area."""

import re

from django.urls import reverse
from playwright.sync_api import Page

from tests.browser.people import NO_EMERGENCY, WISHES, Person

READ = "#area-said .notice--success"
DRAWING = "[data-draw-target]"
HOLE = re.compile("\n(?:hole|trou)\n")
IS_SEEN = """selector => new Promise((done) => {
  const { map } = window.Orbitrage.maps.get(document.querySelector(selector));
  if (map.getSize().x) done();
  else map.once("resize", () => done());
})"""


def begin(somebody: Person) -> Person:
    somebody.page.goto(somebody.base + reverse("requests:new") + "?depth=expert")
    somebody.page.check(NO_EMERGENCY)
    somebody.answer(**WISHES)
    return somebody


def choose(page: Page, way: str) -> None:
    page.check(f"[name=area_way][value={way}]")


def choose_drawing(page: Page) -> None:
    """Its map is hidden before, and fitted in the frame that first shows it: whoever sees it cannot
    be sooner, a test can."""
    choose(page, "draw")
    wait_until_map_is_seen(page)


def wait_until_map_is_seen(page: Page) -> None:
    page.evaluate(IS_SEEN, DRAWING)


def tool(page: Page, number: int) -> None:
    """Polygon, rectangle, circle, hole, point at the cross, finish, back, clear, copy."""
    page.locator(f".area-way--draw .map-tools button:nth-of-type({number})").click()


def rings(page: Page) -> list[list[int]]:
    """How many corners each ring has, by part, as the text says it."""
    parts = page.input_value("#id_area_drawn").split("\n\n")
    return [[len(ring.split("\n")) for ring in HOLE.split(part)] for part in parts if part]
