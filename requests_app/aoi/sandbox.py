"""The outside of the sandbox: starts the fork server, hands it files, hears what became of them."""

import atexit
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from requests_app.aoi.frames import BrokenFrame, receive_frame, send_frame
from requests_app.aoi.limits import (
    ADDRESS_SPACE_LIMIT_BYTES,
    PROCESSOR_LIMIT_S,
    WALL_CLOCK_LIMIT_S,
)

PROJECT = Path(__file__).resolve().parents[2]
_BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]);"
    "from requests_app.aoi.child import serve; serve(int(sys.argv[2]))"
)
# All that the process and its children find in their environment.
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "PROJ_NETWORK": "OFF", "LANG": "C.UTF-8"}
_START_LIMIT_S = 60
_MARGIN_S = 5
_AT_ONCE = os.cpu_count() or 1


class SandboxUnavailable(Exception):
    """The fork server cannot be started or kept: the machine's fault, not the file's."""


@dataclass(frozen=True)
class Answer:
    """``code`` with ``facts`` when the file is refused or the reader was stopped."""

    header: dict[str, Any]  # JSON of an untrusted process
    geometries: tuple[bytes, ...] = ()
    code: str = ""
    processor_s: float = 0.0
    memory_kib: int = 0


class _ForkServer:
    """One per process. Children of a fork of ours start their own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._room = threading.BoundedSemaphore(_AT_ONCE)
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def ask(self, data: bytes, *, filename: str, layer: str | None) -> Answer:
        """Blocks up to the wall clock limit. Raises SandboxUnavailable."""
        with self._room:
            try:
                return self._ask_once(data, filename=filename, layer=layer)
            except (OSError, BrokenFrame):  # the server is gone: start it again, once
                self.stop()
            try:
                return self._ask_once(data, filename=filename, layer=layer)
            except (OSError, BrokenFrame) as error:
                self.stop()
                raise SandboxUnavailable(str(error)) from error

    def stop(self) -> None:
        with self._lock:
            process, control = self._process, self._control
            self._process = self._control = None
        if control is not None:
            control.close()
        if process is not None:
            process.kill()
            process.wait()

    def forget(self) -> None:
        """After a fork: the server belongs to the parent."""
        control = self._control
        self.__init__()  # type: ignore[misc]  # new locks: the old ones may be held by a lost thread
        if control is not None:
            control.close()

    def _ask_once(self, data: bytes, *, filename: str, layer: str | None) -> Answer:
        with self._connection() as connection:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                send_frame(connection, {"filename": filename, "layer": layer}, data)
            return _heard(connection)

    @contextlib.contextmanager
    def _connection(self) -> Iterator[socket.socket]:
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                socket.send_fds(self._running(), [b"read"], [theirs.fileno()])
            ours.settimeout(WALL_CLOCK_LIMIT_S + _MARGIN_S)
            yield ours

    def _running(self) -> socket.socket:
        with self._lock:
            if self._control is None:
                self._process, self._control = _started()
            return self._control


def _started() -> tuple[subprocess.Popen[bytes], socket.socket]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(  # noqa: S603 -- our own interpreter and words
            [sys.executable, "-I", "-c", _BOOT, str(PROJECT), str(theirs.fileno())],
            env=ENVIRONMENT,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
    ours.settimeout(_START_LIMIT_S)
    word = ours.recv(16)
    if word != b"ready":
        ours.close()
        raise SandboxUnavailable(f"the reader of areas does not start: exit {process.wait()}")
    ours.settimeout(None)
    return process, ours


def _heard(connection: socket.socket) -> Answer:
    """The reader's own answer, if it gave one, and how it ended."""
    said = receive_frame(connection)
    if said is None:
        raise BrokenFrame("no answer")
    if "ended" in said.header:
        return _stopped(said.header)
    end = receive_frame(connection)
    measured = end.header if end else {}
    return Answer(
        header=said.header,
        geometries=said.blobs,
        code=str(said.header.get("code", "")),
        processor_s=float(measured.get("processor_s", 0.0)),
        memory_kib=int(measured.get("memory_kib", 0)),
    )


def _stopped(end: dict[str, Any]) -> Answer:
    processor_s, memory_kib = float(end["processor_s"]), int(end["memory_kib"])
    if end["late"] or end["ended"] == -signal.SIGXCPU or processor_s >= PROCESSOR_LIMIT_S:
        code = "took_too_long"
    elif end["ended"] == -signal.SIGKILL or memory_kib * 1024 > ADDRESS_SPACE_LIMIT_BYTES // 2:
        code = "too_much_memory"
    else:
        code = "reader_stopped"
    return Answer({"facts": {}}, code=code, processor_s=processor_s, memory_kib=memory_kib)


_server = _ForkServer()
atexit.register(_server.stop)
os.register_at_fork(after_in_child=_server.forget)


def ask(data: bytes, *, filename: str, layer: str | None = None) -> Answer:
    """Have a file read in a process of its own. Raises SandboxUnavailable."""
    return _server.ask(data, filename=filename, layer=layer)
