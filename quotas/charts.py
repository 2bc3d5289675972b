"""The drawing of a statement: steps of what was granted, taken and consumed, as SVG paths."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from quotas.amounts import ZERO
from quotas.selectors import Balance

WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 2, 2, 30, 30


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A mark of the vertical axis: its place in the drawing and its amount."""

    y: str
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Paths in a box of `width` × `height`; the template draws and labels them."""

    width: int
    height: int
    left: int
    right: int
    bottom: int
    granted: str
    used: str
    consumed: str
    ticks: tuple[Tick, ...]
    starts_on: dt.date
    ends_on: dt.date


def draw(
    days: Sequence[tuple[dt.date, Balance]],
    *,
    starts_on: dt.date,
    ends_on: dt.date,
    until: dt.date,
) -> Chart:
    """`days` are closing balances, the opening one first, in order of date. The steps end with the
    day `until`: what has not happened is not drawn."""
    top = _rounded_up(max((balance.granted for _, balance in days), default=ZERO))
    scale = _Scale(
        starts_on=starts_on, ends_on=ends_on, until=min(max(until, starts_on), ends_on), top=top
    )
    used = [(day, balance.held + balance.consumed) for day, balance in days]
    return Chart(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=WIDTH - RIGHT,
        bottom=HEIGHT - BOTTOM,
        granted=scale.line([(day, balance.granted) for day, balance in days]),
        used=scale.area(used),
        consumed=scale.area([(day, balance.consumed) for day, balance in days]),
        ticks=tuple(
            Tick(y=_text(scale.y(amount)), amount=amount) for amount in (ZERO, top / 2, top)
        ),
        starts_on=starts_on,
        ends_on=ends_on,
    )


@dataclass(frozen=True, kw_only=True)
class _Scale:
    starts_on: dt.date
    ends_on: dt.date
    until: dt.date
    top: Decimal

    def x(self, day: dt.date) -> Decimal:
        whole = max(1, (self.ends_on - self.starts_on).days)
        return LEFT + Decimal((day - self.starts_on).days) * (WIDTH - LEFT - RIGHT) / whole

    def y(self, amount: Decimal) -> Decimal:
        return HEIGHT - BOTTOM - amount * (HEIGHT - TOP - BOTTOM) / self.top

    def line(self, steps: Sequence[tuple[dt.date, Decimal]]) -> str:
        """Horizontal until the next change, then straight up or down."""
        if not steps:
            return ""
        parts = [f"M{_text(self.x(steps[0][0]))} {_text(self.y(steps[0][1]))}"]
        parts += [f"H{_text(self.x(day))}V{_text(self.y(amount))}" for day, amount in steps[1:]]
        return "".join([*parts, f"H{_text(self.x(self.until))}"])

    def area(self, steps: Sequence[tuple[dt.date, Decimal]]) -> str:
        """The same, closed on the axis."""
        if not steps:
            return ""
        return f"{self.line(steps)}V{HEIGHT - BOTTOM}H{_text(self.x(steps[0][0]))}Z"


def _rounded_up(amount: Decimal) -> Decimal:
    """To one significant figure: 1 834 becomes 2 000; 1 when there is nothing."""
    if amount <= 0:
        return Decimal(1)
    unit = Decimal(1).scaleb(amount.adjusted())
    return (amount / unit).to_integral_value(rounding=ROUND_CEILING) * unit


def _text(length: Decimal) -> str:
    return f"{length:.1f}"
