"""What does not forbid a request and had better be known before it is submitted. Pure: values in,
a code with its sentence or None out."""

from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orbitrage.shared.errors import Refusal
from quotas.amounts import say
from requests_app.aoi.size_rules import too_many_vertices


def clouds_below_advice(
    *, climate: str, asked_percent: int, advised_percent: int
) -> Refusal | None:
    if asked_percent >= advised_percent:
        return None
    message = _(
        "You accept %(asked)s %% of clouds; for this place (%(climate)s) %(advised)s %% are"
        " advised: with less, the window may pass without an image."
    )
    figures = {"asked": asked_percent, "climate": climate, "advised": advised_percent}
    return Refusal("cloud_below_advice", message % figures)


def outline_simplified(
    *, vertices: int, maximum: int | None, area_km2: Decimal, operator_area_km2: Decimal
) -> Refusal | None:
    """What is ordered is simpler than the area, and counts no more than it."""
    found = too_many_vertices(vertices, maximum)
    if found is None:
        return None
    more_km2 = operator_area_km2 - area_km2
    message = _(
        "%(reason)s A simpler outline around it is ordered, %(more)s (%(percent)s %%) larger; your"
        " own area is what counts."
    )
    percent = (more_km2 * 100 / area_km2).quantize(Decimal("0.01"), ROUND_HALF_UP)
    figures = {
        "reason": found.message,
        "more": say(more_km2, "km2"),
        "percent": number_format(percent),
    }
    return Refusal(found.code, message % figures)


def several_parts(*, parts: int, minimum_km2: Decimal | None) -> Refusal | None:
    """An operator takes one polygon an order."""
    if parts < 2:
        return None
    message = _(
        "The area has %(parts)s separate parts: the operator may make as many orders of it."
    )
    message = message % {"parts": parts}
    if minimum_km2 is not None:
        least = _("Each is then of %(minimum)s at least.") % {"minimum": say(minimum_km2, "km2")}
        message = f"{message} {least}"
    return Refusal("several_parts", message)


def axes_look_swapped(*, is_swapped: bool) -> Refusal | None:
    if not is_swapped:
        return None
    message = _(
        "The area lies far from your territory; with latitude and longitude the other way round it"
        " would lie in it. Check it on the map, and give it again if they are swapped."
    )
    return Refusal("axes_look_swapped", message)


def images_closed_to(*, entity: str, sensor: str, shown: int, is_allowed: bool) -> Refusal | None:
    """That nothing is shown does not mean that there is nothing."""
    if is_allowed or shown:
        return None
    message = _(
        "Nothing is shown as available: images of %(sensor)s are open to those who may ask for"
        " them, and %(entity)s may not at present."
    )
    return Refusal("images_not_shown", message % {"sensor": sensor, "entity": entity})


def window_before_decision(*, days_ahead: int, most_days: int | None) -> Refusal | None:
    """``most_days``: within which the cell decides four files of five, where it is measured."""
    if most_days is None or days_ahead >= most_days:
        return None
    message = ngettext(
        "The window begins in %(days)s day; the cell decides four files of five within %(most)s:"
        " part of the window may pass before the order.",
        "The window begins in %(days)s days; the cell decides four files of five within %(most)s:"
        " part of the window may pass before the order.",
        days_ahead,
    )
    return Refusal("window_before_decision", message % {"days": days_ahead, "most": most_days})
