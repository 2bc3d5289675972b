"""GeoJSON, read here and not by GDAL: it can say where the fault is, and guesses nothing.

RFC 7946, plus the ``crs`` member of the 2008 specification, which desktop tools still write.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

import numpy as np
import shapely

from requests_app.aoi.layers import Layer
from requests_app.aoi.limits import MAXIMUM_FEATURES, MAXIMUM_JSON_DEPTH, MAXIMUM_VERTICES
from requests_app.aoi.unusable import Unusable

_WGS84 = "OGC:CRS84"
_CRS_NAME = re.compile(
    r"urn:(?:x-)?ogc:def:crs:(EPSG|OGC|ESRI|IGNF):[\w.]*:([\w.]+)", re.IGNORECASE
)
_SHORT_CRS_NAME = re.compile(r"(EPSG|OGC|ESRI|IGNF):(\w+)", re.IGNORECASE)
_NUMBERS = (int, float)
_OTHER_GEOMETRIES = frozenset({"Point", "MultiPoint", "LineString", "MultiLineString"})
_GEOMETRIES = _OTHER_GEOMETRIES | {"Polygon", "MultiPolygon", "GeometryCollection"}


def read_geojson(data: bytes, *, layer_name: str) -> Layer:
    """Raises Unusable with the line, or the feature, the ring and the position at fault."""
    document = _parse(_decode(data))
    return _Reader(layer_name).layer([document], crs=_crs(document))


def read_geojson_sequence(data: bytes, *, layer_name: str) -> Layer:
    """One document a line, with or without the record separator of RFC 8142."""
    documents = [
        _parse(line, first_line=number)
        for number, line in enumerate(_decode(data).replace("\x1e", "").splitlines(), start=1)
        if line.strip()
    ]
    return _Reader(layer_name).layer(documents, crs=_WGS84)


def read_features(data: bytes, *, layer_name: str) -> Iterator[tuple[Any, Callable[[], Layer]]]:
    """The properties of each feature, and what reads its own polygons: for what has a name of its
    own. Raises Unusable, and so does each reader."""
    document = _parse(_decode(data))
    crs = _crs(document)
    kind = document.get("type") if isinstance(document, dict) else None
    features = document.get("features") if kind == "FeatureCollection" else [document]
    if kind not in ("FeatureCollection", "Feature") or not isinstance(features, list):
        raise _not_geojson(document)
    if len(features) > MAXIMUM_FEATURES:
        raise Unusable("too_many_features", features=len(features), maximum=MAXIMUM_FEATURES)
    for feature in features:
        properties = feature.get("properties") if isinstance(feature, dict) else None
        yield properties, partial(_Reader(layer_name).layer, [feature], crs=crs)


def _decode(data: bytes) -> str:
    encoding = json.detect_encoding(data)
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise Unusable("invalid_encoding", encoding=encoding, byte=error.start) from error


def _refuse_constant(name: str) -> NoReturn:
    raise Unusable("invalid_coordinates", reason="not_finite", value=name)


def _parse(text: str, *, first_line: int = 1) -> Any:  # a JSON document: checked while walked
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        line = error.lineno + first_line - 1
        raise Unusable("invalid_json", line=line, column=error.colno) from error
    except RecursionError as error:
        raise Unusable("nested_too_deep", maximum=MAXIMUM_JSON_DEPTH) from error
    except ValueError as error:  # an integer of thousands of digits
        raise Unusable("invalid_coordinates", reason="not_finite", value="integer") from error


def _crs(document: Any) -> str:
    stated = document.get("crs") if isinstance(document, dict) else None
    if stated is None:
        return _WGS84
    properties = stated.get("properties") if isinstance(stated, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    match = isinstance(name, str) and (
        _SHORT_CRS_NAME.fullmatch(name.strip()) or _CRS_NAME.fullmatch(name.strip())
    )
    if not match:
        raise Unusable("unknown_crs", crs=json.dumps(stated)[:120])
    return f"{match[1].upper()}:{match[2]}"


@dataclass
class _Place:
    """Where in the document."""

    feature: int | None = None
    depth: int = 0

    def facts(self, ring: int | None = None, position: int | None = None) -> dict[str, int]:
        named = {"feature": self.feature, "ring": ring, "position": position}
        return {name: number for name, number in named.items() if number is not None}


class _Reader:
    def __init__(self, layer_name: str) -> None:
        self.layer_name = layer_name
        self.points = self.lines = self.closed_rings = self.vertices = 0
        self.has_heights = False

    def layer(self, documents: list[Any], *, crs: str) -> Layer:
        polygons = [polygon for document in documents for polygon in self._document(document)]
        return Layer(
            self.layer_name,
            crs,
            polygons,
            points=self.points,
            lines=self.lines,
            closed_rings=self.closed_rings,
            has_heights=self.has_heights,
        )

    def _document(self, document: Any) -> Iterator[shapely.Polygon]:
        if not isinstance(document, dict) or not isinstance(document.get("type"), str):
            raise _not_geojson(document)
        if document["type"] == "FeatureCollection":
            yield from self._features(document.get("features"))
        elif document["type"] == "Feature":
            yield from self._feature(document, _Place())
        elif document["type"] == "Topology":
            raise Unusable("unsupported_format", format="TopoJSON")
        elif document["type"] in _GEOMETRIES:
            yield from self._geometry(document, _Place())
        else:
            raise _not_geojson(document)

    def _features(self, features: Any) -> Iterator[shapely.Polygon]:
        if not isinstance(features, list):
            raise Unusable("not_geojson", reason="features")
        if len(features) > MAXIMUM_FEATURES:
            raise Unusable("too_many_features", features=len(features), maximum=MAXIMUM_FEATURES)
        for number, feature in enumerate(features, start=1):
            yield from self._feature(feature, _Place(feature=number))

    def _feature(self, feature: Any, place: _Place) -> Iterator[shapely.Polygon]:
        if feature is None:
            return
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise Unusable("invalid_coordinates", reason="not_a_feature", **place.facts())
        if feature.get("geometry") is not None:
            yield from self._geometry(feature["geometry"], place)

    def _geometry(self, geometry: Any, place: _Place) -> Iterator[shapely.Polygon]:
        kind = geometry.get("type") if isinstance(geometry, dict) else None
        if kind == "GeometryCollection":
            yield from self._collection(geometry.get("geometries"), place)
        elif kind == "Polygon":
            yield from self._polygons([geometry.get("coordinates")], place)
        elif kind == "MultiPolygon":
            yield from self._polygons(geometry.get("coordinates"), place)
        elif kind in _OTHER_GEOMETRIES:
            self.points += kind.endswith("Point")
            self.lines += kind.endswith("LineString")
        elif geometry is not None:
            raise Unusable("invalid_coordinates", reason="unknown_geometry", **place.facts())

    def _collection(self, members: Any, place: _Place) -> Iterator[shapely.Polygon]:
        if not isinstance(members, list):
            raise Unusable("invalid_coordinates", reason="unknown_geometry", **place.facts())
        if place.depth >= MAXIMUM_JSON_DEPTH:
            raise Unusable("nested_too_deep", maximum=MAXIMUM_JSON_DEPTH)
        for member in members:
            yield from self._geometry(member, _Place(place.feature, place.depth + 1))

    def _polygons(self, polygons: Any, place: _Place) -> Iterator[shapely.Polygon]:
        if not isinstance(polygons, list):
            raise Unusable("invalid_coordinates", reason="not_a_list", **place.facts())
        for rings in polygons:
            if not isinstance(rings, list):
                raise Unusable("invalid_coordinates", reason="not_a_list", **place.facts())
            read = [self._ring(ring, place, number) for number, ring in enumerate(rings, start=1)]
            if read and len(read[0]):
                yield shapely.Polygon(read[0], [hole for hole in read[1:] if len(hole)])

    def _ring(self, ring: Any, place: _Place, number: int) -> np.ndarray[Any, Any]:
        """Longitude and latitude (or easting and northing) of a closed ring; height dropped."""
        if not isinstance(ring, list):
            raise Unusable("invalid_coordinates", reason="not_a_list", **place.facts(number))
        self.vertices += len(ring)
        if self.vertices > MAXIMUM_VERTICES:
            raise Unusable("too_many_vertices", vertices=self.vertices, maximum=MAXIMUM_VERTICES)
        for index, position in enumerate(ring, start=1):
            if not _is_position(position):
                raise Unusable(
                    "invalid_coordinates", reason="not_a_position", **place.facts(number, index)
                )
        self.has_heights = self.has_heights or any(len(position) > 2 for position in ring)
        return self._closed(ring, place.facts(number))

    def _closed(self, ring: list[list[float]], where: dict[str, int]) -> np.ndarray[Any, Any]:
        try:
            positions = np.array([position[:2] for position in ring], dtype=float)
        except OverflowError as error:
            raise Unusable("invalid_coordinates", reason="not_finite", **where) from error
        if not len(positions):
            return positions
        if not np.isfinite(positions).all():
            raise Unusable("invalid_coordinates", reason="not_finite", **where)
        if not (positions[0] == positions[-1]).all():
            self.closed_rings += 1
            positions = np.vstack([positions, positions[:1]])
        if len(positions) < 4:
            raise Unusable("invalid_coordinates", reason="ring_too_short", **where)
        return positions


def _is_position(position: Any) -> bool:
    # type(), not isinstance(): true and false are no coordinates.
    return (
        type(position) is list
        and len(position) >= 2
        and type(position[0]) in _NUMBERS
        and type(position[1]) in _NUMBERS
    )


def _not_geojson(document: Any) -> Unusable:
    if isinstance(document, dict) and {"geometryType", "rings"} & document.keys():
        return Unusable("unsupported_format", format="ESRI JSON")
    return Unusable("not_geojson", reason="type")
