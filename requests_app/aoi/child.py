"""Inside the sandbox: one file in, one verdict out. Knows neither Django nor the project.

``serve`` is a fork server: it imports and warms up once, gives up its privileges, then forks one
process per file, which locks itself in before it reads a byte of it.
"""

import contextlib
import os
import select
import signal
import socket
import time
from dataclasses import dataclass
from typing import Any

import shapely

from requests_app.aoi import confinement
from requests_app.aoi.formats import layer_of
from requests_app.aoi.frames import BrokenFrame, receive_frame, send_frame
from requests_app.aoi.geometry import normalise
from requests_app.aoi.limits import WALL_CLOCK_LIMIT_S
from requests_app.aoi.unusable import Unusable
from requests_app.aoi.vectors import allow_only_our_drivers
from requests_app.aoi.warm_up import load_encodings, read_one_of_each, sound_files

_NAME_CHARACTERS = 200


def verdict(
    data: bytes, *, filename: str, wanted: str | None
) -> tuple[dict[str, Any], list[bytes]]:
    """The header and the geometries of the answer: the area, then what was drawn and mended."""
    try:
        layer = layer_of(data, filename=filename, wanted=wanted)
        normalised = normalise(layer)
    except Unusable as unusable:
        return {"code": unusable.code, "facts": unusable.facts}, []
    except MemoryError:
        return {"code": "too_much_memory", "facts": {}}, []
    header = {
        "layer": layer.name[:_NAME_CHARACTERS],
        "closed_rings": layer.closed_rings,
        "unreadable": layer.unreadable,
        "left_out": layer.points + layer.lines,
        "split": normalised.split,
        "duplicate_rings": normalised.duplicate_rings,
        "slivers": normalised.slivers,
        "faults": normalised.faults,
        "crs": normalised.crs_name[:_NAME_CHARACTERS],
        "heights": layer.has_heights,
    }
    geometries = (normalised.area, normalised.drawn, normalised.mended)
    return header, [shapely.to_wkb(geometry) for geometry in geometries]


@dataclass(frozen=True)
class _Running:
    connection: socket.socket
    ends_at: float


class _ForkServer:
    def __init__(self, control: socket.socket, sound: dict[str, bytes]) -> None:
        self.control = control
        self.sound = sound
        self.running: dict[int, _Running] = {}
        self.late: set[int] = set()
        self.wake_read, self.wake_write = os.pipe()
        for descriptor in (self.wake_read, self.wake_write):
            os.set_blocking(descriptor, False)
        self.watched = (control.fileno(), self.wake_read)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.wake_write, warn_on_full_buffer=False)

    def run(self) -> None:
        """Until the parent closes its end."""
        while True:
            readable, _, _ = select.select(self.watched, [], [], self._patience())
            if self.wake_read in readable:
                with contextlib.suppress(BlockingIOError):
                    os.read(self.wake_read, 4096)
            self._bury()
            self._end_the_late()
            if self.control.fileno() in readable and not self._accept():
                break
        for pid in self.running:
            os.kill(pid, signal.SIGKILL)

    def _patience(self) -> float | None:
        ends = [one.ends_at for pid, one in self.running.items() if pid not in self.late]
        return max(min(ends) - time.monotonic(), 0) if ends else None

    def _accept(self) -> bool:
        word, descriptors, _flags, _address = socket.recv_fds(self.control, 16, 1)
        if not word:
            return False
        connection = socket.socket(fileno=descriptors[0])
        pid = os.fork()
        if pid == 0:
            self._become_reader(connection)
        self.running[pid] = _Running(connection, time.monotonic() + WALL_CLOCK_LIMIT_S)
        return True

    def _become_reader(self, connection: socket.socket) -> None:
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self.control.close()
            os.close(self.wake_read)
            os.close(self.wake_write)
            for other in self.running.values():
                other.connection.close()
            read_in_confinement(connection, self.sound)
            os._exit(0)
        finally:
            os._exit(1)  # whatever happened, this process never returns to the server's loop

    def _bury(self) -> None:
        while self.running:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if not pid:
                return
            ended = self.running.pop(pid)
            header = {
                "ended": os.waitstatus_to_exitcode(status),
                "late": pid in self.late,
                "processor_s": usage.ru_utime + usage.ru_stime,
                "memory_kib": usage.ru_maxrss,
            }
            self.late.discard(pid)
            with contextlib.suppress(OSError):  # the asker may have gone
                send_frame(ended.connection, header)
            ended.connection.close()

    def _end_the_late(self) -> None:
        now = time.monotonic()
        for pid, one in self.running.items():
            if one.ends_at <= now and pid not in self.late:
                self.late.add(pid)
                os.kill(pid, signal.SIGKILL)


def read_in_confinement(connection: socket.socket, sound: dict[str, bytes]) -> None:
    """Lock the door first, then take the file in."""
    confinement.open_reference_systems()
    read_one_of_each(sound)
    confinement.limit_resources()
    confinement.filter_system_calls()
    request = receive_frame(connection)
    if request is None:
        raise BrokenFrame("no request")
    header, geometries = verdict(
        request.blobs[0], filename=request.header["filename"], wanted=request.header["layer"]
    )
    send_frame(connection, header, *geometries)


def serve(descriptor: int) -> None:
    control = socket.socket(fileno=descriptor)
    os.environ.clear()
    load_encodings()
    sound = sound_files()
    allow_only_our_drivers()
    read_one_of_each(sound)
    confinement.drop_privileges()
    control.send(b"ready")
    # After a fork only the reference systems must be opened again: this one's .prj does it.
    _ForkServer(control, {"sound.zip": sound["sound.zip"]}).run()
