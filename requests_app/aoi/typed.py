"""An area that is typed: its words become a small file, which is read as an uploaded one is."""

import math
import re

import pyproj
from django.utils.translation import gettext as _

from orbitrage.shared.errors import Refusal
from requests_app.aoi.corners import numbers_in, polygons_in_text
from requests_app.aoi.files import AreaFile, Ring, file_of_rings
from requests_app.aoi.reading import AreaRefused
from requests_app.aoi.tiles import UnknownTile, outline_of_tile

RADIUS_MAXIMUM_KM = 500
_CIRCLE_POSITIONS = 128
_NUMBER = r"([-+\N{MINUS SIGN}]?\d{1,4}(?:[.,]\d{1,20})?)"
_CIRCLE = re.compile(
    rf"{_NUMBER}\s*°?\s*([NSEWO])[\s,;]+{_NUMBER}\s*°?\s*([NSEWO])[\s,;]+{_NUMBER}\s*km",
    re.IGNORECASE,
)
_TILE = re.compile(r"T?(\d{1,2}[A-Z]{3})", re.IGNORECASE)
_WKT = re.compile(r"(SRID\s*=|MULTI|POLYGON|GEOMETRYCOLLECTION)", re.IGNORECASE)
_SIGNS = {"N": 1, "S": -1, "E": 1, "W": -1, "O": -1}  # O: ouest
_NORTHING = frozenset("NS")
_SHOWN_CHARACTERS = 60
_GEOD = pyproj.Geod(ellps="WGS84")


def file_of(text: str, *, name: str | None = None) -> AreaFile:
    """A bounding box (west, south, east, north in degrees), a circle (``43.61 N 3.88 E 5 km``), a
    Sentinel-2 tile (``31TEJ``), corners (one a line), well-known text, or GeoJSON. ``name``: of
    the file, where not each sort shall have its own.

    Raises AreaRefused: `typed_not_understood`, `typed_out_of_range`, `box_upside_down`,
        `radius_out_of_range`, `circle_round_a_pole`, `tile_unknown`, or those of the corners.
    """
    words = text.strip()
    if _WKT.match(words):
        return AreaFile(words.encode(), f"{name or _('typed')}.wkt")
    if words.startswith("{"):
        return AreaFile(words.encode(), f"{name or _('typed')}.geojson")
    for recognised in (_box, _circle, _tile, _corners):
        found = recognised(words)
        if found is not None:
            kind, polygons = found
            return file_of_rings(polygons, name=name or kind)
    message = _(
        "“%(text)s” is not understood. Type a box (west, south, east, north in degrees), a centre"
        " and a radius (43.61 N 3.88 E 5 km), corners (one a line), or WKT (POLYGON …)."
    )
    raise _refused("typed_not_understood", message, text=words[:_SHOWN_CHARACTERS])


def tile_file(text: str) -> AreaFile:
    """Raises AreaRefused tile_unknown."""
    found = _tile(text.strip())
    if found is None:
        raise _unknown_tile(text.strip())
    name, polygons = found
    return file_of_rings(polygons, name=name)


# A name for the file, and polygons; None where it is something else.
_Recognised = tuple[str, list[list[Ring]]] | None


def _box(words: str) -> _Recognised:
    """West beyond east goes across the 180° meridian."""
    numbers = numbers_in(words, 4)
    if numbers is None:
        return None
    west, south, east, north = numbers
    _demand_in_range(south, west)
    _demand_in_range(north, east)
    if south >= north:
        message = _("The south (%(south)s°) is not below the north (%(north)s°).")
        raise _refused("box_upside_down", message, south=f"{south:g}", north=f"{north:g}")
    if west >= east:
        east += 360
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return _("box"), [[ring]]


def _circle(words: str) -> _Recognised:
    found = _CIRCLE.fullmatch(words)
    if found is None or (found[2].upper() in _NORTHING) == (found[4].upper() in _NORTHING):
        return None
    first, second = _degrees(found[1], found[2]), _degrees(found[3], found[4])
    latitude, longitude = (first, second) if found[2].upper() in _NORTHING else (second, first)
    return _("circle"), [[_ring_around(latitude, longitude, _number(found[5]))]]


def _degrees(number: str, letter: str) -> float:
    return _number(number) * _SIGNS[letter.upper()]


def _number(text: str) -> float:
    return float(text.replace(",", ".").replace("\N{MINUS SIGN}", "-"))


def _ring_around(latitude: float, longitude: float, radius_km: float) -> Ring:
    """A geodesic circle: every position is the radius away from the centre on the ellipsoid."""
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


def _tile(words: str) -> _Recognised:
    found = _TILE.fullmatch(words)
    if found is None:
        return None
    name = found[1].upper()
    try:
        return name, [[outline_of_tile(name)]]
    except UnknownTile:
        raise _unknown_tile(name) from None


def _unknown_tile(text: str) -> AreaRefused:
    message = _("There is no Sentinel-2 tile %(tile)s. A name is like 31TEJ.")
    return _refused("tile_unknown", message, tile=text[:_SHOWN_CHARACTERS])


def _corners(words: str) -> _Recognised:
    if "\n" not in words:
        return None
    return _("corners"), polygons_in_text(words)


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
