"""The panel beside the form of a request, as somebody fills it in."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from requests_app.models import ImageryRequest, UploadedArea
from tests.browser.area_form import READ, begin
from tests.browser.inspection import View, Window, inspect, new_context
from tests.browser.keyboard import tab_to
from tests.browser.people import WISHES, geojson
from tests.browser.request_form import first, hold, wait_until_at_rest
from tests.catalogue.factories import ItemFactory
from tests.requests_app import world

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journey")]

PANEL = "section[aria-labelledby=panel-title]"


@pytest.fixture
def covered(programme):
    """The western 60 % of the usual square are there."""
    return ItemFactory(sensor=programme.sensor, footprint=world.strip(width_deg=0.048))


def follow(page, change) -> None:
    """Do what changes the form, and wait for the panel to follow and then to rest."""
    with page.expect_response(lambda response: response.url.endswith("/panel/")):
        change()
    wait_until_at_rest(page)


def codes(page) -> set[str]:
    found = page.locator(f"{PANEL} [data-code]").all()
    return {str(each.get_attribute("data-code")) for each in found}


def test_panel_follows_the_form_and_nothing_is_written(programme, person, covered):
    page = begin(person("requester")).page
    assert page.locator("#panel section").count() == 0

    follow(page, lambda: page.set_input_files("#id_area_file", geojson(world.square())))
    expect(page.locator("#panel .badge--positive")).to_be_visible()
    expect(page.locator("#panel-said")).to_contain_text("60")
    assert codes(page) == set()

    follow(page, lambda: page.select_option("#id_request_kind", "tasking"))
    expect(page.locator('#panel [data-code="window_missing"]')).to_be_visible()
    expect(page.locator('#panel [data-code="below_minimum_order"]')).to_be_visible()

    follow(page, lambda: page.check("#id_agrees_to_enlargement"))
    expect(page.locator('#panel [data-code="below_minimum_order"]')).to_have_count(0)
    assert not ImageryRequest.objects.exists()


def test_only_a_short_summary_is_read_out(programme, person, covered):
    page = begin(person("requester")).page

    follow(page, lambda: page.set_input_files("#id_area_file", geojson(world.square())))
    expect(page.locator("#panel section").first).to_be_visible()

    assert page.locator(f"{PANEL} :is([aria-live], [role=status], [role=alert])").count() == 1
    assert len(page.locator("#panel-said").inner_text()) < 160


def test_one_click_asks_for_the_rest(programme, person, covered):
    page = begin(person("requester")).page
    follow(page, lambda: page.set_input_files("#id_area_file", geojson(world.square())))

    follow(page, lambda: page.click("#take-rest"))

    expect(page.locator("#area-said")).to_contain_text("22,99 km²".replace(" ", "\xa0"))
    expect(page.locator("#take-rest")).to_have_count(0)
    expect(page.locator("#area-map .map-legend li")).to_have_count(1)
    assert page.evaluate("document.activeElement.matches('#area-said .notice--success')")
    assert page.input_value("#id_title") == WISHES["title"]

    follow(page, lambda: page.check("#id_agrees_to_enlargement"))
    page.click("main .form__actions button")
    page.wait_for_url("**/requests/R*/")
    request = ImageryRequest.objects.get()
    assert round(request.area_km2, 2) == world.km2("22.99")
    assert request.area_km2 == UploadedArea.objects.latest("pk").area_km2


def test_the_rest_is_asked_for_with_the_keyboard(programme, person, covered):
    page = begin(person("requester")).page
    follow(page, lambda: page.set_input_files("#id_area_file", geojson(world.square())))

    follow(page, lambda: page.keyboard.press("Tab"))  # out of a field that was filled in
    tab_to(page, "#take-rest")
    follow(page, lambda: page.keyboard.press("Enter"))

    expect(page.locator("#area-said")).to_contain_text("22,99")


def test_keyboard_stays_in_the_panel_that_is_read_again_meanwhile(programme, person, covered):
    page = begin(person("requester")).page
    follow(page, lambda: page.set_input_files("#id_area_file", geojson(world.square())))
    held = hold(page, "requests:panel")
    page.fill("#id_title", "Another title")
    page.locator("#id_title").blur()
    asked = first(page, held)

    page.focus("#panel summary")
    with page.expect_response("**" + reverse("requests:panel")):
        asked.continue_()
    wait_until_at_rest(page)
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.matches('#panel *')")


def test_without_scripts_a_button_checks_and_another_takes_the_rest(
    base, programme, browser, person, covered
):
    cookies = person("requester").page.context.cookies()
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(base + reverse("requests:new") + "?depth=expert")
    page.fill("#id_title", WISHES["title"])
    page.set_input_files("#id_area_file", geojson(world.square()))

    page.click("button[name=check]")
    page.locator("#panel .badge--positive").wait_for()
    assert page.locator("#take-rest").is_visible()
    page.click("#take-rest")

    assert "22,99" in page.locator(READ).inner_text()
    assert page.locator("#take-rest").count() == 0
    assert page.input_value("#id_title") == WISHES["title"]
    assert not ImageryRequest.objects.exists()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_panel_is_sound_on_a_telephone_and_a_screen(
    base, programme, browser, person, covered, language
):
    world.submitted(programme, aoi=world.square(west=1.2, size_deg=0.09))
    programme.requester.language = language
    programme.requester.save(update_fields=["language"])
    cookies = {
        cookie["name"]: cookie["value"] for cookie in person("requester").page.context.cookies()
    }
    found = {}
    for width in (390, 1280):
        page = new_context(browser, base, View(language, width), cookies).new_page()
        page.goto(base + reverse("requests:new") + "?depth=expert")
        follow(
            page, lambda page=page: page.set_input_files("#id_area_file", geojson(world.square()))
        )
        expect(page.locator("#take-rest")).to_be_visible()
        found[f"covered {width}"] = inspect(Window(page))
        small = geojson(world.square(size_deg=0.05, south=43.6))
        follow(page, lambda page=page, small=small: page.set_input_files("#id_area_file", small))
        expect(page.locator('#panel [data-code="below_minimum_order"]')).to_be_visible()
        found[f"small {width}"] = inspect(Window(page))

    assert found == {seen: [] for seen in found}


def test_on_a_telephone_the_panel_is_one_link_away(base, programme, browser, person, covered):
    cookies = {
        cookie["name"]: cookie["value"] for cookie in person("requester").page.context.cookies()
    }
    page = new_context(browser, base, View("fr", 390), cookies).new_page()
    page.goto(base + reverse("requests:new") + "?depth=expert")
    follow(page, lambda: page.set_input_files("#id_area_file", geojson(world.square())))

    page.click('.form__actions a[href="#panel-title"]')

    expect(page.locator("#panel-title")).to_be_in_viewport()
