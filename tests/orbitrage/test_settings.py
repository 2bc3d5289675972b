import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from orbitrage import health
from orbitrage.checks import demonstration_is_private, seal_is_the_workers
from orbitrage.shared.outbox import LEASE_S

KEY = "q7C!xZ9-" * 8
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "orbitrage.settings.prod",
    "ORBITRAGE_DATABASE_URL": "postgis://orbitrage@db.example.org/orbitrage",
    "ORBITRAGE_BROKER_URL": "redis://redis.example.org/0",
    "ORBITRAGE_CACHE_URL": "redis://redis.example.org/1",
    "ORBITRAGE_PUBLIC_URL": "https://images.example.org",
    "ORBITRAGE_SECRET_KEY": KEY,
}


def in_production(command: list[str], **changes: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ORBITRAGE_", "DJANGO_"))}
    return subprocess.run(
        command,
        env={**kept, **PRODUCTION, **changes},
        capture_output=True,
        text=True,
        check=False,
    )


def check_deploy(**changes: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return in_production(command, **changes)


def test_operations_lists_every_setting_of_the_environment():
    root = Path(django_settings.BASE_DIR)
    modules = [root / "orbitrage" / "settings" / f"{name}.py" for name in ("base", "dev", "prod")]
    read = [re.findall(r'env\.\w+\(\s*"(ORBITRAGE_\w+)"', path.read_text()) for path in modules]
    page = (root / "docs" / "operations.md").read_text(encoding="utf-8")

    listed = [
        name
        for first_cell in re.findall(r"^\| (`ORBITRAGE_[^|]+)\|", page, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", first_cell)
    ]
    assert sorted(listed) == sorted(name for names in read for name in names)


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


def production_settings(*names: str, **changes: str) -> list[object]:
    """What production makes of its environment: the values of ``names``."""
    code = "import json; from django.conf import settings; print(json.dumps([getattr(settings, name) for name in %r]))"
    read = in_production([sys.executable, "-c", code % (names,)], **changes)
    assert read.returncode == 0, read.stderr
    return json.loads(read.stdout)


@pytest.mark.parametrize(
    ("scheme", "tls", "ssl"),
    [("smtp", False, False), ("smtp+tls", True, False), ("smtp+ssl", False, True)],
)
def test_production_mails_through_the_server_of_its_environment(scheme: str, tls: bool, ssl: bool):
    url = f"{scheme}://orbitrage%40example.org:p%23ss@mail.example.org:587"

    assert production_settings(
        "EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD",
        "EMAIL_USE_TLS", "EMAIL_USE_SSL",
        ORBITRAGE_MAIL_URL=url,
    ) == [
        "django.core.mail.backends.smtp.EmailBackend", "mail.example.org", 587,
        "orbitrage@example.org", "p#ss", tls, ssl,
    ]  # fmt: skip


def test_conversation_with_the_mail_server_fits_in_an_outbox_lease():
    """Connect, greet, encrypt, greet again, sign in (two steps), from, to, data, end."""
    (timeout_s,) = production_settings("EMAIL_TIMEOUT")

    assert 0 < 10 * timeout_s < LEASE_S


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


@pytest.mark.parametrize(("process", "codes"), [("web", ["orbitrage.E002"]), ("worker", [])])
def test_web_that_could_seal_is_an_error(settings, tmp_path, process, codes):
    settings.ORBITRAGE_PROCESS = process
    assert seal_is_the_workers() == []
    (tmp_path / "seal.p12").touch()

    settings.ORBITRAGE_SEAL_FILE = str(tmp_path / "seal.p12")

    assert [error.id for error in seal_is_the_workers()] == codes
    assert health.seal().is_ready == (codes == [])
