"""From polygons as drawn to one valid WGS 84 MultiPolygon within ±180°."""

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field

import antimeridian
import numpy as np
import pyproj
import shapely
from antimeridian import FixWindingWarning
from pyproj.exceptions import CRSError, ProjError
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from requests_app.aoi.layers import Layer
from requests_app.aoi.limits import MAXIMUM_VERTICES
from requests_app.aoi.mending import has_surface, one_multipolygon, polygon_parts, sort_out
from requests_app.aoi.unusable import Unusable

_WGS84 = "OGC:CRS84"
_NAMES_OF_WGS84 = {"WGS 84", "WGS 84 (CRS84)", "WGS_1984", "GCS_WGS_1984"}
_AUTHORITY = re.compile(r"(EPSG|OGC|ESRI|IGNF):\w+", re.IGNORECASE)
_HALF_TURN = 180.0
_ROUNDING_DEGREES = 1e-7
_HALF_THE_MAP_SQUARE_DEGREES = 360 * 180 / 2
_MOST_FAULTS = 5


@dataclass
class Normalised:
    """``drawn`` and ``mended``: the invalid polygons before and after repair, to be compared.
    ``crs_name``: of the reference system that was read, where it is another than WGS 84."""

    area: shapely.MultiPolygon
    drawn: shapely.MultiPolygon
    mended: shapely.MultiPolygon
    faults: list[str] = field(default_factory=list)
    split: bool = False
    duplicate_rings: int = 0
    slivers: int = 0
    crs_name: str = ""


def normalise(layer: Layer) -> Normalised:
    """Raises Unusable no_crs, unknown_crs, out_of_range, too_many_vertices, zero_area."""
    _check_vertices(layer.polygons)
    moved, crs_name = _to_wgs84(layer)
    polygons = _in_range(moved)
    try:
        within, split = _split_at_antimeridian(polygons)
        found = sort_out(within)
        area, slivers = one_multipolygon([*found.valid, *found.mended])
        mended, _slivers = one_multipolygon(found.mended)
    except GEOSException as error:
        if "bad_alloc" in str(error):
            raise Unusable("too_much_memory") from error
        raise Unusable("invalid_geometry", detail=str(error)[:80]) from error
    if area.is_empty:
        raise Unusable("zero_area", polygons=len(polygons))
    _check_vertices([area])
    return Normalised(
        area,
        shapely.MultiPolygon(found.drawn),
        mended,
        [shapely.is_valid_reason(polygon) for polygon in found.drawn[:_MOST_FAULTS]],
        split=split,
        duplicate_rings=found.duplicate_rings,
        slivers=slivers,
        crs_name=crs_name,
    )


def _check_vertices(geometries: Sequence[BaseGeometry]) -> None:
    vertices = int(np.sum(shapely.get_num_coordinates(geometries)))
    if vertices > MAXIMUM_VERTICES:
        raise Unusable("too_many_vertices", vertices=vertices, maximum=MAXIMUM_VERTICES)


def _to_wgs84(layer: Layer) -> tuple[list[shapely.Polygon], str]:
    flat = list(shapely.force_2d(layer.polygons))
    if layer.crs is None:
        raise Unusable("no_crs")
    if layer.crs in {_WGS84, "EPSG:4326"}:
        return flat, ""
    transformer = _transformer(layer.crs)

    def moved(positions: np.ndarray) -> np.ndarray:
        return np.column_stack(transformer.transform(positions[:, 0], positions[:, 1]))

    try:
        return list(shapely.transform(flat, moved)), _name_of(transformer)
    except ProjError as error:
        raise Unusable("unknown_crs", crs=layer.crs[:80]) from error


def _name_of(transformer: pyproj.Transformer) -> str:
    stated = transformer.source_crs
    name = "" if stated is None else str(stated.name)
    return "" if name in _NAMES_OF_WGS84 else name


