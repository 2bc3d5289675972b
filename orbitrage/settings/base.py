"""What every installation shares. The environment is read here, once."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
import environ
from botocore.config import Config
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from orbitrage.settings.native import announce_data_folders, bundled_library

BASE_DIR = Path(__file__).resolve().parent.parent.parent
INSECURE_SECRET_KEY = "insecure-orbitrage-key-for-development-only-never-in-production"  # noqa: S105 - refused by prod.py

env = environ.Env()

# Lets annotations such as Prefetch[str] and ModelForm[Entity] exist at run time.
django_stubs_ext.monkeypatch()

# --- GDAL and GEOS: the libraries of the wheels, which can refuse hostile spatial references ------

announce_data_folders()
GDAL_LIBRARY_PATH = bundled_library("pyogrio", "libgdal")
GEOS_LIBRARY_PATH = bundled_library("shapely", "libgeos_c")

# --- The environment ------------------------------------------------------------------------------

SECRET_KEY = env.str("ORBITRAGE_SECRET_KEY", default=INSECURE_SECRET_KEY)
DEBUG = False
ORBITRAGE_DEMO = env.bool("ORBITRAGE_DEMO", default=False)
ORBITRAGE_PRIVATE_DATABASE = False
ORBITRAGE_PUBLIC_URL = env.str("ORBITRAGE_PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
ORBITRAGE_SHARED_DATA = Path(
    env.str("ORBITRAGE_SHARED_DATA", default=str(BASE_DIR.parent / "shared" / "data"))
)
ORBITRAGE_NAME = env.str("ORBITRAGE_NAME", default="Orbitrage")
ORBITRAGE_MAP_TILE_URL = env.str("ORBITRAGE_MAP_TILE_URL", default="")
ORBITRAGE_MAP_TILE_ATTRIBUTION = env.str("ORBITRAGE_MAP_TILE_ATTRIBUTION", default="")
ORBITRAGE_LICENCE_CHECKS_PER_MINUTE = env.int("ORBITRAGE_LICENCE_CHECKS_PER_MINUTE", default=30)
ORBITRAGE_API_CALLS_PER_MINUTE = env.int("ORBITRAGE_API_CALLS_PER_MINUTE", default=300)
ORBITRAGE_PROCESS = env.str("ORBITRAGE_PROCESS", default="command")
ORBITRAGE_HTTP_TEST_PORT = 0
ORBITRAGE_LICENCE_KINDS = Path(
    env.str("ORBITRAGE_LICENCE_KINDS", default=str(BASE_DIR / "licences" / "kinds"))
)

# --- Seal: none without a file (docs/operations.md) -----------------------------------------------

ORBITRAGE_SEAL_FILE = env.str("ORBITRAGE_SEAL_FILE", default="")
ORBITRAGE_SEAL_PASSPHRASE_FILE = env.str("ORBITRAGE_SEAL_PASSPHRASE_FILE", default="")
ORBITRAGE_SEAL_ROOTS_FILE = env.str("ORBITRAGE_SEAL_ROOTS_FILE", default="")
ORBITRAGE_SEAL_LEVEL = env.str("ORBITRAGE_SEAL_LEVEL", default="B-B")
ORBITRAGE_TIMESTAMP_ADDRESS = env.str("ORBITRAGE_TIMESTAMP_ADDRESS", default="")

# --- Database -------------------------------------------------------------------------------------

WEB_TIMEOUTS_MS = {
    "lock_timeout": 3_000,
    "statement_timeout": 15_000,
    "idle_in_transaction_session_timeout": 30_000,
}
TASK_TIMEOUTS_MS = {"lock_timeout": 10_000}


def postgis(url: str, timeouts_ms: dict[str, int]) -> dict[str, Any]:
    """Django's description of the PostGIS database at ``url``; ?host= names a socket folder."""
    database: dict[str, Any] = {
        **env.db_url_config(url),
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "ATOMIC_REQUESTS": False,
        "CONN_HEALTH_CHECKS": True,
    }
    options = database.setdefault("OPTIONS", {})
    database["HOST"] = options.pop("host", database.get("HOST", ""))
    options["options"] = " ".join(f"-c {name}={value}" for name, value in timeouts_ms.items())
    # A prepared plan is the same for a town and for a continent: hundreds of times slower.
    options["prepare_threshold"] = None
    return database


