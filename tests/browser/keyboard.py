"""A page as somebody uses it who has no mouse."""

import pytest
from playwright.sync_api import Page

from tests.browser.people import another_page

TABS_MAXIMUM = 60
NAME_OF = "({ tagName, id, name }) => id || name || tagName"


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until what ``selector`` names has the focus."""
    passed = []
    for _ in range(TABS_MAXIMUM):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        passed.append(page.evaluate(f"({NAME_OF})(document.activeElement)"))
    there = "there" if page.locator(selector).is_visible() else "not there"
    pytest.fail(f"{selector} is {there} and not reached by Tab, past {passed}")


def type_in(page: Page, selector: str, text: str) -> None:
    tab_to(page, selector)
    page.keyboard.type(text)


def press(page: Page, selector: str) -> None:
    tab_to(page, selector)
    with another_page(page):
        page.keyboard.press("Enter")
