"""Several sessions on the same envelopes, on a real PostgreSQL."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from quotas import selectors, services
from quotas.models import Envelope, LedgerEntry, Quotation
from quotas.services import Amount, QuotaRefused, ledger
from tests.concurrency import in_parallel, second_waits_for_first
from tests.eligibility.factories import EntityFactory, SensorFactory
from tests.quotas.factories import (
    IN_QUARTER,
    AllowanceFactory,
    AllowancePolicyFactory,
    EnvelopeFactory,
    cause,
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

    race = second_waits_for_first(ensure, ensure, at='INSERT INTO "quotas_envelope"')

    race.assert_second_waited()
    assert (race.winner.result(), race.loser.result()) == (500, 500)
    assert LedgerEntry.objects.filter(kind="grant").count() == 1


@pytest.mark.prove
def test_envelope_is_drawn_to_exhaustion_by_many_at_once(proof):
    """Each thread holds 1.000001 km² again and again; there is room for half of all that."""
    threads, debits = size(small=8, large=32), size(small=25, large=250)
    amount = Decimal("1.000001")
    room = threads * debits // 2
    envelope = EnvelopeFactory(granted=amount * room)

    def draw_on(thread):
        def work():
            outcomes = []
            for n in range(debits):
                try:
                    with transaction.atomic():
                        why = cause(f"R{thread}-{n}")
                        services.hold(amounts=[Amount(envelope.pk, amount)], cause=why)
                except QuotaRefused as refused:
                    outcomes.append(refused.refusals[0].code)
                else:
                    outcomes.append("held")
            return outcomes

        return work

    futures = in_parallel([draw_on(thread) for thread in range(threads)])

    outcomes = [outcome for future in futures for outcome in future.result()]
    assert outcomes.count("held") == room
    assert outcomes.count("quota_exhausted") == threads * debits - room
    envelope.refresh_from_db()
    assert (envelope.held, envelope.left) == (amount * room, 0)
    assert LedgerEntry.objects.filter(kind="hold").count() == room
    assert selectors.discrepancies() == []
    proof(f"{threads} threads debit one envelope to exhaustion", threads * debits)


def deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


@pytest.mark.prove
def test_requests_on_the_same_envelopes_in_any_order_never_deadlock(proof):
    envelopes = [AllowanceFactory(granted=1_000_000) for _ in range(4)]
    pairs = size(small=40, large=1_000)
    before = deadlocks()

    def draw_on(order, name):
        def work():
            for n in range(pairs):
                turned = order[n % 4 :] + order[: n % 4]
                amounts = [Amount(envelope.pk, Decimal(1)) for envelope in turned]
                with transaction.atomic():
                    services.hold(amounts=amounts, cause=cause(f"{name}-{n}"))

        return work

    futures = in_parallel([draw_on(envelopes, "up"), draw_on(envelopes[::-1], "down")])

    assert [future.result() for future in futures] == [None, None]
    assert deadlocks() == before
    assert selectors.discrepancies() == []
    proof("pairs of requests on the same four envelopes without a deadlock", pairs)


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
