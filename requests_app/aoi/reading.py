"""From an uploaded file to an area of interest, or to the reason why not."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import shapely
from django.core.files.uploadedfile import UploadedFile

from orbitrage.shared.areas import AREA_MAXIMUM_KM2, AREA_MINIMUM_KM2, area_refusal
from orbitrage.shared.errors import DomainError, Refusal
from orbitrage.shared.geo import Bounds, bounds_of, geodesic_area_km2, vertices_of
from requests_app.aoi import refusals, sandbox
from requests_app.aoi.limits import (
    ADDRESS_SPACE_LIMIT_BYTES,
    MAXIMUM_FILE_BYTES,
    PROCESSOR_LIMIT_S,
)
from requests_app.aoi.repair import Repair, repair_of
from requests_app.aoi.wkb import multipolygon_of

logger = logging.getLogger(__name__)

_FILENAME_CHARACTERS = 255
_GEOMETRIES = 3  # the area, what was drawn, what was mended


class AreaRefused(DomainError):
    """The file is not a usable area of interest. ``layers``: what to choose from, when asked."""

    layers: tuple[str, ...] = ()


@dataclass(frozen=True)
class AreaOfInterest:
    """``wkb``: a valid MultiPolygon in EPSG:4326, two dimensions, anti-clockwise shells, every
    part within ±180°. ``bbox`` west > east when it crosses the 180° meridian.

    ``repair``: what was mended, for the requester to agree to; None when nothing was.
    ``drawn_km2``: of the polygons to be mended, as drawn. ``notes``: what was done unasked.
    """

    wkb: bytes
    area_km2: Decimal
    drawn_km2: Decimal
    bbox: Bounds
    parts: int
    vertices: int
    repair: Repair | None
    layer: str
    notes: tuple[str, ...]

    @property
    def repaired(self) -> bool:
        return self.repair is not None

    def too_large(self, maximum_km2: Decimal = AREA_MAXIMUM_KM2) -> Refusal | None:
        return area_refusal(max(self.area_km2, self.drawn_km2), maximum_km2=maximum_km2)


def read_area(
    data: bytes,
    filename: str,
    *,
    layer: str | None = None,
    maximum_km2: Decimal = AREA_MAXIMUM_KM2,
) -> AreaOfInterest:
    """Raises AreaRefused. The file is only ever opened in a process of its own."""
    if not data:
        raise _refused("empty_file", {})
    _demand_not_too_long(len(data))
    try:
        answer = sandbox.ask(data, filename=filename[-_FILENAME_CHARACTERS:], layer=layer)
    except sandbox.SandboxUnavailable:
        logger.exception("the reader of areas is not available")
        raise _refused("reader_unavailable", {}) from None
    if answer.code:
        raise _refused(answer.code, answer.header.get("facts", {}))
    area = _area(answer)
    too_large = area.too_large(maximum_km2)
    if too_large is not None:
        raise AreaRefused(too_large)
    return area


def bytes_of(upload: "UploadedFile[Any]") -> bytes:
    """Raises AreaRefused, before anything is read, when the file is too large."""
    _demand_not_too_long(upload.size or 0)
    data: bytes = upload.read()
    return data


def _demand_not_too_long(file_bytes: int) -> None:
    if file_bytes > MAXIMUM_FILE_BYTES:
        raise _refused("file_too_large", {"maximum_mib": MAXIMUM_FILE_BYTES // 2**20})


def _refused(code: str, facts: Mapping[str, Any]) -> AreaRefused:
    refused = AreaRefused(
        refusals.refusal(
            code,
            facts,
            limit_s=PROCESSOR_LIMIT_S,
            limit_mib=ADDRESS_SPACE_LIMIT_BYTES // 2**20,
        )
    )
    layers = facts.get("layers")
    if isinstance(layers, list):
        refused.layers = tuple(str(name) for name in layers)
    return refused


def _area(answer: sandbox.Answer) -> AreaOfInterest:
    """The answer comes from a process that read a stranger's file: its geometry is checked."""
    area, drawn, mended = _checked_geometries(answer.geometries)
    area_km2 = geodesic_area_km2(area)
    if area_km2 < AREA_MINIMUM_KM2:
        raise _refused("zero_area", {"polygons": shapely.get_num_geometries(area)})
    return AreaOfInterest(
        wkb=shapely.to_wkb(area),
        area_km2=area_km2,
        drawn_km2=geodesic_area_km2(drawn),
        bbox=bounds_of(area),
        parts=int(shapely.get_num_geometries(area)),
        vertices=vertices_of(area),
        repair=repair_of(answer.header, drawn=drawn, mended=mended, area_km2=area_km2),
        layer=str(answer.header.get("layer", "")),
        notes=_notes(answer.header),
    )


def _checked_geometries(blobs: tuple[bytes, ...]) -> list[shapely.MultiPolygon]:
    """Raises AreaRefused reader_stopped when they are not what the reader promises."""
    checked = [found for blob in blobs if (found := multipolygon_of(blob)) is not None]
    if len(checked) != _GEOMETRIES or checked[0].is_empty or not checked[0].is_valid:
        raise _refused("reader_stopped", {})
    return checked


def _notes(header: Mapping[str, Any]) -> tuple[str, ...]:
    notes = [
        words(number)
        for name, words in (
            ("closed_rings", refusals.closed_rings),
            ("duplicate_rings", refusals.duplicate_rings),
            ("slivers", refusals.slivers),
            ("left_out", refusals.left_out),
            ("unreadable", refusals.unreadable_geometries),
        )
        if (number := int(header.get(name, 0)))
    ]
    if crs_name := str(header.get("crs", "")):
        notes.insert(0, refusals.read_from(crs_name))
    if header.get("heights"):
        notes.append(refusals.heights_left_out())
    if header.get("split"):
        notes.append(refusals.split_at_antimeridian())
    return tuple(notes)
