"""What people do in a browser, by mouse; addresses and field names, no words, so in any language."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.gis.geos import MultiPolygon
from django.urls import reverse
from playwright.sync_api import Browser, FilePayload, Page, Response

from eligibility.models import User
from tests.browser.inspection import View, new_context, open_window

PASSWORD = "a long password for tests"
SCREEN = View("fr", 1280)
NO_EMERGENCY = "[name=is_emergency][value=no]"
WISHES: dict[str, Any] = {
    "title": "Trait de côte des Cayes",
    "purpose": "Recul du trait de côte après les tempêtes, thèse en cours.",
}


def may_sign_in(*people: User) -> None:
    for person in people:
        person.set_password(PASSWORD)
        person.save(update_fields=["password"])
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)


def geojson(area: MultiPolygon, name: str = "zone.geojson") -> FilePayload:
    """A file as a desktop program writes it."""
    feature = {
        "type": "Feature",
        "properties": {"nom": "Zone"},
        "geometry": json.loads(area.geojson),
    }
    data = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    return {"name": name, "mimeType": "application/geo+json", "buffer": data}


def file_of(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


@contextmanager
def another_page(page: Page) -> Iterator[None]:
    """Until what is done inside has led to another page, and that is there. A form that is kept
    changes its address meanwhile: that is not one."""
    page.wait_for_load_state()
    with page.expect_event("load"):
        yield


@dataclass
class Person:
    """Somebody at a screen of their own."""

    page: Page
    base: str
    console: list[str]

    def sign_in(self, user: User) -> "Person":
        self.page.goto(self.base + reverse("account_login"))
        self.page.fill("#id_login", user.email)
        self.page.fill("#id_password", PASSWORD)
        self.page.click("main form button.button--primary")
        self.page.wait_for_selector("details[data-menu]")
        return self

    def open_request(self, number: str) -> None:
        self.page.goto(self.base + reverse("requests:detail", args=[number]))

    def move(self, name: str, **answers: Any) -> None:
        """From the request's page: follow the link of a move, fill its form, confirm."""
        self.page.click(f'main a[href$="/do/{name}/"]')
        self.answer(**answers)
        self.confirm()

    def answer(self, **answers: Any) -> None:
        for name, value in answers.items():
            field = self.page.locator(f"#id_{name}")
            if value is True:
                field.check()
            elif isinstance(value, dict):
                field.set_input_files(value)
            else:
                field.fill(str(value))

    def confirm(self) -> None:
        """Press the form's button; whatever comes back must not be the form with errors."""
        with another_page(self.page), self.page.expect_response(_is_page) as answer:
            self.page.click("main .form__actions button")
        errors = self.page.locator(".form-errors")
        assert errors.count() == 0, errors.inner_text()
        assert answer.value.ok, answer.value.status_text

    @property
    def state(self) -> str:
        return str(self.page.locator("h1 .badge").get_attribute("data-state"))


def _is_page(answer: Response) -> bool:
    """The page that came in the end, not what led to it."""
    return answer.request.is_navigation_request() and not 300 <= answer.status < 400


def new_person(browser: Browser, base: str) -> Person:
    window = open_window(new_context(browser, base, SCREEN))
    return Person(window.page, base, window.console)


def ask(requester: Person, area: Any, **wishes: Any) -> str:
    """Fill in the form of a new request; the number of the draft it becomes."""
    page = requester.page
    page.click('a[href="/requests/"]')
    page.click('main a[href="/requests/new/"]')
    page.click("[name=to_depth][value=expert]")
    page.check(NO_EMERGENCY)
    requester.answer(area_file=area, **(WISHES | wishes))
    requester.confirm()
    return page.url.rstrip("/").rpartition("/")[2]
