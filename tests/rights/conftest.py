"""For the modules about rights: a world of their own, built once, in a transaction that is rolled back at the end."""

import copy
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.test import override_settings

from tests.rights.build import build
from tests.rights.world import World

ERROR_PAGES = {"403.html": "not yours", "404.html": "not there"}


def templates_with_bare_error_pages() -> list[dict[str, Any]]:
    """Error pages have tests of their own; thousands of cells need only their status."""
    templates = copy.deepcopy(django_settings.TEMPLATES)
    templates[0]["APP_DIRS"] = False
    templates[0]["OPTIONS"]["loaders"] = [
        ("django.template.loaders.locmem.Loader", ERROR_PAGES),
        (
            "django.template.loaders.cached.Loader",
            ["django.template.loaders.app_directories.Loader"],
        ),
    ]
    return templates


@pytest.fixture(autouse=True)
def storage() -> None:
    """What the world has stored stays where it is: no folder per test here."""


@pytest.fixture(scope="package")
def world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("storage")
    settings = override_settings(MEDIA_ROOT=folder, TEMPLATES=templates_with_bare_error_pages())
    with settings, django_db_blocker.unblock(), transaction.atomic():
        with connection.cursor() as cursor:
            # It stands idle while a test thinks of its next call.
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield build()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of refusals would fill the log."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(autouse=True)
def cookies_of_one_test_only(world: World) -> Iterator[None]:
    kept = {role: client.cookies.copy() for role, client in world.clients.items()}
    yield
    for role, client in world.clients.items():
        client.cookies = kept[role]
