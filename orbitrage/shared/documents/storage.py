"""The disk that files are kept on, where they are not kept in an object store."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

ASIDE = ".aside"
"""Beside the years of each sort of document: `licences/.aside` for `licences/2026/…`."""
FORGOTTEN_AFTER_S = 3600


class DurableFileSystemStorage(FileSystemStorage):
    """Writes a file whole, aside, then names it in one step: it is there or it is not, whenever
    the process or the machine stops. A name given again is another content in its place."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:  # noqa: ARG002 - Django names it
        return name

    def _save(self, name: str, content: File[bytes]) -> str:
        place = Path(self.path(name))
        place.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(self.path(name.split("/", maxsplit=1)[0])) / ASIDE
        folder.mkdir(parents=True, exist_ok=True)
        _discard_forgotten(folder, place.name)
        handle, aside = tempfile.mkstemp(prefix=f"{place.name}.", dir=folder)
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            self._give_name(Path(aside), place)
        finally:
            Path(aside).unlink(missing_ok=True)
        return name

    def _give_name(self, aside: Path, place: Path) -> None:
        """In one step, and make that durable."""
        if self.file_permissions_mode is not None:
            aside.chmod(self.file_permissions_mode)
        aside.replace(place)
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _discard_forgotten(folder: Path, name: str) -> None:
    """Remove what a writer killed in the middle has left; one at work is younger than that."""
    for left in folder.glob(f"{name}.*"):
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > FORGOTTEN_AFTER_S:
                left.unlink()
