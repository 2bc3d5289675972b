import datetime as dt
from decimal import Decimal

import pytest

from orbitrage.shared.errors import Refusal
from quotas.amounts import say
from quotas.rules import (
    ContractDates,
    Draw,
    PolicyFacts,
    Subject,
    contract_in_force,
    draw_refusals,
    figure_for,
    period_of,
)


def draw(amount, left) -> Draw:
    return Draw(amount=Decimal(amount), left=Decimal(left), unit="km2", envelope="allowance of LAB")


def test_refusal_names_both_amounts():
    assert draw_refusals([draw(60, 40)]) == [
        Refusal("quota_exhausted", "60 km² asked, 40 km² left on the allowance of LAB.")
    ]


def test_amounts_that_two_decimals_would_confuse_are_said_to_the_square_metre():
    (refusal,) = draw_refusals([draw("60.000001", "60")])

    assert refusal.message == "60.000001 km² asked, 60 km² left on the allowance of LAB."


def test_every_refusal_is_said_at_once():
    refused = draw_refusals([draw(60, 40), draw(0, 40), draw(40, 40)])

    assert [refusal.code for refusal in refused] == ["quota_exhausted", "amount_not_positive"]


@pytest.mark.parametrize(
    ("amount", "unit", "said"),
    [
        ("60", "km2", "60 km²"),
        ("60.5", "km2", "60.5 km²"),
        ("0.005", "km2", "0.01 km²"),
        ("1234.56", "eur", "1,234.56 €"),
        ("1", "attempts", "1 attempt"),
        ("3", "products", "3 products"),
    ],
)
def test_amounts_are_said_with_their_unit(amount, unit, said):
    assert say(Decimal(amount), unit) == said


@pytest.mark.parametrize(
    ("kind", "on", "starts_on", "ends_on"),
    [
        ("quarter", "2026-01-01", "2026-01-01", "2026-03-31"),
        ("quarter", "2026-06-30", "2026-04-01", "2026-06-30"),
        ("quarter", "2026-08-15", "2026-07-01", "2026-09-30"),
        ("quarter", "2028-12-31", "2028-10-01", "2028-12-31"),
        ("year", "2028-02-29", "2028-01-01", "2028-12-31"),
    ],
)
def test_period_of_a_day(kind, on, starts_on, ends_on):
    period = period_of(kind, dt.date.fromisoformat(on))

    assert (str(period.starts_on), str(period.ends_on)) == (starts_on, ends_on)


def test_contract_is_not_cited_after_its_end():
    dates = ContractDates(
        contract="C-1", starts_on=dt.date(2026, 1, 1), ends_on=dt.date(2026, 6, 30),
        on=dt.date(2026, 7, 1),
    )  # fmt: skip

    assert contract_in_force(dates) == Refusal(
        "supply_contract_not_in_force",
        "The supply contract C-1 runs from 1 January 2026 to 30 June 2026:"
        " no order can cite it on 1 July 2026.",
    )


def row(amount, valid_from="2026-01-01", **fields) -> PolicyFacts:
    return PolicyFacts(
        measure="request_cap", amount=Decimal(amount), unit="km2",
        valid_from=dt.date.fromisoformat(valid_from), **fields,
    )  # fmt: skip


SUBJECT = Subject(category_id=1, cell_id=2, request_kind="archive", acquisition_mode="stereo")


@pytest.mark.parametrize(
    ("rows", "amount"),
    [
        ([row(1), row(2, "2026-04-01")], 2),
        ([row(1, "2026-04-01"), row(2, category_id=1)], 2),
        ([row(1), row(2, request_kind="archive"), row(3, request_kind="tasking")], 2),
        ([row(1), row(2, acquisition_mode="stereo"), row(3, acquisition_mode="mono")], 2),
        ([row(1), row(2, category_id=7), row(3, cell_id=7)], 1),
    ],
    ids=["latest", "category before date", "kind", "mode", "those of others are not ours"],
)
def test_most_precise_row_of_policy_applies(rows, amount):
    assert figure_for(rows, "request_cap", SUBJECT).amount == amount


def test_no_row_of_that_measure_or_unit_is_none():
    assert figure_for([row(1)], "entity_allowance", SUBJECT) is None
    assert figure_for([row(1)], "request_cap", SUBJECT, unit="attempts") is None
