"""Reading a file of grants as spreadsheets write it: its bytes, its separator, its cells."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext

from orbitrage.shared.errors import DomainError, Refusal
from quotas.amounts import AMOUNT_LIMIT, DECIMALS, ZERO
from quotas.models import Envelope, Unit
from quotas.rules import GrantLine, not_finer_than_its_unit

COLUMNS = ("scope", "owner", "sensor", "kind", "unit", "starts_on", "amount", "reason")
OPTIONAL_COLUMNS = ("ends_on",)
SCOPES = (Envelope.Scope.PROGRAMME, Envelope.Scope.ENTITY, Envelope.Scope.PREFUNDED)
LINES_MAXIMUM = 10_000
REASON_MAXIMUM = 200
SEPARATORS = (";", ",", "\t")
FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2999, 12, 31)

TEMPLATE = (
    COLUMNS + OPTIONAL_COLUMNS,
    ("entity", "13000000000017", "pleiades", "any", "km2", "2027-01-01", "250,5",
     "Decision of the committee", ""),
    ("programme", "pleiades-science", "pleiades", "any", "km2", "2027-01-01", "1000",
     "Decision of the committee", ""),
    ("prefunded", "13000000000017", "spot67", "tasking", "km2", "2027-01-01", "40000",
     "Paid for in advance", "2027-12-31"),
)  # fmt: skip
"""What the empty file shows: its heading, and a line of each scope to replace."""

_UNITS = {"km²": Unit.KM2, "€": Unit.EUR}
_SPACES = re.compile(r"\s")
_AMOUNT = re.compile(r"([+-]?)([0-9]+)(?:([.,])([0-9]+))?")
_THOUSANDS = re.compile(r"[0-9]{1,3}(,[0-9]{3})+")
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_FRENCH_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")


class FileRefused(DomainError):
    """Nothing of the file can be read as lines of grants."""


class _LineRefused(DomainError):
    pass


@dataclass(frozen=True)
class RefusedLine:
    number: int
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True)
class GrantFile:
    """The lines that can be read, and those that cannot."""

    lines: tuple[GrantLine, ...]
    refused: tuple[RefusedLine, ...]


def decoded(data: bytes) -> str:
    """UTF-8, with or without its mark, UTF-16 with it, else what Windows writes in the West.

    Raises:
        FileRefused: `file_is_a_workbook`, `file_unreadable`.
    """
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        message = gettext("This is a workbook: save it as CSV, and send that.")
        raise FileRefused(Refusal("file_is_a_workbook", message))
    encodings = ["utf-8-sig", "cp1252"]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    message = gettext("The file is not text: save it as CSV, in UTF-8.")
    raise FileRefused(Refusal("file_unreadable", message))


def read_grants(text: str) -> GrantFile:
    """
    Raises:
        FileRefused: `file_empty`, `columns_missing`, `columns_unknown`, `columns_repeated`,
            `too_many_lines`, `file_unreadable`.
    """
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise FileRefused(Refusal("file_empty", gettext("Choose a file, or write its lines.")))
    separator = _separator(text)
    records = _records(text, separator)
    heading = next((cells for _number, cells in records), [])
    columns = _columns(heading)
    lines: list[GrantLine] = []
    refused: list[RefusedLine] = []
    seen: dict[object, int] = {}
    for count, (number, cells) in enumerate(records, 1):
        if count > LINES_MAXIMUM:
            message = gettext("More than %(maximum)s lines: send several files.")
            raise FileRefused(Refusal("too_many_lines", message % {"maximum": LINES_MAXIMUM}))
        try:
            line = _line(number, columns, cells, separator)
            _check_once(line, seen)
        except _LineRefused as error:
            refused.append(RefusedLine(number, error.refusals))
        else:
            lines.append(line)
    if not lines and not refused:
        raise FileRefused(Refusal("file_empty", gettext("The file has no line below its heading.")))
    return GrantFile(tuple(lines), tuple(refused))


def _separator(text: str) -> str:
    heading = text.lstrip().partition("\n")[0]
    return max(SEPARATORS, key=heading.count)


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Lines that are not empty, with their number in a spreadsheet."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if any(cell.strip() for cell in cells):
                yield number, [" ".join(cell.split()) for cell in cells]
    except csv.Error as error:
        message = gettext("Line %(number)s cannot be read: its quotation marks do not close.")
        refused = Refusal("file_unreadable", message % {"number": number + 1})
        raise FileRefused(refused) from error


def _columns(heading: list[str]) -> list[str]:
    names = [name.lower() for name in heading]
    while names and not names[-1]:
        names.pop()
    missing = [name for name in COLUMNS if name not in names]
    unknown = [name for name in names if name not in COLUMNS + OPTIONAL_COLUMNS]
    refused = []
    if missing:
        message = gettext("The heading lacks: %(columns)s. It is the first line of the file.")
        refused.append(Refusal("columns_missing", message % {"columns": ", ".join(missing)}))
    if unknown and not missing:
        message = gettext("The heading has columns that mean nothing here: %(columns)s.")
        named = ", ".join(name[:40] or "—" for name in unknown[:10])
        refused.append(Refusal("columns_unknown", message % {"columns": named}))
    elif len(set(names)) < len(names) and not missing:
        message = gettext("The heading names a column twice.")
        refused.append(Refusal("columns_repeated", message))
    if refused:
        raise FileRefused(*refused)
    return names


def _check_once(line: GrantLine, seen: dict[object, int]) -> None:
    before = seen.setdefault(line.key, line.number)
    if before != line.number:
        message = gettext("Line %(number)s is about the same envelope: grant it once.")
        raise _LineRefused(Refusal("line_repeated", message % {"number": before}))


# --- A line ---------------------------------------------------------------------------------------


def _line(number: int, columns: list[str], cells: list[str], separator: str) -> GrantLine:
    """
    Raises:
        _LineRefused: with every reason.
    """
    if any(cells[len(columns) :]):
        message = gettext("%(cells)s cells, and the heading has %(columns)s.")
        figures = {"cells": len(cells), "columns": len(columns)}
        raise _LineRefused(Refusal("line_too_long", message % figures))
    typed = dict.fromkeys(COLUMNS + OPTIONAL_COLUMNS, "")
    typed |= dict(zip(columns, cells, strict=False))
    reading = _Reading(typed, separator)
    line = GrantLine(
        number=number,
        scope=reading.one_of("scope", SCOPES),
        owner=_SPACES.sub("", reading.given("owner")).lower(),
        sensor=reading.given("sensor").lower(),
        request_kind=reading.one_of("kind", Envelope.RequestKind.values),
        unit=reading.one_of("unit", Unit.values, _UNITS),
        starts_on=reading.day("starts_on") or FIRST_DAY,
        ends_on=reading.day("ends_on", is_required=False),
        amount=reading.amount(),
        reason=reading.reason(),
    )
    if not reading.refused:
        _check_end(line, reading)
    if reading.refused:
        raise _LineRefused(*reading.refused)
    return line


def _check_end(line: GrantLine, reading: _Reading) -> None:
    if line.ends_on is not None and line.ends_on < line.starts_on:
        message = gettext("The period ends before it begins.")
        reading.refuse("dates_reversed", message)


class _Reading:
    """The cells of one line, by column; what cannot be read is noted and stands for nothing."""

    def __init__(self, typed: Mapping[str, str], separator: str) -> None:
        self.typed = typed
        self.separator = separator
        self.refused: list[Refusal] = []

    def refuse(self, code: str, message: str) -> None:
        self.refused.append(Refusal(code, message))

    def given(self, column: str) -> str:
        value = self.typed[column]
        if not value:
            message = gettext("The cell “%(column)s” is empty.")
            self.refuse("cell_missing", message % {"column": column})
        return value

    def one_of(
        self,
        column: str,
        values: tuple[str, ...] | list[str],
        also: Mapping[str, str] | None = None,
    ) -> str:
        value = self.given(column).lower()
        value = (also or {}).get(value, value)
        if value and value not in values:
            message = gettext("“%(value)s” is no %(column)s: one of %(values)s is.")
            figures = {"value": value[:40], "column": column, "values": ", ".join(values)}
            self.refuse(f"{column}_unknown", message % figures)
        return str(value)

    def day(self, column: str, *, is_required: bool = True) -> dt.date | None:
        value = self.given(column) if is_required else self.typed[column]
        if not value:
            return None
        day = _day(value)
        if day is None:
            message = gettext(
                "“%(value)s” is no day: write 2027-01-31, or 31/01/2027 with the day first."
            )
            self.refuse("day_unreadable", message % {"value": value[:40]})
        return day

    def reason(self) -> str:
        reason = self.given("reason")
        if len(reason) > REASON_MAXIMUM:
            message = gettext("The reason has %(length)s characters; %(maximum)s at most.")
            figures = {"length": len(reason), "maximum": REASON_MAXIMUM}
            self.refuse("reason_too_long", message % figures)
        return reason

    def amount(self) -> Decimal:
        """Spaces group; a comma is decimal, unless it looks like thousands in a file that separates
        by commas."""
        value = self.given("amount")
        found = _AMOUNT.fullmatch(_SPACES.sub("", value))
        if not value:
            return ZERO
        if found is None or (self.separator == "," and _THOUSANDS.fullmatch(value)):
            message = gettext("“%(value)s” is no amount: write 1250.5 or 1250,5.")
            self.refuse("amount_unreadable", message % {"value": value[:40]})
            return ZERO
        sign, whole, _mark, decimals = found.groups(default="")
        return self._checked(Decimal(f"{sign}{whole}.{decimals or 0}"))

    def _checked(self, amount: Decimal) -> Decimal:
        if amount <= 0:
            message = gettext("The amount must be more than 0.")
            self.refuse("amount_not_positive", message)
        if amount >= AMOUNT_LIMIT:
            message = gettext("The amount must be less than %(limit)s.")
            self.refuse("amount_too_large", message % {"limit": AMOUNT_LIMIT})
        unit = _UNITS.get(self.typed["unit"].lower(), self.typed["unit"].lower())
        if unit in DECIMALS and (refused := not_finer_than_its_unit(amount, unit)):
            self.refused.append(refused)
        return amount


def _day(value: str) -> dt.date | None:
    if found := _ISO_DAY.fullmatch(value):
        year, month, day = found.groups()
    elif found := _FRENCH_DAY.fullmatch(value):
        day, month, year = found.groups()
    else:
        return None
    try:
        read = dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
    return read if FIRST_DAY <= read <= LAST_DAY else None
