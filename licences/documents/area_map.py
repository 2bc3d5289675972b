"""The area of interest as a drawing: a map with its scale and coordinates, and where that is.

Both are SVG text made from the record alone. Lengths are millimetres of paper.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil, cos, floor, log10, pi, radians, sin, sqrt
from typing import Any

import shapely
from django.utils.html import escape
from shapely.affinity import affine_transform, translate
from shapely.geometry import MultiPolygon, Polygon, shape

from licences.documents.basemap import outlines_within

EQUATOR_RADIUS_KM = 6378.137
ECCENTRICITY_SQUARED = 0.00669437999014
DRAWING_STEP_MM = 0.08
APART_MM = 1.5
SMALL_PART_MM = 1.6
BASE_SHOWN_FROM_KM = 150.0
LOCATOR_MINIMUM_KM = 1500.0
LOCATOR_MAXIMUM_KM = 12000.0
LANDMARK_SHARE = 0.06
WINDOW_MINIMUM_KM = 1.0
MARGIN_SHARE = 0.14
SCALE_BAR_MM = 8.0
LINES_WANTED = 3.5

ARC_SECONDS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 18000, 36000, 72000)
LETTERS = {"fr": ("E", "O", "N", "S"), "en": ("E", "W", "N", "S")}


@dataclass(frozen=True)
class Window:
    """A piece of the Earth on a piece of paper, true to scale at its centre."""

    longitude: float
    latitude: float
    width_km: float
    height_km: float
    width_mm: float
    height_mm: float

    @property
    def km_per_degree(self) -> tuple[float, float]:
        """Kilometres of one degree of longitude and of latitude at the centre, on WGS 84."""
        sine = sin(radians(self.latitude))
        root = sqrt(1 - ECCENTRICITY_SQUARED * sine * sine)
        across = EQUATOR_RADIUS_KM / root * cos(radians(self.latitude))
        along = EQUATOR_RADIUS_KM * (1 - ECCENTRICITY_SQUARED) / root**3
        return max(across, 0.01) * pi / 180, along * pi / 180

    @property
    def mm_per_km(self) -> float:
        return self.width_mm / self.width_km

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north; degrees, possibly beyond ±180°."""
        x_km, y_km = self.km_per_degree
        across, along = self.width_km / x_km / 2, self.height_km / y_km / 2
        return (
            self.longitude - min(across, 180.0),
            max(self.latitude - along, -90.0),
            self.longitude + min(across, 180.0),
            min(self.latitude + along, 90.0),
        )

    @property
    def matrix(self) -> list[float]:
        """From degrees to paper, as shapely wants it: [a, b, d, e, x, y]."""
        x_mm, y_mm = (km * self.mm_per_km for km in self.km_per_degree)
        left = self.width_mm / 2 - self.longitude * x_mm
        top = self.height_mm / 2 + self.latitude * y_mm
        return [x_mm, 0.0, 0.0, -y_mm, left, top]

    def place(self, longitude: float, latitude: float) -> tuple[float, float]:
        x_mm, _, _, y_mm, left, top = self.matrix
        return longitude * x_mm + left, latitude * y_mm + top


def area_of(geojson: Mapping[str, Any]) -> MultiPolygon:
    """The area in one piece of the world: across the antimeridian, longitudes go past 180°."""
    drawn = shape(dict(geojson))
    parts = [part for part in shapely.get_parts(drawn) if isinstance(part, Polygon)]
    start = _start_of_longitudes(part.bounds for part in parts)
    return MultiPolygon([_moved_east_of(part, start) for part in parts])


def _start_of_longitudes(bounds: Iterable[tuple[float, float, float, float]]) -> float:
    """The western edge after the widest empty stretch of the circle of longitudes."""
    stretches = sorted((west, east) for west, _, east, _ in bounds)
    widest, start = 0.0, stretches[0][0]
    reached = stretches[0][1]
    for west, east in stretches[1:]:
        if west - reached > widest:
            widest, start = west - reached, west
        reached = max(reached, east)
    around = stretches[0][0] + 360 - reached
    return stretches[0][0] if around >= widest else start


def _moved_east_of(part: Polygon, start: float) -> Polygon:
    if part.bounds[0] >= start:
        return part
    return translate(part, xoff=360.0)


def map_of(area: MultiPolygon, language: str, width_mm: float, height_mm: float) -> str:
    """The area with its grid of coordinates and its scale bar."""
    window = _window_around(area, width_mm, height_mm)
    drawing = [f'<rect class="sea" width="{width_mm}" height="{height_mm}"/>']
    if window.width_km >= BASE_SHOWN_FROM_KM:
        drawing.append(_land(window))
    else:
        drawing = [f'<rect class="ground" width="{width_mm}" height="{height_mm}"/>']
    drawing.append(_grid(window, language))
    drawing.append(_area(area, window))
    drawing.append(_scale_bar(window, language))
    drawing.append(f'<rect class="frame" width="{width_mm}" height="{height_mm}"/>')
    return _svg(drawing, width_mm, height_mm)


