"""A token, made and ended in a browser; and the page that says what it is for."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser

from eligibility.models import ApiToken
from tests.browser.inspection import VIEWS, View, Window, inspect, new_context, open_window
from tests.browser.people import PASSWORD, Person
from tests.requests_app import world
from tests.requests_app.api.calling import Program

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SECRET = "#secret"


def give_password_again(somebody: Person) -> None:
    somebody.page.fill("#id_password", PASSWORD)
    somebody.page.click("main form button.button--primary")


def test_token_is_made_used_and_ended(
    person: Callable[..., Person], programme: world.Programme, tmp_path: Any
):
    somebody = person("requester")
    somebody.page.goto(somebody.base + reverse("eligibility:profile"))
    somebody.page.click(f'main a[href="{reverse("eligibility:tokens")}"]')
    somebody.page.click(f'main a[href="{reverse("eligibility:token_new")}"]')
    give_password_again(somebody)
    form = inspect_now(somebody, tmp_path / "new.png")
    somebody.answer(name="Nightly script", days=30)
    somebody.page.check('input[name="scopes"][value="areas"]')
    somebody.confirm()
    made = inspect_now(somebody, tmp_path / "made.png")
    secret = somebody.page.inner_text(SECRET)

    assert (form, made) == ([], [])
    assert Program(secret).get("/me").json()["token"]["scopes"] == ["areas", "read"]
    somebody.page.goto(somebody.base + reverse("eligibility:tokens"))
    somebody.page.click("main table button")
    somebody.page.wait_for_selector(".messages")
    assert ApiToken.objects.usable().count() == 0
    assert Program(secret).get("/me").status_code == 401


def inspect_now(somebody: Person, picture: Any) -> list[str]:
    """As every page is."""
    found = inspect(Window(somebody.page, somebody.console))
    somebody.page.screenshot(path=picture, full_page=True)
    return found


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_description_is_read_without_scripts(
    base: str, browser: Browser, view: View, tmp_path: Any
):
    with new_context(browser, base, view) as context:
        window = open_window(context)
        window.page.goto(base + reverse("api"))
        window.page.locator("details#create_request summary").click()

        found = inspect(window)

        window.page.screenshot(path=tmp_path / "api.png", full_page=True)
    assert found == []
