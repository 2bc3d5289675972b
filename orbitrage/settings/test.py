"""The test suite: a cluster of its own, fast passwords, files in a temporary folder."""

import tempfile
from pathlib import Path

from orbitrage.settings.private import use_private_services

is_private = use_private_services(Path(__file__).resolve().parent.parent.parent, "test")

from orbitrage.settings.base import *  # noqa: E402, F403
from orbitrage.settings.base import INSTALLED_APPS, WEB_TIMEOUTS_MS, env, postgis  # noqa: E402

INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]
MIGRATION_LINTER_OPTIONS = {
    "include_apps": [
        "notices",
        "requests_app",
        "catalogue",
        "quotas",
        "licences",
        "eligibility",
        "places",
        "shared",
    ],
    "ignore_initial_migrations": True,
    "no_cache": True,
    # Written before the first release, on tables without rows.
    "ignore_name": [
        "0002_state_guards_itself",
        "0005_package_of_an_envelope",
        "0009_quotation_documents",
        "0003_membership_documents",
        "0003_opened_items",
        "0004_sealed_files",
        "0005_annexes",
        "0006_signatures",
    ],
    "sql_analyser": "postgresql",
}

ORBITRAGE_PRIVATE_DATABASE = is_private
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]

DATABASES = {"default": postgis(env.str("ORBITRAGE_DATABASE_URL"), WEB_TIMEOUTS_MS)}
DATABASES["default"]["TEST"] = {
    "NAME": "test_orbitrage" + env.str("ORBITRAGE_TEST_DB_SUFFIX", default="")
}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
MEDIA_ROOT = Path(
    env.str("ORBITRAGE_TEST_STORAGE", default="") or tempfile.mkdtemp(prefix="orbitrage-test-")
)
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
ACCOUNT_RATE_LIMITS = False