def locator_of(area: MultiPolygon, width_mm: float, height_mm: float) -> str:
    """Where in the world that is."""
    window = _locator_window(area, width_mm, height_mm)
    x, y = window.place(*_centre(area))
    west, south, east, north = area.bounds
    left, top = window.place(west, north)
    right, bottom = window.place(east, south)
    if max(right - left, bottom - top) < 5:
        mark = (
            f'<circle class="halo" cx="{x:.2f}" cy="{y:.2f}" r="2.6"/>'
            f'<circle class="dot" cx="{x:.2f}" cy="{y:.2f}" r="0.9"/>'
        )
    else:
        mark = (
            f'<rect class="reach" x="{left:.2f}" y="{top:.2f}"'
            f' width="{right - left:.2f}" height="{bottom - top:.2f}"/>'
        )
    drawing = [
        f'<rect class="sea" width="{width_mm}" height="{height_mm}"/>',
        _land(window),
        mark,
        f'<rect class="frame" width="{width_mm}" height="{height_mm}"/>',
    ]
    return _svg(drawing, width_mm, height_mm)


def coordinate(degrees: float, *, is_longitude: bool, language: str, step_s: int = 1) -> str:
    """Degrees, minutes and seconds with the letter of the hemisphere, as fine as ``step_s``."""
    if is_longitude:
        degrees = 180 - (180 - degrees) % 360
    if is_longitude and degrees == 180:
        return "180°"
    east, west, north, south = LETTERS[language]
    letter = (
        (east if degrees >= 0 else west) if is_longitude else (north if degrees >= 0 else south)
    )
    seconds = round(abs(degrees) * 3600)
    whole, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    text = f"{whole}°"
    if step_s < 3600:
        text += f"{minutes:02d}′"
    if step_s < 60:
        text += f"{seconds:02d}″"
    return f"{text}\u00a0{letter}"


def _centre(area: MultiPolygon) -> tuple[float, float]:
    west, south, east, north = area.bounds
    return (west + east) / 2, (south + north) / 2


def _window_around(area: MultiPolygon, width_mm: float, height_mm: float) -> Window:
    longitude, latitude = _centre(area)
    west, south, east, north = area.bounds
    x_km, y_km = Window(longitude, latitude, 1, 1, 1, 1).km_per_degree
    across = max((east - west) * x_km, WINDOW_MINIMUM_KM) * (1 + 2 * MARGIN_SHARE)
    along = max((north - south) * y_km, WINDOW_MINIMUM_KM) * (1 + 2 * MARGIN_SHARE)
    km_per_mm = max(across / width_mm, along / (height_mm - SCALE_BAR_MM))
    centre = latitude - SCALE_BAR_MM / 2 * km_per_mm / y_km
    return Window(
        longitude, centre, km_per_mm * width_mm, km_per_mm * height_mm, width_mm, height_mm
    )


def _locator_window(area: MultiPolygon, width_mm: float, height_mm: float) -> Window:
    near = _window_around(area, width_mm, height_mm)
    width_km = max(LOCATOR_MINIMUM_KM, near.width_km * 3)
    while True:
        height_km = width_km * height_mm / width_mm
        window = Window(near.longitude, near.latitude, width_km, height_km, width_mm, height_mm)
        if width_km >= LOCATOR_MAXIMUM_KM or _has_landmarks(window):
            return window
        width_km *= 2


def _has_landmarks(window: Window) -> bool:
    """Whether enough land is in sight to recognise the place: a lone island is not."""
    west, south, east, north = window.bounds
    land = sum(part.area for part in outlines_within(west, south, east, north))
    return land >= LANDMARK_SHARE * (east - west) * (north - south)


def _land(window: Window) -> str:
    paths = (_path(part, window) for part in outlines_within(*window.bounds))
    return "".join(f'<path class="land" d="{path}"/>' for path in paths if path)


def _area(area: MultiPolygon, window: Window) -> str:
    paths = (_path(part, window) for part in area.geoms)
    drawn = "".join(f'<path class="area" d="{path}"/>' for path in paths if path)
    rings = (
        f'<circle class="small" cx="{x:.2f}" cy="{y:.2f}" r="1.4"/>'
        for x, y in _lone_small_parts(area, window)
    )
    return drawn + "".join(rings)


def _lone_small_parts(area: MultiPolygon, window: Window) -> list[tuple[float, float]]:
    """Centres of the parts too small to be seen, unless something to be seen is beside them."""
    boxes = [_placed_box(part, window) for part in area.geoms]
    seen = [box for box in boxes if _reach(box) >= SMALL_PART_MM]
    lone: list[tuple[float, float]] = []
    for small in (box for box in boxes if _reach(box) < SMALL_PART_MM):
        if all(small.distance(other) > APART_MM for other in seen):
            seen.append(small)
            lone.append((small.centroid.x, small.centroid.y))
    return lone


def _placed_box(part: Polygon, window: Window) -> Polygon:
    west, south, east, north = part.bounds
    return shapely.box(*window.place(west, south), *window.place(east, north))


def _reach(box: Polygon) -> float:
    left, top, right, bottom = box.bounds
    return max(right - left, bottom - top)


