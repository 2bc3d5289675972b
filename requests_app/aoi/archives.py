"""Zip archives, opened in memory under limits; GDAL is never given the archive a stranger made."""

import io
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass

from requests_app.aoi.limits import (
    MAXIMUM_ARCHIVE_BYTES,
    MAXIMUM_ARCHIVE_MEMBERS,
    MAXIMUM_MEMBER_BYTES,
)
from requests_app.aoi.unusable import Unusable

_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    IndexError,
)
_ENCRYPTED = 0x1
_SIZES_FOLLOW = 0x8
_LOCAL_HEADER = struct.Struct("<6xH6xI")  # of which: the flags, the CRC
_JUNK = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Archive:
    data: bytes
    opened: zipfile.ZipFile
    members: dict[str, zipfile.ZipInfo]

    def with_suffix(self, *suffixes: str) -> list[str]:
        return [name for name in self.members if name.lower().endswith(suffixes)]

    def read(self, name: str, *, maximum_bytes: int = MAXIMUM_MEMBER_BYTES) -> bytes:
        """Raises Unusable archive_too_large, archive_unreadable."""
        self._check_local_header(name)
        try:
            with self.opened.open(self.members[name]) as member:
                data = member.read(maximum_bytes + 1)
        except _UNREADABLE as error:
            raise Unusable("archive_unreadable", member=name) from error
        if len(data) > maximum_bytes:
            raise _too_large(maximum_bytes)
        return data

    def _check_local_header(self, name: str) -> None:
        """A local header that contradicts the directory is a way to show two contents."""
        member = self.members[name]
        header = self.data[member.header_offset : member.header_offset + _LOCAL_HEADER.size]
        if len(header) < _LOCAL_HEADER.size:
            raise Unusable("archive_unreadable", member=name)
        flags, crc = _LOCAL_HEADER.unpack(header)
        if not flags & _SIZES_FOLLOW and crc != member.CRC:
            raise Unusable("archive_unreadable", member=name)

    def sibling(self, name: str, suffix: str) -> str | None:
        """The member of the same name with another suffix, whatever the case."""
        wanted = (name.rpartition(".")[0] + suffix).lower()
        return next((other for other in self.members if other.lower() == wanted), None)


def open_archive(data: bytes) -> Archive:
    """Raises Unusable archive_unreadable, archive_unsafe, archive_too_large, archive_encrypted."""
    try:
        opened = zipfile.ZipFile(io.BytesIO(data))
    except _UNREADABLE as error:
        raise Unusable("archive_unreadable") from error
    listed = opened.infolist()
    if len(listed) > MAXIMUM_ARCHIVE_MEMBERS:
        raise Unusable(
            "archive_too_many_members", members=len(listed), maximum=MAXIMUM_ARCHIVE_MEMBERS
        )
    if sum(max(member.file_size, 0) for member in listed) > MAXIMUM_ARCHIVE_BYTES:
        raise _too_large(MAXIMUM_ARCHIVE_BYTES)
    members: dict[str, zipfile.ZipInfo] = {}
    for member in listed:
        _check_member(member, members)
        if not member.is_dir() and not _is_junk(member.filename):
            members[member.filename] = member
    return Archive(data, opened, members)


def _check_member(member: zipfile.ZipInfo, seen: dict[str, zipfile.ZipInfo]) -> None:
    name = member.orig_filename
    parts = name.replace("\\", "/").split("/")
    if "\0" in name or name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
        raise Unusable("archive_unsafe", member=name[:80], reason="path")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise Unusable("archive_unsafe", member=name[:80], reason="special")
    if member.filename in seen:
        raise Unusable("archive_unsafe", member=name[:80], reason="twice")
    if member.flag_bits & _ENCRYPTED:
        raise Unusable("archive_encrypted", member=name[:80])


def _is_junk(name: str) -> bool:
    base = name.rpartition("/")[2]
    return name.startswith(_JUNK) or base in _JUNK or base.startswith("._")


def _too_large(maximum_bytes: int) -> Unusable:
    return Unusable("archive_too_large", maximum_mib=maximum_bytes // 2**20)


def rebuilt(members: dict[str, bytes]) -> bytes:
    """A plain archive, stored, of our own names."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return target.getvalue()
