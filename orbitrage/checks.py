"""System checks of the whole service, run by every `manage.py check`."""

import os

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


def web_could_seal() -> bool:
    """Whether this is a web process and can read what documents are sealed with."""
    is_web = settings.ORBITRAGE_PROCESS == "web"
    return is_web and os.access(settings.ORBITRAGE_SEAL_FILE or "", os.R_OK)


def seal_is_the_workers(**_options: object) -> list[CheckMessage]:
    """A web server that is broken into must not seal: the worker alone reads the certificate."""
    if not web_could_seal():
        return []
    return [
        Error(
            "This web process can read the certificate that documents are sealed with.",
            hint="Set ORBITRAGE_SEAL_FILE for the worker alone, readable by its user alone.",
            id="orbitrage.E002",
        )
    ]
