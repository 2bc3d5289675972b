"""One whole request on a telephone: 390 px wide, by touch, from signing in to its receipt."""

from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from orbitrage.shared.days import day_in_words
from requests_app.models import ImageryRequest
from tests.browser.area_form import DRAWING, READ, rings, wait_until_map_is_seen
from tests.browser.inspection import OF_THE_STATUS
from tests.browser.people import NO_EMERGENCY, PASSWORD, WISHES, Person, another_page
from tests.notices.telling import tell
from tests.requests_app import world

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("telephone")]

TELEPHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "locale": "fr",
    "timezone_id": "Europe/Paris",
}
SAVE = "main .form__actions button"


@pytest.fixture
def telephone(browser: Browser, base: str) -> Iterator[Person]:
    """No page may move sideways under the thumb, and none may complain in the end."""
    context = browser.new_context(**TELEPHONE)  # type: ignore[arg-type]
    page, console = context.new_page(), list[str]()
    page.on("console", lambda line: console.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: console.append(str(error)))
    page.on("load", lambda shown: console.extend(sideways(shown)))
    yield Person(page, base, console)
    assert [line for line in console if not line.startswith(OF_THE_STATUS)] == []
    context.close()


def sideways(page: Page) -> list[str]:
    is_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [f"moves sideways: {page.url}"] if is_wide else []


def tap(page: Page, selector: str) -> None:
    with another_page(page):
        page.tap(selector)


def open_menu(page: Page) -> None:
    page.tap("[data-nav-toggle]")
    page.locator(".site-nav a").first.wait_for()


def over_toulouse(page: Page) -> None:
    page.evaluate(
        """selector => {
            const { map } = window.Orbitrage.maps.get(document.querySelector(selector));
            map.setView([43.55, 1.4], 10, { animate: false });
        }""",
        DRAWING,
    )


def test_a_request_on_a_telephone_from_sign_in_to_its_receipt(
    telephone: Person, programme: world.Programme
):
    page = telephone.page
    page.goto(telephone.base)
    tap(page, 'a[href="/accounts/login/"]')
    page.fill("#id_login", programme.requester.email)
    page.fill("#id_password", PASSWORD)
    tap(page, "main form button.button--primary")

    open_menu(page)
    tap(page, '.site-nav a[href="/requests/"]')
    tap(page, 'main a[href="/requests/new/"]')
    page.tap(NO_EMERGENCY)
    page.tap("[name=area_way][value=draw]")
    wait_until_map_is_seen(page)
    page.locator(DRAWING).scroll_into_view_if_needed()
    over_toulouse(page)
    page.tap(".area-way--draw .map-tools button:nth-of-type(2)")
    page.locator(DRAWING).tap(position={"x": 100, "y": 60})
    page.locator(DRAWING).tap(position={"x": 190, "y": 150})
    expect(page.locator(READ)).to_be_visible()
    assert rings(page) == [[4]]
    page.fill("#id_purpose", WISHES["purpose"])
    tap(page, SAVE)
    tap(page, 'main a[href$="/do/submit/"]')
    tap(page, SAVE)

    request = ImageryRequest.objects.get()
    assert telephone.state == "submitted"
    (receipt,) = (mail for mail in tell() if mail.to == [programme.requester.email])
    open_menu(page)
    tap(page, '.site-nav a[href="/notices/"]')
    assert page.locator("main tbody tr").count() == 1
    tap(page, "main tbody a")
    assert telephone.state == "submitted"
    assert page.url == telephone.base + request.get_absolute_url()
    today = day_in_words(timezone.localdate())
    told = (request.number, programme.cell.name_fr, today, request.title)
    assert [each in receipt.body for each in told] == [True] * len(told)
