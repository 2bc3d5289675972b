"""A list of requests as GeoJSON and as GeoPackage, geometries being the areas asked for."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyogrio.raw
from django.contrib.gis.db.models import MultiPolygonField
from django.contrib.gis.db.models.functions import AsGeoJSON, AsWKB
from django.db.models import BigIntegerField, Func, Sum

from requests_app.lists.columns import COLUMNS, Column, Kind
from requests_app.models import ImageryRequest, ImageryRequestQuerySet

LAYER = "requests"
# About 0.1 mm: the smallest area accepted is a square metre.
DECIMALS_OF_DEGREES = 9
# The largest area takes megabytes.
ROWS_READ_AT_ONCE = 20
ROWS_WRITTEN_AT_ONCE = 1_000
BYTES_WRITTEN_AT_ONCE = 16 * 1024 * 1024
UTC_OF_GDAL = 100

# Of areas, as they are stored: a web worker writes them all while others wait.
BYTES_MAXIMUM = 256 * 1024 * 1024
Values = npt.NDArray[Any]


def size_of_areas_bytes(rows: ImageryRequestQuerySet) -> int:
    """As stored: no area is read for it."""
    stored = Func("aoi", function="pg_column_size", output_field=BigIntegerField())
    size: int | None = rows.order_by().aggregate(size=Sum(stored))["size"]
    return size or 0


def geojson_lines(rows: ImageryRequestQuerySet) -> Iterator[str]:
    """A FeatureCollection (RFC 7946: degrees, cut at ±180°, outer rings anti-clockwise), a feature
    a line, as it is read."""
    outward = Func("aoi", function="ST_ForcePolygonCCW", output_field=MultiPolygonField(srid=4326))
    drawn = rows.annotate(geojson=AsGeoJSON(outward, precision=DECIMALS_OF_DEGREES))
    yield '{"type": "FeatureCollection", "features": ['
    separator = "\n"
    for row in drawn.iterator(ROWS_READ_AT_ONCE):
        yield f"{separator}{_feature(row)}"
        separator = ",\n"
    yield "\n]}\n"


def _feature(row: Any) -> str:
    properties = {column.key: _plain(column.value(row)) for column in COLUMNS}
    told = json.dumps(properties, ensure_ascii=False)
    return (
        f'{{"type": "Feature", "id": "{row.number}", "properties": {told}, '
        f'"geometry": {row.geojson}}}'
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        # Fourteen digits at most: a double holds them all.
        return float(value)
    return value.isoformat() if isinstance(value, dt.date) else value


def geopackage(rows: ImageryRequestQuerySet) -> BinaryIO:
    """Written beside the memory of the process, some rows at a time; gone once it is closed."""
    shaped = rows.annotate(wkb=AsWKB("aoi")).iterator(ROWS_READ_AT_ONCE)
    with tempfile.TemporaryDirectory(prefix="requests-") as folder:
        path = Path(folder) / f"{LAYER}.gpkg"
        _write(path, [], append=False)
        for some in _batches(shaped):
            _write(path, some, append=True)
        return path.open("rb")


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    waiting: list[Any] = []
    size_bytes = 0
    for row in rows:
        waiting.append(row)
        size_bytes += len(row.wkb)
        if len(waiting) >= ROWS_WRITTEN_AT_ONCE or size_bytes >= BYTES_WRITTEN_AT_ONCE:
            yield waiting
            waiting, size_bytes = [], 0
    if waiting:
        yield waiting


def _write(path: Path, rows: list[Any], *, append: bool) -> None:
    instants = [column.key for column in COLUMNS if column.kind is Kind.INSTANT]
    pyogrio.raw.write(
        path,
        geometry=_objects([bytes(row.wkb) for row in rows]),
        field_data=[_values(column, rows) for column in COLUMNS],
        fields=[column.key for column in COLUMNS],
        layer=LAYER,
        driver="GPKG",
        geometry_type="MultiPolygon",
        crs="EPSG:4326",
        append=append,
        gdal_tz_offsets={key: np.full(len(rows), UTC_OF_GDAL) for key in instants},
    )


def _values(column: Column, rows: list[ImageryRequest]) -> Values:
    found = [column.value(row) for row in rows]
    match column.kind:
        case Kind.NUMBER:
            return np.array([np.nan if value is None else float(value) for value in found])
        case Kind.DAY:
            return np.array(found, dtype="datetime64[D]")
        case Kind.INSTANT:
            return np.array([value and _in_utc(value) for value in found], dtype="datetime64[ms]")
        case _:
            return _objects(found)


def _in_utc(at: dt.datetime) -> dt.datetime:
    """As numpy takes an instant: without its zone."""
    return at.astimezone(dt.UTC).replace(tzinfo=None)


def _objects(values: list[Any]) -> Values:
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made
