"""Which row of policy applies, and the period of a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from orbitrage.shared.errors import Refusal
from quotas.amounts import DECIMALS
from quotas.rules.draws import not_finer_than_its_unit
from quotas.rules.grants import within_the_books


@dataclass(frozen=True, kw_only=True)
class Period:
    starts_on: dt.date
    ends_on: dt.date


def period_of(period_kind: str, on: dt.date) -> Period:
    """The calendar quarter or year of that day, in the programme's time zone."""
    if period_kind == "year":
        return Period(starts_on=dt.date(on.year, 1, 1), ends_on=dt.date(on.year, 12, 31))
    if period_kind == "quarter":
        first_month = on.month - (on.month - 1) % 3
        starts_on = dt.date(on.year, first_month, 1)
        after = (starts_on + dt.timedelta(days=100)).replace(day=1)
        return Period(starts_on=starts_on, ends_on=after - dt.timedelta(days=1))
    raise ValueError(f"An envelope has no period of kind {period_kind!r}.")


class FigureKey(NamedTuple):
    """What makes rows of one sensor versions of the same figure."""

    measure: str
    unit: str
    category_id: int | None
    cell_id: int | None
    request_kind: str
    acquisition_mode: str | None


@dataclass(frozen=True, kw_only=True)
class PolicyFacts:
    """A row of quota policy. An empty category, cell or mode, and the kind `any`, mean any."""

    measure: str
    amount: Decimal
    valid_from: dt.date
    category_id: int | None = None
    cell_id: int | None = None
    request_kind: str = "any"
    acquisition_mode: str | None = None
    period_kind: str = ""
    unit: str = ""
    late_return: str = "expire"
    source: str = ""
    is_example: bool = False

    @property
    def key(self) -> FigureKey:
        return FigureKey(
            measure=self.measure,
            unit=self.unit,
            category_id=self.category_id,
            cell_id=self.cell_id,
            request_kind=self.request_kind,
            acquisition_mode=self.acquisition_mode,
        )


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Whom and what a figure of policy is looked up for."""

    category_id: int | None
    cell_id: int | None
    request_kind: str
    acquisition_mode: str | None


def figure_can_be_granted(amount: Decimal, unit: str) -> Refusal | None:
    """Of a figure in a unit: what could not be granted would be refused to everybody, and only when
    its period begins. A multiplier has no unit."""
    if unit not in DECIMALS:
        return None
    return not_finer_than_its_unit(amount, unit) or within_the_books(
        granted_after=amount, unit=unit
    )


def figure_for(
    rows: Sequence[PolicyFacts], measure: str, subject: Subject, *, unit: str = ""
) -> PolicyFacts | None:
    """The row of `measure` that applies: the most precise one, then the latest."""
    fitting = [
        row
        for row in rows
        if row.measure == measure and _applies(row, subject) and unit in ("", row.unit)
    ]
    return max(fitting, key=_precision, default=None)


def _applies(row: PolicyFacts, subject: Subject) -> bool:
    return (
        row.category_id in (None, subject.category_id)
        and row.cell_id in (None, subject.cell_id)
        and row.request_kind in ("any", subject.request_kind)
        and (row.acquisition_mode or None) in (None, subject.acquisition_mode)
    )


def _precision(row: PolicyFacts) -> tuple[bool, bool, bool, bool, dt.date]:
    return (
        row.category_id is not None,
        row.cell_id is not None,
        row.request_kind != "any",
        bool(row.acquisition_mode),
        row.valid_from,
    )
