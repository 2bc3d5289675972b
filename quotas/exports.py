"""Statements as files that a spreadsheet opens."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext

from quotas.models import LedgerEntry

DANGEROUS_STARTS = ("=", "+", "-", "@", "\t", "\r")


def statement_csv(entries: Iterable[LedgerEntry]) -> Iterator[str]:
    """One line per entry. Figures are plain numbers; every text is made safe for a spreadsheet."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow([safe_cell(title) for title in _titles()])
    for entry in entries:
        yield writer.writerow([safe_cell(cell) for cell in _cells(entry)])


def safe_cell(cell: str | int | Decimal) -> str:
    """A text that a spreadsheet would read as a formula is prefixed; a number is a number."""
    if isinstance(cell, str) and cell.startswith(DANGEROUS_STARTS):
        return f"'{cell}"
    return str(cell)


class _Echo:
    """csv writes to a file; this one hands the line back."""

    def write(self, line: str) -> str:
        return line


def _titles() -> list[str]:
    return [
        gettext("No."),
        gettext("At"),
        gettext("Entry"),
        gettext("Request"),
        gettext("Reason"),
        gettext("Granted"),
        gettext("Held"),
        gettext("Consumed"),
        gettext("Granted after"),
        gettext("Held after"),
        gettext("Consumed after"),
        gettext("Decision"),
    ]


def _cells(entry: LedgerEntry) -> list[str | int | Decimal]:
    return [
        entry.sequence,
        timezone.localtime(entry.at).isoformat(timespec="seconds"),
        entry.get_kind_display(),
        entry.request_number,
        entry.reason,
        entry.d_granted,
        entry.d_held,
        entry.d_consumed,
        entry.granted_after,
        entry.held_after,
        entry.consumed_after,
        str(entry.decision),
    ]
