"""The tiles of Sentinel-2: squares of 109.8 km in UTM, named as the squares of the military grid.

Source: Copernicus, "Sentinel-2 Products Specification Document", tiling grid; the corner of a tile
is that of its 100 km square, 20 m further north.
"""

from itertools import pairwise

import mgrs
import numpy as np
import pyproj

TILE_M = 109_800
_SQUARE_M = 100_000
_NORTH_OF_SQUARE_M = 20
_POSITIONS_PER_SIDE = 12


class UnknownTile(ValueError):
    """No such square of the grid."""


def outline_of_tile(name: str) -> list[list[float]]:
    """A closed ring of longitudes and latitudes (degrees), anti-clockwise, along the sides of the
    tile ``name`` (zone, band, square: ``31TEJ``). Longitudes run past ±180 where it crosses.

    Raises UnknownTile.
    """
    try:
        zone, hemisphere, middle_m, centre_m = mgrs.MGRS().MGRSToUTM(name)
    except mgrs.core.MGRSError:
        raise UnknownTile(name) from None
    west_m, south_m = middle_m - _SQUARE_M / 2, centre_m - _SQUARE_M / 2
    north_m = south_m + _SQUARE_M + _NORTH_OF_SQUARE_M
    sides = np.linspace(0, 1, _POSITIONS_PER_SIDE, endpoint=False)
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)], dtype=float)
    steps = np.vstack([a + sides[:, None] * (b - a) for a, b in pairwise(corners)])
    eastings = west_m + TILE_M * np.append(steps[:, 0], 0)
    northings = north_m - TILE_M + TILE_M * np.append(steps[:, 1], 0)
    code = (32600 if hemisphere == "N" else 32700) + zone
    transformer = pyproj.Transformer.from_crs(code, "OGC:CRS84", always_xy=True)
    longitudes, latitudes = transformer.transform(eastings, northings)
    first = longitudes[0]
    unwrapped = first + (longitudes - first + 180) % 360 - 180
    ring: list[list[float]] = np.column_stack([unwrapped, latitudes]).tolist()
    return ring
