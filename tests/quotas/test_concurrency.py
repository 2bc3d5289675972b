"""Several sessions on the same envelopes, on a real PostgreSQL."""

from collections import Counter
from decimal import Decimal
from random import Random
from threading import Barrier

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Count, Sum
from psycopg.errors import DeadlockDetected

from quotas import selectors, services
from quotas.models import Envelope, LedgerEntry, Quotation
from quotas.services import Amount, QuotaRefused, ledger
from tests.concurrency import PATIENCE_S, deadlocks, in_parallel, second_waits_for_first
from tests.eligibility.factories import EntityFactory, SensorFactory
from tests.quotas.factories import (
    IN_QUARTER,
    AllowanceFactory,
    AllowancePolicyFactory,
    EnvelopeFactory,
    cause,
    free_line,
    plan,
    priced_line,
)
from tests.sizes import size

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def hold_60(envelope):
    return lambda: services.hold(amounts=[Amount(envelope.pk, Decimal(60))], cause=cause())


def read_without_lock(envelope_ids):
    return {e.pk: e for e in Envelope.objects.filter(pk__in=set(envelope_ids)).order_by("pk")}


def test_second_hold_waits_and_is_refused():
    envelope = EnvelopeFactory(granted=100)

    race = second_waits_for_first(hold_60(envelope), hold_60(envelope))

    race.assert_second_waited()
    race.winner.result()
    with pytest.raises(QuotaRefused, match=r"60 km².* 40 km²"):
        race.loser.result()
    envelope.refresh_from_db()
    assert (envelope.held, envelope.left) == (60, 40)


def test_without_the_lock_the_second_does_not_wait_before_it_checks(monkeypatch):
    """Control: the assertion of the test above is about the lock and about nothing else."""
    monkeypatch.setattr(ledger, "lock_envelopes", read_without_lock)
    envelope = EnvelopeFactory(granted=100)

    race = second_waits_for_first(hold_60(envelope), hold_60(envelope), timeout_s=1)

    with pytest.raises(AssertionError, match="does not wait for"):
        race.assert_second_waited()


def test_without_the_lock_the_constraint_refuses(monkeypatch):
    """The second line of defence: the race is real, and the database stops it."""
    monkeypatch.setattr(ledger, "lock_envelopes", read_without_lock)
    envelope = EnvelopeFactory(granted=100)

    race = second_waits_for_first(
        hold_60(envelope), hold_60(envelope), at="INSERT INTO quotas_ledgerentry"
    )

    race.assert_second_waited()
    race.winner.result()
    with pytest.raises(IntegrityError, match="envelope_not_overdrawn"):
        race.loser.result()
    envelope.refresh_from_db()
    assert (envelope.held, envelope.left) == (60, 40)


def test_second_opening_of_an_allowance_waits_and_finds_it_granted():
    entity, sensor = EntityFactory(), SensorFactory()
    AllowancePolicyFactory(sensor=sensor, amount=Decimal(500))

    def ensure():
        (envelope,) = services.ensure_envelopes(
            entity_id=entity.pk, sensor_id=sensor.pk, request_kind="archive", on=IN_QUARTER
        )
        return envelope.granted

    race = second_waits_for_first(ensure, ensure)

    race.assert_second_waited()
    assert (race.winner.result(), race.loser.result()) == (500, 500)
    assert LedgerEntry.objects.filter(kind="grant").count() == 1


def outcome_of(debit) -> str:
    """What became of a debit: ``held``, the code of its refusal, or the constraint that stopped it."""
    try:
        with transaction.atomic():
            debit()
    except QuotaRefused as refused:
        return refused.refusals[0].code
    except IntegrityError as stopped:
        return stopped.__cause__.diag.constraint_name
    return "held"


@pytest.mark.prove
def test_envelope_is_drawn_to_exhaustion_by_many_at_once(proof):
    """Each thread holds 1.000001 km² again and again; there is room for half of all that."""
    threads, debits = size(small=8, large=32), size(small=25, large=250)
    amount = Decimal("1.000001")
    room = threads * debits // 2
    envelope = EnvelopeFactory(granted=amount * room)

    def draw():
        amounts = [Amount(envelope.pk, amount)]
        return [
            outcome_of(lambda: services.hold(amounts=amounts, cause=cause())) for _ in range(debits)
        ]

    futures = in_parallel([draw] * threads)

    outcomes = Counter(outcome for future in futures for outcome in future.result())
    assert outcomes == {"held": room, "quota_exhausted": threads * debits - room}
    envelope.refresh_from_db()
    assert (envelope.held, envelope.left) == (amount * room, 0)
    entries = LedgerEntry.objects.filter(kind="hold").aggregate(n=Count("pk"), held=Sum("d_held"))
    assert entries == {"n": room, "held": amount * room}
    assert selectors.discrepancies() == []
    proof(f"{threads} threads debit one envelope to exhaustion", threads * debits)


