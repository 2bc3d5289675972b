"""Polygons of a file and their area, found apart from the project: without its readers, its repair,
its cut at 180°, and without GDAL. For files that are known to be harmless."""

import io
import json
import math
import re
import sqlite3
import struct
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyproj
import shapely
from defusedxml import ElementTree
from shapely.geometry.base import BaseGeometry

Ring = Sequence[Sequence[float]]

GEOD = pyproj.Geod(ellps="WGS84")
EARTH_M2 = 510_065_621_724_000.0
# Square degrees: no formula of a ring tells it from the rest of the earth.
HALF_THE_MAP = 360 * 180 / 2
LONG_EDGE_DEGREES = 120
LONG_EDGE_M = 5_000_000
HALF_TURN_DEGREES = 180
# Less than rounding short of it is no way across 180°, but along a parallel all round.
WHOLE_TURN_DEGREES = 360 - 1e-6
ENVELOPE_BYTES = (0, 32, 48, 48, 64)


def area_km2(path: Path) -> float:
    """Of the union of all polygons of all layers."""
    return geodesic_km2(shapely.union_all(list(polygons_of(path))))


def polygons_of(path: Path) -> Iterator[BaseGeometry]:
    suffix, data = path.suffix.lower(), path.read_bytes()
    if suffix in {".geojson", ".json"}:
        yield from _geojson(data)
    elif suffix == ".kml":
        yield from _kml(data)
    elif suffix == ".gpkg":
        yield from _geopackage(path)
    elif suffix in {".zip", ".kmz"}:
        yield from _archive(data)
    else:
        raise ValueError(f"nobody reads {suffix} here")


def _archive(data: bytes) -> Iterator[BaseGeometry]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {
            name: archive.read(name) for name in archive.namelist() if "__MACOSX" not in name
        }
    for name, content in members.items():
        if name.lower().endswith(".kml"):
            yield from _kml(content)
        elif name.lower().endswith(".geojson"):
            yield from _geojson(content)
        elif name.lower().endswith(".shp"):
            prj = next(text for other, text in members.items() if other.lower().endswith(".prj"))
            yield from _shapefile(content, pyproj.CRS.from_wkt(prj.decode()))


# --- Formats --------------------------------------------------------------------------------------


def _geojson(data: bytes) -> Iterator[BaseGeometry]:
    document = json.loads(data.decode(json.detect_encoding(data)).removeprefix("\ufeff"))
    found = re.search(r"EPSG:[\d.]*:?(\d+)", json.dumps(document.get("crs")))
    crs = pyproj.CRS.from_epsg(int(found[1])) if found else None
    for rings in _rings_of(document):
        yield _polygon(rings, crs)


def _rings_of(node: object) -> Iterator[list[Ring]]:
    if not isinstance(node, dict):
        return
    if node.get("type") == "Polygon":
        yield node["coordinates"]
    elif node.get("type") == "MultiPolygon":
        yield from node["coordinates"]
    for child in [node.get("geometry"), *node.get("features", []), *node.get("geometries", [])]:
        yield from _rings_of(child)


def _kml(data: bytes) -> Iterator[BaseGeometry]:
    for element in ElementTree.fromstring(data).iter():
        if _local(element.tag) == "Polygon":
            shells = list(_kml_rings(element, "outerBoundaryIs"))
            if shells:
                yield _polygon([*shells, *_kml_rings(element, "innerBoundaryIs")], None)


def _kml_rings(polygon: ElementTree, boundary: str) -> Iterator[Ring]:
    for side in polygon.iter():
        if _local(side.tag) != boundary:
            continue
        for element in side.iter():
            if _local(element.tag) == "coordinates" and (element.text or "").strip():
                yield [[float(n) for n in item.split(",")[:2]] for item in element.text.split()]


def _local(tag: str) -> str:
    return tag.rpartition("}")[2].rpartition(":")[2]


def _shapefile(shp: bytes, crs: pyproj.CRS) -> Iterator[BaseGeometry]:
    """ESRI Shapefile Technical Description, 1998: rings of a record count by even and odd."""
    at = 100
    while at + 8 <= len(shp):
        content = shp[at + 8 : at + 8 + 2 * struct.unpack(">i", shp[at + 4 : at + 8])[0]]
        at += 8 + len(content)
        if len(content) < 44 or struct.unpack("<i", content[:4])[0] not in {5, 15, 25}:
            continue
        parts, points = struct.unpack("<ii", content[36:44])
        starts = [*struct.unpack(f"<{parts}i", content[44 : 44 + 4 * parts]), points]
        where = 44 + 4 * parts
        positions = np.frombuffer(content[where : where + 16 * points], "<f8").reshape(-1, 2)
        rings = [_in_degrees(positions[start:end], crs) for start, end in pairwise(starts)]
        yield _surface(rings)


