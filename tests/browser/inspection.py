"""What is looked at on every page: its layout, its focus, its words, its console, and axe."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.sizes import size

HERE = Path(__file__).resolve().parent
LAYOUT, FOCUS, TEXTS = (
    (HERE / name).read_text(encoding="utf-8") for name in ("layout.js", "focus.js", "texts.js")
)
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
TAB_STOPS = size(small=6, large=40)
# A browser says so of every page that answers with an error, and of the page it was sent for.
OF_THE_STATUS = "Failed to load resource: the server responded with a status of"
# htmx says both, in this order, of an answer that the page itself gave up for a newer one.
OF_GIVING_UP = ("console: htmx:afterRequest", "htmx:sendAbort")


@dataclass(frozen=True)
class View:
    language: str
    width: int

    def __str__(self) -> str:
        return f"{self.language} {self.width}"


VIEWS = tuple(View(language, width) for language in ("fr", "en") for width in (1280, 390))


@dataclass
class Window:
    """A page of a browser, with what it wrote to its console."""

    page: Page
    console: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        if message.type != "error" or message.text.startswith(OF_THE_STATUS):
            return
        before, last = OF_GIVING_UP
        if message.text.startswith(last) and self.console and self.console[-1].startswith(before):
            self.console.pop()
        else:
            self.console.append(f"console: {message.text}")

    def take_console(self) -> list[str]:
        heard, self.console[:] = list(self.console), []
        return heard


def new_context(
    browser: Browser, base: str, view: View, cookies: dict[str, str] | None = None
) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": view.width, "height": 900},
        locale=view.language,
        timezone_id="Europe/Paris",
    )
    known = {"django_language": view.language} | (cookies or {})
    context.add_cookies(
        [{"name": name, "value": value, "url": base} for name, value in known.items()]
    )
    return context


def open_window(context: BrowserContext) -> Window:
    window = Window(context.new_page())
    window.page.on("console", window.hear)
    window.page.on("pageerror", lambda error: window.console.append(f"script: {error}"))
    return window


def inspect(window: Window) -> list[str]:
    """Everything found wrong with the page as it stands."""
    page = window.page
    page.evaluate("document.fonts.ready")
    found = [*page.evaluate(LAYOUT), *focus(page), *window.take_console(), *axe(page)]
    # axe copies imported stylesheets, which the page's policy refuses it, and says.
    window.take_console()
    return found


def axe(page: Page) -> Iterator[str]:
    """All of axe's rules, none switched off."""
    page.evaluate(AXE)
    result: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    for violation in result["violations"]:
        places = "; ".join(node["html"][:100] for node in violation["nodes"][:3])
        yield f"axe {violation['impact']} {violation['id']}: {places}"


def focus(page: Page) -> list[str]:
    """The ring around each of the first stops of the Tab key."""
    found = []
    page.evaluate("document.activeElement?.blur()")
    for _ in range(TAB_STOPS):
        page.keyboard.press("Tab")
        found.append(page.evaluate(FOCUS))
    return [each for each in found if each]


def texts(page: Page) -> list[str]:
    found: list[str] = page.evaluate(TEXTS)
    return found
