"""One browser per module, ended with it: a loop that stays would forbid the ORM to other tests."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Browser, sync_playwright


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
