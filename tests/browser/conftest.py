"""One browser per module, ended with it: a loop that stays would forbid the ORM to other tests."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, connections
from django.urls import reverse
from playwright.sync_api import Browser, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.browser.people import Person, may_sign_in, new_person
from tests.requests_app import world

ANSWER_S = 20
# What comes late on a machine that does much else is still what was waited for.
expect.set_options(timeout=ANSWER_S * 1000)
UNDER_WAY = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
"""


@pytest.fixture(scope="module")
def browser(browser_type_launch_args: dict[str, Any]) -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        # Playwright's loop runs in this very thread, beside the test that asks the database; while
        # it does, Django keeps other connections than before and after.
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        started = playwright.chromium.launch(**browser_type_launch_args)
        yield started
        connections.close_all()
        started.close()


@pytest.fixture
def base(transactional_db: None, browser: Browser) -> Iterator[str]:
    before = set(threading.enumerate())
    server = LiveServer("localhost")
    yield server.url
    for context in browser.contexts:
        context.close()
    server.stop()
    let_answers_end(set(threading.enumerate()) - before)


def let_answers_end(answers: set[threading.Thread]) -> None:
    """The server leaves an answer that nobody waits for to its thread, which may still hold locks,
    or come to, when the tables are emptied; so may a worker."""
    deadline = time.monotonic() + ANSWER_S
    for answer in answers:
        answer.join(max(0, deadline - time.monotonic()))
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(UNDER_WAY)
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.05)


@pytest.fixture
def programme(base: str) -> world.Programme:
    found = world.programme()
    may_sign_in(*found.people.values())
    return found


@pytest.fixture
def person(
    base: str, browser: Browser, programme: world.Programme
) -> Iterator[Callable[..., Person]]:
    """A signed-in person with a browser of their own; no console may complain in the end."""
    everybody: list[Person] = []

    def arrive(role: str | None = None) -> Person:
        somebody = new_person(browser, base)
        everybody.append(somebody)
        return somebody.sign_in(programme.people[role]) if role else somebody

    yield arrive

    assert [line for somebody in everybody for line in somebody.console] == []


@pytest.fixture
def requester(person: Callable[..., Person]) -> Person:
    somebody = person("requester")
    somebody.page.goto(somebody.base + reverse("requests:new"))
    return somebody
