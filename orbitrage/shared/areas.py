"""How small and how large an area may be, wherever it is typed, drawn or uploaded."""

from decimal import ROUND_CEILING, Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from orbitrage.shared.errors import Refusal

AREA_MINIMUM_KM2 = Decimal("0.000001")
AREA_MAXIMUM_KM2 = Decimal(10_000_000)
NO_MAXIMUM_KM2 = Decimal("Infinity")


def area_refusal(area_km2: Decimal, *, maximum_km2: Decimal = AREA_MAXIMUM_KM2) -> Refusal | None:
    """``area_km2`` is geodesic. The usual maximum is about that of Europe: of what may be ordered
    or searched, none comes near."""
    if area_km2 < AREA_MINIMUM_KM2:
        return Refusal("area_too_small", _("The area is 0 km²; it must be 1 m² at least."))
    if area_km2 > maximum_km2:
        return Refusal(
            "area_too_large",
            _("The area is %(area)s km²; %(maximum)s km² at most are accepted.")
            % {"area": whole_km2(area_km2), "maximum": whole_km2(maximum_km2)},
        )
    return None


def whole_km2(area_km2: Decimal) -> str:
    """Rounded up: what is too large shows as more than the maximum."""
    return number_format(area_km2.to_integral_value(ROUND_CEILING), force_grouping=True)