def _transformer(stated: str) -> pyproj.Transformer:
    try:
        known = _AUTHORITY.fullmatch(stated)
        # Never from_user_input: a PROJ string may name files.
        crs = pyproj.CRS.from_string(stated) if known else pyproj.CRS.from_wkt(stated)
        return pyproj.Transformer.from_crs(crs.to_2d(), _WGS84, always_xy=True)
    except (CRSError, ProjError) as error:
        raise Unusable("unknown_crs", crs=stated[:80]) from error


def _in_range(polygons: list[shapely.Polygon]) -> list[shapely.Polygon]:
    positions = shapely.get_coordinates(polygons)
    longitudes, latitudes = positions[:, 0], positions[:, 1]
    outside = (
        ~np.isfinite(positions).all(axis=1)
        | (np.abs(latitudes) > 90 + _ROUNDING_DEGREES)
        | (np.abs(longitudes) > 2 * _HALF_TURN + _ROUNDING_DEGREES)
    )
    if outside.any():
        first = int(np.argmax(outside))
        raise _out_of_range(positions, first, count=int(outside.sum()))
    return list(shapely.transform(polygons, _without_rounding))


def _out_of_range(positions: np.ndarray, first: int, *, count: int) -> Unusable:
    x, y = (repr(float(value)) for value in positions[first])
    return Unusable("out_of_range", x=x, y=y, positions=count)


def _without_rounding(positions: np.ndarray) -> np.ndarray:
    """179.99999999 after a change of reference system is ±180."""
    positions = positions.copy()
    for column, limit in ((0, _HALF_TURN), (1, 90.0)):
        values = positions[:, column]
        near = np.abs(np.abs(values) - limit) < _ROUNDING_DEGREES / 100
        positions[near, column] = np.sign(values[near]) * limit
    return positions


def _split_at_antimeridian(polygons: list[shapely.Polygon]) -> tuple[list[shapely.Polygon], bool]:
    crossing = _crossing(polygons)
    if not crossing.any():
        return polygons, False
    result: list[shapely.Polygon] = []
    for polygon, crosses in zip(polygons, crossing, strict=True):
        if crosses:
            result.extend(part for part in polygon_parts(_fixed(polygon)) if has_surface(part))
        else:
            result.append(polygon)
    return result, True


def _crossing(polygons: list[shapely.Polygon]) -> np.ndarray:
    """An edge longer than half a turn goes the other way round, by RFC 7946 3.1.9.

    Raises Unusable for a polygon that both jumps and runs past ±180°: nobody can tell its shape.
    """
    rings, owners = shapely.get_rings(polygons, return_index=True)
    positions, ring_numbers = shapely.get_coordinates(rings, return_index=True)
    longitudes = positions[:, 0]
    same_ring = np.diff(ring_numbers) == 0
    jumps = np.abs(np.diff(longitudes)) > _HALF_TURN
    jumping, past = np.zeros(len(polygons), dtype=bool), np.zeros(len(polygons), dtype=bool)
    jumping[owners[ring_numbers[:-1][same_ring & jumps]]] = True
    past[owners[ring_numbers[np.abs(longitudes) > _HALF_TURN]]] = True
    if (jumping & past).any():
        first = int(np.argmax(np.abs(longitudes) > _HALF_TURN))
        raise _out_of_range(positions, first, count=int(np.sum(np.abs(longitudes) > _HALF_TURN)))
    return jumping | past


def _fixed(polygon: shapely.Polygon) -> BaseGeometry:
    """Nobody asks for more than half the world: then the ring was meant the other way round."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FixWindingWarning)
        try:
            fixed = antimeridian.fix_polygon(polygon, great_circle=False)
            if shapely.area(fixed) <= _HALF_THE_MAP_SQUARE_DEGREES:
                return fixed
            turned = antimeridian.fix_polygon(polygon.reverse(), great_circle=False)
        except (ValueError, IndexError) as error:
            raise Unusable("invalid_geometry", detail=str(error)[:80]) from error
    return min(fixed, turned, key=shapely.area)
