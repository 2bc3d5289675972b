"""What comes back to a volume that somebody paid for, once it has ended."""

import datetime as dt
from decimal import Decimal

import pytest

from eligibility.models import Parameter
from quotas import services
from quotas.models import Envelope
from quotas.selectors import discrepancies
from quotas.services import Amount
from tests.eligibility.factories import ParameterFactory
from tests.quotas.checks import NUMBER, balances, kinds
from tests.quotas.factories import (
    LONG_AGO,
    QUARTER_END,
    PackageFactory,
    PrefundedFactory,
    cause,
    free_line,
    plan,
)

pytestmark = pytest.mark.django_db

AFTER = dt.date(2026, 4, 10)
LAST_DAY = dt.date(2026, 4, 19)


@pytest.fixture(autouse=True)
def ten_days():
    ParameterFactory(code="paid-volume-return-days", amount=Decimal(10), valid_from=LONG_AGO)


def package(**fields) -> Envelope:
    tariff = PackageFactory()
    return PrefundedFactory(sensor=tariff.sensor, unit="eur", package=tariff, **fields)


def consume(envelope, amount, number=NUMBER):
    services.hold(amounts=[Amount(envelope.pk, Decimal(amount))], cause=cause(number))
    services.consume_request(request_number=number, cause=cause(number))


@pytest.mark.parametrize("make", [package, PrefundedFactory])
def test_it_stays_usable_for_the_days_of_policy(make):
    """1,000 bought, 700 consumed and refunded after the end: the 300 that were left expire."""
    ended = make(granted=1_000)
    consume(ended, 700)

    services.refund_request(request_number=NUMBER, cause=cause(on=AFTER))

    assert kinds(ended)[-2:] == [("refund", 0, 0, -700), ("expire", -300, 0, 0)]
    ended.refresh_from_db()
    assert (ended.period_ends_on, ended.left) == (LAST_DAY, 700)
    assert discrepancies() == []


def test_what_comes_back_while_it_is_prolonged_changes_nothing_else():
    ended = package(granted=1_000)
    consume(ended, 100, "R2026-000001")
    consume(ended, 200, "R2026-000002")
    services.refund_request(request_number="R2026-000001", cause=cause("R2026-000001", on=AFTER))

    services.refund_request(request_number="R2026-000002", cause=cause("R2026-000002", on=LAST_DAY))

    ended.refresh_from_db()
    assert (ended.period_ends_on, balances(ended)) == (LAST_DAY, (300, 0, 0))


def test_nothing_is_prolonged_where_nothing_comes_back():
    ended = PrefundedFactory(granted=1_000)
    consume(ended, 500)

    keep = plan(free_line(500, ended))
    services.refund_request(request_number=NUMBER, cause=cause(on=AFTER), keep=keep)

    ended.refresh_from_db()
    assert (ended.period_ends_on, balances(ended)) == (QUARTER_END, (1_000, 0, 500))


def test_within_its_life_it_stays():
    ended = package(granted=1_000)
    consume(ended, 500)

    services.refund_request(request_number=NUMBER, cause=cause(on=QUARTER_END))

    ended.refresh_from_db()
    assert (ended.period_ends_on, balances(ended)) == (QUARTER_END, (1_000, 0, 0))


def test_without_the_days_of_policy_it_stays_as_it_was():
    Parameter.objects.all().delete()
    ended = package(granted=1_000)
    consume(ended, 500)

    services.refund_request(request_number=NUMBER, cause=cause(on=AFTER))

    ended.refresh_from_db()
    assert (ended.period_ends_on, balances(ended)) == (QUARTER_END, (1_000, 0, 0))


def test_reduction_that_waits_takes_first():
    ended = package(granted=1_000)
    consume(ended, 1_000)
    services.reduce(envelope_id=ended.pk, amount=Decimal(400), cause=cause(""))

    services.refund_request(request_number=NUMBER, cause=cause(on=AFTER))

    assert kinds(ended)[-1] == ("expire", -400, 0, 0)
    assert balances(ended) == (600, 0, 0)


def test_prefunded_km2_are_taken_again_where_they_came_back():
    ended = PrefundedFactory(granted=200)
    whole = plan(free_line(100, ended))
    consume(ended, 100)
    keep = plan(free_line(60, ended))
    services.refund_request(request_number=NUMBER, cause=cause(on=AFTER), keep=keep)

    again = services.take_again(plan=whole, cause=cause(on=AFTER))

    assert again.amounts == {ended.pk: 40}
    assert balances(ended) == (100, 0, 100)
