"""Two sessions at once, on a real PostgreSQL: what every concurrency test needs."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import Any

from django.db import connection, connections, transaction
from django.utils.translation import get_language, override

PATIENCE_S = 10.0
ROW_LOCK = "FOR NO KEY UPDATE"


def start_in_thread(pool: ThreadPoolExecutor, work: Callable[[], Any]) -> Future:
    """Run ``work`` in the language of the test, on a connection of its own, closed at the end (else
    no DROP DATABASE)."""
    language = get_language()

    def run():
        try:
            with override(language):
                return work()
        finally:
            connections.close_all()

    return pool.submit(run)


def backend_pid() -> int:
    """The process of the database that serves this thread."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def wait_until_blocked(*, pid: int, by: int, at: str, timeout_s: float = PATIENCE_S) -> None:
    """Return once session ``pid`` waits for session ``by`` (`pg_blocking_pids`) in a statement that
    contains ``at``.

    The statement matters: without a lock, the loser still waits for the winner, but in its write,
    after it has checked figures that are no longer true.

    Raises:
        AssertionError: with what the session was seen doing, after ``timeout_s``.
    """
    deadline = time.monotonic() + timeout_s
    seen: tuple[list[int], str, str] = ([], "", "")
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_blocking_pids(pid), state, query FROM pg_stat_activity WHERE pid = %s",
                [pid],
            )
            seen = cursor.fetchone() or seen
        blockers, _, query = seen
        if by in blockers and at in query:
            return
        time.sleep(0.01)
    raise AssertionError(
        f"Session {pid} does not wait for {by} at {at!r}: blocked by {seen[0]}, {seen[1]}: {seen[2]}"
    )


@dataclass
class Race:
    """Two transactions: the first had written and not committed when the second started."""

    winner: Future
    loser: Future
    assertion: AssertionError | None

    def assert_second_waited(self) -> None:
        if self.assertion is not None:
            raise self.assertion


def second_waits_for_first(
    first: Callable[[], Any],
    second: Callable[[], Any],
    *,
    at: str = ROW_LOCK,
    timeout_s: float = PATIENCE_S,
) -> Race:
    """Run ``first`` in a transaction and keep it open; start ``second`` in another; wait until the
    database says that the second is blocked by the first in a statement containing ``at``; then let
    the first commit. Both are over on return.

    A failed assertion is kept in ``race.assertion``, so that a control test can expect it; the
    others call ``race.assert_second_waited()``.
    """
    pids: dict[str, int] = {}
    has_written, has_started, may_commit = Event(), Event(), Event()

    def run_first():
        with transaction.atomic():
            pids["first"] = backend_pid()
            result = first()
            has_written.set()
            assert may_commit.wait(timeout=PATIENCE_S * 2)
        return result

    def run_second():
        with transaction.atomic():
            pids["second"] = backend_pid()
            has_started.set()
            return second()

    assertion = None
    with ThreadPoolExecutor(max_workers=2) as pool:
        try:
            winner = start_in_thread(pool, run_first)
            assert has_written.wait(timeout=PATIENCE_S), "the first transaction did not write"
            loser = start_in_thread(pool, run_second)
            assert has_started.wait(timeout=PATIENCE_S)
            try:
                wait_until_blocked(pid=pids["second"], by=pids["first"], at=at, timeout_s=timeout_s)
            except AssertionError as error:
                assertion = error
        finally:
            may_commit.set()
    return Race(winner=winner, loser=loser, assertion=assertion)


def in_parallel(works: list[Callable[[], Any]]) -> list[Future]:
    """Run them all at once, each on its own connection; the futures are done on return."""
    with ThreadPoolExecutor(max_workers=len(works)) as pool:
        return [start_in_thread(pool, work) for work in works]


def deadlocks() -> int:
    """How many the database has undone, ever. Waits for other sessions to end: then they count."""
    deadline = time.monotonic() + PATIENCE_S
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT deadlocks, numbackends FROM pg_stat_database"
                " WHERE datname = current_database()"
            )
            count, sessions = cursor.fetchone()
            if sessions == 1:
                return count
            time.sleep(0.01)
    raise AssertionError(f"{sessions - 1} other sessions do not end")
