"""Rows of a statement, with the unit of each figure beside it or in its heading."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from django.utils import timezone
from django.utils.translation import gettext

from orbitrage.shared.tables import Cell, Table
from quotas.models import Envelope, LedgerEntry
from quotas.selectors import Balance, EnvelopeLine, RequestUse, Statement


def statement_table(statement: Statement, entries: Iterable[LedgerEntry]) -> Table:
    """The opening balance, a row per entry, the closing balance."""
    return Table(
        gettext("Statement"),
        _entry_columns(statement.envelope.get_unit_display()),
        _statement_rows(statement, entries),
    )


def uses_table(envelope: Envelope, uses: Iterable[RequestUse]) -> Table:
    """What each request holds and has consumed."""
    unit = envelope.get_unit_display()
    columns = (
        gettext("Request"),
        _with_unit(gettext("Held"), unit),
        _with_unit(gettext("Consumed"), unit),
    )
    rows = ((use.request_number, use.held, use.consumed) for use in uses)
    return Table(gettext("Requests"), columns, rows)


def lines_table(lines: Iterable[EnvelopeLine]) -> Table:
    """A row per envelope of an owner; its unit has a column."""
    columns = (
        gettext("Envelope no."),
        gettext("Envelope"),
        gettext("Kind of request"),
        gettext("Unit"),
        gettext("Left at first"),
        gettext("Granted"),
        gettext("Held"),
        gettext("Consumed"),
        gettext("Left in the end"),
    )
    rows = (
        (
            line.envelope.pk,
            line.envelope.label,
            line.envelope.get_request_kind_display(),
            line.envelope.get_unit_display(),
            line.opening.left,
            line.granted,
            line.held,
            line.consumed,
            line.closing.left,
        )
        for line in lines
    )
    return Table(gettext("Envelopes"), columns, rows)


def owner_table(
    lines: Sequence[EnvelopeLine], entries: Iterable[LedgerEntry], days: tuple[dt.date, dt.date]
) -> Table:
    """The opening balance of each envelope, a row per entry on any of them, the closing ones."""
    columns = (gettext("Envelope no."), gettext("Unit"), *_entry_columns())
    return Table(gettext("Entries"), columns, _owner_rows(lines, entries, days))


def _owner_rows(
    lines: Sequence[EnvelopeLine], entries: Iterable[LedgerEntry], days: tuple[dt.date, dt.date]
) -> Iterator[tuple[Cell, ...]]:
    opening, closing = gettext("Opening balance"), gettext("Closing balance")
    for line in lines:
        yield *_of(line.envelope), *_balance_cells(days[0], opening, line.opening)
    for entry in entries:
        yield *_of(entry.envelope), *_entry_cells(entry)
    for line in lines:
        yield *_of(line.envelope), *_balance_cells(days[1], closing, line.closing)


def _of(envelope: Envelope) -> tuple[Cell, ...]:
    return (envelope.pk, envelope.get_unit_display())


def _statement_rows(
    statement: Statement, entries: Iterable[LedgerEntry]
) -> Iterator[tuple[Cell, ...]]:
    opening = gettext("Opening balance")
    yield _balance_cells(statement.starts_on, opening, statement.opening)
    for entry in entries:
        yield _entry_cells(entry)
    yield _balance_cells(statement.ends_on, gettext("Closing balance"), statement.closing)


def _entry_columns(unit: str = "") -> tuple[str, ...]:
    figures = (
        gettext("Granted"),
        gettext("Held"),
        gettext("Consumed"),
        gettext("Granted after"),
        gettext("Held after"),
        gettext("Consumed after"),
        gettext("Left after"),
    )
    return (
        gettext("No."),
        gettext("At"),
        gettext("Entry"),
        gettext("Request"),
        gettext("Reason"),
        *(_with_unit(figure, unit) for figure in figures),
        gettext("Decision"),
    )


def _with_unit(name: str, unit: str) -> str:
    return f"{name} ({unit})" if unit else name


def _entry_cells(entry: LedgerEntry) -> tuple[Cell, ...]:
    return (
        entry.sequence,
        timezone.localtime(entry.at),
        entry.get_kind_display(),
        entry.request_number,
        entry.reason,
        entry.d_granted,
        entry.d_held,
        entry.d_consumed,
        entry.granted_after,
        entry.held_after,
        entry.consumed_after,
        entry.left_after,
        str(entry.decision),
    )


def _balance_cells(on: dt.date, name: str, balance: Balance) -> tuple[Cell, ...]:
    after = (balance.granted, balance.held, balance.consumed, balance.left)
    return (None, on, name, "", "", None, None, None, *after, "")
