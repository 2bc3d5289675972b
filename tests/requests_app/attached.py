"""Whole files of every kind that may be attached, and how they are posted."""

import io
import zipfile
from functools import cache

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook
from PIL import Image

from requests_app.attachments.checking import Upload


@cache
def pdf() -> bytes:
    target = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(target)
    return target.getvalue()


@cache
def image(kind: str) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(target, kind)
    return target.getvalue()


def archive(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in members.items():
            opened.writestr(name, data)
    return target.getvalue()


def docx(more: dict[str, bytes] | None = None) -> bytes:
    return archive(
        {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"} | (more or {})
    )


def open_document(kind: str, more: dict[str, bytes] | None = None) -> bytes:
    said = f"application/vnd.oasis.opendocument.{kind}".encode()
    return archive({"mimetype": said, "content.xml": b"<office/>"} | (more or {}))


@cache
def xlsx() -> bytes:
    target = io.BytesIO()
    Workbook().save(target)
    return target.getvalue()


GEOJSON = b'\xef\xbb\xbf{"type": "FeatureCollection", "features": []}\n'
WHOLE: dict[str, tuple[str, bytes]] = {
    "letter.pdf": ("pdf", pdf()),
    "scan.png": ("png", image("PNG")),
    "photo.jpg": ("jpeg", image("JPEG")),
    "PHOTO.JPEG": ("jpeg", image("JPEG")),
    "scan.tif": ("tiff", image("TIFF")),
    "letter.odt": ("odt", open_document("text")),
    "table.ods": ("ods", open_document("spreadsheet")),
    "letter.docx": ("docx", docx()),
    "table.xlsx": ("xlsx", xlsx()),
    "table.csv": ("csv", "commune;surface\nSète;12,5\n".encode("cp1252")),
    "notes.txt": ("txt", "Où ? À Sète.\n".encode()),
    "zone.geojson": ("geojson", GEOJSON),
    "zone.json": ("geojson", GEOJSON),
    "zone.zip": ("zip", archive({"zone/zone.shp": b"x", "zone/zone.dbf": b"x", "lisez.txt": b"x"})),
}


def upload(name: str = "letter.pdf", data: bytes | None = None) -> Upload:
    return Upload(name, pdf() if data is None else data)


def posted(name: str = "letter.pdf", data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, pdf() if data is None else data)
