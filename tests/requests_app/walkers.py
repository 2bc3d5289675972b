"""Processes that move files at random, to be killed."""

import multiprocessing
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from random import Random
from typing import ClassVar

from django.db import InterfaceError, OperationalError, connection, connections

from requests_app.models import ImageryRequest
from tests.concurrency import backend_pid
from tests.requests_app import world
from tests.requests_app.walk import WAYS, Rows, Walk, new_file, rows_of, ways_of

FORK = multiprocessing.get_context("fork")
PATIENCE_S = 30
CUT_OFF = (EOFError, OSError)
"""What is heard of a process that has ended: nothing more, or a part of its last message."""


@dataclass(frozen=True)
class Said:
    """What a process says just before a transition, and just after (then without rows)."""

    request_id: int
    transition: str
    rows: Rows | None
    took_s: float = 0.0


def walk(programme: world.Programme, files: list[int], seed: int, say: Connection) -> None:
    """Move the files at random, and new ones after them, until somebody ends this process."""
    chance = Random(seed)
    try:
        say.send(backend_pid())
        while True:
            open_files = ImageryRequest.objects.filter(pk__in=files, state__in=WAYS)
            request = open_files.first() or new_file(programme)
            files.append(request.pk)
            way = chance.choice(ways_of(request))
            say.send(Said(request.pk, way.__name__, rows_of(request)))
            began = time.monotonic()
            way(Walk(programme, request, chance))
            say.send(Said(request.pk, way.__name__, None, time.monotonic() - began))
    except (OperationalError, InterfaceError):
        if connection.connection and connection.is_usable():
            raise  # else our session was ended, and we with it


@dataclass
class Walker:
    """A process forked after one boot, before it or its parent had a connection."""

    process: BaseProcess
    heard: Connection
    session: int
    last: Said | None = None
    usual_s: ClassVar[dict[str, float]] = {}
    """How long each transition took last."""

    @classmethod
    def start(cls, programme: world.Programme, files: list[int], seed: int) -> "Walker":
        connections.close_all()
        heard, say = FORK.Pipe(duplex=False)
        process = FORK.Process(target=walk, args=(programme, files, seed, say), daemon=True)
        process.start()
        say.close()
        return cls(process, heard, session=heard.recv())

    def next_transition(self) -> Said:
        """The next one that begins."""
        self.hear_all()
        assert self.heard.poll(PATIENCE_S), "the walker says nothing"
        while self._hear().rows is None:
            pass
        return self.last

    def hear_all(self) -> None:
        """So that `last` is the one that it is in, or has just ended: also of one that gave up."""
        with suppress(*CUT_OFF):
            while self.heard.poll():
                self._hear()

    def last_transition(self) -> Said:
        """The one that the process, which is dead, was in or had just ended."""
        with suppress(*CUT_OFF):
            while True:
                self._hear()
        return self.last

    def _hear(self) -> Said:
        said = self.heard.recv()
        if said.rows is None:
            self.usual_s[said.transition] = said.took_s
        else:
            self.last = said
        return said

    def freeze(self) -> None:
        os.kill(self.process.pid, signal.SIGSTOP)

    def is_inside(self) -> bool:
        """Is a transaction open that has locked or written something, or waits for a lock?"""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT backend_xid IS NOT NULL OR wait_event_type IS NOT DISTINCT FROM 'Lock'"
                " FROM pg_stat_activity WHERE pid = %s",
                [self.session],
            )
            return cursor.fetchone() == (True,)

    def wait_until_inside(self) -> None:
        """Or for a second."""
        deadline = time.monotonic() + 1
        while not self.is_inside() and time.monotonic() < deadline:
            pass

    def kill(self) -> None:
        self.process.kill()

    def end_session(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [self.session])
        self.thaw()

    def thaw(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)

    def wait_until_gone(self) -> None:
        """The process, and the session that undoes what it had begun."""
        self.process.join(PATIENCE_S)
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [self.session])
                if cursor.fetchone() is None:
                    return
            time.sleep(0.002)
        raise AssertionError(f"session {self.session} is still there")
