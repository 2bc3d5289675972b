"""Tables as CSV and as workbooks: what a spreadsheet would run, and what stays a number."""

import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest
from django.utils import timezone

from orbitrage.shared.tables import Table, safe_cell, workbook


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_a_spreadsheet_would_run_is_prefixed(start):
    assert safe_cell(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


def test_figures_are_left_alone():
    assert safe_cell(Decimal("-60.5")) == "-60.500000"


def test_strings_of_a_workbook_are_strings_and_figures_numbers():
    at = timezone.make_aware(dt.datetime(2026, 2, 3, 4, 5, 6))
    row = ("=1+1", "http://example.org", "a\x00b", Decimal("60.25"), 7, at, None)
    table = Table("t" * 40, tuple("abcdefg"), [row])

    book = openpyxl.load_workbook(io.BytesIO(workbook([table])))

    cells = list(book["t" * 31])[1]
    assert [cell.data_type for cell in cells] == ["s", "s", "s", "n", "n", "d", "n"]
    assert [cell.value for cell in cells] == [
        "'=1+1", "http://example.org", "ab", 60.25, 7, dt.datetime(2026, 2, 3, 4, 5, 6), None,
    ]  # fmt: skip
