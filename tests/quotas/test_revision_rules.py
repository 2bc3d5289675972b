"""When new figures take effect, and what they are compared with."""

import datetime as dt
from decimal import Decimal

import pytest

from quotas.rules import (
    PolicyFacts,
    first_day_proposed,
    percent_change,
    revised,
    takes_effect_on,
)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("kinds", "today", "proposed"),
    [
        (["per_request", "quarter", ""], "2026-11-21", "2027-01-01"),
        (["quarter"], "2026-01-01", "2026-04-01"),
        (["quarter"], "2026-03-31", "2026-04-01"),
        (["per_request", "year"], "2026-11-21", "2027-01-01"),
        (["per_request", "year"], "2027-01-01", "2028-01-01"),
        (["year", "quarter"], "2026-02-01", "2026-04-01"),
        (["per_request", ""], "2026-02-28", "2026-03-01"),
        ([], "2026-12-31", "2027-01-01"),
    ],
)
def test_first_day_of_the_next_quarter_or_year_is_proposed(kinds, today, proposed):
    assert first_day_proposed(kinds, day(today)) == day(proposed)


@pytest.mark.parametrize(
    ("kind", "valid_from", "effect"),
    [
        ("quarter", "2027-01-01", "2027-01-01"),
        ("quarter", "2027-01-02", "2027-04-01"),
        ("quarter", "2027-12-31", "2028-01-01"),
        ("year", "2027-01-01", "2027-01-01"),
        ("year", "2027-04-01", "2028-01-01"),
        ("per_request", "2027-01-02", "2027-01-02"),
        ("", "2027-01-02", "2027-01-02"),
    ],
)
def test_amount_of_a_period_waits_for_one_that_begins(kind, valid_from, effect):
    assert takes_effect_on(kind, day(valid_from)) == day(effect)


@pytest.mark.parametrize(
    ("before", "after", "percent"),
    [("100", "120", "20.0"), ("3", "2.5", "-16.7"), ("800", "801", "0.1"), ("5", "0", "-100.0")],
)
def test_difference_in_per_cent_is_half_up_to_a_tenth(before, after, percent):
    """(2.5 − 3) / 3 = −16.66…; 1 / 800 = 0.125."""
    assert percent_change(Decimal(before), Decimal(after)) == Decimal(percent)


def test_difference_from_nothing_has_no_per_cent():
    assert percent_change(Decimal(0), Decimal(5)) is None


def test_row_that_begins_later_stays():
    earlier = PolicyFacts(measure="request_cap", amount=Decimal(1), valid_from=day("2026-01-01"))
    later = PolicyFacts(
        measure="request_cap", amount=Decimal(2), valid_from=day("2027-06-01"), cell_id=1
    )
    amounts = {earlier.key: Decimal(10), later.key: Decimal(20)}

    found = revised([earlier, later], amounts, day("2027-01-01"))

    assert [(row.amount, row.valid_from) for row in found] == [
        (10, day("2027-01-01")),
        (2, day("2027-06-01")),
    ]
