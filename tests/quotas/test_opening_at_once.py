"""Two decisions that open the same envelopes of a new period at once, on a real PostgreSQL."""

from threading import Barrier

import pytest
from django.db import connection, transaction
from psycopg.errors import DeadlockDetected

from quotas.models import Envelope
from quotas.selectors import discrepancies
from quotas.services import envelopes
from tests.concurrency import PATIENCE_S, deadlocks, in_parallel, second_waits_for_first
from tests.quotas.checks import balances
from tests.quotas.revisions import STARTS_ON, Office

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def opened(programme: Office) -> list[tuple]:
    of_the_day = Envelope.objects.filter(period_starts_on=STARTS_ON).order_by("scope")
    return [(envelope.scope, *balances(envelope)) for envelope in of_the_day]


def test_second_who_opens_waits_before_it_inserts_whatever_its_order(programme):
    before = deadlocks()

    def allowance_first():
        programme.allowance_of(STARTS_ON)
        programme.programme_of(STARTS_ON)

    def programme_first():
        programme.programme_of(STARTS_ON)
        programme.allowance_of(STARTS_ON)

    race = second_waits_for_first(allowance_first, programme_first)

    race.assert_second_waited()
    assert (race.winner.result(), race.loser.result()) == (None, None)
    assert deadlocks() == before
    assert opened(programme) == [("entity", 500, 0, 0), ("programme", 10_000, 0, 0)]
    assert discrepancies() == []


def test_openings_in_two_orders_again_and_again_never_deadlock(programme):
    """Where one is between its two openings, the other begins."""
    rounds = [STARTS_ON.replace(year=STARTS_ON.year + n) for n in range(20)]
    both_begin = Barrier(2)
    before = deadlocks()

    def open_all(*openings):
        def work():
            for on in rounds:
                both_begin.wait(PATIENCE_S)
                with transaction.atomic():
                    for opening in openings:
                        opening(on)

        return work

    futures = in_parallel(
        [
            open_all(programme.allowance_of, programme.programme_of),
            open_all(programme.programme_of, programme.allowance_of),
        ]
    )

    assert [future.result() for future in futures] == [None, None]
    assert deadlocks() == before
    assert discrepancies() == []


def test_with_a_shared_lock_two_orders_deadlock(programme, monkeypatch):
    """Control of the tests above: such a deadlock is seen, and counted."""
    both_have_opened_one = Barrier(2)
    before = deadlocks()

    def share(sensor_id):
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM eligibility_sensor WHERE id = %s FOR SHARE", [sensor_id])

    def in_order(first, second):
        def work():
            with transaction.atomic():
                first(STARTS_ON)
                both_have_opened_one.wait(PATIENCE_S)
                second(STARTS_ON)

        return work

    monkeypatch.setattr(envelopes, "lock_policy", share)
    futures = in_parallel(
        [
            in_order(programme.allowance_of, programme.programme_of),
            in_order(programme.programme_of, programme.allowance_of),
        ]
    )

    (failure,) = [future.exception() for future in futures if future.exception()]
    assert isinstance(failure.__cause__, DeadlockDetected)
    assert deadlocks() == before + 1
