"""What came of several images that were asked for, image by image. Pure; areas in km²."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import shapely
from shapely.geometry.base import BaseGeometry

from requests_app.images import Image, area_of

# A product's outline is known to about a pixel: less than what is shown is not a shortfall.
SHORTFALL_TOLERANCE_KM2 = Decimal("0.01")


@dataclass(frozen=True)
class Came:
    """A product that was delivered; its footprint in EPSG:4326."""

    acquired_at: datetime
    footprint: BaseGeometry


def dates_km2(images: Sequence[Image], products: Iterable[Came], *, interval_days: int) -> Decimal:
    """Of a series of the same area: what the dates show that came, at most as many as were asked
    for, those that show most. A date lasts from its first product until the next may be taken."""
    shape, area_km2 = images[0].shape, images[0].area_km2
    found = [
        _shown(Image(shape, area_km2), date) for date in _dates(products, timedelta(interval_days))
    ]
    return sum(sorted(found, reverse=True)[: len(images)], Decimal(0))


def _dates(products: Iterable[Came], interval: timedelta) -> list[list[Came]]:
    dates: list[list[Came]] = []
    for product in sorted(products, key=lambda each: each.acquired_at):
        if dates and product.acquired_at.date() < dates[-1][0].acquired_at.date() + interval:
            dates[-1].append(product)
        else:
            dates.append([product])
    return dates


def scenes_km2(images: Sequence[Image], products: Iterable[Came]) -> Decimal:
    """Of scenes that were named: each product is of the scene nearest in time. Those of another day
    stand for a scene of which nothing came, each day for one."""
    of_scene: list[list[Came]] = [[] for _ in images]
    instead: list[Came] = []
    for product in products:
        nearest = min(range(len(images)), key=lambda n: _apart(images[n], product))
        if _apart(images[nearest], product) < timedelta(days=1):
            of_scene[nearest].append(product)
        else:
            instead.append(product)
    others = _dates(instead, timedelta(days=1))
    total_km2 = Decimal(0)
    for image, came in zip(images, of_scene, strict=True):
        if not came and others:
            came = max(others, key=lambda day: _shown(image, day))
            others.remove(came)
        total_km2 += _shown(image, came)
    return total_km2


def _apart(image: Image, product: Came) -> timedelta:
    """A scene without an instant is none of which it can be said that the product is of it."""
    if image.acquired_at is None:
        return timedelta.max
    return abs(image.acquired_at - product.acquired_at)


def _shown(image: Image, products: Iterable[Came]) -> Decimal:
    """All of the image, where less is missing than can be told."""
    union = shapely.union_all([product.footprint for product in products])
    shown_km2 = min(area_of(image.shape.intersection(union)), image.area_km2)
    is_whole = image.area_km2 - shown_km2 < SHORTFALL_TOLERANCE_KM2
    return image.area_km2 if is_whole and shown_km2 else shown_km2
