"""Several images of one area: what is billed of them, the least that a tariff bills being that of
each image. Pure; areas in km²."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from quotas.amounts import ZERO


def billed_of(area_km2: Decimal, images_km2: Sequence[Decimal], least_km2: Decimal) -> Decimal:
    """What is billed of `area_km2`, of images of those areas (none: of one image)."""
    return sum((max(part, least_km2) for part in _parts(area_km2, images_km2)), ZERO)


def area_billed_as(
    billed_km2: Decimal,
    *,
    area_km2: Decimal,
    images_km2: Sequence[Decimal],
    least_km2: Decimal,
) -> Decimal:
    """How much of `area_km2` is billed as no more than `billed_km2`."""
    area, left = ZERO, billed_km2
    for part in _parts(area_km2, images_km2):
        billed = max(part, least_km2)
        if billed > left:
            return area + (left if left >= least_km2 else ZERO)
        area, left = area + part, left - billed
    return area


def _parts(area_km2: Decimal, images_km2: Sequence[Decimal]) -> Iterator[Decimal]:
    """The fewest images that the area can be of, the last of them perhaps in part: which ones a
    line of a plan pays for is not said, and so decided for who pays."""
    left = area_km2
    for image_km2 in sorted(images_km2, reverse=True):
        part = min(image_km2, left)
        if part <= 0:
            return
        yield part
        left -= part
    if left > 0:
        yield left
