"""Outlines of the countries, for orientation, from a file that ships with the project.

Source: Natural Earth 1:50m, public domain; see ``licences/kinds/base/README.md``.
"""

import json
from functools import cache
from itertools import accumulate, pairwise
from typing import Any

import shapely
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Polygon
from shapely.strtree import STRtree

from licences.kinds import LAYOUTS

Position = tuple[float, float]
Topology = dict[str, Any]

OUTLINES = LAYOUTS / "map" / "countries-50m.json"
WORLD_TURN_DEGREES = 360.0


def outlines_within(west: float, south: float, east: float, north: float) -> list[Polygon]:
    """Land within a window of degrees; ``west`` and ``east`` may lie beyond ±180°."""
    found: list[Polygon] = []
    for turn in (-WORLD_TURN_DEGREES, 0.0, WORLD_TURN_DEGREES):
        window = (west - turn, south, east - turn, north)
        for country in _countries_near(window):
            kept = shapely.clip_by_rect(country, *window)
            moved = translate(kept, xoff=turn)
            found.extend(part for part in _polygons_of(moved) if part.area > 0)
    return found


def _countries_near(window: tuple[float, float, float, float]) -> list[Polygon]:
    countries, tree = _countries()
    return [countries[index] for index in sorted(tree.query(shapely.box(*window)))]


def _polygons_of(geometry: shapely.Geometry) -> list[Polygon]:
    parts = shapely.get_parts(geometry)
    return [part for part in parts if isinstance(part, Polygon) and not part.is_empty]


@cache
def _countries() -> tuple[list[Polygon], STRtree]:
    topology: Topology = json.loads(OUTLINES.read_text(encoding="utf-8"))
    arcs = [_absolute(arc, topology["transform"]) for arc in topology["arcs"]]
    countries: list[Polygon] = []
    for geometry in topology["objects"]["countries"]["geometries"]:
        drawn = MultiPolygon([_polygon(rings, arcs) for rings in _rings_of(geometry)])
        countries.extend(_polygons_of(shapely.make_valid(drawn)))
    return countries, STRtree(countries)


def _rings_of(geometry: Topology) -> list[list[list[int]]]:
    rings: list[list[list[int]]] = geometry["arcs"]
    return [rings] if geometry["type"] == "Polygon" else rings  # type: ignore[list-item]


def _absolute(arc: list[list[int]], transform: dict[str, list[float]]) -> list[Position]:
    """Undo the steps and the grid of TopoJSON (specification 1.0, 2.1.1 and 2.1.3)."""
    (x_scale, y_scale), (x_origin, y_origin) = transform["scale"], transform["translate"]
    xs = accumulate(step[0] for step in arc)
    ys = accumulate(step[1] for step in arc)
    return [(x * x_scale + x_origin, y * y_scale + y_origin) for x, y in zip(xs, ys, strict=True)]


def _polygon(rings: list[list[int]], arcs: list[list[Position]]) -> Polygon:
    shell, *holes = [_ring(ring, arcs) for ring in rings]
    return Polygon(shell, holes)


def _ring(indexes: list[int], arcs: list[list[Position]]) -> list[Position]:
    """Join arcs; ``~i`` names arc ``i`` walked backwards."""
    ring: list[Position] = []
    for index in indexes:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        ring.extend(arc[1:] if ring else arc)
    return _continuous(ring)


def _continuous(ring: list[Position]) -> list[Position]:
    """Undo the jumps from +180° to -180°; a ring around a pole is closed along it."""
    turn = 0.0
    unrolled = ring[:1]
    for (before, _), (longitude, latitude) in pairwise(ring):
        if abs(longitude - before) > WORLD_TURN_DEGREES / 2:
            turn += WORLD_TURN_DEGREES if longitude < before else -WORLD_TURN_DEGREES
        unrolled.append((longitude + turn, latitude))
    if turn:
        pole = 90.0 if unrolled[0][1] > 0 else -90.0
        unrolled += [(unrolled[-1][0], pole), (unrolled[0][0], pole), unrolled[0]]
    return unrolled
