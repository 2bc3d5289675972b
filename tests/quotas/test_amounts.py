from decimal import Decimal

import pytest

from quotas.amounts import DECIMALS, decimals_of, floor_amount, round_area, round_euro
from quotas.models import Unit


@pytest.mark.parametrize(
    ("amount", "cents"),
    [("0.125", "0.13"), ("0.135", "0.14"), ("2.345", "2.35"), ("0.1249", "0.12"), ("10", "10.00")],
)
def test_money_is_rounded_half_up_to_the_cent(amount, cents):
    assert round_euro(Decimal(amount)) == Decimal(cents)


@pytest.mark.parametrize(
    ("area", "rounded"),
    [("0.0000005", "0.000001"), ("0.0000025", "0.000003"), ("0.0000024", "0.000002")],
)
def test_area_is_rounded_half_up_to_the_square_metre(area, rounded):
    assert round_area(Decimal(area)) == Decimal(rounded)


@pytest.mark.parametrize(
    ("amount", "unit", "floored"),
    [
        ("0.0000019", "km2", "0.000001"),
        ("23.339", "eur", "23.33"),
        ("2.999", "attempts", "2"),
        ("0.9", "products", "0"),
    ],
)
def test_amount_is_floored_to_the_least_of_its_unit(amount, unit, floored):
    assert floor_amount(Decimal(amount), unit) == Decimal(floored)


@pytest.mark.parametrize(
    ("amount", "decimals"), [("10", 0), ("1E+2", 0), ("0.500000", 1), ("-0.001", 3), ("1E-7", 7)]
)
def test_decimals_are_counted_without_idle_zeros(amount, decimals):
    assert decimals_of(Decimal(amount)) == decimals


def test_every_unit_has_its_decimals():
    assert set(DECIMALS) == set(Unit.values)
