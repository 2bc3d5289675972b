"""The images a request asks for: one of its area or several, and what of it each is to show."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import shapely
from django.contrib.gis.geos import MultiPolygon
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from catalogue.scene_names import scene_name
from catalogue.selectors import scene_footprints
from orbitrage.shared.errors import Refusal
from orbitrage.shared.geo import geodesic_area_km2, polygons_in, to_shapely
from quotas.amounts import floor_area
from requests_app.models import ImageryRequest, RequestKind

EDGE_DEG = 0.01


@dataclass(frozen=True)
class Image:
    """``shape`` in EPSG:4326, ``area_km2`` geodesic; ``acquired_at`` of a scene that was named."""

    shape: BaseGeometry
    area_km2: Decimal
    acquired_at: datetime | None = None


def images_of(
    request: ImageryRequest, *, aoi: MultiPolygon, area_km2: Decimal
) -> tuple[Image, ...]:
    """Of ``aoi``, of ``area_km2``: once for each date, or what each scene shows of it. A scene
    whose footprint is not recorded may show all of it."""
    whole = to_shapely(aoi)
    if request.request_kind == RequestKind.ARCHIVE and request.archive_scenes:
        return tuple(_scenes(request, whole, area_km2))
    return (Image(whole, area_km2),) * dates_of(request)


def dates_of(request: ImageryRequest) -> int:
    """While a form is filled in, an answer that cannot be read yet is None."""
    return (request.acquisition_dates or 1) if request.request_kind == RequestKind.TASKING else 1


def freeze_scenes(request: ImageryRequest) -> None:
    """From now on its scenes show what they show of any area today: before a decision's plan."""
    footprints = scene_footprints(request.archive_scenes)
    request.scene_footprints = {name: bytes(each.wkb).hex() for name, each in footprints.items()}


def _footprints(request: ImageryRequest) -> dict[str, BaseGeometry]:
    """By name, of the scenes that were recorded at the decision or, before it, are by now."""
    if request.scene_footprints is None:
        footprints = scene_footprints(request.archive_scenes)
        return {name: to_shapely(each) for name, each in footprints.items()}
    return {name: shapely.from_wkb(each) for name, each in request.scene_footprints.items()}


def _scenes(request: ImageryRequest, whole: BaseGeometry, area_km2: Decimal) -> Iterator[Image]:
    footprints = _footprints(request)
    for text in request.archive_scenes:
        name = scene_name(text)
        acquired_at = name.acquired_at if name else None
        footprint = footprints.get(text)
        if footprint is None or whole.within(footprint):
            yield Image(whole, area_km2, acquired_at)
        else:
            shown = list(polygons_in(whole.intersection(footprint)))
            shape = shapely.union_all([shapely.Polygon(), *shown])
            yield Image(shape, _part_km2(shape, whole, area_km2), acquired_at)


def _part_km2(shape: BaseGeometry, whole: BaseGeometry, area_km2: Decimal) -> Decimal:
    """Cut edges are straight in lon/lat: measured along them, and rounded down, the scenes of a
    mosaic come to no more than the area."""
    part, all_of_it = (area_of(shapely.segmentize(each, EDGE_DEG)) for each in (shape, whole))
    return floor_area(area_km2 * part / all_of_it)


def area_of(shape: BaseGeometry) -> Decimal:
    return Decimal(0) if shape.is_empty else geodesic_area_km2(shape)


def images_km2(
    request: ImageryRequest, *, aoi: MultiPolygon, area_km2: Decimal
) -> tuple[Decimal, ...]:
    """The areas of several images, or of one of a part of the area; none for one of all of it."""
    if not request.archive_scenes and dates_of(request) == 1:
        return ()
    images = images_of(request, aoi=aoi, area_km2=area_km2)
    areas = tuple(image.area_km2 for image in images)
    return () if areas == (area_km2,) else areas


def something_is_shown(*, asked_km2: Decimal) -> Refusal | None:
    if asked_km2 > 0:
        return None
    message = _("The scenes show 0 km² of the area: choose others, or another area.")
    return Refusal("scenes_beside_area", message)


def parts_km2(aoi: MultiPolygon) -> list[Decimal]:
    """Areas of the parts of an area (EPSG:4326), in km², the largest first."""
    parts = polygons_in(to_shapely(aoi))
    return sorted((geodesic_area_km2(part) for part in parts), reverse=True)
