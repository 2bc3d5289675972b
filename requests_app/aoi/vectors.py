"""The formats left to GDAL, by pyogrio, from memory: KML, Shapefile, GeoPackage, FlatGeobuf."""

import functools
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pyogrio
import shapely
from pyogrio import raw
from pyogrio._ogr import _register_drivers
from pyogrio.errors import CRSError, DataLayerError, DataSourceError, FeatureError, GeometryError

from requests_app.aoi.layers import Layer, UnreadLayer, simple_parts
from requests_app.aoi.limits import MAXIMUM_FEATURES, MAXIMUM_VERTICES
from requests_app.aoi.unusable import Unusable

DRIVERS = frozenset({"ESRI Shapefile", "LIBKML", "GPKG", "FlatGeobuf"})
_FAULTS = (DataSourceError, DataLayerError, FeatureError, GeometryError, CRSError, ValueError)
_HEIGHT_FLAG = 0x80000000
_NEVER_POLYGONS = ("Point", "MultiPoint", "LineString", "MultiLineString", "None")


def allow_only_our_drivers() -> None:
    """pyogrio cannot name the drivers of one reading: the others leave the process."""
    others = [name for name in pyogrio.list_drivers() if name not in DRIVERS]
    pyogrio.set_gdal_config_options(
        {
            "GDAL_SKIP": ",".join(others),
            "GDAL_NUM_THREADS": "1",
            "OGR_GPKG_NUM_THREADS": "1",
            "OGR_ORGANIZE_POLYGONS": "DEFAULT",
            # Else each GeoPackage brings SpatiaLite in, which looks for files of its own.
            "SPATIALITE_LOAD": "NO",
        }
    )
    _register_drivers()  # applies GDAL_SKIP again, which the import had read before us
    if set(pyogrio.list_drivers()) != DRIVERS:
        raise RuntimeError("GDAL's list of drivers is not the one we allow")


def vector_layers(data: bytes, *, stem: str, format_name: str) -> list[UnreadLayer]:
    """``stem`` names the layer that has no name of its own. Raises Unusable unreadable_file."""
    try:
        listed = pyogrio.list_layers(data)
    except _FAULTS as error:
        raise _fault(error, format_name) from error
    named = [(_own_name(str(name)) or stem, str(kind)) for name, kind in listed]
    return [
        UnreadLayer(
            name,
            functools.partial(
                read_layer, data, number, name=name, kind=kind, format_name=format_name
            ),
        )
        for number, (name, kind) in enumerate(named)
    ]


def marked_geopackage(data: bytes) -> bytes:
    """Old ones lack the mark by which GDAL tells a GeoPackage without a file name."""
    mark = slice(68, 72)
    return data[:68] + b"GP10" + data[72:] if data[mark] == b"\0\0\0\0" else data


def _own_name(name: str) -> str:
    # pyogrio keeps the bytes under a random name, which becomes the layer's where it has none.
    return "" if name.startswith("pyogrio_") else name


def read_layer(
    data: bytes,
    number: int,
    *,
    name: str,
    format_name: str,
    kind: str = "Unknown",
    without: Collection[int] = (),
) -> Layer:
    """``without``: feature numbers to leave out. Raises Unusable."""
    if kind.removesuffix(" Z").removesuffix(" M").removesuffix(" ZM") in _NEVER_POLYGONS:
        return _layer_without_polygons(name, kind)
    try:
        meta, fids, wkb, _columns = raw.read(
            data,
            layer=number,
            columns=[],
            force_2d=True,
            return_fids=True,
            max_features=MAXIMUM_FEATURES + 1,
        )
        first = raw.read(data, layer=number, columns=[], force_2d=False, max_features=1)[2]
    except _FAULTS as error:
        raise _fault(error, format_name) from error
    if len(fids) > MAXIMUM_FEATURES:
        raise Unusable("too_many_features", features=len(fids), maximum=MAXIMUM_FEATURES)
    if wkb is None:
        return Layer(name, None, [])
    kept = wkb[~np.isin(fids, list(without))] if without else wkb
    read = _layer(name, meta["crs"], kept)
    return replace(read, has_heights=_has_heights(first))


def _has_heights(first: np.ndarray[Any, Any] | None) -> bool:
    """As the kind of the first geometry says: 1000 or 3000 more than in the plane, or a flag."""
    if first is None or not len(first) or first[0] is None:
        return False
    head: bytes = first[0][:5]
    kind = int.from_bytes(head[1:], "little" if head[0] == 1 else "big")
    return bool(kind & _HEIGHT_FLAG) or kind // 1000 in (1, 3)


def read_rows(
    data: bytes, number: int, *, name: str, format_name: str
) -> Iterator[tuple[dict[str, Any], Callable[[], Layer]]]:
    """The columns of each feature of a layer, and what reads its own polygons. Raises Unusable."""
    try:
        meta, fids, wkb, columns = raw.read(
            data, layer=number, force_2d=True, return_fids=True, max_features=MAXIMUM_FEATURES + 1
        )
    except _FAULTS as error:
        raise _fault(error, format_name) from error
    if len(fids) > MAXIMUM_FEATURES:
        raise Unusable("too_many_features", features=len(fids), maximum=MAXIMUM_FEATURES)
    if wkb is None:
        raise Unusable("no_polygon", points=0, lines=0, unreadable=0)
    for row in range(len(fids)):
        said = {
            str(field): column[row] for field, column in zip(meta["fields"], columns, strict=True)
        }
        yield said, functools.partial(_layer, name, meta["crs"], wkb[row : row + 1])


def _layer_without_polygons(name: str, kind: str) -> Layer:
    return Layer(name, None, [], points=int("Point" in kind), lines=int("Line" in kind))


def _layer(name: str, crs: str | None, wkb: np.ndarray[Any, Any]) -> Layer:
    read = shapely.from_wkb(wkb, on_invalid="ignore")
    unclosed = shapely.from_wkb(wkb[shapely.is_missing(read)], on_invalid="fix")
    closed = [geometry for geometry in unclosed if geometry is not None]
    stated = sum(1 for geometry in wkb if geometry is not None)
    understood = [geometry for geometry in read if geometry is not None] + closed
    if sum(shapely.get_num_coordinates(understood)) > MAXIMUM_VERTICES:
        vertices = int(sum(shapely.get_num_coordinates(understood)))
        raise Unusable("too_many_vertices", vertices=vertices, maximum=MAXIMUM_VERTICES)
    parts = simple_parts(understood)
    kinds = [part.geom_type for part in parts]
    return Layer(
        name,
        crs,
        [part for part in parts if isinstance(part, shapely.Polygon)],
        points=kinds.count("Point"),
        lines=len(kinds) - kinds.count("Point") - kinds.count("Polygon"),
        closed_rings=len(closed),
        unreadable=stated - len(understood),
    )


def _fault(error: Exception, format_name: str) -> Unusable:
    if "memory" in str(error).lower():
        return Unusable("too_much_memory")
    if isinstance(error, CRSError):
        return Unusable("unknown_crs", crs=str(error)[:80])
    return Unusable("unreadable_file", format=format_name)
