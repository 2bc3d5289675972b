"""Holding: what is posted, each refusal, and that a refusal writes nothing."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.db.transaction import TransactionManagementError

from orbitrage.shared.errors import Refusal
from quotas import selectors, services
from quotas.models import LedgerEntry
from quotas.pricing import Attempts, Charge, FundingLine, Source
from quotas.services import Amount
from tests.eligibility.factories import UserFactory
from tests.quotas.checks import NUMBER, NothingWritten, balances, kinds
from tests.quotas.factories import (
    AllowanceFactory,
    EnvelopeFactory,
    budget_charges,
    cause,
    free_line,
    plan,
    priced_line,
)

pytestmark = pytest.mark.django_db


# --- hold, consume_more ---------------------------------------------------------------------------


def test_hold_takes_from_every_envelope():
    one, two = EnvelopeFactory(granted=100), AllowanceFactory(granted=50)
    why = cause(author_id=UserFactory().pk, reason="approve")

    entries = services.hold(
        amounts=[Amount(two.pk, Decimal(20)), Amount(one.pk, Decimal(60))], cause=why
    )

    assert [(e.envelope_id, e.kind, e.d_held, e.held_after) for e in entries] == [
        (one.pk, "hold", 60, 60),
        (two.pk, "hold", 20, 20),
    ]
    assert {(e.decision, e.request_number, e.author_id, e.reason) for e in entries} == {
        (why.decision, NUMBER, why.author_id, "approve")
    }


def test_hold_of_all_that_is_left_is_taken():
    envelope = EnvelopeFactory(granted="60.123456")

    services.hold(amounts=[Amount(envelope.pk, Decimal("60.123456"))], cause=cause())

    assert selectors.balance_at(envelope.pk, dt.datetime.max.replace(tzinfo=dt.UTC)).left == 0


def test_hold_beyond_what_is_left_is_refused_with_the_figures():
    envelope = EnvelopeFactory(granted=40)

    with NothingWritten() as refused:
        services.hold(amounts=[Amount(envelope.pk, Decimal(60))], cause=cause())

    assert refused.refusals == (
        Refusal(
            "quota_exhausted",
            "60 km² asked, 40 km² left on the programme envelope of Pléiades science cell,"
            " Pléiades, until 31 March 2026.",
        ),
    )


def test_hold_takes_all_or_none_and_says_every_reason():
    one, two = EnvelopeFactory(granted=10), AllowanceFactory(granted=20)
    ample = AllowanceFactory(granted=500)

    with NothingWritten() as refused:
        services.hold(
            amounts=[Amount(pk, Decimal(60)) for pk in (ample.pk, one.pk, two.pk)], cause=cause()
        )

    assert refused.codes == ["quota_exhausted", "quota_exhausted"]


def test_amounts_on_one_envelope_are_one_hold():
    envelope = EnvelopeFactory(granted=100)

    with NothingWritten() as refused:
        services.hold(amounts=[Amount(envelope.pk, Decimal(60))] * 2, cause=cause())

    assert refused.codes == ["quota_exhausted"]


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_hold_of_nothing_is_refused(amount):
    envelope = EnvelopeFactory(granted=40)

    with NothingWritten() as refused:
        services.hold(amounts=[Amount(envelope.pk, Decimal(amount))], cause=cause())

    assert refused.codes == ["amount_not_positive"]


def test_hold_on_an_envelope_that_is_not_there_is_refused():
    with NothingWritten() as refused:
        services.hold(amounts=[Amount(12345, Decimal(1))], cause=cause())

    assert refused.refusals == (
        Refusal(
            "envelope_missing",
            "The envelope no. 12345 does not exist: nothing can be taken from it.",
        ),
    )


def test_decision_holds_once():
    envelope = EnvelopeFactory(granted=100)
    why = cause()
    services.hold(amounts=[Amount(envelope.pk, Decimal(10))], cause=why)

    with pytest.raises(IntegrityError, match="entry_once_per_decision"):
        services.hold(amounts=[Amount(envelope.pk, Decimal(10))], cause=why)


@pytest.mark.django_db(transaction=True)
def test_hold_outside_a_transaction_is_an_error():
    envelope = EnvelopeFactory(granted=100)

    with pytest.raises(TransactionManagementError):
        services.hold(amounts=[Amount(envelope.pk, Decimal(10))], cause=cause())


def test_retasking_consumes_again():
    envelope = EnvelopeFactory(granted=100)

    services.consume_more(amounts=[Amount(envelope.pk, Decimal(30))], cause=cause())

    assert kinds(envelope)[-1] == ("consume_more", 0, 0, 30)


def test_retasking_beyond_what_is_left_is_refused():
    envelope = EnvelopeFactory(granted=20)

    with NothingWritten() as refused:
        services.consume_more(amounts=[Amount(envelope.pk, Decimal(30))], cause=cause())

    assert refused.codes == ["quota_exhausted"]


# --- hold_plan ------------------------------------------------------------------------------------


def test_plan_is_held_on_first_come_envelopes_first_then_on_the_rest():
    allowance, programme = AllowanceFactory(granted=500), EnvelopeFactory(granted=10_000)
    asked = plan(free_line(60, allowance, programme))

    services.hold_plan(plan=asked, cause=cause(), allotment="first_come")
    assert (balances(allowance)[1], balances(programme)[1]) == (60, 0)

    services.hold_plan(plan=asked, cause=cause())
    assert (balances(allowance)[1], balances(programme)[1]) == (60, 60)
    assert [entry[0] for entry in kinds(allowance)] == ["grant", "hold"]


def test_smaller_plan_adjusts_what_is_held():
    allowance = AllowanceFactory(granted=500)
    services.hold_plan(plan=plan(free_line(60, allowance)), cause=cause())

    services.hold_plan(plan=plan(free_line(45, allowance)), cause=cause())

    assert kinds(allowance)[-1] == ("adjust", 0, -15, 0)


def test_larger_plan_is_refused_by_what_is_left_beside_its_own_hold():
    allowance = AllowanceFactory(granted=100)
    services.hold_plan(plan=plan(free_line(60, allowance)), cause=cause())

    services.hold_plan(plan=plan(free_line(100, allowance)), cause=cause())
    assert balances(allowance)[1] == 100

    with NothingWritten() as refused:
        services.hold_plan(plan=plan(free_line(101, allowance)), cause=cause())
    assert refused.codes == ["quota_exhausted"]


def test_envelope_that_leaves_the_plan_is_released():
    one, other = AllowanceFactory(granted=500), AllowanceFactory(granted=500)
    services.hold_plan(plan=plan(free_line(60, one)), cause=cause())

    services.hold_plan(plan=plan(free_line(60, other)), cause=cause())

    assert kinds(one)[-1] == ("release", 0, -60, 0)
    assert balances(other)[1] == 60


def test_holding_one_allotment_leaves_the_other_alone():
    allowance, programme = AllowanceFactory(granted=500), EnvelopeFactory(granted=500)
    services.hold_plan(plan=plan(free_line(60, allowance, programme)), cause=cause())

    services.hold_plan(plan=plan(free_line(30, allowance)), cause=cause(), allotment="first_come")

    assert (balances(allowance)[1], balances(programme)[1]) == (30, 60)


def test_same_plan_again_posts_nothing():
    allowance = AllowanceFactory(granted=500)
    services.hold_plan(plan=plan(free_line(60, allowance)), cause=cause())

    assert services.hold_plan(plan=plan(free_line(60, allowance)), cause=cause()) == []


def test_plan_on_an_envelope_not_opened_is_refused():
    unopened = FundingLine(
        source=Source.FREE,
        area_km2=Decimal(60),
        charges=(budget_charges()[0].__class__(
            envelope_id=None, scope="programme", unit="km2", allotment="arbitrated"
        ),),
    )  # fmt: skip

    with NothingWritten() as refused:
        services.hold_plan(plan=plan(unopened), cause=cause())

    assert refused.refusals == (
        Refusal(
            "envelope_missing",
            "The cell has no envelope in km² for this sensor and this period.",
        ),
    )


def test_envelope_not_opened_is_named_by_its_unit_in_words():
    missing = Charge(envelope_id=None, scope="programme", unit="attempts", allotment="arbitrated")
    attempts = Attempts(number=1, outside_km2=Decimal(60), charge=missing)

    with NothingWritten() as refused:
        services.hold_plan(plan=replace(plan(), attempts=attempts), cause=cause())

    assert refused.refusals == (
        Refusal(
            "envelope_missing",
            "The cell has no envelope in tasking attempts for this sensor and this period.",
        ),
    )


def test_priced_plan_without_its_quotation_is_refused():
    with NothingWritten() as refused:
        services.hold_plan(plan=plan(priced_line(20)), cause=cause())

    assert refused.codes == ["quotation_missing"]


def test_plan_with_a_part_that_nothing_funds_is_refused():
    allowance = AllowanceFactory(granted=500)
    asked = plan(
        free_line(100, allowance), FundingLine(source=Source.UNFUNDED, area_km2=Decimal(20))
    )

    with NothingWritten() as refused:
        services.hold_plan(plan=asked, cause=cause())

    assert refused.refusals == (
        Refusal("no_tariff", "No tariff is in force for 20 km² beyond the quota."),
    )


def test_part_that_nothing_funds_does_not_prevent_a_submission():
    allowance = AllowanceFactory(granted=500)
    asked = plan(
        free_line(100, allowance), FundingLine(source=Source.UNFUNDED, area_km2=Decimal(20))
    )

    services.hold_plan(plan=asked, cause=cause(), allotment="first_come")

    assert balances(allowance)[1] == 100


# --- the same decision on several envelopes, entries in id order ----------------------------------


def test_entries_of_one_decision_are_posted_in_id_order():
    envelopes = [AllowanceFactory(granted=10) for _ in range(4)]
    why = services.Cause(decision=uuid4(), request_number=NUMBER)

    services.hold(amounts=[Amount(e.pk, Decimal(1)) for e in reversed(envelopes)], cause=why)

    posted = LedgerEntry.objects.filter(decision=why.decision).order_by("pk")
    assert [entry.envelope_id for entry in posted] == [e.pk for e in envelopes]
