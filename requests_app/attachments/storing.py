"""Where attached files are kept: outside any web root, under a key that tells nothing.

A file is written, whole and durably, before its row: what has a row is there, and what has none is
given out by nobody and swept away.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from orbitrage.shared.documents import files
from requests_app.attachments.checking import CheckedFile
from requests_app.models import Attachment, AttachmentName, Message

FOLDER = "attachments"
ORPHAN_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class StoredFile:
    key: UUID
    checked: CheckedFile


def store(checked: Iterable[CheckedFile]) -> list[StoredFile]:
    """Write the files. Before the first lock: disks are slow."""
    stored = []
    for file in checked:
        key = uuid4()
        name = storage_name(key)
        files.keep(name, file.data)
        stored.append(StoredFile(key, file))
    return stored


def storage_name(key: UUID) -> str:
    return f"{FOLDER}/{key.hex[:2]}/{key.hex}"


def attach(message: Message, stored: Sequence[StoredFile]) -> None:
    """Write the rows of files already stored."""
    rows = Attachment.objects.bulk_create(
        Attachment(
            message=message,
            key=file.key,
            kind=file.checked.kind,
            size_bytes=len(file.checked.data),
            sha256=file.checked.sha256,
        )
        for file in stored
    )
    AttachmentName.objects.bulk_create(
        AttachmentName(attachment=row, content=file.checked.name)
        for row, file in zip(rows, stored, strict=True)
    )


def read(attachment: Attachment) -> bytes:
    """Raises FileAltered: the file is gone or is another; FileAway: it cannot be read now."""
    return files.read(storage_name(attachment.key), attachment.sha256)


def sweep() -> int:
    """Delete the files that have had no row for a day, or whose name was erased; return how many.

    A younger one may belong to a message that is being written.
    """
    keys = Attachment.objects.kept().values_list("key", flat=True)
    return files.sweep(FOLDER, {storage_name(key) for key in keys}, older_than=ORPHAN_AFTER)
