"""Every page × width × language: answers, fits, shows the focus, speaks its language; axe is content."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import quote

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from playwright.sync_api import Browser

from licences.models import Licence
from tests.browser.french import english_texts, is_compiled
from tests.browser.inspection import (
    VIEWS,
    View,
    Window,
    inspect,
    new_context,
    open_window,
    texts,
)
from tests.browser.people import file_of, geojson
from tests.browser.request_form import wait_until_at_rest
from tests.browser.sites import Site, serving
from tests.browser.visits import NOT_PAGES, Visit, by_role, open_rows, url_of, visits
from tests.rights.table import url_names
from tests.sizes import PROVE, size

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.prove]

KINDS = [
    pytest.param(kind, marks=pytest.mark.xdist_group(f"pages {kind}"), id=kind)
    for kind in ("at work", "beginning", "long names")
]
AT_WORK = pytest.mark.parametrize("site", KINDS[:1], indirect=True)


@pytest.fixture
def storage() -> None:
    """What the site has stored stays where it is: no folder per test here."""


@pytest.fixture(scope="module")
def site(
    request: pytest.FixtureRequest,
    browser: Browser,
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("storage")
    with serving(request.param, folder, django_db_blocker) as found:
        found.kind = request.param
        yield found


# --- Every page -----------------------------------------------------------------------------------


def test_every_address_is_visited_or_is_no_page():
    visited = {row.name for row, _roles in open_rows()}

    never_open = {name for name in url_names() if name not in visited | NOT_PAGES}

    # Nobody signs in by a code or without a password; the style guide is the demonstration's; what
    # asks for the password again has a test of its own.
    of_ours = {name for name in never_open if not name.startswith(("admin:", "api-1:"))}
    assert of_ours == {
        "account_confirm_login_code",
        "account_set_password",
        "styleguide",
        "eligibility:token_new",
    }
    # The administration adds and deletes nothing that a service should.
    of_administration = {name for name in never_open if name.startswith("admin:")}
    assert {name.rpartition("_")[2] for name in of_administration} == {
        "admin:None",
        "admin:login",
        "admin:logout",
        "add",
        "delete",
    }


@pytest.mark.parametrize("view", VIEWS, ids=str)
@pytest.mark.prove
@pytest.mark.parametrize("site", size(small=KINDS[:1], large=KINDS), indirect=True)
def test_pages_are_sound(
    site: Site, view: View, browser: Browser, proof: Callable[[str, int], None]
):
    found: dict[str, list[str]] = {}
    wanted = visits(site.kind, view)

    for role, mine in by_role(wanted).items():
        with new_context(browser, site.url, view, site.cookies(role)) as context:
            window = open_window(context)
            for visit in mine:
                found[str(visit)] = defects_of(window, site, visit, view)

    proof(f"pages without a defect, {site.kind}, {view} px", len(wanted))
    assert report(found) == "", report(found)


def defects_of(window: Window, site: Site, visit: Visit, view: View) -> list[str]:
    answer = window.page.goto(url_of(site, visit))
    if answer is None or answer.status != visit.status:
        return [f"answers {answer and answer.status}"]
    defects = inspect(window)
    if view.language == "fr" and is_compiled():
        english = english_texts(texts(window.page), site.texts_of_rows)
        defects += [f"in English: {text}" for text in english]
    return defects


def report(found: dict[str, list[str]]) -> str:
    """One line per defect."""
    return "\n".join(f"{where}: {text}" for where, defects in found.items() for text in defects)


# --- Pages with more on them than an address shows ------------------------------------------------


@pytest.fixture(params=VIEWS if PROVE else VIEWS[1:2], ids=str)
def view(request: pytest.FixtureRequest) -> View:
    """All in `make prove`; otherwise French on a telephone, where there is least room."""
    return request.param


@pytest.fixture
def window_of(site: Site, view: View, browser: Browser) -> Iterator[Callable[[str], Window]]:
    """A window of the site for somebody of a role."""
    with ExitStack() as contexts:

        def open_as(role: str) -> Window:
            context = new_context(browser, site.url, view, site.cookies(role))
            return open_window(contexts.enter_context(context))

        yield open_as


def number_of(site: Site, name: str) -> str:
    return str(site.world.requests[name].number)


@AT_WORK
def test_forms_sent_back_are_sound(site: Site, window_of: Callable[[str], Window]):
    """Each is sent empty: every required field has its error, and the summary has the focus."""
    found = {}

    for path, role in forms_that_need_something(site):
        window = window_of(role)
        window.page.goto(site.url + path)
        window.page.locator("main form.form").first.evaluate("form => form.submit()")
        window.page.wait_for_selector(".form-errors")
        has_focus = window.page.locator(".form-errors").evaluate(
            "e => e === document.activeElement"
        )
        found[path] = [*inspect(window), *([] if has_focus else ["the errors have no focus"])]

    assert report(found) == "", report(found)


def forms_that_need_something(site: Site) -> list[tuple[str, str]]:
    moves = [
        ("information_requested", "answer", "requester"),
        ("offered", "reply_to_offer", "requester"),
        ("in_review", "request_information", "reviewer"),
        ("in_review", "recommend", "reviewer"),
        ("in_arbitration", "refuse", "arbitrator"),
        ("in_arbitration", "defer", "arbitrator"),
        ("ordered", "register_delivery", "supply_officer"),
        ("ordered", "propose_amendment", "supply_officer"),
        ("in_review", "propose_inadmissible", "reviewer"),
        ("submitted", "add_co_requester", "requester"),
        ("submitted", "transfer_request", "entity_contact"),
        ("window_asked", "choose_on_shortfall", "requester"),
    ]
    return [
        (reverse("contact"), "anonymous"),
        (reverse("account_login"), "anonymous"),
        (reverse("account_signup"), "anonymous"),
        (reverse("requests:new"), "requester"),
        (reverse("eligibility:join"), "requester"),
        (reverse("eligibility:entity_register"), "requester"),
        *(
            (reverse("requests:move", args=[number_of(site, state), move]), role)
            for state, move, role in moves
        ),
    ]


@AT_WORK
def test_a_form_whose_file_is_refused_and_then_read_is_sound(
    site: Site, window_of: Callable[[str], Window]
):
    window, found = window_of("requester"), {}
    window.page.goto(site.url + reverse("requests:new"))

    for outcome, file in (
        ("danger", file_of("zone.geojson", b"{not json")),
        ("success", geojson(site.world.requests["draft"].aoi)),
    ):
        window.page.set_input_files("#id_area_file", file)
        window.page.wait_for_selector(f"#area-said .notice--{outcome}")
        wait_until_at_rest(window.page)  # the price is worked out after the area
        found[outcome] = inspect(window)

    assert report(found) == "", report(found)


@AT_WORK
def test_every_way_to_give_an_area_is_sound(site: Site, window_of: Callable[[str], Window]):
    window, found = window_of("requester"), {}
    page = window.page
    page.goto(site.url + reverse("requests:new"))
    given = {
        "draw": ("#id_area_drawn", "1.3 43.5\n1.4 43.5\n1.4 43.6\n\n1.5 43.5\n1.6 43.5\n1.6 43.6"),
        "tile": ("#id_area_tile", "31TEJ"),
        "typed": ("#id_area_typed", "43.61 N 3.88 E 5 km"),
        "request": ("#id_area_request", number_of(site, "draft")),
    }

    for way, (field, text) in given.items():
        page.check(f"[name=area_way][value={way}]")
        page.fill(field, text)
        page.locator(field).blur()
        page.wait_for_selector(f"[name=area_given_by][value={way}]", state="attached")
        wait_until_at_rest(page)
        found[way] = inspect(window)
    page.check("[name=area_way][value=place]")
    page.fill("#id_place_query", "saint")
    page.wait_for_selector("#places-found [type=checkbox]")
    found["place"] = inspect(window)

    assert report(found) == "", report(found)


@AT_WORK
def test_lists_without_a_match_and_a_searched_area_are_sound(
    site: Site, window_of: Callable[[str], Window]
):
    west, south, east, north = site.world.requests["delivered"].aoi.extent
    area = f"POLYGON(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))"
    licence = Licence.objects.get(number=site.world.objects["licence"]["number"])
    paths = [
        (reverse("requests:list") + "?q=nowhere", "requester"),
        (reverse("requests:list") + "?map=1&sort=-area&late=", "requester"),
        (reverse("requests:list") + "?scope=cells&state=closed&state=refused", "reviewer"),
        (reverse("requests:list") + "?bbox=wrong&state=unheard&q=" + "x" * 101, "requester"),
        (reverse("requests:list") + "?map=1", "stranger"),
        (reverse("requests:list_file", args=["csv"]) + "?after=R2020-000001", "requester"),
        (reverse("queue:list") + "?state=refused", "reviewer"),
        (reverse("queue:list") + "?state=unheard", "reviewer"),
        (reverse("catalogue:list") + "?cloud=0", "requester"),
        (reverse("catalogue:list") + "?bbox=wrong", "requester"),
        (reverse("catalogue:list") + f"?area={quote(area)}", "requester"),
        (reverse("quotas:list") + "?on=2001-01-01", "requester"),
        (licence.verify_path, "anonymous"),
        (reverse("licences:verify", args=["NO-SUCH-2026-0001"]), "anonymous"),
    ]
    found = {}

    for path, role in paths:
        window = window_of(role)
        window.page.goto(site.url + path)
        found[path] = inspect(window)

    assert report(found) == "", report(found)


@AT_WORK
def test_error_pages_are_sound(site: Site, window_of: Callable[[str], Window]):
    window, found = window_of("requester"), {}
    forbidden = reverse("requests:move", args=[number_of(site, "submitted"), "take"])
    broken = re.compile("/broken/$")
    # It is shown when nothing works any more: it asks neither the database nor the settings.
    window.page.route(broken, lambda route: route.fulfill(
        status=500, content_type="text/html", body=render_to_string("500.html")
    ))  # fmt: skip

    for path, status in ((forbidden, 403), ("/no-such-page/", 404), ("/broken/", 500)):
        answer = window.page.goto(site.url + path)
        found[path] = [] if answer.status == status else [f"answers {answer.status}"]
        found[path] += inspect(window)

    assert report(found) == "", report(found)


@AT_WORK
def test_open_menus_are_sound(site: Site, window_of: Callable[[str], Window]):
    window = window_of("requester")
    page = window.page
    page.goto(site.url)

    page.locator("details[data-menu] summary").click()
    page.locator(".menu__panel").wait_for()
    assert report({"account menu": inspect(window)}) == ""

    # Opening one menu closes the other.
    if page.locator("[data-nav-toggle]").is_visible():
        page.locator("[data-nav-toggle]").click()
    page.locator(".site-nav a").first.wait_for()
    assert report({"navigation": inspect(window)}) == ""


@AT_WORK
def test_the_pages_of_a_demonstration_are_sound(
    site: Site, window_of: Callable[[str], Window], settings: Any
):
    settings.ORBITRAGE_DEMO, settings.ORBITRAGE_PRIVATE_DATABASE = True, True
    window, found = window_of("anonymous"), {}

    for path in (reverse("home"), reverse("account_login"), reverse("styleguide")):
        window.page.goto(site.url + path)
        found[path] = inspect(window)
    for opener in window.page.locator("[data-dialog-open]").all():
        opener.click()
        found[f"dialog {opener.inner_text()}"] = inspect(window)
        window.page.keyboard.press("Escape")

    assert window.page.locator("[data-dialog-open]").count() > 0
    assert report(found) == "", report(found)
