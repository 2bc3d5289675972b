"""Takes every page of a running demonstration and lays all of them out on one contact sheet.

The pages are found by following links from the home page as every kind of account in turn. A page
is taken for each account that sees something of its own on it. Exit 1 when a page scrolls sideways,
answers with an error or writes an error to the console.
"""

# ruff: noqa: E402 - Django is set up before its models are imported

import argparse
import hashlib
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in this thread

import django

django.setup()

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.urls import Resolver404, resolve
from PIL import Image, ImageDraw
from playwright.sync_api import (
    APIResponse,
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    sync_playwright,
)

from eligibility.models import User
from eligibility.selectors import actor_of
from orbitrage.outbox_handlers import look_at_outbox
from requests_app.models import ImageryRequest
from tests import chromium

WIDTHS = (1280, 390)
LANGUAGES = ("fr", "en")
THUMBNAIL_WIDTHS = {1280: 320, 390: 110}
THUMBNAIL_HEIGHT = 460
COLUMNS = 3
MARGIN = 16
LABEL_HEIGHT = 24
PAGES_PER_ACCOUNT_MAXIMUM = 250
NOT_PAGES = ("/admin", "/i18n", "/static", "/accounts/logout")


@dataclass
class Account:
    label: str
    session_key: str | None = None


@dataclass
class Screen:
    kind: str
    path: str
    account: Account
    files: list[Path] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return re.sub(r"[^a-z0-9_]+", "-", f"{self.kind} {self.account.label}".lower())


# --- Who looks ------------------------------------------------------------------------------------


