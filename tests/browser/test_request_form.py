"""The form of a request as people fill it in: few answers or all the choices, and nothing lost."""

from collections.abc import Callable, Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from catalogue.services import keep_scenes
from requests_app.models import ImageryRequest, UnfinishedForm
from tests.browser.area_form import CORNERS, READ, choose
from tests.browser.keyboard import press, tab_to, type_in
from tests.browser.people import PASSWORD, SCREEN, Person, geojson
from tests.catalogue.test_oneatlas import answer
from tests.requests_app import world
from tests.requests_app.test_form_depths import HERE, over_the_area

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("request form")]

PURPOSE = "Recul du trait de côte après les tempêtes."
EXPERT, SIMPLE = "[name=to_depth][value=expert]", "[name=to_depth][value=simple]"
SEND = "main .form__actions button"
KEPT = "[data-keep-said]"
# A control that asks nothing: the switch between depths, and the ways to give one area.
OF_THE_AREA = ("area_", "place_", "layer")
CONTROLS = "#request-form :is(input:not([type=hidden]), select, textarea)"


@pytest.fixture
def requester(person: Callable[..., Person]) -> Person:
    somebody = person("requester")
    somebody.page.goto(somebody.base + reverse("requests:new"))
    return somebody


@pytest.fixture
def without_scripts(browser: Browser, base: str, programme: world.Programme) -> Iterator[Person]:
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": SCREEN.width, "height": 900}, locale="fr"
    )
    somebody = Person(context.new_page(), base, []).sign_in(programme.requester)
    somebody.page.goto(base + reverse("requests:new"))
    yield somebody
    context.close()


def drafted() -> ImageryRequest:
    return ImageryRequest.objects.get()


def fill_in(somebody: Person) -> None:
    somebody.answer(area_file=geojson(world.square()), purpose=PURPOSE)
    expect(somebody.page.locator(READ)).to_be_visible()


def wait_until_kept(page: Page) -> None:
    expect(page.locator(KEPT)).not_to_be_empty()


def sign_in_again(page: Page, email: str) -> None:
    page.fill("#id_login", email)
    page.fill("#id_password", PASSWORD)
    with page.expect_navigation():
        page.click("main form button.button--primary")


# --- A few questions ------------------------------------------------------------------------------


def test_simple_path_takes_eight_answers_at_most(requester: Person, proof: Callable[..., None]):
    """As many as there are questions on the page; the ways to give the area are one."""
    page = requester.page
    names = page.locator(CONTROLS).evaluate_all(
        "all => all.filter(e => e.checkVisibility()).map(e => e.name)"
    )
    asked = {"area" if name.startswith(OF_THE_AREA) else name for name in names}
    proof("answers of the simple form", len(asked))

    fill_in(requester)
    requester.confirm()

    assert len(asked) <= 8
    assert (drafted().purpose, drafted().state) == (PURPOSE, "draft")


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
    page.locator("[name=is_emergency]:checked").focus()

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
    with page.expect_navigation():
        page.keyboard.press("Enter")

    assert drafted().purpose == PURPOSE


def test_emergency_leads_to_who_helps_and_back(requester: Person):
    page = requester.page
    fill_in(requester)
    expect(page.locator(".when-emergency")).to_be_hidden()

    page.check("[name=is_emergency][value=yes]")
    with page.expect_navigation():
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
    requester.confirm()

    assert drafted().archive_scenes == [HERE]


# --- Nothing is lost ------------------------------------------------------------------------------


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

    with page.expect_navigation():
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
    with page.expect_navigation():
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


# --- Without scripts ------------------------------------------------------------------------------


def test_whole_path_needs_no_scripts(without_scripts: Person):
    page = without_scripts.page
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
