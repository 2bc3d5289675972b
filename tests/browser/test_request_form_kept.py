"""Nothing that was typed into the form of a request is lost."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from requests_app.models import ImageryRequest, UnfinishedForm
from tests.browser.area_form import READ, choose
from tests.browser.people import Person, another_page
from tests.browser.request_form import (
    BOW_TIE,
    KEPT,
    PURPOSE,
    SEND,
    fill_in,
    first,
    hold,
    sign_in_again,
    wait_until_at_rest,
    wait_until_kept,
)
from tests.requests_app import world
from tests.requests_app.form_posts import drafted

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("request form")]


def test_what_is_typed_is_kept_and_offered_again(requester: Person):
    page = requester.page
    fill_in(requester)
    wait_until_kept(page)

    page.goto(requester.base + reverse("requests:new"))
    offered = page.locator(".unfinished a.button")
    assert page.input_value("#id_purpose") == ""
    offered.click()

    assert page.input_value("#id_purpose") == PURPOSE
    expect(page.locator(READ)).to_be_visible()


def test_page_that_is_loaded_again_shows_what_was_typed(requester: Person):
    page = requester.page
    fill_in(requester)
    wait_until_kept(page)

    page.reload()

    assert page.input_value("#id_purpose") == PURPOSE


def test_form_sent_while_it_is_being_kept_waits_for_its_version(requester: Person):
    page = requester.page
    fill_in(requester)
    wait_until_kept(page)
    held = hold(page, "requests:keep_form")
    page.fill("#id_purpose", f"{PURPOSE} Suite.")
    answer = first(page, held).fetch()  # the service has kept it: the page's version is of before

    page.click(SEND)
    with another_page(page):
        held[0].fulfill(response=answer)

    assert drafted().purpose == f"{PURPOSE} Suite."


def test_form_is_sent_where_keeping_it_takes_too_long(requester: Person):
    page = requester.page
    fill_in(requester)
    held = hold(page, "requests:keep_form")
    page.fill("#id_purpose", f"{PURPOSE} Suite.")
    first(page, held)

    with another_page(page):
        page.click(SEND)

    assert drafted().purpose == f"{PURPOSE} Suite."


def read(page: Page, outline: str) -> None:
    page.fill("#id_area_typed", outline)
    with page.expect_response("**" + reverse("requests:read_area")):
        page.locator("#id_area_typed").blur()
    wait_until_at_rest(page)


def test_tick_stays_through_another_reading_of_the_same_outline(requester: Person):
    page = requester.page
    choose(page, "typed")
    read(page, BOW_TIE)
    page.check("#id_agrees_to_repair")

    read(page, f"{BOW_TIE} ")
    assert page.is_checked("#id_agrees_to_repair")

    read(page, BOW_TIE.replace("1.34", "1.35"))
    assert not page.is_checked("#id_agrees_to_repair")


def test_tick_stays_while_what_is_ordered_is_said_again(requester: Person):
    page = requester.page
    choose(page, "typed")
    read(page, BOW_TIE)
    page.fill("#id_window_ends_on", world.in_days(90).isoformat())
    page.locator("#id_window_ends_on").blur()
    expect(page.locator("#id_agrees_to_enlargement")).to_be_visible()
    held = hold(page, "requests:choices")
    page.check("[name=preset] >> nth=1")
    answer = first(page, held).fetch()

    page.check("#id_agrees_to_enlargement")
    with page.expect_response("**" + reverse("requests:choices")):
        held[0].fulfill(response=answer)
    wait_until_at_rest(page)

    assert page.is_checked("#id_agrees_to_enlargement")


def test_back_from_the_draft_shows_what_was_typed(requester: Person):
    page = requester.page
    fill_in(requester)
    wait_until_kept(page)
    requester.confirm()
    assert UnfinishedForm.objects.count() == 0

    page.go_back()

    assert page.input_value("#id_purpose") == PURPOSE


def test_back_from_another_page_shows_what_was_typed(requester: Person):
    page = requester.page
    fill_in(requester)
    wait_until_kept(page)

    page.click("main .form__actions a.button--quiet")
    page.go_back()

    assert page.input_value("#id_purpose") == PURPOSE
    expect(page.locator(READ)).to_be_visible()


def test_dead_sign_in_loses_nothing(requester: Person, programme: world.Programme):
    page = requester.page
    fill_in(requester)
    page.check("[name=preset][value=relief]")
    page.context.clear_cookies(name="sessionid")

    with another_page(page):
        page.click(SEND)
    assert ImageryRequest.objects.count() == 0
    sign_in_again(page, programme.requester.email)

    assert page.input_value("#id_purpose") == PURPOSE
    assert page.is_checked("[name=preset][value=relief]")
    expect(page.locator(READ)).to_be_visible()
    requester.confirm()
    assert (drafted().purpose, drafted().acquisition_mode) == (PURPOSE, "stereo")


def test_typing_goes_on_while_signed_out(requester: Person):
    page = requester.page
    page.context.clear_cookies(name="sessionid")

    page.fill("#id_purpose", PURPOSE)
    wait_until_kept(page)

    assert UnfinishedForm.objects.get().answers["purpose"] == [PURPOSE]


def test_who_signs_in_instead_finds_nothing(requester: Person, programme: world.Programme):
    page = requester.page
    page.fill("#id_purpose", PURPOSE)
    page.context.clear_cookies(name="sessionid")
    with another_page(page):
        page.click(SEND)

    sign_in_again(page, programme.colleague.email)

    assert page.input_value("#id_purpose") == ""
    assert page.locator(".unfinished").count() == 0


def test_second_window_is_told_and_loses_nothing(requester: Person):
    page = requester.page
    page.fill("#id_purpose", PURPOSE)
    wait_until_kept(page)
    second = page.context.new_page()
    second.goto(page.url)
    second.fill("#id_purpose", "Autre chose.")
    wait_until_kept(second)

    page.fill("#id_purpose", f"{PURPOSE} Suite.")
    expect(page.locator(KEPT)).to_have_attribute("data-refused", "")

    assert page.input_value("#id_purpose") == f"{PURPOSE} Suite."
    assert UnfinishedForm.objects.get().answers["purpose"] == ["Autre chose."]


def test_without_a_connection_it_says_so_and_tries_again(person: Callable[..., Person]):
    requester = person("requester")
    page = requester.page
    page.goto(requester.base + reverse("requests:new"))
    page.context.set_offline(True)
    page.fill("#id_purpose", PURPOSE)
    expect(page.locator(KEPT)).to_have_attribute("data-refused", "")
    assert UnfinishedForm.objects.count() == 0

    page.context.set_offline(False)
    expect(page.locator(KEPT)).not_to_have_attribute("data-refused", "")

    assert UnfinishedForm.objects.get().answers["purpose"] == [PURPOSE]
    requester.console.clear()  # the browser says that it had no connection
