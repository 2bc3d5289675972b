"""Documents given out: kept once, under a name that says their content, and checked when read."""

import hashlib
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import timedelta

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.translation import gettext as _

from orbitrage.shared.errors import DomainError, Refusal

STORAGE_ERRORS = (OSError, BotoCoreError, ClientError)
"""What a disk and an object store raise when they do not answer, or refuse."""
OF_CONTENT = 16
"""How many letters of its SHA-256 the name of a file has."""


class FileAltered(DomainError):
    """The file kept is not the one that was issued, or it is gone."""


class FileAway(DomainError):
    """Where the files are kept does not answer: nothing is known of this one. Pages and API say to
    come back (503)."""


def digest(data: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def name_of(stem: str, sha256: str, ending: str) -> str:
    """Where to keep it: two contents never share a name, however often they are made."""
    return f"{stem}-{sha256[:OF_CONTENT]}.{ending}"


def keep(name: str, data: bytes) -> None:
    """Put ``data`` under ``name``, whole or not at all, for good. Outside any lock: disks and
    object stores are slow.

    Raises:
        OSError, BotoCoreError, ClientError: it cannot be kept now.
    """
    default_storage.save(name, ContentFile(data))


def discard(name: str) -> None:
    default_storage.delete(name)


def read(name: str, sha256: str) -> bytes:
    """The bytes kept under ``name``.

    Raises:
        FileAltered: there is no such file, or its SHA-256 is not ``sha256``.
        FileAway: the storage does not answer.
    """
    try:
        with default_storage.open(name) as file:
            data = bytes(file.read())
    except FileNotFoundError:
        data = None
    except STORAGE_ERRORS as error:
        message = _("The file %(name)s cannot be read at the moment: try again later.")
        raise FileAway(Refusal("file_away", message % {"name": _short(name)})) from error
    if data is None or digest(data) != sha256:
        message = _("The file %(name)s is not the one that was issued.")
        raise FileAltered(Refusal("file_altered", message % {"name": _short(name)}))
    return data


def is_whole(name: str, sha256: str) -> bool:
    """Raises FileAway: then nobody knows."""
    try:
        read(name, sha256)
    except FileAltered:
        return False
    return True


def sweep(folder: str, known: Collection[str], *, older_than: timedelta) -> int:
    """Delete what is kept in a folder under no name that is ``known`` and was written that long
    ago; return how many. A younger file may await its row."""
    before = timezone.now() - older_than
    swept = 0
    for name in [name for name in kept_in(folder) if name not in known]:
        # Another writer may give it its name meanwhile.
        with suppress(FileNotFoundError):
            if default_storage.get_modified_time(name) < before:
                discard(name)
                swept += 1
    return swept


def kept_in(folder: str) -> Iterator[str]:
    """The names of all that is kept there, at any depth."""
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        yield f"{folder}/{name}"
    for each in folders:
        yield from kept_in(f"{folder}/{each}")


def _short(name: str) -> str:
    return name.rpartition("/")[2]
