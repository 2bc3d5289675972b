"""Takes every page of a running demonstration and lays them out as contact sheets.

The pages are found by following links from the home page as every kind of account in turn; each
kind of page is kept once, for the first account that reaches it, and a page about one thing a few
times. Exit 1 when a page scrolls sideways or answers with an error.
"""

# ruff: noqa: E402 - Django is set up before its models are imported

import argparse
import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django

django.setup()

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.urls import Resolver404, resolve
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from eligibility.models import User
from eligibility.selectors import actor_of
from tests.conftest import CHROMIUM_ARGUMENTS

WIDTHS = (1280, 390)
LANGUAGES = ("fr", "en")
THUMBNAIL_HEIGHT = 900
ROWS_PER_SHEET = 6
MARGIN = 24
PAGES_PER_ACCOUNT_MAXIMUM = 150
DETAIL_PAGES = 4  # a request looks different in each of its states
NOT_PAGES = ("/admin", "/i18n", "/static", "/accounts/logout")


@dataclass
class Account:
    label: str
    session_key: str | None = None


@dataclass
class Screen:
    name: str
    path: str
    account: Account
    files: list[Path] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)


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


def kind_of(path: str) -> str | None:
    """What the address is for, or None when it is not a page of ours."""
    if path.startswith(NOT_PAGES):
        return None
    try:
        return resolve(path).view_name
    except Resolver404:
        return None


def links_of(page: Page, base: str) -> Iterator[str]:
    for href in page.eval_on_selector_all(
        "a[href]", "links => links.map(a => a.getAttribute('href'))"
    ):
        address = urlsplit(urljoin(page.url, href))
        if f"{address.scheme}://{address.netloc}" == base:
            yield address.path


def find_pages(browser: Browser, base: str, account: Account, known: dict[str, Screen]) -> None:
    """Add to ``known`` the kinds of page this account is the first to reach."""
    context = context_of(browser, base, account, "fr", WIDTHS[0])
    page = context.new_page()
    waiting, seen, kinds = ["/"], {"/"}, Counter[str]()
    while waiting and len(seen) < PAGES_PER_ACCOUNT_MAXIMUM:
        path = waiting.pop(0)
        kind = kind_of(path)
        if kind is None or kinds[kind] >= (DETAIL_PAGES if kind.endswith("detail") else 1):
            continue
        kinds[kind] += 1
        head = context.request.get(base + path)
        if "text/html" not in head.headers.get("content-type", ""):
            continue
        answer = page.goto(base + path)
        name = f"{kind.replace(':', '-')}{f'-{kinds[kind]}' if kinds[kind] > 1 else ''}"
        screen = Screen(name, path, account)
        if answer is None or answer.status >= 400:
            screen.defects.append(f"answers {answer.status if answer else 'nothing'}")
        known.setdefault(name, screen)
        new = [link for link in dict.fromkeys(links_of(page, base)) if link not in seen]
        seen.update(new)
        waiting += new
    context.close()


# --- Pictures -------------------------------------------------------------------------------------


def take(browser: Browser, base: str, screen: Screen, folder: Path) -> None:
    for language in LANGUAGES:
        for width in WIDTHS:
            context = context_of(browser, base, screen.account, language, width)
            page = context.new_page()
            page.goto(base + screen.path, wait_until="networkidle")
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                screen.defects.append(f"{language} {width}: scrolls sideways to {wide} px")
            file = folder / f"{screen.name}-{language}-{width}.png"
            page.screenshot(path=file, full_page=True)
            screen.files.append(file)
            context.close()


def thumbnail(file: Path) -> Image.Image:
    with Image.open(file) as image:
        width = 640 if image.width == WIDTHS[0] else 220
        small = image.convert("RGB").resize((width, image.height * width // image.width))
    return small.crop((0, 0, width, min(small.height, THUMBNAIL_HEIGHT)))


def sheet(screens: list[Screen]) -> Image.Image:
    rows = [[thumbnail(file) for file in screen.files] for screen in screens]
    heights = [max(image.height for image in row) + 40 + MARGIN for row in rows]
    width = max(sum(image.width + MARGIN for image in row) for row in rows) + MARGIN
    whole = Image.new("RGB", (width, sum(heights) + MARGIN), "#c9ccd1")
    draw = ImageDraw.Draw(whole)
    top = MARGIN
    for screen, row, height in zip(screens, rows, heights, strict=True):
        title = f"{screen.name}   {screen.path}   ({screen.account.label})"
        draw.text((MARGIN, top), title, fill="black", font_size=20)
        left = MARGIN
        for image in row:
            whole.paste(image, (left, top + 30))
            left += image.width + MARGIN
        top += height
    return whole


def chromium() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("ORBITRAGE_CHROMIUM") or next(
        filter(None, map(shutil.which, names)), None
    )
    if found is None:
        sys.exit("Chromium is not installed: run `make setup`.")
    return found


def take_all(base: str, folder: Path, everybody: list[Account]) -> list[Screen]:
    known: dict[str, Screen] = {
        "not-found": Screen("not-found", "/no-such-page/", everybody[0]),
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        for account in everybody:
            find_pages(browser, base, account, known)
        for screen in known.values():
            take(browser, base, screen, folder)
        browser.close()
    return sorted(known.values(), key=lambda screen: screen.name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base")
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    for old in arguments.folder.glob("*.png"):
        old.unlink()
    screens = take_all(arguments.base, arguments.folder, accounts())
    for n, start in enumerate(range(0, len(screens), ROWS_PER_SHEET), start=1):
        sheet(screens[start : start + ROWS_PER_SHEET]).save(arguments.folder / f"sheet-{n:02}.png")
    print(f"{len(screens)} pages, {len(screens) * 4} pictures in {arguments.folder}")
    defects = [f"{screen.path}: {text}" for screen in screens for text in screen.defects]
    sys.exit("\n".join(defects) if defects else 0)


if __name__ == "__main__":
    main()
