"""A developer's machine and the demonstration: the private services, no mail leaves."""

from pathlib import Path

from orbitrage.settings.private import use_private_services

is_private = use_private_services(Path(__file__).resolve().parent.parent.parent, "dev")

from orbitrage.settings.base import *  # noqa: E402, F403
from orbitrage.settings.base import MEDIA_ROOT, env  # noqa: E402

DEBUG = env.bool("ORBITRAGE_DEBUG", default=True)
ORBITRAGE_PRIVATE_DATABASE = is_private
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]

WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = MEDIA_ROOT.with_name("mail")