def test_without_the_lock_the_constraint_stops_those_whom_no_figures_refuse(monkeypatch):
    """Control of the test above: all read what is left before any of them writes."""
    threads = 8
    envelope = EnvelopeFactory(granted=threads // 2)
    all_have_read = Barrier(threads)

    def read_then_wait(envelope_ids):
        envelopes = read_without_lock(envelope_ids)
        all_have_read.wait(PATIENCE_S)
        return envelopes

    monkeypatch.setattr(ledger, "lock_envelopes", read_then_wait)
    amounts = [Amount(envelope.pk, Decimal(1))]

    futures = in_parallel(
        [lambda: outcome_of(lambda: services.hold(amounts=amounts, cause=cause()))] * threads
    )

    outcomes = Counter(future.result() for future in futures)
    assert outcomes == {"held": threads // 2, "envelope_not_overdrawn": threads // 2}
    envelope.refresh_from_db()
    assert (envelope.held, envelope.left) == (threads // 2, 0)
    assert selectors.discrepancies() == []


@pytest.mark.prove
def test_pairs_of_requests_on_the_same_envelopes_in_any_order_never_deadlock(proof):
    """Both settle at once what they hold, each on some of the envelopes, in an order of its own."""
    envelopes = [AllowanceFactory(granted=1_000_000) for _ in range(5)]
    pairs = size(small=40, large=1_000)
    both_begin = Barrier(2)
    before = deadlocks()

    def settle(number, seed):
        chance = Random(seed)

        def work():
            for _ in range(pairs):
                drawn = chance.sample(envelopes, chance.randint(2, 5))
                lines = [free_line(chance.randint(1, 9), envelope) for envelope in drawn]
                both_begin.wait(PATIENCE_S)
                with transaction.atomic():
                    services.hold_plan(plan=plan(*lines), cause=cause(number))

        return work

    futures = in_parallel([settle("R2026-000001", 1), settle("R2026-000002", 2)])

    assert [future.result() for future in futures] == [None, None]
    assert deadlocks() == before
    assert selectors.discrepancies() == []
    proof("pairs of requests on the same envelopes in any order, without a deadlock", pairs)


def test_locked_in_the_order_of_asking_two_requests_deadlock(monkeypatch):
    """Control of the test above: such a deadlock is seen, and counted."""
    envelopes = [AllowanceFactory(granted=100) for _ in range(2)]
    both_have_one = Barrier(2)

    def lock_as_asked(envelope_ids):
        first, second = envelope_ids
        locked = lock_envelopes([first])
        both_have_one.wait(PATIENCE_S)
        return locked | lock_envelopes([second])

    lock_envelopes = ledger.lock_envelopes
    monkeypatch.setattr(ledger, "lock_envelopes", lock_as_asked)
    before = deadlocks()

    def hold_both(order):
        amounts = [Amount(envelope.pk, Decimal(1)) for envelope in order]

        def work():
            with transaction.atomic():
                services.hold(amounts=amounts, cause=cause())

        return work

    futures = in_parallel([hold_both(envelopes), hold_both(envelopes[::-1])])

    (failure,) = [future.exception() for future in futures if future.exception()]
    assert isinstance(failure.__cause__, DeadlockDetected)
    assert deadlocks() == before + 1


@pytest.mark.prove
def test_quotations_of_many_at_once_are_numbered_without_a_gap(proof):
    threads, each = size(small=6, large=16), size(small=5, large=50)
    entities = [EntityFactory() for _ in range(threads)]
    sensor = SensorFactory()

    def quote(thread):
        def work():
            for n in range(each):
                with transaction.atomic():
                    services.issue_quotation(
                        plan=plan(priced_line(20)),
                        entity_id=entities[thread].pk,
                        sensor_id=sensor.pk,
                        valid_until=IN_QUARTER,
                        on=IN_QUARTER,
                        cause=cause(f"R{thread}-{n}"),
                    )
                    if n % 3 == 2:
                        transaction.set_rollback(True)

        return work

    for future in in_parallel([quote(thread) for thread in range(threads)]):
        future.result()

    kept = threads * (each - each // 3)
    numbers = list(Quotation.objects.order_by("sequence").values_list("sequence", flat=True))
    assert numbers == list(range(1, kept + 1))
    assert selectors.discrepancies() == []
    proof("quotations numbered without a gap, a third of them rolled back", threads * each)
