"""Outlines as people draw them, well or badly, and the land of their entity."""

import json

import shapely

BOW_TIE = [[1.3, 43.5], [1.5, 43.7], [1.5, 43.5], [1.3, 43.7], [1.3, 43.5]]
TERRITORY = shapely.box(0.4, 42.6, 2.1, 43.95)


def drawn(ring: list[list[float]]) -> bytes:
    return json.dumps({"type": "Polygon", "coordinates": [ring]}).encode()


SCATTERED = shapely.MultiPolygon(
    [shapely.box(x, y, x + 0.1, y + 0.1) for x in range(-175, 175, 14) for y in range(-70, 71, 10)]
)
