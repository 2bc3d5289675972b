import os
import subprocess
import sys

import pytest

from orbitrage.checks import demonstration_is_private

KEY = "q7C!xZ9-" * 8
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "orbitrage.settings.prod",
    "ORBITRAGE_DATABASE_URL": "postgis://orbitrage@db.example.org/orbitrage",
    "ORBITRAGE_BROKER_URL": "redis://redis.example.org/0",
    "ORBITRAGE_CACHE_URL": "redis://redis.example.org/1",
    "ORBITRAGE_PUBLIC_URL": "https://images.example.org",
    "ORBITRAGE_SECRET_KEY": KEY,
}


def check_deploy(**changes: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ORBITRAGE_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env={**kept, **PRODUCTION, **changes},
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_passes_every_deployment_check():
    checked = check_deploy()

    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(
    "key", ["", "short", "insecure-orbitrage-key-for-development-only-never-in-production"]
)
def test_production_refuses_a_weak_secret_key(key: str):
    checked = check_deploy(ORBITRAGE_SECRET_KEY=key)

    assert checked.returncode != 0
    assert "ORBITRAGE_SECRET_KEY" in checked.stderr


def test_production_refuses_the_demonstration():
    checked = check_deploy(ORBITRAGE_DEMO="1")

    assert checked.returncode != 0
    assert "orbitrage.E001" in checked.stderr


def test_demonstration_is_refused_on_a_database_that_is_not_private(settings):
    settings.ORBITRAGE_DEMO = True
    settings.ORBITRAGE_PRIVATE_DATABASE = False

    assert [error.id for error in demonstration_is_private()] == ["orbitrage.E001"]


def test_demonstration_is_allowed_on_the_private_database(settings):
    settings.ORBITRAGE_DEMO = True
    settings.ORBITRAGE_PRIVATE_DATABASE = True

    assert demonstration_is_private() == []


def test_storage_elsewhere_than_in_a_folder_is_refused():
    checked = check_deploy(ORBITRAGE_STORAGE_URL="ftp://files.example.org/")

    assert checked.returncode != 0
    assert "ORBITRAGE_STORAGE_URL" in checked.stderr


@pytest.mark.django_db
def test_web_sessions_of_the_database_have_limits():
    from django.db import connection

    with connection.cursor() as cursor:
        limits = {}
        for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
            cursor.execute(f"SHOW {name}")
            limits[name] = cursor.fetchone()[0]

    assert limits == {
        "lock_timeout": "3s",
        "statement_timeout": "15s",
        "idle_in_transaction_session_timeout": "30s",
    }
