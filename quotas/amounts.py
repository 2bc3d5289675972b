"""Rounding and wording of what is counted: km² to the square metre, euros to the cent, attempts and
products whole."""

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

ZERO = Decimal(0)
ONE_M2 = Decimal("0.000001")
ONE_CENT = Decimal("0.01")
DECIMALS = {"km2": 6, "eur": 2, "attempts": 0, "products": 0}
"""How finely each unit is counted."""
AMOUNT_LIMIT = Decimal(100_000_000)
"""What a column of the ledger holds is less."""


def round_area(area_km2: Decimal) -> Decimal:
    """Half-up to 1 m² (0.000001 km²), the grain of the ledger."""
    return area_km2.quantize(ONE_M2, rounding=ROUND_HALF_UP)


def floor_area(area_km2: Decimal) -> Decimal:
    return area_km2.quantize(ONE_M2, rounding=ROUND_DOWN)


def round_euro(amount_eur: Decimal) -> Decimal:
    """Half-up to the cent, per line and before any sum."""
    return amount_eur.quantize(ONE_CENT, rounding=ROUND_HALF_UP)


def floor_euro(amount_eur: Decimal) -> Decimal:
    return amount_eur.quantize(ONE_CENT, rounding=ROUND_DOWN)


def floor_amount(amount: Decimal, unit: str) -> Decimal:
    """Down to the least that is counted in that unit."""
    return amount.quantize(least(unit), rounding=ROUND_DOWN)


def least(unit: str) -> Decimal:
    return Decimal(1).scaleb(-DECIMALS[unit])


def decimals_of(amount: Decimal) -> int:
    """Without idle zeros."""
    return len(f"{amount:f}".partition(".")[2].rstrip("0"))


def say(amount: Decimal, unit: str, *, places: int = 2) -> str:
    """The amount with its unit in the reader's language, without idle zeros: "60 km²"."""
    return _with_unit(_figure(amount, places), unit, amount)


def say_apart(asked: Decimal, left: Decimal, unit: str) -> tuple[str, str]:
    """Both amounts, to the square metre when two decimals would make them look alike."""
    places = 2 if _figure(asked, 2) != _figure(left, 2) else 6
    return say(asked, unit, places=places), say(left, unit, places=places)


def _figure(amount: Decimal, places: int) -> str:
    rounded = amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    decimals = max(0, -int(rounded.normalize().as_tuple().exponent))
    return number_format(rounded, decimal_pos=decimals, use_l10n=True, force_grouping=True)


def _with_unit(figure: str, unit: str, amount: Decimal) -> str:
    if unit == "km2":
        return f"{figure} km²"
    if unit == "eur":
        return f"{figure} €"
    whole = int(amount)
    if unit == "attempts":
        return ngettext("%(figure)s attempt", "%(figure)s attempts", whole) % {"figure": figure}
    if unit == "products":
        return ngettext("%(figure)s product", "%(figure)s products", whole) % {"figure": figure}
    return gettext("%(figure)s %(unit)s") % {"figure": figure, "unit": unit}
