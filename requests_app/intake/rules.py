"""What a request must be before it can be submitted. Pure: values in, a refusal or None out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from orbitrage.shared.days import day_in_words
from orbitrage.shared.errors import Refusal
from quotas.amounts import say


@dataclass(frozen=True)
class Window:
    """The days between which the image may be taken, as asked on ``asked_on``."""

    request_kind: str
    starts_on: date | None
    ends_on: date | None
    asked_on: date


def tasking_has_window(window: Window) -> Refusal | None:
    if window.request_kind != "tasking" or (window.starts_on and window.ends_on):
        return None
    return Refusal(
        "window_missing", _("A new acquisition needs the first and the last day of its window.")
    )


def window_is_ordered(window: Window) -> Refusal | None:
    if not (window.starts_on and window.ends_on) or window.starts_on <= window.ends_on:
        return None
    return Refusal(
        "window_reversed",
        _("The window ends on %(end)s, before it starts on %(start)s.")
        % {"start": day_in_words(window.starts_on), "end": day_in_words(window.ends_on)},
    )


def tasking_is_ahead(window: Window) -> Refusal | None:
    if window.request_kind != "tasking" or not window.ends_on or window.ends_on > window.asked_on:
        return None
    return Refusal(
        "window_in_the_past",
        _("The window ends on %(end)s: a new acquisition can only be made after today.")
        % {"end": day_in_words(window.ends_on)},
    )


def tasking_is_longer_than_a_day(window: Window) -> Refusal | None:
    if window.request_kind != "tasking" or window.starts_on is None:
        return None
    if window.starts_on != window.ends_on:
        return None
    return Refusal(
        "single_day_window",
        _(
            "The window is one day, %(day)s. An image cannot be asked for on a given day; for an"
            " emergency, see the emergency page."
        )
        % {"day": day_in_words(window.starts_on)},
    )


WINDOW_RULES: tuple[Callable[[Window], Refusal | None], ...] = (
    tasking_has_window,
    window_is_ordered,
    tasking_is_ahead,
    tasking_is_longer_than_a_day,
)


def window_refusals(window: Window) -> list[Refusal]:
    return [refusal for rule in WINDOW_RULES if (refusal := rule(window)) is not None]


@dataclass(frozen=True)
class Neighbour:
    """Another request for the same images, not ordered yet, that the reader may see."""

    number: str
    title: str
    away_km: int


@dataclass(frozen=True)
class Neighbours:
    """``seen``: the nearest; ``has_hidden``: there are others that the reader may not see."""

    seen: tuple[Neighbour, ...]
    has_hidden: bool


def enlargement_refusal(
    *,
    area_km2: Decimal,
    operator_area_km2: Decimal,
    is_enlarged: bool,
    agreed: bool,
    may_join: bool = False,
) -> Refusal | None:
    """Below the operator's minimum area or width an order is larger than the area: the requester
    agrees, or asks to share the order of a neighbour."""
    if agreed or not is_enlarged:
        return None
    message = _(
        "The area is %(area)s, less or narrower than what the operator takes as an order."
        " Agree to order %(operator)s around it (only %(area)s count on your quota),"
        " or draw a larger area."
    ) % {"area": say(area_km2, "km2"), "operator": say(operator_area_km2, "km2")}
    if may_join:
        message = f"{message} {_('Or ask the cell to join a pending request nearby.')}"
    return Refusal("below_minimum_order", message)


def repair_refusal(*, is_repaired: bool, agreed: bool) -> Refusal | None:
    """What is sent was drawn by the requester, or mended with the requester's agreement."""
    if agreed or not is_repaired:
        return None
    return Refusal(
        "repair_not_agreed",
        _(
            "The outline of the area crosses itself: look at the outline proposed instead and agree"
            " to it, or send a corrected one."
        ),
    )


def something_remains(*, remaining_km2: Decimal, area_km2: Decimal) -> Refusal | None:
    """Whether the area can be cut down to what is not available yet."""
    figures = {"area": say(area_km2, "km2")}
    if remaining_km2 == 0:
        message = _("All of the area (%(area)s) is available to you already: nothing remains.")
        return Refusal("nothing_remains", message % figures)
    if remaining_km2 == area_km2:
        message = _("Nothing of the area (%(area)s) is available to you yet: all of it remains.")
        return Refusal("nothing_available", message % figures)
    return None


def not_too_many_holding(*, holding: int, maximum: int) -> Refusal | None:
    """An entity may not keep the quota of all by asking for everything at once."""
    if holding < maximum:
        return None
    return Refusal(
        "too_many_requests_holding_quota",
        _(
            "%(holding)s requests of the entity already hold or await quota; at most %(maximum)s"
            " may at once."
        )
        % {"holding": holding, "maximum": maximum},
    )


def free_part_is_as_seen(*, seen_km2: Decimal, free_km2: Decimal) -> Refusal | None:
    """Nobody asks for a price without having seen that there is one."""
    if free_km2 >= seen_km2:
        return None
    message = _(
        "%(seen)s were free when the request was checked, %(free)s are left: others have asked"
        " meanwhile. Look at it again, then submit."
    )
    figures = {"seen": say(seen_km2, "km2"), "free": say(free_km2, "km2")}
    return Refusal("free_part_taken_meanwhile", message % figures)
