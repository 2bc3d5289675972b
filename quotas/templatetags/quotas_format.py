from decimal import ROUND_HALF_UP, Decimal

from django import template
from django.utils.formats import number_format

from quotas.amounts import say

register = template.Library()
PLACES = {"km2": 2, "eur": 2}


@register.filter
def figure(amount: Decimal | None, unit: str) -> str:
    """`{{ amount|figure:unit }}`: grouped, two decimals for km² and euros, whole otherwise."""
    if amount is None:
        return "—"
    places = PLACES.get(unit, 0)
    rounded = amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return number_format(rounded, decimal_pos=places, use_l10n=True, force_grouping=True)


@register.filter
def signed(amount: Decimal, unit: str) -> str:
    """A movement: "+60.00", "−60.00", or nothing for zero."""
    if not amount:
        return ""
    return ("+" if amount > 0 else "\N{MINUS SIGN}") + figure(abs(amount), unit)


@register.filter
def change(amount: Decimal, unit: str) -> str:
    """As `signed`, a zero being said."""
    return signed(amount, unit) or figure(amount, unit)


@register.filter
def amount(value: Decimal, unit: str) -> str:
    """`{{ left|amount:unit }}`: with its unit, without idle zeros."""
    return say(value, unit)


@register.filter
def quantity(value: Decimal, unit: str) -> str:
    """As `amount`, also of a multiplier, which has no unit: "× 2"."""
    said = say(value, unit).strip()
    return said if unit else f"×\N{NO-BREAK SPACE}{said}"


@register.filter
def difference(value: Decimal, unit: str) -> str:
    """A change with its unit: "+20 km²", "−0.5"; a dash for none."""
    if not value:
        return "—"
    sign = "+" if value > 0 else "\N{MINUS SIGN}"
    return f"{sign}{say(abs(value), unit).strip()}"


@register.filter
def rate(value: Decimal, unit: str) -> str:
    """An amount per day: to three decimals, a small rate being none otherwise."""
    return say(value, unit, places=3)
