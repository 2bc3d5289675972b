"""A form sent twice by impatient fingers, from two tabs or after the back button: one request."""

from collections.abc import Callable, Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from requests_app.models import ImageryRequest
from tests.browser.area_form import begin, choose
from tests.browser.people import NO_EMERGENCY, SCREEN, WISHES, Person
from tests.requests_app import world

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("sent twice")]

SAVE = "main .form__actions button"
KEY = "[name=form_key]"
BOTH_MS = 30_000


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def requester(
    request: pytest.FixtureRequest, browser: Browser, base: str, programme: world.Programme
) -> Iterator[Person]:
    context = browser.new_context(
        java_script_enabled=request.param,
        viewport={"width": SCREEN.width, "height": 900},
        locale="fr",
    )
    yield Person(context.new_page(), base, []).sign_in(programme.requester)
    context.close()


def fill(somebody: Person) -> Person:
    begin(somebody)
    choose(somebody.page, "typed")
    somebody.page.fill("#id_area_typed", "1,3 43,5 1,38 43,58")
    return somebody


def click_twice(page: Page, *, becomes: str) -> None:
    """Without scripts the browser sends both, and shows what the second is answered."""
    page.locator(SAVE).dblclick()
    badge = page.locator("h1 .badge")
    expect(badge).to_have_attribute("data-state", becomes, timeout=BOTH_MS)


def test_double_click_saves_and_submits_one_request(requester: Person):
    page = fill(requester).page

    click_twice(page, becomes="draft")
    page.click('main a[href$="/do/submit/"]')
    click_twice(page, becomes="submitted")

    request = ImageryRequest.objects.get()
    assert [record.transition for record in request.records.all()] == ["submit"]


def test_two_tabs_of_one_form_are_one_request(person: Callable[..., Person]):
    first = fill(person("requester"))
    second = fill(Person(first.page.context.new_page(), first.base, first.console))
    key = first.page.input_value(KEY)
    # As the browser's own "duplicate tab" leaves it.
    second.page.locator(KEY).evaluate("(field, key) => { field.value = key; }", key)

    first.confirm()
    second.confirm()

    assert first.page.url == second.page.url
    assert ImageryRequest.objects.count() == 1


def test_form_that_is_changed_after_going_back_changes_its_draft(person: Callable[..., Person]):
    requester = fill(person("requester"))
    page = requester.page
    requester.confirm()

    page.go_back()
    assert page.input_value("#id_title") == WISHES["title"]
    page.fill("#id_title", "Trait de côte, suite")
    requester.confirm()

    assert [each.title for each in ImageryRequest.objects.all()] == ["Trait de côte, suite"]


def test_two_forms_of_one_person_are_two_requests(person: Callable[..., Person]):
    requester = fill(person("requester"))
    requester.confirm()
    requester.page.goto(requester.base + reverse("requests:new") + "?depth=expert")
    requester.page.check(NO_EMERGENCY)

    fill(requester).confirm()

    assert ImageryRequest.objects.count() == 2
