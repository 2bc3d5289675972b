"""Where documents given out are kept: written aside, then named; checked whenever read."""

import hashlib
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from orbitrage.shared.errors import DomainError, Refusal

ASIDE = ".aside"
"""Beside the years of each sort of document: `licences/.aside` for `licences/2026/…`."""
FORGOTTEN_AFTER_S = 3600


class FileAltered(DomainError):
    """The file kept is not the one that was issued, or it is gone."""


def write_aside(name: str, data: bytes) -> Path:
    """Write ``data`` whole and durably on the disk of ``name``, elsewhere; return where."""
    place = path_of(name)
    place.parent.mkdir(parents=True, exist_ok=True)
    folder = path_of(name.split("/", maxsplit=1)[0]) / ASIDE
    folder.mkdir(parents=True, exist_ok=True)
    _discard_forgotten(folder, place.name)
    handle, aside = tempfile.mkstemp(prefix=f"{place.name}.", dir=folder)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return Path(aside)


def _discard_forgotten(folder: Path, name: str) -> None:
    """Remove what a writer killed in the middle has left; one at work is younger than that."""
    for left in folder.glob(f"{name}.*"):
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > FORGOTTEN_AFTER_S:
                left.unlink()


def give_name(aside: Path, name: str) -> None:
    """Put the file written aside in its place, in one step, and make that durable."""
    place = path_of(name)
    aside.replace(place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def discard(aside: Path) -> None:
    with suppress(FileNotFoundError):
        aside.unlink()


def read(name: str, sha256: str) -> bytes:
    """The bytes kept under ``name``.

    Raises:
        FileAltered: there is no such file, or its SHA-256 is not ``sha256``.
    """
    place = path_of(name)
    data = place.read_bytes() if place.is_file() else None
    if data is None or hashlib.sha256(data).hexdigest() != sha256:
        message = _("The file %(name)s is not the one that was issued.") % {"name": place.name}
        raise FileAltered(Refusal("file_altered", message))
    return data


def is_whole(name: str, sha256: str) -> bool:
    try:
        read(name, sha256)
    except FileAltered:
        return False
    return True


def path_of(name: str) -> Path:
    return Path(default_storage.path(name))
