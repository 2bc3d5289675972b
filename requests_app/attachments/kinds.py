"""Which kinds of file are accepted, and whether bytes are of the kind that their name says.

Recognisers of hundreds of formats guess what bytes might be, and call every office document an
archive. Here the question is the other one: is it what it is called, and nothing else besides?
"""

from collections.abc import Callable
from dataclasses import dataclass

from requests_app.aoi.archives import Archive, open_archive
from requests_app.aoi.limits import MAXIMUM_ARCHIVE_MEMBERS
from requests_app.aoi.unusable import Unusable

OTHER_CONTENT, MACROS, HIDDEN_ARCHIVE = "other_content", "with_macros", "hides_archive"
MEMBER_NOT_ACCEPTED = "member_not_accepted"

_ZIP, _ZIP_ENTRY, _END_OF_ZIP = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_END_OF_ZIP_BYTES = 22 + 65_535  # the record, and the longest comment
_ZIP_ENTRIES_MAXIMUM = 5_000  # those of archives inside included
_END_OF_PDF_BYTES = 2048
_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\f\r")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MIMETYPE_MAXIMUM_BYTES = 100


@dataclass(frozen=True)
class Kind:
    """``demand`` raises Unusable when bytes are not of this kind. ``media_type`` is served."""

    code: str
    label: str
    suffixes: tuple[str, ...]
    media_type: str
    demand: Callable[[bytes], None]


def _demand(is_so: bool, code: str = OTHER_CONTENT) -> None:  # noqa: FBT001 - reads like assert
    if not is_so:
        raise Unusable(code)


def _alone(data: bytes) -> None:
    """What ends like a ZIP archive is opened as one by whoever looks for the end first."""
    _demand(_END_OF_ZIP not in data[-_END_OF_ZIP_BYTES:], HIDDEN_ARCHIVE)


def _pdf(data: bytes) -> None:
    _demand(data.startswith(b"%PDF-") and b"%%EOF" in data[-_END_OF_PDF_BYTES:])
    _alone(data)


def _png(data: bytes) -> None:
    _demand(data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR")
    _alone(data)


def _jpeg(data: bytes) -> None:
    _demand(data.startswith(b"\xff\xd8\xff"))
    _alone(data)


def _tiff(data: bytes) -> None:
    _demand(data.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")))
    _alone(data)


def _text(data: bytes) -> None:
    """Characters and line breaks, in an encoding that keeps ASCII; no markup."""
    _demand(len(data.translate(None, _CONTROLS)) == len(data))
    _demand(not data.removeprefix(_BYTE_ORDER_MARK).lstrip().startswith(b"<"))


def _json(data: bytes) -> None:
    """By its ends: it is kept, not read."""
    _text(data)
    inner = data.removeprefix(_BYTE_ORDER_MARK).strip()
    _demand(inner.startswith(b"{") and inner.endswith(b"}") and b'"type"' in inner)


def _opened(data: bytes) -> Archive:
    _demand(data.startswith(_ZIP))
    # The directory is read whole before its members can be counted.
    if (entries := data.count(_ZIP_ENTRY)) > _ZIP_ENTRIES_MAXIMUM:
        raise Unusable("archive_too_many_members", members=entries, maximum=MAXIMUM_ARCHIVE_MEMBERS)
    return open_archive(data)


def _of_office(main_part: str) -> Callable[[bytes], None]:
    """``main_part`` without its suffix: some programs number it."""

    def demand(data: bytes) -> None:
        names = {name.lower() for name in _opened(data).members}
        _demand("[content_types].xml" in names)
        _demand(any(name.startswith(main_part) and name.endswith(".xml") for name in names))
        _demand(not any(name.endswith("vbaproject.bin") for name in names), MACROS)

    return demand


def _of_open_document(media_type: str) -> Callable[[bytes], None]:
    def demand(data: bytes) -> None:
        archive = _opened(data)
        _demand("mimetype" in archive.members)
        said = archive.read("mimetype", maximum_bytes=_MIMETYPE_MAXIMUM_BYTES)
        _demand(said == media_type.encode())
        _demand(not any(name.startswith("Basic/") for name in archive.members), MACROS)

    return demand


def _zip(data: bytes) -> None:
    """Of files that are accepted on their own, or make up an area; by their names."""
    for member in _opened(data).opened.infolist():
        is_accepted = f"/{member.filename.lower()}".endswith(_IN_ARCHIVES)
        if not member.is_dir() and not is_accepted:
            raise Unusable(MEMBER_NOT_ACCEPTED, member=member.filename)


ODT = "application/vnd.oasis.opendocument.text"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

KINDS = (
    Kind("pdf", "PDF", (".pdf",), "application/pdf", _pdf),
    Kind("png", "PNG", (".png",), "image/png", _png),
    Kind("jpeg", "JPEG", (".jpg", ".jpeg"), "image/jpeg", _jpeg),
    Kind("tiff", "TIFF", (".tif", ".tiff"), "image/tiff", _tiff),
    Kind("odt", "ODT", (".odt",), ODT, _of_open_document(ODT)),
    Kind("ods", "ODS", (".ods",), ODS, _of_open_document(ODS)),
    Kind("docx", "DOCX", (".docx",), DOCX, _of_office("word/document")),
    Kind("xlsx", "XLSX", (".xlsx",), XLSX, _of_office("xl/workbook")),
    Kind("csv", "CSV", (".csv",), "text/csv", _text),
    Kind("txt", "TXT", (".txt",), "text/plain", _text),
    Kind("geojson", "GeoJSON", (".geojson", ".json"), "application/geo+json", _json),
    Kind("zip", "ZIP", (".zip",), "application/zip", _zip),
)
KIND_BY_CODE = {kind.code: kind for kind in KINDS}
KIND_BY_SUFFIX = {suffix: kind for kind in KINDS for suffix in kind.suffixes}
ACCEPTED = ", ".join(kind.label for kind in KINDS)
ACCEPTED_SUFFIXES = ",".join(KIND_BY_SUFFIX)

_PARTS_OF_AREAS = (".shp", ".shx", ".dbf", ".prj", ".cpg", ".qpj", ".kml", ".gpkg")
_LEFT_BY_SYSTEMS = ("/.ds_store", "/thumbs.db")
_IN_ARCHIVES = (
    *(suffix for suffix in KIND_BY_SUFFIX if suffix != ".zip"),
    *_PARTS_OF_AREAS,
    *_LEFT_BY_SYSTEMS,
)