def _geopackage(path: Path) -> Iterator[BaseGeometry]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as database:
        layers = database.execute("SELECT table_name, column_name FROM gpkg_geometry_columns")
        for table, column in layers.fetchall():
            name = table.replace('"', '""')
            for (blob,) in database.execute(f'SELECT "{column}" FROM "{name}"'):
                if blob:
                    yield shapely.from_wkb(blob[8 + ENVELOPE_BYTES[blob[3] >> 1 & 7] :])


# --- Shapes ---------------------------------------------------------------------------------------


def _polygon(rings: list[Ring], crs: pyproj.CRS | None) -> BaseGeometry:
    """The shell without what its holes hold; a hole elsewhere takes nothing away."""
    turned = [
        _in_degrees(np.array([position[:2] for position in ring], dtype=float), crs)
        for ring in rings
        if ring
    ]
    if not turned:
        return shapely.Polygon()
    shell, *holes = turned
    middle = np.mean(shell[:, 0])
    holes = [hole - (360 * np.round((np.mean(hole[:, 0]) - middle) / 360), 0) for hole in holes]
    return shapely.difference(_surface([shell]), _surface(holes))


def _in_degrees(positions: np.ndarray, crs: pyproj.CRS | None) -> np.ndarray:
    """Longitudes run on past 180° where the ring does."""
    if crs is not None:
        x, y = _mover(crs).transform(positions[:, 0], positions[:, 1])
        positions = np.column_stack([x, np.clip(y, -90, 90)])
    steps = np.abs(np.diff(positions[:, 0]))
    if ((steps > 180) & (steps < WHOLE_TURN_DEGREES)).any():
        positions = np.column_stack([np.unwrap(positions[:, 0], period=360), positions[:, 1]])
    return positions


@cache
def _mover(crs: pyproj.CRS) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(crs, "OGC:CRS84", always_xy=True)


def _surface(rings: list[np.ndarray]) -> BaseGeometry:
    """What the rings enclose an odd number of times, together."""
    closed = [np.vstack([ring, ring[:1]]) for ring in rings if len(np.unique(ring, axis=0)) > 2]
    if len(closed) == 1 and shapely.Polygon(closed[0]).is_valid:
        return shapely.Polygon(closed[0])
    lines = shapely.union_all([shapely.LineString(ring) for ring in closed])
    edges = np.vstack([np.zeros((0, 4)), *(np.hstack([ring[:-1], ring[1:]]) for ring in closed)])
    faces = shapely.get_parts(shapely.polygonize([lines]))
    return shapely.union_all([face for face in faces if _is_enclosed(face, edges)])


def _is_enclosed(face: shapely.Polygon, edges: np.ndarray) -> bool:
    x, y = face.representative_point().coords[0]
    x1, y1, x2, y2 = edges[(edges[:, 1] > y) != (edges[:, 3] > y)].T
    crossings = x1 + (y - y1) / (y2 - y1) * (x2 - x1)
    return int(np.sum(crossings > x)) % 2 == 1


# --- Measure --------------------------------------------------------------------------------------


def geodesic_km2(shape: BaseGeometry) -> float:
    polygons = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return (
        sum(
            _ring_m2(polygon.exterior) - sum(_ring_m2(hole) for hole in polygon.interiors)
            for polygon in polygons
        )
        / 1e6
    )


def _ring_m2(ring: shapely.LinearRing) -> float:
    positions = shapely.get_coordinates(ring)
    pieces = [_along_the_map(start, end) for start, end in pairwise(positions)]
    longitudes, latitudes = np.vstack(pieces).T
    area_m2 = abs(GEOD.polygon_area_perimeter(longitudes, latitudes)[0])
    return EARTH_M2 - area_m2 if shapely.Polygon(ring).area > HALF_THE_MAP else area_m2


def _along_the_map(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Half a turn, or a third of one far from the poles: the shortest way would leave the line that
    was drawn. So would that of an edge across 180°: RFC 7946, 3.1.9, cuts it where its line on the
    map meets the meridian, and there its parts have a corner."""
    low, high = sorted([start[0], end[0]])
    if low < -HALF_TURN_DEGREES < high or low < HALF_TURN_DEGREES < high:
        meridian = math.copysign(HALF_TURN_DEGREES, low + high)
        share = (meridian - start[0]) / (end[0] - start[0])
        corner = start + (end - start) * share
        return np.vstack([_along_the_map(start, corner), _along_the_map(corner, end)])
    span = abs(end[0] - start[0])
    is_far = span >= LONG_EDGE_DEGREES and GEOD.inv(*start, *end)[2] > LONG_EDGE_M
    steps = math.ceil(span) if is_far or span >= HALF_TURN_DEGREES else 1
    return start + (end - start) * np.arange(steps)[:, None] / steps
