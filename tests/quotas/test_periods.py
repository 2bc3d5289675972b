"""The end of a period: what is left expires, what is held stays, what comes back later passes on."""

import datetime as dt
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

import pytest
from django.db import IntegrityError

from quotas import services
from quotas.models import OPENED_WITH, Demand, Envelope, LedgerEntry, PendingReduction
from quotas.pricing import FundingLine, FundingPlan, Source
from quotas.selectors import discrepancies
from quotas.services import Amount, Cause
from tests.quotas.checks import NUMBER, balances, kinds
from tests.quotas.factories import (
    IN_QUARTER,
    QUARTER_END,
    AllowanceFactory,
    AllowancePolicyFactory,
    EnvelopeFactory,
    ProgrammePolicyFactory,
    SupplyContractFactory,
    cause,
    charge,
)

pytestmark = pytest.mark.django_db

AFTER = dt.date(2026, 4, 10)


def hold(envelope, amount):
    services.hold(amounts=[Amount(envelope.pk, Decimal(amount))], cause=cause())


def consume():
    services.consume_request(request_number=NUMBER, cause=cause())


def with_policy(envelope, late_return):
    """The policy by which the envelope of the next quarter is opened: 500 km²."""
    if envelope.entity_id:
        return AllowancePolicyFactory(sensor=envelope.sensor, late_return=late_return)
    return ProgrammePolicyFactory(
        sensor=envelope.sensor, amount=Decimal(500), late_return=late_return
    )


def of_next_quarter():
    return Envelope.objects.get(period_starts_on=dt.date(2026, 4, 1))


def test_scopes_that_are_renewed_are_those_that_policy_opens():
    assert set(OPENED_WITH) == set(Envelope.RENEWED)


def test_what_is_left_expires_and_what_is_held_stays():
    envelope = EnvelopeFactory(granted=100)
    hold(envelope, 60)

    runs = [services.end_periods(AFTER), services.end_periods(AFTER)]

    assert runs == [1, 0]
    assert kinds(envelope)[-1] == ("expire", -40, 0, 0)
    assert balances(envelope) == (60, 60, 0)


def test_what_is_still_asked_waits_for_the_decision():
    envelope = EnvelopeFactory(granted=100)
    Demand.objects.create(request_number=NUMBER, envelope=envelope, amount=Decimal(30))

    first = services.end_periods(AFTER), balances(envelope)
    services.clear_demand(request_number=NUMBER)

    assert first == (1, (30, 0, 0))
    assert (services.end_periods(AFTER), balances(envelope)) == (1, (0, 0, 0))


def test_nothing_expires_on_the_last_day():
    envelope = EnvelopeFactory(granted=100)

    assert services.end_periods(QUARTER_END) == 0
    assert balances(envelope) == (100, 0, 0)


@pytest.mark.parametrize("scope", ["budget", "prefunded"])
def test_money_and_what_was_paid_for_do_not_expire(scope):
    AllowanceFactory(scope=scope, granted=100)

    assert services.end_periods(AFTER) == 0


def test_envelopes_that_have_nothing_left_cost_nothing(django_assert_num_queries):
    for _ in range(3):
        AllowanceFactory(granted=100)
    services.end_periods(AFTER)

    with django_assert_num_queries(1):
        services.end_periods(AFTER)


def test_envelope_that_cannot_be_ended_keeps_no_other_from_ending(caplog):
    """The decision that would end the first one is taken: the database refuses it a second time."""
    stuck, other = AllowanceFactory(granted=100), AllowanceFactory(granted=100)
    taken = uuid5(NAMESPACE_URL, f"orbitrage:quotas:period-end:{stuck.pk}:2")
    why = Cause(decision=taken, on=IN_QUARTER)
    services.expire(envelope_id=stuck.pk, amount=Decimal(30), cause=why)

    with pytest.raises(ExceptionGroup, match="1 envelopes could not be ended; 1 were") as raised:
        services.end_periods(AFTER)

    assert [type(error) for error in raised.value.exceptions] == [IntegrityError]
    assert caplog.messages == [f"Envelope {stuck.pk} could not be ended"]
    assert (balances(stuck), balances(other)) == ((70, 0, 0), (0, 0, 0))


def test_what_was_held_is_consumed_after_the_period():
    envelope = EnvelopeFactory(granted=100)
    hold(envelope, 60)
    services.end_periods(AFTER)

    services.consume_request(request_number=NUMBER, cause=cause(on=AFTER))

    assert balances(envelope) == (60, 0, 60)


@pytest.mark.parametrize("make", [EnvelopeFactory, AllowanceFactory])
def test_late_return_expires_with_its_request(make):
    envelope = make(granted=100)
    with_policy(envelope, "expire")
    hold(envelope, 60)
    why = cause(on=AFTER)

    services.release_request(request_number=NUMBER, cause=why)

    assert kinds(envelope)[-2:] == [("release", 0, -60, 0), ("expire", -60, 0, 0)]
    last = LedgerEntry.objects.filter(envelope=envelope).last()
    assert (last.request_number, last.decision) == (NUMBER, why.decision)
    assert balances(envelope) == (40, 0, 0)


