"""What the readers hand to the normalisation: named layers of one reference system each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from requests_app.aoi.limits import MAXIMUM_LAYERS
from requests_app.aoi.unusable import Unusable


@dataclass(frozen=True)
class Layer:
    """``crs`` as the file states it: authority code or WKT; None when it says nothing."""

    name: str
    crs: str | None
    polygons: list[shapely.Polygon]
    points: int = 0
    lines: int = 0
    closed_rings: int = 0
    unreadable: int = 0
    has_heights: bool = False


@dataclass(frozen=True)
class UnreadLayer:
    """A layer known by its name; ``read`` raises Unusable."""

    name: str
    read: Callable[[], Layer]


def simple_parts(geometries: Iterable[BaseGeometry | None]) -> list[BaseGeometry]:
    """Points, lines and polygons, out of multi-geometries and collections of any depth."""
    waiting, simple = [geometry for geometry in geometries if geometry is not None], []
    while waiting:
        geometry = waiting.pop()
        if geometry.is_empty:
            continue
        if hasattr(geometry, "geoms"):
            waiting.extend(shapely.get_parts(geometry))
        else:
            simple.append(geometry)
    return simple[::-1]


def choose(layers: list[UnreadLayer], wanted: str | None) -> Layer:
    """The layer asked for, or the only one with polygons.

    Raises Unusable: unknown_layer, choose_layer, no_polygon, too_many_layers, or the reader's own.
    """
    if len(layers) > MAXIMUM_LAYERS:
        raise Unusable("too_many_layers", layers=len(layers), maximum=MAXIMUM_LAYERS)
    if wanted is not None:
        return _with_polygons(_named(layers, wanted).read())
    read = [layer.read() for layer in layers]
    usable = [layer for layer in read if layer.polygons]
    if len(usable) > 1:
        raise Unusable("choose_layer", layers=[layer.name for layer in usable])
    if not usable:
        raise no_polygon(read)
    return usable[0]


def _named(layers: list[UnreadLayer], wanted: str) -> UnreadLayer:
    for layer in layers:
        if layer.name == wanted:
            return layer
    raise Unusable("unknown_layer", layer=wanted, layers=[layer.name for layer in layers])


def _with_polygons(layer: Layer) -> Layer:
    if not layer.polygons:
        raise no_polygon([layer])
    return layer


def no_polygon(layers: list[Layer]) -> Unusable:
    """Says what there is instead."""
    return Unusable(
        "no_polygon",
        points=sum(layer.points for layer in layers),
        lines=sum(layer.lines for layer in layers),
        unreadable=sum(layer.unreadable for layer in layers),
    )
