from decimal import Decimal

import pytest

from quotas.amounts import round_area, round_euro


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
