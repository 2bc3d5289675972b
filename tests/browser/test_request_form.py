"""The form of a request as people fill it in: few answers, or all the choices."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from catalogue.services import keep_scenes
from requests_app.models import ImageryRequest
from tests.browser.area_form import READ, choose
from tests.browser.keyboard import press, tab_to, type_in
from tests.browser.people import NO_EMERGENCY, Person, another_page, geojson
from tests.browser.request_form import (
    BOW_TIE,
    EXPERT,
    PURPOSE,
    SEND,
    SIMPLE,
    fill_in,
    wait_until_at_rest,
)
from tests.catalogue.oneatlas import answer
from tests.eligibility.factories import AffiliationFactory, MandateFactory, MembershipFactory
from tests.requests_app import world
from tests.requests_app.archive import HERE, over_the_area
from tests.requests_app.area_posts import CORNERS
from tests.requests_app.form_posts import drafted

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("request form")]

# A control that asks nothing: the switch between depths, and the ways to give one area.
OF_THE_AREA = ("area_", "place_", "layer")
CONTROLS = "#request-form :is(input:not([type=hidden]), select, textarea)"


# --- A few questions ------------------------------------------------------------------------------


def asked_on(page: Page) -> set[str]:
    """The questions of the page. The ways to give the area are one; and what the service proposes
    to do to an area (mend it, order more around it) is agreed to within it, and asks nothing that
    the requester knows: it is counted apart."""
    names = page.locator(CONTROLS).evaluate_all(
        "all => all.filter(e => e.checkVisibility()).map(e => e.name)"
    )
    return {"area" if name.startswith(OF_THE_AREA) else name for name in names}


def test_simple_path_takes_eight_answers_at_most(requester: Person, proof: Callable[..., None]):
    asked = asked_on(requester.page)
    proof("answers of the simple form", len(asked))

    fill_in(requester)
    wait_until_at_rest(requester.page)
    requester.confirm()

    assert len(asked) <= 8
    assert (drafted().purpose, drafted().state) == (PURPOSE, "draft")


def test_two_entities_a_mandate_and_an_area_to_agree_on_take_eight_answers_too(
    person: Callable[..., Person], programme: world.Programme, proof: Callable[..., None]
):
    principal = MembershipFactory(sensors=[programme.sensor]).entity
    AffiliationFactory(user=programme.requester)
    MandateFactory(contractor=programme.entity, principal=principal, sensors=[programme.sensor])
    requester = person("requester")
    page = requester.page
    page.goto(requester.base + reverse("requests:new"))
    choose(page, "typed")

    page.check(NO_EMERGENCY)
    page.check("[name=on_behalf] >> nth=0")
    page.fill("#id_area_typed", BOW_TIE)
    page.fill("#id_window_ends_on", world.in_days(90).isoformat())
    page.fill("#id_purpose", PURPOSE)
    page.check("#id_agrees_to_repair")
    expect(page.locator("#area-order #id_agrees_to_enlargement")).to_be_visible()
    page.check("#id_agrees_to_enlargement")
    asked = asked_on(page)
    proof("answers of the simple form, for several entities and a small area", len(asked))
    wait_until_at_rest(page)
    requester.confirm()

    agreed = {"agrees_to_repair", "agrees_to_enlargement", "asks_to_join"}
    assert len(asked - agreed) <= 8
    assert (drafted().agrees_to_repair, drafted().agrees_to_enlargement) == (True, True)


def test_agreements_stand_within_the_area(requester: Person):
    page = requester.page
    choose(page, "typed")
    page.fill("#id_area_typed", BOW_TIE)
    page.fill("#id_window_ends_on", world.in_days(90).isoformat())
    page.locator("#id_window_ends_on").blur()

    within = page.locator("fieldset:has([name=area_way])")

    expect(within.locator("#id_agrees_to_repair")).to_be_visible()
    expect(within.locator("#id_agrees_to_enlargement")).to_be_visible()
    expect(within.locator("#id_asks_to_join")).to_be_visible()


def test_form_is_not_sent_before_the_emergency_is_answered(requester: Person):
    page = requester.page
    requester.answer(area_file=geojson(world.square()), purpose=PURPOSE)
    expect(page.locator(READ)).to_be_visible()

    page.click(SEND)

    codes = page.locator("#id_is_emergency_error li").evaluate_all(
        "all => all.map(e => e.dataset.code)"
    )
    assert codes == ["required"]
    assert (page.input_value("#id_purpose"), ImageryRequest.objects.count()) == (PURPOSE, 0)


def test_rest_follows_what_is_answered(requester: Person):
    page = requester.page
    said = page.locator("#form-choices .notice--info")
    first = said.inner_text()

    page.check("[name=preset][value=relief]")
    expect(said).not_to_have_text(first)
    page.fill("#id_window_ends_on", world.in_days(90).isoformat())
    page.locator("#id_window_ends_on").blur()
    fill_in(requester)

    expect(page.locator("#id_agrees_to_enlargement")).to_be_visible()
    expect(page.locator("#cloud-advice")).to_contain_text("10 %")


def test_simple_form_is_filled_in_without_a_mouse(requester: Person):
    page = requester.page
    tab_to(page, "[name=is_emergency]")
    page.keyboard.press("Space")

    tab_to(page, "[name=area_way]")
    page.keyboard.press("ArrowDown")
    type_in(page, "#id_area_drawn", CORNERS)
    tab_to(page, "[name=preset]")
    expect(page.locator(READ)).to_be_visible()
    page.keyboard.press("ArrowDown")
    type_in(page, "#id_purpose", PURPOSE)
    press(page, SEND)

    assert (drafted().sensor.code, drafted().purpose) == ("spot67", PURPOSE)


def test_enter_in_a_field_sends_the_form_and_does_not_change_its_depth(requester: Person):
    page = requester.page
    fill_in(requester)

    page.locator("#id_maximum_cloud_percent").focus()
    with another_page(page):
        page.keyboard.press("Enter")

    assert drafted().purpose == PURPOSE


def test_emergency_leads_to_who_helps_and_back(requester: Person):
    page = requester.page
    fill_in(requester)
    expect(page.locator(".when-emergency")).to_be_hidden()

    page.check("[name=is_emergency][value=yes]")
    with another_page(page):
        page.click(".when-emergency button")
    assert page.url.startswith(requester.base + reverse("emergency"))
    page.click(".notice--info a")

    assert page.input_value("#id_purpose") == PURPOSE
    assert page.locator("[name=area_id]").count() == 1


# --- All the choices ------------------------------------------------------------------------------


def test_change_of_depth_keeps_everything(requester: Person):
    page = requester.page
    fill_in(requester)
    page.check("[name=preset][value=analysis]")
    page.fill("#id_maximum_cloud_percent", "22")

    page.click(EXPERT)
    among_all = {name: page.input_value(f"#id_{name}") for name in ("purpose", "spectral_mode")}
    page.fill("#id_partners", "LEGOS")
    page.fill("#id_maximum_incidence_deg", "17")
    page.click(SIMPLE)
    cloud = page.input_value("#id_maximum_cloud_percent")
    is_own = page.is_checked("[name=preset][value=own]")
    page.click(EXPERT)

    back = {name: page.input_value(f"#id_{name}") for name in ("partners", "maximum_incidence_deg")}
    assert among_all == {"purpose": PURPOSE, "spectral_mode": "bundle"}
    assert (cloud, is_own) == ("22", True)
    assert back == {"partners": "LEGOS", "maximum_incidence_deg": "17"}
    assert page.locator("[name=area_id]").count() == 1


def test_idle_choices_are_not_shown(requester: Person):
    page = requester.page
    page.click(EXPERT)

    def shown() -> list[str]:
        names = (
            "archive_scenes", "acquisition_dates", "base_to_height_minimum", "processing_level",
            "bit_depth", "file_format",
        )  # fmt: skip
        return [name for name in names if page.locator(f"#id_{name}").is_visible()]

    archive = shown()
    page.select_option("#id_request_kind", "tasking")
    page.select_option("#id_acquisition_mode", "stereo")
    page.select_option("#id_radiometry", "display")
    stereo_tasking = shown()
    page.select_option("#id_sensor", index=2)

    assert archive == ["archive_scenes", "processing_level", "file_format"]
    assert stereo_tasking == [
        "acquisition_dates", "base_to_height_minimum", "bit_depth", "file_format",
    ]  # fmt: skip
    assert shown() == []


def test_scenes_are_listed_once_the_area_is_read_and_chosen(requester: Person):
    keep_scenes(data=answer(over_the_area(), over_the_area(HERE.replace("0720", "0721"))))
    page = requester.page
    page.click(EXPERT)
    requester.answer(title="Côte")
    assert page.locator("[name=archive_scenes]").count() == 0

    fill_in(requester)
    expect(page.locator("[name=archive_scenes]")).to_have_count(2)
    page.check(f"[name=archive_scenes][value={HERE}]")
    page.fill("#id_maximum_cloud_percent", "1")
    page.locator("#id_maximum_cloud_percent").blur()
    expect(page.locator("[name=archive_scenes]")).to_have_count(1)
    wait_until_at_rest(page)
    requester.confirm()

    assert drafted().archive_scenes == [HERE]
