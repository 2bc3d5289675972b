"""A table of figures and texts as CSV or as a workbook."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DANGEROUS_STARTS = ("=", "+", "-", "@", "\t", "\r")
FIGURE = "#,##0.00####"
COLUMN_WIDTH = 18
TITLE_MAXIMUM = 31

Cell = str | int | Decimal | dt.datetime | dt.date | None


@dataclass(frozen=True)
class Table:
    title: str
    columns: tuple[str, ...]
    rows: Iterable[tuple[Cell, ...]]


def csv_lines(table: Table) -> Iterator[str]:
    """Figures are plain numbers; every text is made safe for a spreadsheet."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow([safe_cell(title) for title in table.columns])
    for row in table.rows:
        yield writer.writerow([safe_cell(cell) for cell in row])


def safe_cell(cell: Cell) -> str:
    """A text that a spreadsheet would read as a formula is prefixed; a number is a number, with
    all its decimals."""
    if isinstance(cell, str) and cell.startswith(DANGEROUS_STARTS):
        return f"'{cell}"
    if isinstance(cell, Decimal):
        return f"{cell:.6f}"
    if isinstance(cell, dt.datetime):
        return cell.isoformat(timespec="seconds")
    return "" if cell is None else str(cell)


class _Echo:
    """csv writes to a file; this one hands the line back."""

    def write(self, line: str) -> str:
        return line


def workbook(tables: Sequence[Table]) -> bytes:
    """A sheet per table. Strings are strings, never formulas; figures are numbers; instants are in
    the time zone of the service."""
    book = Workbook(write_only=True)
    for table in tables:
        sheet = book.create_sheet(table.title[:TITLE_MAXIMUM])
        sheet.freeze_panes = "A2"
        for n in range(1, len(table.columns) + 1):
            sheet.column_dimensions[get_column_letter(n)].width = COLUMN_WIDTH
        sheet.append([_title_cell(sheet, title) for title in table.columns])
        for row in table.rows:
            sheet.append([_sheet_cell(sheet, cell) for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _title_cell(sheet: WriteOnlyWorksheet, title: str) -> SheetCell:
    cell = _sheet_cell(sheet, title)
    cell.font = Font(bold=True)
    return cell


def _sheet_cell(sheet: WriteOnlyWorksheet, value: Cell) -> SheetCell:
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", safe_cell(value)))
        # Whatever it begins with.
        cell.data_type = "s"
        return cell
    if isinstance(value, dt.datetime):
        # A workbook knows no time zones.
        value = value.replace(tzinfo=None, microsecond=0)
    cell = WriteOnlyCell(sheet)
    cell.value = value
    if isinstance(value, Decimal):
        cell.number_format = FIGURE
    return cell
