"""The window in which an image may be taken. Pure: values in, a refusal or None out."""

from calendar import isleap
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from orbitrage.shared.days import day_in_words
from orbitrage.shared.errors import Refusal, refusals_in
from requests_app.models import RequestKind


@dataclass(frozen=True)
class Window:
    """The days between which the image may be taken, as asked on ``asked_on``."""

    request_kind: str
    starts_on: date | None
    ends_on: date | None
    asked_on: date


def tasking_has_window(window: Window) -> Refusal | None:
    if window.request_kind != RequestKind.TASKING or (window.starts_on and window.ends_on):
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
    if (
        window.request_kind != RequestKind.TASKING
        or not window.ends_on
        or window.ends_on > window.asked_on
    ):
        return None
    return Refusal(
        "window_in_the_past",
        _("The window ends on %(end)s: a new acquisition can only be made after today.")
        % {"end": day_in_words(window.ends_on)},
    )


def tasking_is_longer_than_a_day(window: Window) -> Refusal | None:
    if window.request_kind != RequestKind.TASKING or window.starts_on is None:
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
    return refusals_in(*(rule(window) for rule in WINDOW_RULES))


def window_ahead(
    starts_on: date | None, ends_on: date | None, today: date
) -> tuple[date | None, date | None]:
    """A window that is over, whole years later: the first that is ahead. The 29th of February is
    the 28th where there is none."""
    if ends_on is None or ends_on > today:
        return starts_on, ends_on
    first = starts_on or ends_on
    years = today.year - first.year
    years += _years_later(first, years) <= today
    return starts_on and _years_later(starts_on, years), _years_later(ends_on, years)


def _years_later(day: date, years: int) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    if is_leap_day and not isleap(day.year + years):
        day = day.replace(day=28)
    return day.replace(year=day.year + years)
