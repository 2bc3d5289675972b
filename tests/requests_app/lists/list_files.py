"""The files of a list of requests, as those who get them read them."""

import csv
import io
import json
import tempfile
from typing import Any

import openpyxl
import pyogrio.raw

from requests_app.lists.columns import COLUMNS

KEYS = [column.key for column in COLUMNS]
Row = dict[str, Any]


def body_of(response: Any) -> bytes:
    return b"".join(response)


def read_file(body: bytes, extension: str) -> list[Row]:
    """A row per request, by the key of its columns; with its GeoJSON or WKB under ``shape`` where
    there is one."""
    return READERS[extension](body)


def headings(body: bytes, extension: str) -> list[str]:
    return (_csv(body) if extension == "csv" else _sheet(body))[0]


def _of_csv(body: bytes) -> list[Row]:
    return [dict(zip(KEYS, line, strict=True)) for line in _csv(body)[1:]]


def _csv(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))


def _of_xlsx(body: bytes) -> list[Row]:
    return [dict(zip(KEYS, line, strict=True)) for line in _sheet(body)[1:]]


def _sheet(body: bytes) -> list[list[Any]]:
    (sheet,) = openpyxl.load_workbook(io.BytesIO(body)).worksheets
    return [list(line) for line in sheet.iter_rows(values_only=True)]


def _of_geojson(body: bytes) -> list[Row]:
    return [
        feature["properties"] | {"shape": feature["geometry"]}
        for feature in json.loads(body)["features"]
    ]


def _of_gpkg(body: bytes) -> list[Row]:
    with tempfile.NamedTemporaryFile(suffix=".gpkg") as file:
        file.write(body)
        file.flush()
        meta, _ids, shapes, columns = pyogrio.raw.read(file.name)
    return [
        dict(zip(meta["fields"], values, strict=True)) | {"shape": shape}
        for shape, *values in zip(shapes, *columns, strict=True)
    ]


READERS = {"csv": _of_csv, "xlsx": _of_xlsx, "geojson": _of_geojson, "gpkg": _of_gpkg}
