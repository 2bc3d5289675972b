"""An order that leaves once more takes what was refunded: where it was, or of the envelope of the
day when that period is over."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from orbitrage.shared.errors import Refusal
from quotas import services
from quotas.models import Envelope, Quotation
from quotas.pricing import Attempts, drawn_elsewhere, line_from_json, shrink, taken_again
from tests.quotas.checks import NUMBER, NothingWritten, balances, kinds
from tests.quotas.factories import (
    QUARTER_END,
    AllowanceFactory,
    AllowancePolicyFactory,
    EnvelopeFactory,
    ProgrammePolicyFactory,
    SupplyContractFactory,
    cause,
    charge,
    free_line,
    plan,
    priced_line,
    quoted,
)

pytestmark = pytest.mark.django_db

AFTER = dt.date(2026, 4, 10)
NEXT_QUARTER = {"period_starts_on": dt.date(2026, 4, 1), "period_ends_on": dt.date(2026, 6, 30)}


@pytest.fixture
def settled():
    """100 km² were consumed, 60 of them stay: the plan, the allowance and the cell's envelope."""
    allowance = AllowanceFactory(granted=500)
    programme = EnvelopeFactory(granted=1_000, sensor=allowance.sensor)
    AllowancePolicyFactory(sensor=allowance.sensor)
    ProgrammePolicyFactory(sensor=allowance.sensor)
    whole = plan(free_line(100, allowance, programme))
    services.hold_plan(plan=whole, cause=cause())
    services.consume_request(request_number=NUMBER, cause=cause())
    keep = shrink(whole, Decimal(60))
    services.refund_request(request_number=NUMBER, cause=cause(), keep=keep)
    return whole, allowance, programme


def of_the_day(envelope, **fields):
    factory = EnvelopeFactory if envelope.cell_id else AllowanceFactory
    owner = {"cell": envelope.cell} if envelope.cell_id else {"entity": envelope.entity}
    return factory(sensor=envelope.sensor, **owner, **NEXT_QUARTER, **fields)


def test_what_was_refunded_is_taken_where_it_was(settled):
    whole, allowance, programme = settled

    again = services.take_again(plan=whole, cause=cause())

    assert again.plan == whole
    assert again.amounts == {allowance.pk: 40, programme.pk: 40}
    assert kinds(allowance)[-1] == kinds(programme)[-1] == ("consume_more", 0, 0, 40)
    assert Envelope.objects.count() == 2


def test_after_the_period_the_envelopes_of_the_day_bear_it(settled):
    whole, allowance, programme = settled
    services.end_periods(AFTER)

    again = services.take_again(plan=whole, cause=cause(on=AFTER))

    todays = Envelope.objects.get(scope="entity", **NEXT_QUARTER)
    cells = Envelope.objects.get(scope="programme", **NEXT_QUARTER)
    assert (balances(allowance), balances(programme)) == ((60, 0, 60), (60, 0, 60))
    assert kinds(todays) == [("grant", 500, 0, 0), ("consume_more", 0, 0, 40)]
    assert kinds(cells) == [("grant", 10_000, 0, 0), ("consume_more", 0, 0, 40)]
    assert again.plan == plan(free_line(60, allowance, programme), free_line(40, todays, cells))


def test_what_does_not_come_either_goes_back_to_the_envelopes_of_the_day(settled):
    whole, allowance, _programme = settled
    again = services.take_again(plan=whole, cause=cause(on=AFTER)).plan

    keep = shrink(again, Decimal(80))
    services.refund_request(request_number=NUMBER, cause=cause(on=AFTER), keep=keep)

    todays = Envelope.objects.get(scope="entity", **NEXT_QUARTER)
    assert (balances(todays)[2], balances(allowance)[2]) == (20, 60)


def test_envelope_of_the_day_that_does_not_bear_it_refuses(settled):
    whole, allowance, programme = settled
    of_the_day(allowance, granted=39)
    of_the_day(programme, granted=10_000)

    with NothingWritten() as refused:
        services.take_again(plan=whole, cause=cause(on=AFTER))

    assert refused.codes == ["quota_exhausted"]


def test_nothing_refunded_takes_nothing_and_opens_nothing(settled):
    whole, _allowance, _programme = settled

    again = services.take_again(plan=shrink(whole, Decimal(60)), cause=cause(on=AFTER))

    assert (again.plan, again.amounts) == (shrink(whole, Decimal(60)), {})
    assert Envelope.objects.count() == 2


