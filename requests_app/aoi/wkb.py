"""Is a byte string from the sandbox what it promises to be? Asked before any library parses it."""

import struct

import shapely
from shapely.errors import GEOSException

_HEADER = struct.Struct("<BII")  # little-endian, type, number of members
_MULTIPOLYGON = 6
_POLYGON = 3
_POSITION_BYTES = 16


def multipolygon_of(wkb: bytes) -> shapely.MultiPolygon | None:
    """In degrees, within the world; None when it is anything else."""
    try:
        geometry = shapely.from_wkb(wkb) if is_plain_multipolygon(wkb) else None
    except (GEOSException, ValueError):
        return None
    if isinstance(geometry, shapely.MultiPolygon) and _within_the_world(geometry):
        return geometry
    return None


def _within_the_world(geometry: shapely.MultiPolygon) -> bool:
    if geometry.is_empty:
        return True
    west, south, east, north = geometry.bounds
    return -180 <= west <= east <= 180 and -90 <= south <= north <= 90


def is_plain_multipolygon(wkb: bytes) -> bool:
    """Two dimensions, little-endian, polygons only: nothing nested, nothing missing, no rest."""
    try:
        order, kind, parts = _HEADER.unpack_from(wkb)
        at = _HEADER.size
        if (order, kind) != (1, _MULTIPOLYGON):
            return False
        for _ in range(parts):
            order, kind, rings = _HEADER.unpack_from(wkb, at)
            at += _HEADER.size
            if (order, kind) != (1, _POLYGON):
                return False
            for _ in range(rings):
                (positions,) = struct.unpack_from("<I", wkb, at)
                at += 4 + _POSITION_BYTES * positions
                if at > len(wkb):
                    return False
    except struct.error:
        return False
    return at == len(wkb)
