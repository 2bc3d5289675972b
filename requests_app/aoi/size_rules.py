"""Is the area large, wide and plain enough for the sensor? Pure comparisons; numbers are policy."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from orbitrage.shared.errors import Refusal, refusals_in


@dataclass(frozen=True)
class SizeLimits:
    """Of one sensor and one kind of request. None: the operator states no such limit."""

    minimum_area_km2: Decimal | None = None
    minimum_width_km: Decimal | None = None
    maximum_vertices: int | None = None


def below_minimum_order(area_km2: Decimal, minimum_area_km2: Decimal | None) -> Refusal | None:
    """Below what the operator takes as an order, unless the requester agrees to enlarge."""
    if minimum_area_km2 is None or area_km2 >= minimum_area_km2:
        return None
    return Refusal(
        "below_minimum_order",
        _(
            "The area is %(area)s km²; the operator takes %(minimum)s km² at least, "
            "%(missing)s km² more."
        )
        % {
            "area": _figure(area_km2),
            "minimum": _plain(minimum_area_km2),
            "missing": _figure(minimum_area_km2 - area_km2),
        },
    )


def below_minimum_width(width_km: Decimal, minimum_width_km: Decimal | None) -> Refusal | None:
    if minimum_width_km is None or width_km >= minimum_width_km:
        return None
    return Refusal(
        "below_minimum_width",
        _(
            "The area is %(width)s km wide at its narrowest; the operator takes %(minimum)s km "
            "at least in any direction."
        )
        % {"width": _figure(width_km), "minimum": _plain(minimum_width_km)},
    )


def too_many_vertices(vertices: int, maximum_vertices: int | None) -> Refusal | None:
    if maximum_vertices is None or vertices <= maximum_vertices:
        return None
    return Refusal(
        "too_many_vertices",
        _("The area has %(vertices)s vertices; the operator takes %(maximum)s at most.")
        % {"vertices": vertices, "maximum": maximum_vertices},
    )


def size_refusals(
    *,
    area_km2: Decimal,
    width_km: Decimal,
    vertices: int,
    limits: SizeLimits,
    agrees_to_enlarge: bool = False,
    agrees_to_simplify: bool = False,
) -> list[Refusal]:
    """All of them at once. What the requester agrees to have changed is no refusal."""
    found: list[Refusal | None] = []
    if not agrees_to_enlarge:
        found.append(below_minimum_order(area_km2, limits.minimum_area_km2))
        found.append(below_minimum_width(width_km, limits.minimum_width_km))
    if not agrees_to_simplify:
        found.append(too_many_vertices(vertices, limits.maximum_vertices))
    return refusals_in(*found)


def _figure(number: Decimal) -> str:
    """To 0.01, as the language writes it."""
    rounded = number.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return number_format(rounded, decimal_pos=2, use_l10n=True, force_grouping=True)


def _plain(number: Decimal) -> str:
    """100, not 100.000000 nor 1E+2."""
    return number_format(f"{number.normalize():f}", use_l10n=True, force_grouping=True)
