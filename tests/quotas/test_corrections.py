"""What puts right an entry: each refusal, and what becomes of what comes back."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction

from orbitrage.shared.errors import Refusal
from quotas import services
from quotas.models import Envelope, LedgerEntry, PendingReduction, SupplyCeiling
from quotas.selectors import discrepancies
from quotas.services.ledger import Posting, post
from tests.eligibility.factories import UserFactory
from tests.quotas.checks import NothingWritten, balances, hold, kinds
from tests.quotas.factories import (
    AllowanceFactory,
    AllowancePolicyFactory,
    EnvelopeFactory,
    SupplyContractFactory,
    cause,
)

pytestmark = pytest.mark.django_db

AFTER = dt.date(2026, 4, 10)


def by_two(number="", **fields):
    persons = {"author_id": UserFactory().pk, "second_author_id": UserFactory().pk}
    return cause(number, **persons, **fields)


def test_correction_names_the_entry_and_both_persons():
    envelope = EnvelopeFactory(granted=100)
    hold(envelope, 60)
    wrong = LedgerEntry.objects.get(kind="hold")
    why = by_two("R2026-000001")

    entry = services.correct(entry_id=wrong.pk, held=Decimal(-10), cause=why)

    assert (entry.kind, entry.corrects_id, entry.d_held) == ("correct", wrong.pk, -10)
    assert (entry.author_id, entry.second_author_id) == (why.author_id, why.second_author_id)
    assert balances(envelope) == (100, 50, 0)


def test_correction_by_one_person_is_refused():
    envelope = EnvelopeFactory(granted=100)
    entry, author = LedgerEntry.objects.get(), UserFactory()

    for second in (None, author.pk):
        why = cause("", author_id=author.pk, second_author_id=second)
        with NothingWritten() as refused:
            services.correct(entry_id=entry.pk, granted=Decimal(5), cause=why)
        assert refused.codes == ["second_person_missing"]
    assert balances(envelope) == (100, 0, 0)


def test_correction_of_nothing_is_refused():
    EnvelopeFactory(granted=100)

    with NothingWritten() as refused:
        services.correct(entry_id=LedgerEntry.objects.get().pk, cause=by_two())

    assert refused.codes == ["correction_empty"]


def test_correction_below_zero_is_refused_with_the_figures():
    envelope = EnvelopeFactory(granted=100)
    hold(envelope, 60)
    hold(envelope, 20, "R2026-000002")
    entry = LedgerEntry.objects.get(request_number="R2026-000002")

    with NothingWritten() as refused:
        services.correct(entry_id=entry.pk, held=Decimal(-30), cause=by_two("R2026-000002"))

    assert refused.refusals == (
        Refusal(
            "correction_below_zero",
            "The correction would leave on the programme envelope of Pléiades science cell,"
            " Pléiades, until 31 March 2026: held by R2026-000002 -10 km².",
        ),
    )


def test_correction_that_overdraws_is_refused_with_the_figures():
    envelope = EnvelopeFactory(granted=100)
    hold(envelope, 60)
    grant = LedgerEntry.objects.get(kind="grant")

    with NothingWritten() as refused:
        services.correct(entry_id=grant.pk, granted=Decimal(-50), cause=by_two())

    assert refused.refusals == (
        Refusal(
            "correction_overdraws",
            "The correction would leave 60 km² used and 50 km² granted on the programme envelope"
            " of Pléiades science cell, Pléiades, until 31 March 2026.",
        ),
    )


def test_correction_of_what_is_granted_and_used_at_once_is_refused():
    envelope = EnvelopeFactory(granted=100)
    hold(envelope, 60)
    wrong = LedgerEntry.objects.get(kind="hold")

    with NothingWritten() as refused:
        services.correct(entry_id=wrong.pk, granted=Decimal(-10), held=Decimal(-20), cause=by_two())

    assert refused.refusals == (
        Refusal(
            "correction_mixed",
            "One correction changes what is granted (-10 km²) or what is used (-20 km²), not both:"
            " enter two.",
        ),
    )


def test_correction_that_grants_more_stays_within_the_ceiling():
    contract = SupplyContractFactory(reference="C-7")
    SupplyCeiling.objects.create(contract=contract, unit="km2", amount=Decimal(110))
    envelope = EnvelopeFactory(granted=100, contract=contract)
    wrong = LedgerEntry.objects.get()

    services.correct(entry_id=wrong.pk, granted=Decimal(10), cause=by_two())
    with NothingWritten() as refused:
        services.correct(entry_id=wrong.pk, granted=Decimal(1), cause=by_two())

    assert refused.refusals == (
        Refusal(
            "supply_ceiling_exceeded", "1 km² asked, 0 km² left to grant under the contract C-7."
        ),
    )
    assert balances(envelope) == (110, 0, 0)


def test_correction_beyond_what_the_books_hold_is_refused():
    EnvelopeFactory(granted=100)
    wrong = LedgerEntry.objects.get()

    with NothingWritten() as refused:
        services.correct(entry_id=wrong.pk, granted=Decimal(99_999_900), cause=by_two())

    assert refused.codes == ["amount_too_large"]


def test_correction_to_half_an_attempt_is_refused_and_of_half_an_attempt_is_not():
    envelope = EnvelopeFactory(unit="attempts", granted=10)
    wrong = LedgerEntry.objects.get()

    with NothingWritten() as refused:
        services.correct(entry_id=wrong.pk, granted=Decimal("-0.5"), cause=by_two())
    with transaction.atomic():
        half = Posting(envelope_id=envelope.pk, kind="grant", granted=Decimal("0.5"))
        post([half], cause(""))
    services.correct(entry_id=wrong.pk, granted=Decimal("-0.5"), cause=by_two())

    assert refused.codes == ["amount_too_precise"]
    assert balances(envelope) == (10, 0, 0)


def test_reduction_that_waits_takes_what_a_correction_gives_back():
    envelope = EnvelopeFactory(granted=100)
    hold(envelope, 90)
    services.reduce(envelope_id=envelope.pk, amount=Decimal(25), cause=cause(""))
    wrong = LedgerEntry.objects.get(kind="hold")

    services.correct(entry_id=wrong.pk, held=Decimal(-20), cause=by_two("R2026-000001"))

    assert balances(envelope) == (75, 70, 0)
    assert PendingReduction.objects.get().remaining == 0


def test_what_a_correction_gives_back_after_the_end_expires():
    envelope = EnvelopeFactory(granted=100)
    hold(envelope, 60)
    services.end_periods(AFTER)
    wrong = LedgerEntry.objects.get(kind="hold")

    services.correct(entry_id=wrong.pk, held=Decimal(-10), cause=by_two(on=AFTER))

    assert kinds(envelope)[-2:] == [("correct", 0, -10, 0), ("expire", -10, 0, 0)]
    assert balances(envelope) == (50, 50, 0)


def test_what_a_correction_gives_back_after_the_end_passes_on_where_policy_says_so():
    envelope = AllowanceFactory(granted=100)
    AllowancePolicyFactory(sensor=envelope.sensor, late_return="transfer")
    hold(envelope, 60)
    services.end_periods(AFTER)
    wrong = LedgerEntry.objects.get(kind="hold")

    services.correct(entry_id=wrong.pk, held=Decimal(-10), cause=by_two(on=AFTER))

    successor = Envelope.objects.get(period_starts_on=dt.date(2026, 4, 1))
    assert (balances(envelope), balances(successor)) == ((50, 50, 0), (510, 0, 0))
    assert discrepancies() == []
