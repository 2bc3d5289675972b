"""System checks of the whole service, run by every `manage.py check`."""

from django.conf import settings
from django.core.checks import CheckMessage, Error


def demonstration_is_private(**_options: object) -> list[CheckMessage]:
    """The demonstration signs anybody in as anybody: only over the database under var/."""
    if not settings.ORBITRAGE_DEMO or settings.ORBITRAGE_PRIVATE_DATABASE:
        return []
    return [
        Error(
            "ORBITRAGE_DEMO is set, and the database is not the private one of `make services`.",
            hint="Unset ORBITRAGE_DEMO, or unset ORBITRAGE_DATABASE_URL.",
            id="orbitrage.E001",
        )
    ]
