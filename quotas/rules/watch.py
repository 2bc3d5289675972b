"""How far an envelope is used, and when it would run out at the present rate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from itertools import pairwise


class UseLevel(StrEnum):
    WARNING = "warning"
    ALERT = "alert"


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """From which per cent of what is granted a use is told; None where policy names none."""

    warning_percent: Decimal | None
    alert_percent: Decimal | None


def use_level(*, used: Decimal, granted: Decimal, thresholds: Thresholds) -> UseLevel | None:
    """The higher of the thresholds reached: at 80, 80 of 100 is a warning and 79.999999 is none."""
    if granted <= 0:
        return None
    for level, percent in (
        (UseLevel.ALERT, thresholds.alert_percent),
        (UseLevel.WARNING, thresholds.warning_percent),
    ):
        if percent is not None and used * 100 >= percent * granted:
            return level
    return None


@dataclass(frozen=True, kw_only=True)
class UseFacts:
    """`used` pairs days with what was held and consumed at their end, in order; the first is what
    the period began with. `on` lies in the period."""

    starts_on: dt.date
    ends_on: dt.date
    on: dt.date
    granted: Decimal
    used: Sequence[tuple[dt.date, Decimal]]
    minimum_elapsed_days: int
    minimum_days_of_use: int


class Outlook(StrEnum):
    TOO_EARLY = "too_early"
    NO_GROWTH = "no_growth"
    USED_UP = "used_up"
    NOT_BEFORE_THE_END = "not_before_the_end"
    RUNS_OUT = "runs_out"


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What the present rate of use leads to, with every figure it was worked out from."""

    outlook: Outlook
    starts_on: dt.date
    ends_on: dt.date
    on: dt.date
    elapsed_days: int
    days_of_use: int
    minimum_elapsed_days: int
    minimum_days_of_use: int
    grown: Decimal
    left: Decimal
    rate_per_day: Decimal
    days_left: int | None = None
    runs_out_on: dt.date | None = None


def forecast(facts: UseFacts) -> Forecast:
    """A straight line: what use grew by since the period began, over the days since then, this one
    included. A refund makes use fall, and with it the rate."""
    amounts = [amount for _day, amount in facts.used]
    elapsed_days = (facts.on - facts.starts_on).days + 1
    grown = amounts[-1] - amounts[0]
    left = facts.granted - amounts[-1]
    days_of_use = sum(after > before for before, after in pairwise(amounts))
    days_left = None
    if grown > 0:
        # Not left / rate: a rate that was rounded would add a day.
        days_left = int((left * elapsed_days / grown).to_integral_value(ROUND_CEILING))
    outlook = _outlook(facts, left, elapsed_days, days_of_use, days_left)
    is_dated = outlook == Outlook.RUNS_OUT and days_left is not None
    return Forecast(
        outlook=outlook,
        starts_on=facts.starts_on,
        ends_on=facts.ends_on,
        on=facts.on,
        elapsed_days=elapsed_days,
        days_of_use=days_of_use,
        minimum_elapsed_days=facts.minimum_elapsed_days,
        minimum_days_of_use=facts.minimum_days_of_use,
        grown=grown,
        left=left,
        rate_per_day=grown / elapsed_days,
        days_left=days_left,
        runs_out_on=facts.on + dt.timedelta(days=days_left or 0) if is_dated else None,
    )


def _outlook(
    facts: UseFacts, left: Decimal, elapsed_days: int, days_of_use: int, days_left: int | None
) -> Outlook:
    if left <= 0 and facts.granted > 0:
        return Outlook.USED_UP
    if elapsed_days < facts.minimum_elapsed_days:
        return Outlook.TOO_EARLY
    if days_left is None:
        return Outlook.NO_GROWTH
    if days_of_use < facts.minimum_days_of_use:
        return Outlook.TOO_EARLY
    if days_left > (facts.ends_on - facts.on).days:
        return Outlook.NOT_BEFORE_THE_END
    return Outlook.RUNS_OUT
