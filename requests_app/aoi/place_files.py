"""The places of an official file, read in a process of their own: see ``place_child``."""

import contextlib
import signal
import socket
import subprocess
import sys
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from django.utils.translation import gettext as _

from orbitrage.shared.errors import Refusal
from requests_app.aoi import refusals
from requests_app.aoi.frames import BrokenFrame, Frame, receive_frame, send_frame
from requests_app.aoi.limits import (
    MAXIMUM_PLACES_BYTES,
    PLACES_ADDRESS_SPACE_BYTES,
    PLACES_PROCESSOR_LIMIT_S,
)
from requests_app.aoi.reading import AreaRefused
from requests_app.aoi.sandbox import ENVIRONMENT, PROJECT
from requests_app.aoi.wkb import multipolygon_of

_BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]);"
    "from requests_app.aoi.place_child import serve; serve(int(sys.argv[2]))"
)
_FORMATS = (".geojson", ".json", ".gpkg")
# It computes between two places, at most as long as it may compute at all.
_PATIENCE_S = PLACES_PROCESSOR_LIMIT_S + 60


@dataclass(frozen=True)
class FoundPlace:
    """``said``: the attributes, by their names in lower case. Without ``area``, ``refusal`` says
    what is wrong with its outline."""

    said: Mapping[str, str]
    area: shapely.MultiPolygon | None = None
    refusal: Refusal | None = None


def read_places(
    data: bytes, filename: str, *, layer: str | None = None
) -> Generator[FoundPlace, None, None]:
    """One after the other, as they are read.

    Raises AreaRefused when the file, or the rest of it, cannot be read.
    """
    if not filename.lower().endswith(_FORMATS):
        message = _("Places are read from GeoJSON and GeoPackage files, not from %(name)s.")
        named = {"name": refusals.printable(filename)}
        raise AreaRefused(Refusal("places_format", message % named))
    if len(data) > MAXIMUM_PLACES_BYTES:
        raise _refused("file_too_large", {"maximum_mib": MAXIMUM_PLACES_BYTES // 2**20})
    with _reader() as (process, connection):
        # It may end before it has taken everything in.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            send_frame(connection, {"filename": filename, "layer": layer}, data)
        while (frame := _next_frame(process, connection)) is not None:
            yield _place(frame)


@contextlib.contextmanager
def _reader() -> Iterator[tuple[subprocess.Popen[bytes], socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours:
        ours.settimeout(_PATIENCE_S)
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
        try:
            yield process, ours
        finally:
            process.kill()
            process.wait()


def _next_frame(process: subprocess.Popen[bytes], connection: socket.socket) -> Frame | None:
    """None at the end. Raises AreaRefused where the reader gives up, or is stopped."""
    try:
        frame = receive_frame(connection)
    except (BrokenFrame, OSError):
        process.kill()
        frame = None
    if frame is None:
        is_late = process.wait() == -signal.SIGXCPU
        raise _refused("took_too_long" if is_late else "reader_stopped", {})
    if code := frame.header.get("code"):
        raise _refused(str(code), frame.header.get("facts"))
    return None if frame.header.get("is_end") else frame


def _place(frame: Frame) -> FoundPlace:
    """What a process says that reads a stranger's file is checked."""
    told = frame.header.get("said")
    said = {str(name): str(value) for name, value in told.items()} if isinstance(told, dict) else {}
    if code := frame.header.get("unusable"):
        refused = _refused(str(code), frame.header.get("facts"))
        return FoundPlace(said, refusal=refused.refusals[0])
    area = multipolygon_of(frame.blobs[0]) if frame.blobs else None
    if area is None or area.is_empty or not area.is_valid:
        raise _refused("reader_stopped", {})
    return FoundPlace(said, area)


def _refused(code: str, facts: Any) -> AreaRefused:
    """``facts``: JSON of an untrusted process."""
    limits = {
        "limit_s": PLACES_PROCESSOR_LIMIT_S,
        "limit_mib": PLACES_ADDRESS_SPACE_BYTES // 2**20,
    }
    known = facts if isinstance(facts, dict) else {}
    return AreaRefused(refusals.refusal(code, known, **limits))
