"""The requests of a page on its map: as many shapes as rows, each of a few vertices."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection

from requests_app.badges import BADGE_OF_STATE
from requests_app.models import ImageryRequest

VERTICES_AT_MOST = 200
"""Of one request."""

# Outlines thinned to a 200th of their extent; what still has too many vertices, or has vanished,
# is shown by boxes around its largest parts. An area on both sides of ±180° is as wide as it is on
# a map centred there.
_OUTLINES = """
SELECT id, ST_AsGeoJSON(
    CASE WHEN ST_NPoints(thinned) BETWEEN 4 AND %(most)s THEN thinned ELSE (
        SELECT ST_Collect(ST_Envelope(part.geom)) FROM (
            SELECT geom FROM ST_Dump(aoi) ORDER BY ST_Area(geom) DESC LIMIT %(most)s / 5
        ) AS part
    ) END, 5)
FROM (
    SELECT id, aoi, ST_Simplify(aoi, greatest(
        CASE WHEN ST_XMax(aoi) - ST_XMin(aoi) <= 180 THEN ST_XMax(aoi) - ST_XMin(aoi)
             ELSE ST_XMax(ST_ShiftLongitude(aoi)) - ST_XMin(ST_ShiftLongitude(aoi)) END,
        ST_YMax(aoi) - ST_YMin(aoi)) / 200) AS thinned
    FROM requests_app_imageryrequest WHERE id = ANY(%(ids)s)
) AS outlined
"""


def map_of(rows: Sequence[ImageryRequest]) -> dict[str, Any]:
    """A FeatureCollection of rows that the reader may see; each leads to its row of the table."""
    outlines = _outlines_of([row.pk for row in rows])
    return {
        "type": "FeatureCollection",
        "features": [_feature(row, outlines[row.pk]) for row in rows],
    }


def _outlines_of(ids: list[int]) -> dict[int, Any]:
    with connection.cursor() as cursor:
        cursor.execute(_OUTLINES, {"most": VERTICES_AT_MOST, "ids": ids})
        return {pk: json.loads(geojson) for pk, geojson in cursor.fetchall()}


def _feature(row: ImageryRequest, outline: Any) -> dict[str, Any]:
    properties = {
        "role": f"request-{BADGE_OF_STATE[row.state]}",
        "label": f"{row.number} · {row.get_state_display()} · {row.title}",
        "href": f"#{row.number}",
        "row": row.number,
    }
    return {"type": "Feature", "geometry": outline, "properties": properties}
