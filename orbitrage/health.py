"""Is this process alive, and may it be given work?"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from celery import current_app
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from kombu.exceptions import OperationalError

from orbitrage.checks import web_could_seal
from orbitrage.shared import outbox
from orbitrage.shared.documents.files import STORAGE_ERRORS

OUTBOX_LAG_MAXIMUM_S = 300.0
BROKER_TIMEOUT_S = 2

OWNER_SQL = """
SELECT pg_get_userbyid(relowner) = current_user
FROM pg_class WHERE oid = to_regclass('django_migrations')
"""


@dataclass(frozen=True)
class Check:
    """One part the service stands on; ``detail`` is for whoever operates it."""

    name: str
    is_ready: bool
    detail: str


def readiness() -> list[Check]:
    return [check() for check in CHECKS]


def database() -> Check:
    """Says when the web runs as the owner of the tables, who could alter the journals."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(OWNER_SQL)
            row = cursor.fetchone()
    except DatabaseError as error:
        return Check("database", is_ready=False, detail=type(error).__name__)
    is_owner = bool(row and row[0])
    return Check("database", is_ready=True, detail="role owns the tables" if is_owner else "")


def broker() -> Check:
    try:
        with current_app.connection_for_write() as broker_connection:
            broker_connection.ensure_connection(
                max_retries=1, interval_start=0, timeout=BROKER_TIMEOUT_S
            )
    except (OperationalError, OSError) as error:
        return Check("broker", is_ready=False, detail=type(error).__name__)
    return Check("broker", is_ready=True, detail="")


def storage() -> Check:
    """Write and delete a small file: reading alone would not show a full or read-only disk."""
    try:
        name = default_storage.save(f"readiness/{uuid4().hex}", ContentFile(b"ready"))
        default_storage.delete(name)
    except STORAGE_ERRORS as error:
        return Check("storage", is_ready=False, detail=type(error).__name__)
    return Check("storage", is_ready=True, detail="")


def outbox_lag() -> Check:
    try:
        age_s = outbox.oldest_pending_age_s()
    except DatabaseError as error:
        return Check("outbox", is_ready=False, detail=type(error).__name__)
    is_ready = age_s <= OUTBOX_LAG_MAXIMUM_S
    return Check("outbox", is_ready=is_ready, detail=f"oldest waits {age_s:.0f} s")


def seal() -> Check:
    """A web server that could seal is not fit to serve."""
    is_safe = not web_could_seal()
    return Check("seal", is_ready=is_safe, detail="" if is_safe else "within reach of the web")


CHECKS: tuple[Callable[[], Check], ...] = (database, broker, storage, outbox_lag, seal)
