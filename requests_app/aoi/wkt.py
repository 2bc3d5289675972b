"""Well-known text, as people paste it: one geometry, WGS 84 unless it begins with its SRID."""

import re

import shapely
from shapely.errors import GEOSException

from requests_app.aoi.layers import Layer, simple_parts
from requests_app.aoi.limits import MAXIMUM_WKT_DEPTH
from requests_app.aoi.unusable import Unusable

_WGS84 = "OGC:CRS84"
_INNERMOST = re.compile(r"\(([^()]+)\)")
_SRID = re.compile(r"\s*SRID\s*=\s*(\d{1,6})\s*;", re.IGNORECASE)


def read_wkt(data: bytes, *, layer_name: str) -> Layer:
    """Raises Unusable invalid_encoding, nested_too_deep, invalid_wkt."""
    text = _decode(data)
    stated = _SRID.match(text)
    if stated:
        text = text[stated.end() :]
    _check_depth(text)
    try:
        # Rings are closed where they are not; what is no WKT at all becomes None, without a reason.
        geometry = shapely.from_wkt(text, on_invalid="fix") or shapely.from_wkt(text)
    except GEOSException as error:
        raise Unusable("invalid_wkt", detail=str(error)[:80]) from error
    parts = simple_parts([geometry])
    return Layer(
        name=layer_name,
        crs=f"EPSG:{stated[1]}" if stated else _WGS84,
        polygons=[part for part in parts if isinstance(part, shapely.Polygon)],
        points=sum(isinstance(part, shapely.Point) for part in parts),
        lines=sum(isinstance(part, shapely.LineString) for part in parts),
        closed_rings=_unclosed_rings(text) if "POLYGON" in text.upper() else 0,
    )


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unusable("invalid_encoding", encoding="utf-8", byte=error.start) from error


def _check_depth(text: str) -> None:
    """GEOS reads collections by recursion, as deep as they are nested."""
    depth = 0
    for character in re.findall(r"[()]", text):
        depth += 1 if character == "(" else -1
        if depth > MAXIMUM_WKT_DEPTH:
            raise Unusable("nested_too_deep", maximum=MAXIMUM_WKT_DEPTH)


def _unclosed_rings(text: str) -> int:
    rings = (positions.split(",") for positions in _INNERMOST.findall(text))
    return sum(positions[0].split() != positions[-1].split() for positions in rings)
