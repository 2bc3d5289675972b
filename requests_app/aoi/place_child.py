"""Inside the sandbox: the places of one file, each with what the file says of it.

A process for one file, which locks itself in before it reads a byte of it.
"""

import os
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pyogrio
import shapely
from pyogrio.errors import DataSourceError

from requests_app.aoi import confinement
from requests_app.aoi.formats import content_of, split_name
from requests_app.aoi.frames import BrokenFrame, receive_frame, send_frame
from requests_app.aoi.geojson import read_features
from requests_app.aoi.geometry import normalise
from requests_app.aoi.layers import Layer, no_polygon
from requests_app.aoi.limits import (
    MAXIMUM_PLACES_BYTES,
    PLACES_ADDRESS_SPACE_BYTES,
    PLACES_PROCESSOR_LIMIT_S,
)
from requests_app.aoi.unusable import Unusable
from requests_app.aoi.vectors import allow_only_our_drivers, marked_geopackage, read_rows
from requests_app.aoi.warm_up import load_encodings, read_one_of_each, sound_files

_HEADER_BYTES = 4096
_VALUE_CHARACTERS = 200
_MOST_ATTRIBUTES = 100
_POLYGONS = ("Polygon", "MultiPolygon", "Unknown", "CurvePolygon", "MultiSurface")
_CONTENT = {".geojson": "json", ".json": "json", ".gpkg": "gpkg"}

Feature = tuple[Any, Callable[[], Layer]]


def serve(descriptor: int) -> None:
    connection = socket.socket(fileno=descriptor)
    os.environ.clear()
    load_encodings()
    sound = sound_files()
    allow_only_our_drivers()
    read_one_of_each(sound)
    confinement.drop_privileges()
    confinement.open_reference_systems()
    confinement.limit_resources(
        address_space_bytes=PLACES_ADDRESS_SPACE_BYTES, processor_s=PLACES_PROCESSOR_LIMIT_S
    )
    confinement.filter_system_calls()
    request = receive_frame(connection, maximum_bytes=MAXIMUM_PLACES_BYTES + _HEADER_BYTES)
    if request is None:
        raise BrokenFrame("no request")
    try:
        features = features_of(request.blobs[0], **request.header)
        for number, feature in enumerate(features, start=1):
            _send_place(connection, number, *feature)
    except Unusable as unusable:
        send_frame(connection, {"code": unusable.code, "facts": unusable.facts})
    except MemoryError:
        send_frame(connection, {"code": "too_much_memory", "facts": {}})
    else:
        send_frame(connection, {"is_end": True})


def features_of(data: bytes, *, filename: str, layer: str | None) -> Iterator[Feature]:
    """Raises Unusable."""
    stem, suffix = split_name(filename)
    found = content_of(data)
    if found != _CONTENT.get(suffix):
        raise Unusable("wrong_extension", extension=suffix, found=found)
    if found == "json":
        return read_features(data, layer_name=stem)
    return _rows_of_geopackage(marked_geopackage(data), stem, layer)


def _rows_of_geopackage(data: bytes, stem: str, wanted: str | None) -> Iterator[Feature]:
    try:
        listed = [(str(name), str(kind)) for name, kind in pyogrio.list_layers(data)]
    except DataSourceError as error:
        raise Unusable("unreadable_file", format="GeoPackage") from error
    known = [name for name, _kind in listed]
    named = [wanted] if wanted else [name for name, kind in listed if kind.startswith(_POLYGONS)]
    if wanted and wanted not in known:
        raise Unusable("unknown_layer", layer=wanted, layers=known)
    if len(named) > 1:
        raise Unusable("choose_layer", layers=named)
    if not named:
        raise no_polygon([])
    return read_rows(data, known.index(named[0]), name=stem, format_name="GeoPackage")


def _send_place(
    connection: socket.socket, number: int, properties: Any, read: Callable[[], Layer]
) -> None:
    """An outline that cannot be used is told with its place: the others are read all the same."""
    header: dict[str, Any] = {"said": attributes(properties)}
    try:
        layer = read()
        if not layer.polygons:
            raise no_polygon([layer])
        area = normalise(layer).area
    except Unusable as unusable:
        facts = {"feature": number} | unusable.facts
        send_frame(connection, header | {"unusable": unusable.code, "facts": facts})
    else:
        send_frame(connection, header, shapely.to_wkb(area))


def attributes(properties: Any) -> dict[str, str]:
    """By their names in lower case; what is nested is named after what holds it."""
    said: dict[str, str] = {}
    waiting = list(properties.items()) if isinstance(properties, dict) else []
    while waiting and len(said) < _MOST_ATTRIBUTES:
        name, value = waiting.pop(0)
        if isinstance(value, dict) and "." not in name:
            waiting += [(f"{name}.{inner}", each) for inner, each in value.items()]
        elif value is not None and not isinstance(value, (dict, list, float)):
            said[str(name).lower()[:_VALUE_CHARACTERS]] = str(value)[:_VALUE_CHARACTERS]
    return said