def _path(part: Polygon, window: Window) -> str:
    """``part`` on paper, without the detail that a printer cannot show."""
    placed = affine_transform(part, window.matrix)
    simple = shapely.simplify(placed, DRAWING_STEP_MM, preserve_topology=True)
    rings = [simple.exterior, *simple.interiors] if isinstance(simple, Polygon) else []
    return "".join(_ring_path(ring.coords) for ring in rings if not ring.is_empty)


def _ring_path(positions: Iterable[tuple[float, ...]]) -> str:
    points = " ".join(f"{x:.2f},{y:.2f}" for x, y, *_ in positions)
    return f"M{points}Z"


def _grid(window: Window, language: str) -> str:
    west, south, east, north = window.bounds
    x_km, y_km = window.km_per_degree
    step_s = _grid_step_s(min(window.width_km / x_km, window.height_km / y_km))
    drawing = []
    for value in _multiples(west, east, step_s):
        x, _ = window.place(value, window.latitude)
        drawing.append(f'<path class="grid" d="M{x:.2f},0V{window.height_mm}"/>')
        if 12 < x < window.width_mm - 16:
            label = coordinate(value, is_longitude=True, language=language, step_s=step_s)
            drawing.append(_label(x + 0.7, 2.9, "start", label))
    for value in _multiples(south, north, step_s):
        _, y = window.place(window.longitude, value)
        drawing.append(f'<path class="grid" d="M0,{y:.2f}H{window.width_mm}"/>')
        if 6 < y < window.height_mm - 13:
            label = coordinate(value, is_longitude=False, language=language, step_s=step_s)
            drawing.append(_label(1.2, y - 0.8, "start", label))
    return "".join(drawing)


def _grid_step_s(extent_degrees: float) -> int:
    wanted = extent_degrees * 3600 / LINES_WANTED
    return next((step for step in ARC_SECONDS if step >= wanted), ARC_SECONDS[-1])


def _multiples(low: float, high: float, step_s: int) -> list[float]:
    first, last = ceil(low * 3600 / step_s), floor(high * 3600 / step_s)
    return [index * step_s / 3600 for index in range(first, last + 1)]


def _label(x: float, y: float, anchor: str, text: str) -> str:
    return (
        f'<text class="tick" x="{x:.2f}" y="{y:.2f}" text-anchor="{anchor}">{escape(text)}</text>'
    )


def _scale_bar(window: Window, language: str) -> str:
    length_km = _round_length_km(window.width_km / 3.2)
    length_mm = length_km * window.mm_per_km
    left, base = 4.0, window.height_mm - 4.0
    half = length_mm / 2
    return (
        f'<rect class="scale-ground" x="{left - 2}" y="{base - 6.4}"'
        f' width="{length_mm + 4:.2f}" height="8.4"/>'
        f'<rect class="scale" x="{left}" y="{base - 1}" width="{half:.2f}" height="1"/>'
        f'<rect class="scale scale--hollow" x="{left + half:.2f}" y="{base - 1}"'
        f' width="{half:.2f}" height="1"/>'
        + _label(left, base - 2.2, "start", "0")
        + _label(left + length_mm, base - 2.2, "end", _length(length_km, language))
    )


def _round_length_km(length_km: float) -> float:
    """The largest of 1, 2, 5 × 10ⁿ not above ``length_km``."""
    power = 10.0 ** floor(log10(length_km))
    return next(factor * power for factor in (5, 2, 1) if factor * power <= length_km * 1.0001)


def _length(length_km: float, language: str) -> str:
    if length_km < 1:
        return f"{round(length_km * 1000)}\u00a0m"
    thousands = "\u202f" if language == "fr" else ","
    return f"{round(length_km):,}".replace(",", thousands) + "\u00a0km"


def _svg(drawing: Iterable[str], width_mm: float, height_mm: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width_mm} {height_mm}"'
        f' width="{width_mm}mm" height="{height_mm}mm"><style>{STYLE}</style>'
        f"{''.join(drawing)}</svg>"
    )


STYLE = (
    ".sea{fill:#e6eef2}.ground{fill:#f6f5f1}.land{fill:#f6f5f1;stroke:#a9b4b8;stroke-width:.15}"
    ".grid{fill:none;stroke:#8fa3ab;stroke-width:.12;stroke-dasharray:.6 .6}"
    ".area{fill:#0b5c7a;fill-opacity:.22;fill-rule:evenodd;stroke:#0b5c7a;stroke-width:.4;"
    "stroke-linejoin:round}"
    ".small{fill:none;stroke:#0b5c7a;stroke-width:.35}"
    ".tick{font-family:'Source Sans 3';font-size:2.3px;fill:#51656e}"
    ".scale-ground{fill:#fff;fill-opacity:.85}"
    ".scale{fill:#22313a;stroke:#22313a;stroke-width:.2}.scale--hollow{fill:#fff}"
    ".frame{fill:none;stroke:#8fa3ab;stroke-width:.3}"
    ".halo{fill:#b3402e;fill-opacity:.2;stroke:#b3402e;stroke-width:.3}.dot{fill:#b3402e}"
    ".reach{fill:#b3402e;fill-opacity:.15;stroke:#b3402e;stroke-width:.35}"
)
