"""The form of a request in a browser, with a few questions or all the choices."""

from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from tests.browser.area_form import READ
from tests.browser.people import NO_EMERGENCY, PASSWORD, Person, another_page, geojson
from tests.requests_app import world

PURPOSE = "Recul du trait de côte après les tempêtes."
# It crosses itself, and is smaller than the operator takes.
BOW_TIE = "POLYGON ((1.3 43.5, 1.34 43.54, 1.34 43.5, 1.3 43.54, 1.3 43.5))"
EXPERT, SIMPLE = "[name=to_depth][value=expert]", "[name=to_depth][value=simple]"
SEND = "main .form__actions button"
KEPT = "[data-keep-said]"
# The panel asks 0.4 s after the last change: longer than that, nothing has been asked.
RESTS = """() => new Promise((done) => {
  let asked = performance.now();
  const timer = setInterval(() => {
    if (document.querySelector(".htmx-request")) asked = performance.now();
    if (performance.now() - asked < 450) return;
    clearInterval(timer);
    done();
  }, 30);
})"""


def fill_in(somebody: Person) -> None:
    somebody.page.check(NO_EMERGENCY)
    somebody.answer(area_file=geojson(world.square()), purpose=PURPOSE)
    expect(somebody.page.locator(READ)).to_be_visible()


def wait_until_kept(page: Page) -> None:
    expect(page.locator(KEPT)).not_to_be_empty()


def wait_until_at_rest(page: Page) -> None:
    """What is asked moves the form's button: one that moves between press and release is not
    clicked."""
    page.evaluate(RESTS)


def hold(page: Page, name: str) -> list[Route]:
    """The requests to one address from now on, which get no answer before the test gives it."""
    held: list[Route] = []
    page.route("**" + reverse(name), lambda route: held.append(route))
    return held


def first(page: Page, held: list[Route]) -> Route:
    while not held:
        page.wait_for_timeout(20)
    return held[0]


def sign_in_again(page: Page, email: str) -> None:
    page.fill("#id_login", email)
    page.fill("#id_password", PASSWORD)
    with another_page(page):
        page.click("main form button.button--primary")