def test_contract_that_bears_nothing_of_it_may_be_over(settled):
    whole, allowance, programme = settled
    Envelope.objects.filter(pk=programme.pk).update(
        contract=SupplyContractFactory(ends_on=QUARTER_END)
    )
    cells = of_the_day(programme, granted=100, contract=SupplyContractFactory())
    todays = of_the_day(allowance, granted=100)

    again = services.take_again(plan=whole, cause=cause(on=AFTER))

    assert again.amounts == {todays.pk: 40, cells.pk: 40}


def test_contract_that_bears_it_must_be_in_force(settled):
    whole, allowance, programme = settled
    of_the_day(programme, granted=100, contract=SupplyContractFactory(ends_on=QUARTER_END))
    of_the_day(allowance, granted=100)

    with NothingWritten() as refused:
        services.take_again(plan=whole, cause=cause(on=AFTER))

    assert refused.codes == ["supply_contract_not_in_force"]


def test_paid_part_that_was_refunded_is_not_taken_of_money_granted_since():
    quoted(priced_line(40))
    whole = plan(*(line_from_json(line) for line in Quotation.objects.get().lines))
    services.consume_request(request_number=NUMBER, cause=cause())
    services.refund_request(request_number=NUMBER, cause=cause())
    services.close_quotation(request_number=NUMBER, cause=cause())
    for budget in Envelope.objects.filter(scope="budget"):
        services.grant(envelope_id=budget.pk, amount=Decimal(1_000), cause=cause(""))

    with NothingWritten() as refused:
        services.take_again(plan=whole, cause=cause())

    assert refused.refusals == (
        Refusal(
            "paid_part_refunded",
            "40 km² was paid for and refunded (162.4 €): ask for it in a new request.",
        ),
    )


def at_the_minimum():
    """30 km² were billed as 100 at 1 €; of 20 that came as much is billed."""
    priced = replace(priced_line(30, rate=1), minimum_billed_area_km2=Decimal(100))
    quoted(priced)
    services.accept_quotation(
        request_number=NUMBER, purchase_reference="PO-1", on=dt.date(2026, 2, 3)
    )
    whole = plan(*(line_from_json(line) for line in Quotation.objects.get().lines))
    services.consume_request(request_number=NUMBER, cause=cause())
    settle(whole, 20)
    return whole


def settle(whole, km2):
    keep = shrink(whole, Decimal(km2))
    services.refund_request(request_number=NUMBER, cause=cause(), keep=keep)
    services.close_quotation(request_number=NUMBER, cause=cause())


def budgets():
    return {
        envelope.unit: balances(envelope) for envelope in Envelope.objects.filter(scope="budget")
    }


def test_km2_billed_at_the_minimum_are_taken_again_without_another_euro():
    whole = at_the_minimum()
    before = budgets(), Quotation.objects.get().state

    services.take_again(plan=whole, cause=cause())
    again = budgets(), Quotation.objects.get().state
    settle(whole, 25)

    assert before == ({"km2": (20, 0, 20), "eur": (100, 0, 100)}, "closed")
    assert again == ({"km2": (30, 0, 30), "eur": (100, 0, 100)}, "accepted")
    assert budgets() == {"km2": (25, 0, 25), "eur": (100, 0, 100)}
    assert Quotation.objects.get().state == "closed"


def test_lines_of_one_envelope_share_what_stands_on_it():
    """100 km² ordered a third time: the first 50 stand, 20 of the 50 taken the second time too."""
    first, second, third = (AllowanceFactory(granted=100) for _ in range(3))
    ordered = plan(*(free_line(km2, on) for km2, on in ((50, first), (10, second), (40, second))))
    consumed = {first.pk: Decimal(50), second.pk: Decimal(20)}

    again = drawn_elsewhere(ordered, consumed=consumed, elsewhere={second.pk: third.pk})

    expected = ((50, first), (10, second), (10, second), (30, third))
    assert again == plan(*(free_line(km2, on) for km2, on in expected))


def test_attempt_of_one_more_order_is_made_on_the_envelope_of_the_day():
    made = EnvelopeFactory(unit="attempts")
    todays = of_the_day(made, unit="attempts")
    asked = replace(
        plan(), attempts=Attempts(number=1, outside_km2=Decimal(30), charge=charge(made))
    )

    again = drawn_elsewhere(asked, consumed={made.pk: Decimal(1)}, elsewhere={made.pk: todays.pk})

    assert taken_again(asked, {made.pk: Decimal(1)}) == {made.pk: 1}
    assert taken_again(again, {made.pk: Decimal(1)}) == {todays.pk: 1}


def test_priced_line_keeps_its_envelopes():
    priced = plan(priced_line(30))

    assert drawn_elsewhere(priced, consumed={}, elsewhere={1: 2}) == priced
