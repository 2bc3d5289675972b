"""An agency's installation. Whatever is missing or weak stops the start."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from orbitrage.settings.base import *  # noqa: F403
from orbitrage.settings.base import (
    CACHES,
    INSECURE_SECRET_KEY,
    ORBITRAGE_PUBLIC_URL,
    SECRET_KEY,
    STORAGES,
    env,
)

SECRET_KEY_MINIMUM_LENGTH = 50

if SECRET_KEY == INSECURE_SECRET_KEY or len(SECRET_KEY) < SECRET_KEY_MINIMUM_LENGTH:
    raise ImproperlyConfigured(
        f"Set ORBITRAGE_SECRET_KEY to {SECRET_KEY_MINIMUM_LENGTH} random characters or more."
    )
if not CACHES["default"]["LOCATION"]:
    raise ImproperlyConfigured("Set ORBITRAGE_CACHE_URL to a Redis every web process can reach.")

public = urlsplit(ORBITRAGE_PUBLIC_URL)
ALLOWED_HOSTS = [public.hostname or "", *env.list("ORBITRAGE_ALLOWED_HOSTS", default=[])]
CSRF_TRUSTED_ORIGINS = [f"{public.scheme}://{public.netloc}"]

SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.int("ORBITRAGE_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# The path of the mail server: smtp+tls://user:password@host:587
vars().update(env.email_url("ORBITRAGE_MAIL_URL", default="smtp://localhost:25"))
# For each step of a conversation with the mail server, all of which must fit in an outbox lease.
EMAIL_TIMEOUT = 10
