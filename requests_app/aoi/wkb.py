"""Is a byte string from the sandbox what it promises to be? Asked before any library parses it."""

import struct

_HEADER = struct.Struct("<BII")  # little-endian, type, number of members
_MULTIPOLYGON = 6
_POLYGON = 3
_POSITION_BYTES = 16


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
