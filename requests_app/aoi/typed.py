"""An area that is typed: its words become a small file, which is read as an uploaded one is.

Pure, but for the sentences of its refusals.
"""

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass

import pyproj
from django.utils.translation import gettext as _

from orbitrage.shared.errors import Refusal
from requests_app.aoi.reading import AreaRefused
from requests_app.aoi.tiles import UnknownTile, outline_of_tile

RADIUS_MAXIMUM_KM = 500
_CIRCLE_POSITIONS = 128
_NUMBER = r"[-+]?\d{1,4}(?:\.\d{1,12})?"
_BOX = re.compile(rf"({_NUMBER})[\s,;]+({_NUMBER})[\s,;]+({_NUMBER})[\s,;]+({_NUMBER})")
_CIRCLE = re.compile(
    rf"({_NUMBER})\s*°?\s*([NS])[\s,;]+({_NUMBER})\s*°?\s*([EWO])[\s,;]+({_NUMBER})\s*km",
    re.IGNORECASE,
)
_TILE = re.compile(r"T?(\d{1,2}[C-HJ-NP-X][A-HJ-NP-Z][A-HJ-NP-V])", re.IGNORECASE)
_WKT = re.compile(r"(SRID\s*=|MULTI|POLYGON|GEOMETRYCOLLECTION)", re.IGNORECASE)
_GEOD = pyproj.Geod(ellps="WGS84")

Ring = list[list[float]]


@dataclass(frozen=True)
class TypedFile:
    """What :func:`requests_app.aoi.reading.read_area` takes."""

    data: bytes
    filename: str


def file_of(text: str) -> TypedFile:
    """A bounding box (west, south, east, north in degrees), a circle (``43.61 N 3.88 E 5 km``), a
    Sentinel-2 tile (``31TEJ``), or well-known text.

    Raises AreaRefused: `typed_not_understood`, `typed_out_of_range`, `box_upside_down`,
        `radius_out_of_range`, `tile_unknown`.
    """
    words = text.strip()
    if _WKT.match(words):
        return TypedFile(words.encode(), "typed.wkt")
    for pattern, outline, name in _WAYS:
        if found := pattern.fullmatch(words):
            return _geojson(outline(found), name)
    message = _(
        "“%(text)s” is not understood. Type a box (west, south, east, north in degrees), a centre"
        " and a radius (43.61 N 3.88 E 5 km), a Sentinel-2 tile (31TEJ) or WKT (POLYGON …)."
    )
    raise _refused("typed_not_understood", message, text=words[:60])


def _box(found: re.Match[str]) -> Ring:
    """West beyond east goes across the 180° meridian."""
    west, south, east, north = (float(number) for number in found.groups())
    _demand_in_range(south, west)
    _demand_in_range(north, east)
    if south >= north:
        message = _("The south (%(south)s°) is not below the north (%(north)s°).")
        raise _refused("box_upside_down", message, south=f"{south:g}", north=f"{north:g}")
    if west >= east:
        east += 360
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def _circle(found: re.Match[str]) -> Ring:
    """A geodesic circle: every position is the radius away from the centre on the ellipsoid."""
    latitude = float(found[1]) * (-1 if found[2].upper() == "S" else 1)
    longitude = float(found[3]) * (1 if found[4].upper() == "E" else -1)
    radius_km = float(found[5])
    _demand_in_range(latitude, longitude)
    if not 0 < radius_km <= RADIUS_MAXIMUM_KM:
        message = _("The radius is %(radius)s km; it must be more than 0 and at most %(most)s km.")
        raise _refused(
            "radius_out_of_range", message, radius=f"{radius_km:g}", most=str(RADIUS_MAXIMUM_KM)
        )
    if _reaches_a_pole(latitude, longitude, radius_km):
        message = _("The circle goes round a pole: draw that area, or send it as a file.")
        raise _refused("circle_round_a_pole", message)
    turns = [-360 * step / _CIRCLE_POSITIONS for step in range(_CIRCLE_POSITIONS)]
    count = len(turns)
    east, north, _back = _GEOD.fwd(
        [longitude] * count, [latitude] * count, turns, [radius_km * 1000] * count
    )
    ring = [[longitude + _turn(x - longitude), y] for x, y in zip(east, north, strict=True)]
    return [*ring, ring[0]]


def _reaches_a_pole(latitude: float, longitude: float, radius_km: float) -> bool:
    pole = math.copysign(90, latitude)
    distance_m = _GEOD.inv(longitude, latitude, longitude, pole)[2]
    return bool(distance_m <= radius_km * 1000)


def _turn(degrees: float) -> float:
    """The same angle, from -180 to 180: a ring does not jump across the 180° meridian."""
    return (degrees + 180) % 360 - 180


def _tile(found: re.Match[str]) -> Ring:
    try:
        return outline_of_tile(found[1].upper())
    except UnknownTile:
        message = _("There is no Sentinel-2 tile %(tile)s.")
        raise _refused("tile_unknown", message, tile=found[1].upper()) from None


_WAYS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Ring], str], ...] = (
    (_BOX, _box, "box.geojson"),
    (_CIRCLE, _circle, "circle.geojson"),
    (_TILE, _tile, "tile.geojson"),
)


def _geojson(ring: Ring, filename: str) -> TypedFile:
    polygon = {"type": "Polygon", "coordinates": [ring]}
    return TypedFile(json.dumps(polygon).encode(), filename)


def _demand_in_range(latitude: float, longitude: float) -> None:
    if abs(latitude) <= 90 and abs(longitude) <= 180:
        return
    message = _(
        "%(longitude)s, %(latitude)s is no longitude (-180 to 180) and latitude (-90 to 90)."
    )
    raise _refused(
        "typed_out_of_range", message, longitude=f"{longitude:g}", latitude=f"{latitude:g}"
    )


def _refused(code: str, message: str, **figures: str) -> AreaRefused:
    return AreaRefused(Refusal(code, message % figures))
