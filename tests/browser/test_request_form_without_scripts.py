"""The form of a request needs no scripts."""

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser

from catalogue.services import keep_scenes
from requests_app.models import UnfinishedForm
from tests.browser.area_form import choose
from tests.browser.people import NO_EMERGENCY, SCREEN, Person
from tests.browser.request_form import EXPERT, PURPOSE, SEND, SIMPLE, sign_in_again
from tests.catalogue.oneatlas import answer
from tests.requests_app import world
from tests.requests_app.archive import HERE, over_the_area
from tests.requests_app.area_posts import CORNERS
from tests.requests_app.form_posts import drafted

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("request form")]


@pytest.fixture
def without_scripts(browser: Browser, base: str, programme: world.Programme) -> Iterator[Person]:
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": SCREEN.width, "height": 900}, locale="fr"
    )
    somebody = Person(context.new_page(), base, []).sign_in(programme.requester)
    somebody.page.goto(base + reverse("requests:new"))
    yield somebody
    context.close()


def test_whole_path_needs_no_scripts(without_scripts: Person):
    page = without_scripts.page
    page.check(NO_EMERGENCY)
    choose(page, "draw")
    page.fill("#id_area_drawn", CORNERS)
    page.fill("#id_purpose", PURPOSE)

    page.click(EXPERT)
    page.fill("#id_partners", "LEGOS")
    page.click(SIMPLE)
    without_scripts.confirm()

    assert (drafted().purpose, drafted().partners) == (PURPOSE, "LEGOS")
    assert UnfinishedForm.objects.count() == 0


def test_scenes_need_no_scripts(without_scripts: Person):
    keep_scenes(data=answer(over_the_area()))
    page = without_scripts.page
    page.check(NO_EMERGENCY)
    page.click(EXPERT)
    choose(page, "draw")
    without_scripts.answer(area_drawn=CORNERS, title="Côte", purpose=PURPOSE)

    page.click("#id_archive_scenes button")
    page.check("[name=archive_scenes]")
    without_scripts.confirm()

    assert drafted().archive_scenes == [HERE]


def test_dead_sign_in_needs_no_scripts(without_scripts: Person, programme: world.Programme):
    page = without_scripts.page
    page.fill("#id_purpose", PURPOSE)
    page.context.clear_cookies(name="sessionid")
    page.click(SEND)

    sign_in_again(page, programme.requester.email)

    assert page.input_value("#id_purpose") == PURPOSE
