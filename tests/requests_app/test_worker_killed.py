"""A real worker killed with SIGKILL: one licence number, one file per language, nothing lost; and
one that has grown."""

import hashlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from licences.models import Licence, LicenceFile
from orbitrage.shared import outbox
from orbitrage.shared.models import OutboxMessage
from tests.concurrency import backend_pid
from tests.requests_app import world
from tests.sizes import size
from tests.workers import child_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.concurrency,
    pytest.mark.serial,
    pytest.mark.prove,
]

TIMES = size(small=1, large=10)
PATIENCE_S = 60


def wait_for(condition: Callable[[], object], what: str) -> object:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.005)
    raise AssertionError(f"waited {PATIENCE_S} s for {what}")


def message_of(licence: Licence) -> OutboxMessage:
    return OutboxMessage.objects.get(topic="licences.render", payload__licence_id=licence.pk)


def is_in(licence: Licence, state: str) -> bool:
    return message_of(licence).state == state


def waiting_for(pid: int, statement: str) -> int | None:
    """The session that waits for session ``pid`` in ``statement``, if there is one."""
    with connection.cursor() as cursor:
        # Else the sessions stay as they were first seen in this transaction.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT pid FROM pg_stat_activity"
            " WHERE %s = ANY(pg_blocking_pids(pid)) AND position(%s in query) > 0",
            [pid, statement],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def kill(worker) -> None:
    dying = child_of(worker)
    os.kill(dying, signal.SIGKILL)
    wait_for(lambda: child_of(worker) not in (None, dying), "a new process in the pool")


def end_session(pid: int) -> None:
    """The statement that was under way dies with its worker."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])


@contextmanager
def held_up_in(statement: str, row) -> Iterator[Callable[[], int]]:
    """Hold ``row`` so that the worker waits in ``statement``; call what is given to wait for it."""
    with transaction.atomic():
        row.select_for_update().get()
        pid = backend_pid()
        yield lambda: wait_for(lambda: waiting_for(pid, statement), f"a session in {statement}")


def approved(programme, number: int) -> Licence:
    """Of small areas apart, so that the allowance bears them all."""
    aoi = world.square(west=number * 0.5, size_deg=0.04)
    request = world.approved(programme, aoi=aoi, agrees_to_enlargement=True)
    return Licence.objects.get(request_number=request.number)


def killed_while_drawing(programme, worker, number: int) -> Licence:
    """Between the commit and the first file."""
    licence = approved(programme, number)
    wait_for(partial(is_in, licence, "leased"), "the lease")

    kill(worker)

    assert LicenceFile.objects.filter(licence=licence).count() == 0
    return licence


def killed_before_the_row(programme, worker, number: int) -> Licence:
    """The first PDF is drawn and kept; it has no row."""
    licence = approved(programme, number)
    row = Licence.objects.filter(pk=licence.pk)
    with held_up_in('FROM "licences_licence"', row) as wait_until_there:
        session = wait_until_there()
        kill(worker)
        end_session(session)

    assert LicenceFile.objects.filter(licence=licence).count() == 0
    return licence


def killed_before_the_mark(programme, worker, number: int) -> Licence:
    """Both PDFs have their names and rows; the message is not marked done."""
    licence = approved(programme, number)
    wait_for(partial(is_in, licence, "leased"), "the lease")
    row = OutboxMessage.objects.filter(pk=message_of(licence).pk)
    with held_up_in('UPDATE "shared_outboxmessage"', row) as wait_until_there:
        session = wait_until_there()
        kill(worker)
        end_session(session)

    assert LicenceFile.objects.filter(licence=licence).count() == 2
    return licence


def lease_runs_out(licence: Licence) -> None:
    """As after ``outbox.LEASE_S`` seconds, with the sweep that follows."""
    OutboxMessage.objects.filter(pk=message_of(licence).pk).update(lease_until=timezone.now())
    outbox.wake_worker()


def assert_given_once(licence: Licence, storage: Path) -> None:
    """One licence, one row and one file per language, each file being that of its row."""
    assert Licence.objects.filter(request_number=licence.request_number).count() == 1
    rows = LicenceFile.objects.filter(licence=licence).order_by("language")
    assert [row.language for row in rows] == ["en", "fr"]
    kept = {str(path.relative_to(storage)) for path in storage.rglob(f"{licence.number}-*.pdf")}
    assert kept == {row.storage_name for row in rows}
    for row in rows:
        data = (storage / row.storage_name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == row.sha256


KILLS = (killed_while_drawing, killed_before_the_row, killed_before_the_mark)


def test_worker_killed_anywhere_gives_one_number_and_one_file(
    committed_programme, start_worker, storage, proof
):
    worker = start_worker(beat=False)
    licences = []

    for number in range(TIMES * len(KILLS)):
        licence = KILLS[number % len(KILLS)](committed_programme, worker, number)
        assert is_in(licence, "leased")
        lease_runs_out(licence)
        wait_for(partial(is_in, licence, "done"), "the message to be done")
        assert message_of(licence).attempts == 2
        licences.append(licence)

    for licence in licences:
        assert_given_once(licence, storage)
    assert [licence.sequence for licence in licences] == list(range(1, TIMES * len(KILLS) + 1))
    wait_for(lambda: not OutboxMessage.objects.exclude(state="done").exists(), "the mails")
    for kill_point in KILLS:
        point = kill_point.__name__.replace("_", " ")
        proof(f"worker {point}: one licence number, one file per language", TIMES)


def test_worker_that_has_grown_is_replaced_between_two_looks(storage, start_worker, monkeypatch):
    monkeypatch.setenv("ORBITRAGE_WORKER_MEMORY_MIB", "1")
    worker = start_worker(beat=False)
    grown = child_of(worker)

    outbox.wake_worker()
    wait_for(lambda: child_of(worker) not in (None, grown), "a new process in the pool")
