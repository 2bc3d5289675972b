"""DIMAP metadata written over an area, and read back like any other."""

from datetime import datetime
from string import Template

import shapely
from django.conf import settings
from shapely.geometry.base import BaseGeometry

from catalogue.sources.dimap import read_dimap
from orbitrage.shared.geo import to_shapely
from requests_app.models import ImageryRequest
from requests_app.supply.services import Product

MISSIONS = {
    "pleiades": ("PHR_ORTHO", "PHR", "1A", "0.5"),
    "spot67": ("S6_ORTHO", "SPOT", "6", "1.5"),
}
MARGIN_DEG = 1e-4


def products_over(
    request: ImageryRequest, *, acquired_at: datetime, share: float = 1
) -> list[Product]:
    """One product per hemisphere the request's order lies in, over the northern ``share`` of it."""
    boxes = [
        (west, north - (north - south) * share, east, north)
        for west, south, east, north in _boxes(to_shapely(request.operator_aoi))
    ]
    return [
        _product(request, box, acquired_at=acquired_at, part=part)
        for part, box in enumerate(boxes, start=1)
    ]


def _boxes(area: BaseGeometry) -> list[tuple[float, float, float, float]]:
    """Bounding boxes (west, south, east, north); two when the area lies on both sides of ±180°."""
    west, _south, east, _north = area.bounds
    if east - west <= 180:
        return [area.bounds]
    halves = (shapely.box(-180, -90, 0, 90), shapely.box(0, -90, 180, 90))
    return [part.bounds for half in halves if not (part := area.intersection(half)).is_empty]


def _product(
    request: ImageryRequest,
    box: tuple[float, float, float, float],
    *,
    acquired_at: datetime,
    part: int,
) -> Product:
    profile, mission, index, spacing_m = MISSIONS[request.sensor.code]
    name = f"DS_{mission}{index}_{acquired_at:%Y%m%d%H%M%S}_{request.number}_{part}"
    template = Template((settings.BASE_DIR / "fixtures" / "demo" / "dimap.xml").read_text())
    content = template.substitute(
        profile=profile,
        name=name,
        cloud_percent="3.2",
        vertices=_vertices(box),
        job=request.number,
        spacing_m=spacing_m,
        mission=mission,
        mission_index=index,
        day=f"{acquired_at:%Y-%m-%d}",
        time=f"{acquired_at:%H:%M:%S}.0Z",
    )
    return Product(read_dimap(content.encode()), f"DIM_{name}.XML")


def _vertices(box: tuple[float, float, float, float]) -> str:
    west, south, east, north = (
        max(box[0] - MARGIN_DEG, -180.0),
        max(box[1] - MARGIN_DEG, -90.0),
        min(box[2] + MARGIN_DEG, 180.0),
        min(box[3] + MARGIN_DEG, 90.0),
    )
    corners = ((west, north), (east, north), (east, south), (west, south))
    return "\n".join(
        f"      <Vertex><LON>{longitude!r}</LON><LAT>{latitude!r}</LAT></Vertex>"
        for longitude, latitude in corners
    )