def default_database(url: str) -> dict[str, Any]:
    is_web = ORBITRAGE_PROCESS == "web"
    database = postgis(url, WEB_TIMEOUTS_MS if is_web else TASK_TIMEOUTS_MS)
    database["CONN_MAX_AGE"] = 60 if is_web else 0
    return database


DATABASES = {"default": default_database(env.str("ORBITRAGE_DATABASE_URL"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Applications ---------------------------------------------------------------------------------

INSTALLED_APPS = [
    "orbitrage.apps.OrbitrageConfig",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "notices",
    "requests_app",
    "catalogue",
    "quotas",
    "licences",
    "eligibility",
    "places",
    "orbitrage.shared",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    "leaflet",
    "django.contrib.admin",
    "django.contrib.gis",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "orbitrage.shared.api.problems.speak_json",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "orbitrage.body_limit.refuse_long_bodies",
    "orbitrage.file_away.FileAwayMiddleware",
]

ROOT_URLCONF = "orbitrage.urls"
WSGI_APPLICATION = "orbitrage.wsgi.application"
ASGI_APPLICATION = "orbitrage.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "orbitrage.context.navigation",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Language, time, numbers ----------------------------------------------------------------------

LANGUAGE_NAMES = {"fr": _("French"), "en": _("English")}
LANGUAGES = [
    (code, LANGUAGE_NAMES[code])
    for code in env.list("ORBITRAGE_LANGUAGES", default=list(LANGUAGE_NAMES))
]
LANGUAGE_CODE = LANGUAGES[0][0]
LOCALE_PATHS = [BASE_DIR / "orbitrage" / "locale"]
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = False
TIME_ZONE = env.str("ORBITRAGE_TIME_ZONE", default="Europe/Paris")

# --- Accounts -------------------------------------------------------------------------------------

AUTH_USER_MODEL = "eligibility.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "eligibility.accounts.AccountAdapter"
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("ORBITRAGE_PROXY_COUNT", default=0)
ACCOUNT_SIGNUP_FORM_CLASS = "eligibility.forms.SignupForm"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if ORBITRAGE_PUBLIC_URL.startswith("https") else "http"

# --- Security -------------------------------------------------------------------------------------


def origins(*urls: str) -> list[str]:
    """Scheme and host of the addresses that are set; ``{s}`` stands for any subdomain."""
    parts = [urlsplit(url.replace("{s}", "*")) for url in urls if url]
    return [f"{part.scheme}://{part.netloc}" for part in parts]


CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", *origins(ORBITRAGE_MAP_TILE_URL)],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    },
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
ORBITRAGE_BODY_MAXIMUM_BYTES = 25 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_PERMISSIONS = 0o640
# Together they must stay below the longest body.
ORBITRAGE_ATTACHMENTS_MAXIMUM_MIB = env.int("ORBITRAGE_ATTACHMENTS_MAXIMUM_MIB", default=20)
ORBITRAGE_ATTACHMENTS_PER_MESSAGE = env.int("ORBITRAGE_ATTACHMENTS_PER_MESSAGE", default=5)
ORBITRAGE_ATTACHMENTS_PER_REQUEST = env.int("ORBITRAGE_ATTACHMENTS_PER_REQUEST", default=50)

# --- Files ----------------------------------------------------------------------------------------


def storage_of(url: str) -> dict[str, Any]:
    """Where licences and deliveries are kept, for ``STORAGES``: a folder (``file:///srv/files``) or
    an object store (``s3://bucket/folder``), whose endpoint is ``ORBITRAGE_S3_ENDPOINT`` and whose
    credentials are read as the AWS tools do."""
    parts = urlsplit(url)
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return {"BACKEND": "orbitrage.shared.documents.storage.DurableFileSystemStorage"}
    if parts.scheme == "s3" and parts.netloc:
        options = {
            "bucket_name": parts.netloc,
            "location": parts.path.strip("/"),
            "endpoint_url": env.str("ORBITRAGE_S3_ENDPOINT", default="") or None,
            "file_overwrite": True,
            "client_config": Config(
                connect_timeout=5, read_timeout=15, retries={"max_attempts": 2}
            ),
        }
        return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    raise ImproperlyConfigured(
        "ORBITRAGE_STORAGE_URL must be file:// and an absolute path, or s3:// and a bucket, "
        f"not {url!r}."
    )


ORBITRAGE_STORAGE_URL = env.str(
    "ORBITRAGE_STORAGE_URL", default=f"file://{BASE_DIR / 'var' / 'storage'}"
)
# The folder, where it is one.
MEDIA_ROOT = Path(urlsplit(ORBITRAGE_STORAGE_URL).path)
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STORAGES = {
    "default": storage_of(ORBITRAGE_STORAGE_URL),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# --- Mail -----------------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = env.str("ORBITRAGE_MAIL_FROM", default="Orbitrage <orbitrage@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# The right-hand side of every Message-ID, which must stay the same for a mail sent twice.
ORBITRAGE_MAIL_DOMAIN = env.str("ORBITRAGE_MAIL_DOMAIN", default="orbitrage.invalid")
ORBITRAGE_CONTACT_EMAIL = env.str("ORBITRAGE_CONTACT_EMAIL", default="contact@orbitrage.invalid")
ORBITRAGE_OPERATOR_EMAIL = env.str("ORBITRAGE_OPERATOR_EMAIL", default="orders@operator.invalid")

# --- Tasks ----------------------------------------------------------------------------------------

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env.str("ORBITRAGE_CACHE_URL", default=""),
        "KEY_PREFIX": "orbitrage",
    }
}
CELERY_BROKER_URL = env.str("ORBITRAGE_BROKER_URL")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    # A page does not wait for a broker that is away: the sweep finds what it left in the outbox.
    "max_retries": 0,
}
CELERY_TASK_DEFAULT_QUEUE = env.str("ORBITRAGE_QUEUE", default="orbitrage")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Each document printed leaves some 0.1 MiB with Pango: a process that has grown is replaced after
# its task, in KiB.
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 1024 * env.int("ORBITRAGE_WORKER_MEMORY_MIB", default=400)
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE = {
    "outbox": {"task": "orbitrage.look_at_outbox", "schedule": 10.0, "options": {"expires": 10}},
    "standings": {
        "task": "requests.review_standings",
        "schedule": crontab(hour="4", minute="50"),
    },
    "calendar": {"task": "requests.advance_calendar", "schedule": crontab(hour="5", minute="0")},
    "regions": {"task": "catalogue.open_regions", "schedule": crontab(hour="0", minute="5")},
    "ends": {"task": "licences.remind_of_ends", "schedule": crontab(hour="6", minute="10")},
    "periods": {"task": "quotas.end_periods", "schedule": crontab(hour="0", minute="10")},
    "packages": {
        "task": "quotas.close_lapsed_packages",
        "schedule": crontab(hour="0", minute="20"),
    },
    "books": {"task": "quotas.reconcile", "schedule": crontab(hour="4", minute="0")},
    "thresholds": {"task": "quotas.watch", "schedule": crontab(minute="20")},
    "answers": {
        "task": "orbitrage.forget_idempotent_answers",
        "schedule": crontab(minute="40"),
    },
    "uploads": {
        "task": "requests.forget_uploaded_areas",
        "schedule": crontab(hour="5", minute="30"),
    },
    "forms": {
        "task": "requests.forget_unfinished_forms",
        "schedule": crontab(hour="5", minute="20"),
    },
    "attachments": {
        "task": "requests.sweep_attachments",
        "schedule": crontab(hour="5", minute="40"),
    },
    "documents": {
        "task": "licences.sweep_documents",
        "schedule": crontab(hour="5", minute="45"),
    },
    "old notices": {"task": "notices.forget", "schedule": crontab(hour="5", minute="50")},
    "digests": {"task": "notices.gather_digests", "schedule": crontab(hour="7", minute="0")},
}

# --- Logging --------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "fontTools": {"level": "WARNING"},
        "pikepdf": {"level": "WARNING"},
        "pyogrio": {"level": "WARNING"},
        "weasyprint": {"level": "WARNING"},
    },
}
