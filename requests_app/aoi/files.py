"""An area that did not come as a file becomes a small one, which is read as an uploaded one is."""

import json
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

Ring = list[list[float]]


@dataclass(frozen=True)
class AreaFile:
    """What :func:`requests_app.aoi.reading.read_area` takes."""

    data: bytes
    filename: str


def file_of_rings(polygons: list[list[Ring]], *, name: str) -> AreaFile:
    """``polygons``: of each its shell, then its holes, closed, in degrees of WGS 84."""
    area = {"type": "MultiPolygon", "coordinates": polygons}
    return AreaFile(json.dumps(area).encode(), f"{name}.geojson")


def file_of_geometry(geometry: BaseGeometry, *, name: str) -> AreaFile:
    """``geometry`` in EPSG:4326."""
    return AreaFile(shapely.to_geojson(geometry).encode(), f"{name}.geojson")
