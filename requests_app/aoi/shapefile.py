"""One shapefile out of an archive: its own plain archive, without attributes."""

import struct

from requests_app.aoi.archives import Archive, rebuilt
from requests_app.aoi.limits import MAXIMUM_PROJECTION_BYTES
from requests_app.aoi.unusable import Unusable

_HEADER_BYTES = 100
_MAGIC = 9994
_DELETED = ord("*")
_HEAD_WITHOUT_COLUMNS_BYTES = 33


def shapefile_archive(archive: Archive, shp_name: str) -> bytes:
    """``.shp``, ``.shx`` (made again when missing) and ``.prj``, under plain names.

    Raises Unusable unreadable_file, unknown_crs.
    """
    shp = archive.read(shp_name)
    if len(shp) < _HEADER_BYTES or struct.unpack(">i", shp[:4])[0] != _MAGIC:
        raise Unusable("unreadable_file", format="Shapefile")
    shx_name, prj_name = archive.sibling(shp_name, ".shx"), archive.sibling(shp_name, ".prj")
    members = {
        "area.shp": shp,
        "area.shx": archive.read(shx_name) if shx_name else index_of(shp),
    }
    if prj_name:
        members["area.prj"] = _projection(archive, prj_name)
    return rebuilt(members)


def _projection(archive: Archive, name: str) -> bytes:
    if archive.members[name].file_size > MAXIMUM_PROJECTION_BYTES:
        raise Unusable("unknown_crs", crs=name[-80:])
    return archive.read(name, maximum_bytes=MAXIMUM_PROJECTION_BYTES)


def stated_crs(archive: Archive, shp_name: str) -> str | None:
    """The text of the ``.prj``, whatever it is; None without one."""
    name = archive.sibling(shp_name, ".prj")
    text = _projection(archive, name).decode(errors="replace").strip() if name else ""
    return text or None


def index_of(shp: bytes) -> bytes:
    """The ``.shx`` of a ``.shp``: ESRI Shapefile Technical Description, 1998, page 23."""
    records, at = [], _HEADER_BYTES
    while at + 8 <= len(shp):
        content_words = struct.unpack(">i", shp[at + 4 : at + 8])[0]
        if content_words < 2 or at + 8 + 2 * content_words > len(shp):
            break
        records.append(struct.pack(">ii", at // 2, content_words))
        at += 8 + 2 * content_words
    words = (_HEADER_BYTES + 8 * len(records)) // 2
    return shp[:24] + struct.pack(">i", words) + shp[28:_HEADER_BYTES] + b"".join(records)


def deleted_records(archive: Archive, shp_name: str) -> frozenset[int]:
    """Numbers of the shapes that the attribute table marks as deleted.

    Raises Unusable shapefile_table_damaged: a table has a column at least.
    """
    dbf_name = archive.sibling(shp_name, ".dbf")
    dbf = archive.read(dbf_name) if dbf_name else b""
    if len(dbf) < 32:
        return frozenset()
    header_bytes, record_bytes = struct.unpack("<HH", dbf[8:12])
    if not header_bytes or not record_bytes:
        return frozenset()
    if dbf_name and header_bytes <= _HEAD_WITHOUT_COLUMNS_BYTES:
        raise Unusable("shapefile_table_damaged", member=dbf_name[-80:])
    flags = dbf[header_bytes::record_bytes]
    return frozenset(number for number, flag in enumerate(flags) if flag == _DELETED)
