"""The inspection sees what it is there to see: a page with one fault of each kind."""

from importlib.resources import files

import pytest
from playwright.sync_api import Browser

from tests.browser.french import english_texts
from tests.browser.inspection import VIEWS, inspect, new_context, open_window

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journey")]

NARROW = VIEWS[1]
SOUND = """<!doctype html><html lang="fr"><head><title>Page</title>
<style>:focus-visible {{ outline: 3px solid #b8004f }}</style></head><body><main><h1>Page</h1>
<a href="/">Accueil</a>{fault}</main></body></html>"""
FAULTS = {
    "scrolls sideways": "<div style='width:900px'>.</div>",
    "text cut": "<p style='width:50px;overflow:hidden;white-space:nowrap'>Un texte trop long</p>",
    "text leaves its box": "<p style='width:50px;border:1px solid;white-space:nowrap'>Trop long</p>",
    "choice cut": "<label>Capteur <select style='width:50px'><option>Pléiades Neo</select></label>",
    "picture missing": "<img src='/absent.png' alt='Carte'>",
    "no focus ring": "<p><button style='outline:none'>Envoyer</button></p>",
    "axe critical label": "<p><input name='titre'></p>",
    "axe serious color-contrast": "<p style='color:#ccc;background:#fff'>Pâle</p>",
    "script": "<script>absent()</script>",
    "console": "<script>console.error('htmx:sendAbort')</script>",
}
HTMX = (files("django_htmx") / "static/django_htmx/htmx-2.min.js").read_text(encoding="utf-8")
# The second answer takes the place of the first, which is under way.
ASKS_TWICE = """<p id="asks" hx-get="/" hx-trigger="one, two" hx-sync="this:replace" hx-swap="none">.</p>
<script>{htmx}
addEventListener("load", () => {{ htmx.trigger("#asks", "one"); htmx.trigger("#asks", "two"); }})
</script>"""


@pytest.fixture
def found_on(browser: Browser):
    """What the inspection finds on a page of one's own."""
    with new_context(browser, "http://page.invalid", NARROW) as context:
        window = open_window(context)

        def show(fault: str) -> list[str]:
            body = SOUND.format(fault=fault)
            window.page.route(
                "**/*", lambda route: route.fulfill(content_type="text/html", body=body)
            )
            window.page.goto("http://page.invalid/")
            return inspect(window)

        yield show


def test_a_sound_page_has_no_defect(found_on):
    assert found_on("") == []


def test_an_answer_given_up_for_a_newer_one_is_no_defect(found_on):
    assert found_on(ASKS_TWICE.format(htmx=HTMX)) == []


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_seen(found_on, kind: str):
    found = found_on(FAULTS[kind])

    assert [text for text in found if text.startswith(kind)] != []


def test_english_is_heard_in_what_is_ours_and_not_in_what_people_wrote():
    texts = [
        "La demande est déposée.",
        "The file is not for you",
        "The cover of the commune",
        "Sur",
    ]

    assert english_texts(texts, frozenset({"The cover of the commune"})) == [
        "The file is not for you"
    ]
