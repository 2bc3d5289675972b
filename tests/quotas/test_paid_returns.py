"""What comes back to a volume that somebody paid for, once it has ended."""

import datetime as dt
from decimal import Decimal

import pytest

from quotas import services
from quotas.models import Envelope, LedgerEntry
from quotas.selectors import discrepancies
from quotas.services import Amount
from tests.eligibility.factories import ParameterFactory
from tests.quotas.checks import NUMBER, balances, kinds
from tests.quotas.factories import (
    LONG_AGO,
    QUARTER_END,
    PackageFactory,
    PrefundedFactory,
    SupplyContractFactory,
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


def others(envelope) -> list[Envelope]:
    return list(Envelope.objects.exclude(pk=envelope.pk).order_by("pk"))


def identity(envelope) -> tuple:
    return (
        envelope.scope, envelope.entity, envelope.sensor, envelope.request_kind, envelope.unit,
        envelope.package, envelope.contract, envelope.allotment,
    )  # fmt: skip


@pytest.mark.parametrize("make", [package, PrefundedFactory])
def test_it_stays_usable_for_the_days_of_policy_in_a_volume_of_its_own(make):
    """1,000 bought, 700 consumed and refunded after the end: the 300 that were left stay there."""
    ended = make(granted=1_000, contract=SupplyContractFactory())
    consume(ended, 700)
    why = cause(on=AFTER)

    services.refund_request(request_number=NUMBER, cause=why)

    (again,) = others(ended)
    assert identity(again) == identity(ended)
    assert (again.period_starts_on, again.period_ends_on) == (AFTER, LAST_DAY)
    assert kinds(ended)[-2:] == [("refund", 0, 0, -700), ("transfer", -700, 0, 0)]
    assert kinds(again) == [("transfer", 700, 0, 0)]
    ended.refresh_from_db()
    assert (ended.period_ends_on, ended.left) == (QUARTER_END, 300)
    pair = LedgerEntry.objects.filter(kind="transfer")
    assert {(e.request_number, e.decision) for e in pair} == {(NUMBER, why.decision)}
    assert discrepancies() == []


def test_two_returns_of_a_day_go_to_one_volume_and_those_of_the_next_to_another():
    ended = package(granted=1_000)
    for number, amount in (("R2026-000001", 100), ("R2026-000002", 200), ("R2026-000003", 300)):
        consume(ended, amount, number)

    for number, on in (
        ("R2026-000001", AFTER),
        ("R2026-000002", AFTER),
        ("R2026-000003", AFTER + dt.timedelta(days=1)),
    ):
        services.refund_request(request_number=number, cause=cause(number, on=on))

    assert [balances(each) for each in others(ended)] == [(300, 0, 0), (300, 0, 0)]


def test_it_goes_to_one_that_was_bought_since_and_lasts_longer():
    ended = package(granted=1_000)
    consume(ended, 500)
    bought = PrefundedFactory(
        sensor=ended.sensor, entity=ended.entity, unit="eur", package=ended.package,
        period_starts_on=dt.date(2026, 4, 1), period_ends_on=dt.date(2027, 3, 31), granted=2_000,
    )  # fmt: skip

    services.refund_request(request_number=NUMBER, cause=cause(on=AFTER))

    assert others(ended) == [bought]
    assert balances(bought) == (2_500, 0, 0)


def test_nothing_is_opened_where_nothing_comes_back():
    ended = PrefundedFactory(granted=1_000)
    consume(ended, 500)

    keep = plan(free_line(500, ended))
    services.refund_request(request_number=NUMBER, cause=cause(on=AFTER), keep=keep)

    assert others(ended) == []


def test_within_its_life_it_stays():
    ended = package(granted=1_000)
    consume(ended, 500)

    services.refund_request(request_number=NUMBER, cause=cause(on=QUARTER_END))

    assert (others(ended), balances(ended)) == ([], (1_000, 0, 0))


def test_reduction_that_waits_takes_first():
    ended = package(granted=1_000)
    consume(ended, 1_000)
    services.reduce(envelope_id=ended.pk, amount=Decimal(400), cause=cause(""))

    services.refund_request(request_number=NUMBER, cause=cause(on=AFTER))

    assert kinds(ended)[-2:] == [("expire", -400, 0, 0), ("transfer", -600, 0, 0)]


def test_prefunded_km2_are_taken_again_from_where_they_went():
    ended = PrefundedFactory(granted=100)
    whole = plan(free_line(100, ended))
    consume(ended, 100)
    keep = plan(free_line(60, ended))
    services.refund_request(request_number=NUMBER, cause=cause(on=AFTER), keep=keep)

    again = services.take_again(plan=whole, cause=cause(on=AFTER))

    (reopened,) = others(ended)
    assert again.amounts == {reopened.pk: 40}
    assert (balances(ended), balances(reopened)) == ((60, 0, 60), (40, 0, 40))
