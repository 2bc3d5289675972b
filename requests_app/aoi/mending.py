"""Polygons that cross themselves, rings drawn twice, slivers between neighbours: made one valid
shape, and what was done is told. Longitude and latitude in degrees."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from requests_app.aoi.layers import simple_parts

_METRES_PER_DEGREE = 111_195.0
# Under a square millimetre, in square degrees: what rounding leaves behind.
_NOTHING_SQUARE_DEGREES = 1e-16
# Thinner than the finest pixel on offer: no image shows it.
_SLIVER_M = 0.3


@dataclass(frozen=True)
class SortedOut:
    """``drawn`` and ``mended``: the polygons that cross themselves, before and after repair."""

    valid: list[shapely.Polygon]
    drawn: list[shapely.Polygon]
    mended: list[BaseGeometry]
    duplicate_rings: int


def sort_out(polygons: Sequence[shapely.Polygon]) -> SortedOut:
    sound = shapely.is_valid(polygons)
    valid = [polygon for polygon, is_sound in zip(polygons, sound, strict=True) if is_sound]
    drawn: list[shapely.Polygon] = []
    duplicates = 0
    for polygon in (each for each, is_sound in zip(polygons, sound, strict=True) if not is_sound):
        single = _without_duplicate_holes(polygon)
        duplicates += len(polygon.interiors) - len(single.interiors)
        (valid if single.is_valid else drawn).append(single)
    return SortedOut(valid, drawn, [mended(polygon) for polygon in drawn], duplicates)


def _without_duplicate_holes(polygon: shapely.Polygon) -> shapely.Polygon:
    holes = {shapely.Polygon(hole).normalize().wkb: hole for hole in polygon.interiors}
    return shapely.Polygon(polygon.exterior, list(holes.values()))


def mended(polygon: shapely.Polygon) -> BaseGeometry:
    """Even-odd, as in QGIS and PostGIS; except that a hole as large as its shell leaves nothing,
    and that what a hole does not share with its shell adds nothing."""
    if not polygon.interiors:
        return _surface(polygon)
    shell = {tuple(position) for position in polygon.exterior.coords}
    if any({tuple(position) for position in hole.coords} == shell for hole in polygon.interiors):
        return shapely.Polygon()
    return _surface(polygon).intersection(_surface(shapely.Polygon(polygon.exterior)))


def _surface(polygon: shapely.Polygon) -> BaseGeometry:
    return shapely.MultiPolygon(polygon_parts(shapely.make_valid(polygon)))


def one_multipolygon(geometries: Sequence[BaseGeometry]) -> tuple[shapely.MultiPolygon, int]:
    """Their union, with anti-clockwise shells; what has no area is left out. And how many slivers
    were left out or closed."""
    joined = polygon_parts(shapely.union_all(geometries))
    parts = [part for part in joined if has_surface(part)]
    wide = _mean_widths_m([part.exterior for part in parts]) >= _SLIVER_M
    kept = [part for part, is_wide in zip(parts, wide, strict=True) if is_wide] or parts
    closed = [_without_thin_holes(part) for part in kept]
    holes = sum(len(part.interiors) for part in kept) - sum(len(part.interiors) for part in closed)
    oriented = shapely.orient_polygons(shapely.MultiPolygon(closed))
    assert isinstance(oriented, shapely.MultiPolygon)
    return oriented, len(parts) - len(kept) + holes


def _without_thin_holes(polygon: shapely.Polygon) -> shapely.Polygon:
    wide = _mean_widths_m(list(polygon.interiors)) >= _SLIVER_M
    if wide.all():
        return polygon
    holes = [hole for hole, is_wide in zip(polygon.interiors, wide, strict=True) if is_wide]
    return shapely.Polygon(polygon.exterior, holes)


def _mean_widths_m(rings: list[shapely.LinearRing]) -> npt.NDArray[np.float64]:
    """Twice the area by the length of the outline, nearly: as wide as a long thin shape is."""
    if not rings:
        return np.zeros(0)
    positions, numbers = shapely.get_coordinates(rings, return_index=True)
    shrunk = np.cos(np.radians(positions[:, 1]))
    steps = np.diff(positions, axis=0) * np.column_stack([shrunk[:-1], np.ones(len(shrunk) - 1)])
    within = np.diff(numbers) == 0
    lengths = np.bincount(numbers[:-1][within], np.hypot(*steps.T)[within], len(rings))
    areas = (
        shapely.area(shapely.polygons(rings)) * np.bincount(numbers, shrunk) / np.bincount(numbers)
    )
    widths: npt.NDArray[np.float64] = 2 * areas / lengths * _METRES_PER_DEGREE
    return widths


def has_surface(geometry: BaseGeometry) -> bool:
    return bool(shapely.area(geometry) > _NOTHING_SQUARE_DEGREES)


def polygon_parts(geometry: BaseGeometry) -> list[shapely.Polygon]:
    return [part for part in simple_parts([geometry]) if isinstance(part, shapely.Polygon)]
