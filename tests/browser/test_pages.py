"""Every page × width × language: answers, fits, shows the focus, speaks its language; axe is content."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Browser, Page
from django.urls import reverse

from tests.browser.french import english_texts, is_compiled
from tests.browser.inspection import VIEWS, View, inspect, new_context, open_window, texts
from tests.browser.sites import Site, serving
from tests.browser.visits import NOT_PAGES, Visit, by_role, open_rows, url_of, visits
from tests.rights.table import url_names

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

    # Nobody signs in by a code or without a password; the style guide is the demonstration's.
    of_ours = {name for name in never_open if not name.startswith("admin:")}
    assert of_ours == {"account_confirm_login_code", "account_set_password", "styleguide"}
    # The administration adds and deletes nothing that a service should.
    assert {name.rpartition("_")[2] for name in never_open - of_ours} == {
        "admin:None",
        "admin:login",
        "admin:logout",
        "add",
        "delete",
    }


@pytest.mark.parametrize("view", VIEWS, ids=str)
@pytest.mark.parametrize("site", KINDS, indirect=True)
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


def defects_of(window: Any, site: Site, visit: Visit, view: View) -> list[str]:
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