def session_of(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def accounts() -> list[Account]:
    """A visitor, then one user of every combination of rights."""
    found = {"visitor": Account("visitor")}
    for user in User.objects.filter(is_active=True).order_by("pk"):
        actor = actor_of(user)
        rights = [
            *(["secretariat"] if actor.is_secretariat else []),
            *(["observer"] if actor.is_observer else []),
            *sorted({role for _cell, role in actor.cells}),
            *(["legal representative"] if actor.legal_representative_of else []),
            *(["entity contact"] if actor.contact_of else []),
            *(["requester"] if actor.entity_ids else []),
        ]
        label = ", ".join(rights) or "newcomer"
        if label not in found:
            found[label] = Account(label, session_of(user))
    return list(found.values())


def newcomer() -> Account:
    """Somebody who has just signed up: what they see is empty."""
    user = User.objects.create_user(
        email="new@demo.invalid", full_name="Lou Nouvelle", language="fr"
    )
    return Account("newcomer", session_of(user))


# --- Which pages ----------------------------------------------------------------------------------


def context_of(
    browser: Browser, base: str, account: Account, language: str, width: int
) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, locale=language, timezone_id="Europe/Paris"
    )
    cookies = [{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": base}]
    if account.session_key:
        cookies.append(
            {"name": settings.SESSION_COOKIE_NAME, "value": account.session_key, "url": base}
        )
    context.add_cookies(cookies)
    return context


class PageText(HTMLParser):
    """The links of a page, and what stands in its main part."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.words: list[str] = []
        self.is_in_main = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_in_main = self.is_in_main or tag == "main"
        if tag == "a" and (href := dict(attrs).get("href")):
            self.links.append(href)

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self.is_in_main = False

    def handle_data(self, data: str) -> None:
        if self.is_in_main and data.strip():
            self.words.append(data.strip())

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256("\n".join(self.words).encode()).hexdigest()


def kind_of(path: str) -> str | None:
    """What the address is for, or None when it is not a page of ours.

    A request's page differs with its state, and each of its moves is a page.
    """
    if path.startswith(NOT_PAGES):
        return None
    try:
        match = resolve(path)
    except Resolver404:
        return None
    if "transition" in match.kwargs:
        return f"{match.view_name} {match.kwargs['transition']}"
    if match.view_name == "requests:detail":
        return f"{match.view_name} {ImageryRequest.objects.get(**match.kwargs).state}"
    return match.view_name


def links_of(text: PageText, address: str, base: str) -> Iterator[str]:
    for href in text.links:
        target = urlsplit(urljoin(address, href))
        if f"{target.scheme}://{target.netloc}" == base:
            yield target.path


def read(answer: APIResponse) -> PageText | None:
    if "text/html" not in answer.headers.get("content-type", ""):
        return None
    text = PageText()
    text.feed(answer.text())
    return text


def find_pages(browser: Browser, base: str, account: Account) -> Iterator[tuple[Screen, str]]:
    """One page of each kind that ``account`` reaches by links, with the fingerprint of its text."""
    context = context_of(browser, base, account, "fr", WIDTHS[0])
    waiting, seen, kinds = ["/"], {"/"}, set()
    while waiting and len(kinds) < PAGES_PER_ACCOUNT_MAXIMUM:
        path = waiting.pop(0)
        kind = kind_of(path)
        if kind is None or kind in kinds:
            continue
        kinds.add(kind)
        answer = context.request.get(base + path)
        text = read(answer)
        if text is None or urlsplit(answer.url).path != path:
            continue
        screen = Screen(kind, path, account)
        if answer.status >= 400:
            screen.defects.append(f"answers {answer.status}")
        yield screen, text.fingerprint
        new = [
            link for link in dict.fromkeys(links_of(text, base + path, base)) if link not in seen
        ]
        seen.update(new)
        waiting += new
    context.close()


def all_pages(browser: Browser, base: str, everybody: list[Account]) -> list[Screen]:
    known: dict[tuple[str, str], Screen] = {}
    for account in everybody:
        for screen, fingerprint in find_pages(browser, base, account):
            known.setdefault((screen.kind, fingerprint), screen)
    screens = [Screen("not found", "/no-such-page/", everybody[0]), *known.values()]
    return sorted(screens, key=lambda screen: screen.kind)


# --- Pictures -------------------------------------------------------------------------------------


def take(page: Page, base: str, screen: Screen, folder: Path, view: tuple[str, int]) -> None:
    language, width = view
    answer = page.goto(base + screen.path, wait_until="load")
    page.evaluate("document.fonts.ready")
    if page.locator("[data-map]").count():
        page.wait_for_load_state("networkidle")
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        screen.defects.append(f"{language} {width}: scrolls sideways to {wide} px")
    if answer is not None and answer.status >= 500:
        screen.defects.append(f"{language} {width}: answers {answer.status}")
    file = folder / f"{screen.name}-{language}-{width}.png"
    page.screenshot(path=file, full_page=True)
    screen.files.append(file)


def is_of_a_script(message: ConsoleMessage, page: Page) -> bool:
    """Not what the browser says itself of a page that answers 404."""
    return message.type == "error" and message.location.get("url") != page.url


def take_as(
    browser: Browser, base: str, screens: list[Screen], folder: Path, view: tuple[str, int]
) -> None:
    """All the pages of one account in one language and width."""
    context = context_of(browser, base, screens[0].account, *view)
    page = context.new_page()
    current = screens[0]

    def note(text: str) -> None:
        current.defects.append(f"{view[0]} {view[1]}: {text}")

    page.on("pageerror", lambda error: note(str(error)))
    page.on("console", lambda message: is_of_a_script(message, page) and note(message.text))
    for current in screens:
        take(page, base, current, folder, view)
    context.close()


def thumbnail(file: Path) -> Image.Image:
    with Image.open(file) as image:
        width = THUMBNAIL_WIDTHS[image.width]
        small = image.convert("RGB").resize((width, image.height * width // image.width))
    return small.crop((0, 0, width, min(small.height, THUMBNAIL_HEIGHT)))


def cell(screen: Screen) -> Image.Image:
    images = [thumbnail(file) for file in screen.files]
    width = sum(image.width + MARGIN for image in images) + MARGIN
    whole = Image.new("RGB", (width, LABEL_HEIGHT + THUMBNAIL_HEIGHT + MARGIN), "#c9ccd1")
    label = f"{screen.kind}   ({screen.account.label})   {screen.path}"
    ImageDraw.Draw(whole).text((MARGIN, 2), label, fill="black", font_size=16)
    left = MARGIN
    for image in images:
        whole.paste(image, (left, LABEL_HEIGHT))
        left += image.width + MARGIN
    return whole


def contact_sheet(screens: list[Screen]) -> Image.Image:
    cells = [cell(screen) for screen in screens]
    width, height = (max(getattr(each, side) for each in cells) for side in ("width", "height"))
    rows = -(-len(cells) // COLUMNS)
    whole = Image.new("RGB", (width * COLUMNS, height * rows), "#c9ccd1")
    for n, each in enumerate(cells):
        whole.paste(each, (n % COLUMNS * width, n // COLUMNS * height))
    return whole


def take_all(arguments: argparse.Namespace) -> list[Screen]:
    everybody = [*accounts(), newcomer()]
    found = chromium.executable()
    if found is None:
        sys.exit("Chromium is not installed: run `make setup`.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=chromium.ARGUMENTS)
        screens = all_pages(browser, arguments.base, everybody)
        screens = [screen for screen in screens if re.search(arguments.only, screen.kind)]
        if not screens:
            sys.exit(f"No kind of page matches {arguments.only!r}.")
        for view in ((language, width) for width in WIDTHS for language in LANGUAGES):
            for account in everybody:
                mine = [screen for screen in screens if screen.account is account]
                if mine:
                    take_as(browser, arguments.base, mine, arguments.folder, view)
        browser.close()
    return screens


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="a pattern of the kinds of page to take")
    arguments = parser.parse_args()
    for old in arguments.folder.glob("*.png"):
        old.unlink()
    look_at_outbox()
    screens = take_all(arguments)
    contact_sheet(screens).save(arguments.folder / "contact-sheet.png", optimize=True)
    kinds = len({screen.kind for screen in screens})
    pictures = sum(len(screen.files) for screen in screens)
    print(f"{kinds} kinds of page, {len(screens)} with each role's own, {pictures} pictures")
    defects = [f"{screen.path}: {text}" for screen in screens for text in screen.defects]
    sys.exit("\n".join(defects) if defects else 0)


if __name__ == "__main__":
    main()