@pytest.mark.parametrize("make", [EnvelopeFactory, AllowanceFactory])
def test_late_return_goes_to_the_envelope_of_the_day_with_its_request(make):
    envelope = make(granted=100)
    with_policy(envelope, "transfer")
    hold(envelope, 60)
    consume()
    why = cause(on=AFTER)

    services.refund_request(request_number=NUMBER, cause=why)

    following = of_next_quarter()
    assert kinds(envelope)[-2:] == [("refund", 0, 0, -60), ("transfer", -60, 0, 0)]
    assert kinds(following) == [("grant", 500, 0, 0), ("transfer", 60, 0, 0)]
    pair = LedgerEntry.objects.filter(kind="transfer")
    assert {(e.request_number, e.decision) for e in pair} == {(NUMBER, why.decision)}
    assert discrepancies() == []


def test_smaller_hold_after_the_period_passes_on_the_difference():
    envelope = EnvelopeFactory(granted=100)
    with_policy(envelope, "transfer")
    hold(envelope, 60)

    services.hold_plan(plan=plan_of(envelope, 45), cause=cause(on=AFTER))

    assert kinds(envelope)[-2:] == [("adjust", 0, -15, 0), ("transfer", -15, 0, 0)]
    assert kinds(of_next_quarter())[-1] == ("transfer", 15, 0, 0)


def plan_of(envelope, area_km2):
    line = FundingLine(
        source=Source.FREE, area_km2=Decimal(area_km2), charges=(charge(envelope),), rule="free"
    )
    return FundingPlan(lines=(line,), area_km2=Decimal(area_km2))


def test_late_return_expires_where_another_contract_stands_behind():
    envelope = EnvelopeFactory(granted=100, contract=SupplyContractFactory(ends_on=QUARTER_END))
    with_policy(envelope, "transfer")
    hold(envelope, 60)

    services.release_request(request_number=NUMBER, cause=cause(on=AFTER))

    assert kinds(envelope)[-1] == ("expire", -60, 0, 0)
    assert kinds(of_next_quarter()) == [("grant", 500, 0, 0)]


def test_return_within_the_period_stays():
    envelope = EnvelopeFactory(granted=100)
    with_policy(envelope, "transfer")
    hold(envelope, 60)

    services.release_request(request_number=NUMBER, cause=cause(on=QUARTER_END))

    assert balances(envelope) == (100, 0, 0)


def test_pending_reduction_takes_before_the_rest_passes_on():
    envelope = EnvelopeFactory(granted=100)
    with_policy(envelope, "transfer")
    hold(envelope, 100)
    services.reduce(envelope_id=envelope.pk, amount=Decimal(25), cause=cause(""))

    services.release_request(request_number=NUMBER, cause=cause(on=AFTER))

    assert kinds(envelope)[-3:] == [
        ("release", 0, -100, 0),
        ("expire", -25, 0, 0),
        ("transfer", -75, 0, 0),
    ]
    assert balances(envelope) == (0, 0, 0)


def cut_of_the_next_quarter(envelope, amount, held_here=0):
    """The envelope of the next quarter, all of it held, by another file if not `held_here`, and a
    cut that waits."""
    following = AllowanceFactory(
        sensor=envelope.sensor,
        entity=envelope.entity,
        period_starts_on=dt.date(2026, 4, 1),
        period_ends_on=dt.date(2026, 6, 30),
        granted=500,
    )
    for number, held in ((NUMBER, held_here), ("R2026-000002", 500 - held_here)):
        if held:
            amounts = [Amount(following.pk, Decimal(held))]
            services.hold(amounts=amounts, cause=cause(number, on=AFTER))
    services.reduce(envelope_id=following.pk, amount=Decimal(amount), cause=cause("", on=AFTER))
    return following


@pytest.mark.parametrize(
    ("cut", "taken", "passed_on"), [(200, -150, (500, 500, 0)), (100, -100, (550, 500, 0))]
)
def test_reduction_that_waits_on_the_envelope_of_the_day_takes_first(cut, taken, passed_on):
    envelope = AllowanceFactory(granted=150)
    with_policy(envelope, "transfer")
    hold(envelope, 150)
    following = cut_of_the_next_quarter(envelope, cut)
    why = cause(on=AFTER)

    services.release_request(request_number=NUMBER, cause=why)

    assert kinds(envelope)[-2:] == [("release", 0, -150, 0), ("transfer", -150, 0, 0)]
    assert kinds(following)[-2:] == [("transfer", 150, 0, 0), ("expire", taken, 0, 0)]
    assert balances(following) == passed_on
    assert PendingReduction.objects.get().remaining == cut + taken
    assert discrepancies() == []


def test_what_comes_back_to_both_quarters_serves_the_reduction_by_one_entry():
    """40 km² of the day's envelope and 150 of the one before, for a cut of 200."""
    envelope = AllowanceFactory(granted=150)
    with_policy(envelope, "transfer")
    hold(envelope, 150)
    following = cut_of_the_next_quarter(envelope, 200, held_here=40)

    services.release_request(request_number=NUMBER, cause=cause(on=AFTER))

    assert kinds(following)[-3:] == [
        ("release", 0, -40, 0),
        ("transfer", 150, 0, 0),
        ("expire", -190, 0, 0),
    ]
    assert balances(following) == (460, 460, 0)
    assert discrepancies() == []
