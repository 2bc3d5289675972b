"""What the later steps of a request post, each refusal, and that a refusal writes nothing."""

import datetime as dt
from decimal import Decimal

import pytest

from orbitrage.shared.errors import Refusal
from quotas import selectors, services
from quotas.models import Demand, Envelope
from quotas.pricing import shrink
from quotas.services import Amount
from tests.quotas.checks import NUMBER, NothingWritten, balances, kinds
from tests.quotas.factories import (
    AllowanceFactory,
    EnvelopeFactory,
    SupplyContractFactory,
    cause,
    free_line,
    plan,
    priced_line,
)

pytestmark = pytest.mark.django_db


# --- release, consume, refund ---------------------------------------------------------------------


def test_release_gives_back_what_the_request_holds_and_nothing_else():
    envelope = EnvelopeFactory(granted=100)
    services.hold(amounts=[Amount(envelope.pk, Decimal(60))], cause=cause())
    services.hold(amounts=[Amount(envelope.pk, Decimal(5))], cause=cause("R2026-000002"))

    services.release_request(request_number=NUMBER, cause=cause())

    assert balances(envelope) == (100, 5, 0)


def test_release_of_a_decision_keeps_the_hold_of_the_submission():
    allowance, programme = AllowanceFactory(granted=500), EnvelopeFactory(granted=500)
    services.hold_plan(plan=plan(free_line(60, allowance, programme)), cause=cause())

    services.release_decision(request_number=NUMBER, cause=cause())

    assert (balances(allowance)[1], balances(programme)[1]) == (60, 0)


def test_release_of_a_decision_gives_back_a_hold_whose_period_is_over():
    allowance, programme = AllowanceFactory(granted=500), EnvelopeFactory(granted=500)
    services.hold_plan(plan=plan(free_line(60, allowance, programme)), cause=cause())

    services.release_decision(request_number=NUMBER, cause=cause(on=dt.date(2026, 4, 1)))

    assert (balances(allowance)[1], balances(programme)[1]) == (0, 0)


def test_release_of_nothing_posts_nothing():
    assert services.release_request(request_number=NUMBER, cause=cause()) == []


def test_release_keeps_what_is_consumed():
    envelope = EnvelopeFactory(granted=100)
    services.hold(amounts=[Amount(envelope.pk, Decimal(60))], cause=cause())
    services.consume_request(request_number=NUMBER, cause=cause())

    assert services.release_request(request_number=NUMBER, cause=cause()) == []
    assert balances(envelope) == (100, 0, 60)


def test_order_consumes_what_is_held():
    allowance, programme = AllowanceFactory(granted=500), EnvelopeFactory(granted=500)
    services.hold_plan(plan=plan(free_line(60, allowance, programme)), cause=cause())

    services.consume_request(request_number=NUMBER, cause=cause())

    assert kinds(allowance)[-1] == kinds(programme)[-1] == ("consume", 0, -60, 60)


def test_order_under_a_contract_in_force_is_taken():
    envelope = EnvelopeFactory(granted=100, contract=SupplyContractFactory())
    services.hold(amounts=[Amount(envelope.pk, Decimal(60))], cause=cause())

    services.consume_request(request_number=NUMBER, cause=cause())

    assert balances(envelope) == (100, 0, 60)


def test_order_under_a_contract_that_is_over_is_refused():
    contract = SupplyContractFactory(ends_on=dt.date(2026, 2, 14))
    envelope = EnvelopeFactory(granted=100, contract=contract)
    services.hold(amounts=[Amount(envelope.pk, Decimal(60))], cause=cause())

    with NothingWritten() as refused:
        services.consume_request(request_number=NUMBER, cause=cause())

    assert refused.codes == ["supply_contract_not_in_force"]


def consumed_60() -> tuple[Envelope, Envelope]:
    allowance, programme = AllowanceFactory(granted=500), EnvelopeFactory(granted=500)
    services.hold_plan(plan=plan(free_line(60, allowance, programme)), cause=cause())
    services.consume_request(request_number=NUMBER, cause=cause())
    return allowance, programme


def test_refund_down_to_what_was_delivered():
    allowance, programme = consumed_60()
    kept = shrink(plan(free_line(60, allowance, programme)), Decimal("36.5"))

    services.refund_request(request_number=NUMBER, cause=cause(), keep=kept)

    assert kinds(allowance)[-1] == kinds(programme)[-1] == ("refund", 0, 0, Decimal("-23.5"))


def test_refund_of_all():
    allowance, programme = consumed_60()

    services.refund_request(request_number=NUMBER, cause=cause())

    assert balances(allowance) == balances(programme) == (500, 0, 0)


def test_refund_never_takes_more():
    allowance, programme = consumed_60()
    larger = plan(free_line(80, allowance, programme))

    assert services.refund_request(request_number=NUMBER, cause=cause(), keep=larger) == []


# --- demand ---------------------------------------------------------------------------------------


def test_demand_is_recorded_on_the_programme_and_holds_nothing():
    allowance, programme = AllowanceFactory(granted=500), EnvelopeFactory(granted=50)

    services.record_demand(
        request_number=NUMBER, plan=plan(free_line(60, allowance, programme), priced_line(20))
    )

    assert list(Demand.objects.values_list("request_number", "envelope_id", "amount")) == [
        (NUMBER, programme.pk, 60)
    ]
    assert balances(programme) == (50, 0, 0)
    assert selectors.pressure(programme) == selectors.Pressure(
        asked=Decimal(60), left=Decimal(50), unit="km2"
    )


def test_new_demand_replaces_the_one_before():
    programme = EnvelopeFactory(granted=50)
    services.record_demand(request_number=NUMBER, plan=plan(free_line(60, programme)))

    services.record_demand(request_number=NUMBER, plan=plan(free_line(30, programme)))

    assert selectors.pressure(programme).asked == 30


def test_cleared_demand_is_gone_and_the_others_stay():
    programme = EnvelopeFactory(granted=50)
    services.record_demand(request_number=NUMBER, plan=plan(free_line(60, programme)))
    services.record_demand(request_number="R2026-000002", plan=plan(free_line(5, programme)))

    services.clear_demand(request_number=NUMBER)

    assert selectors.pressure(programme).asked == 5


def test_demand_beyond_what_an_envelope_can_bear_is_refused():
    """25,000,000 × 4.06 = 101,500,000 €."""
    asked = plan(free_line(60, EnvelopeFactory(granted=50)), priced_line(25_000_000))

    with NothingWritten() as refused:
        services.record_demand(request_number=NUMBER, plan=asked)

    assert refused.refusals == (
        Refusal(
            "amount_too_large",
            "101,500,000 € at once is beyond what an envelope can bear: it must be less than"
            " 100,000,000 €. Ask for a smaller area.",
        ),
    )
