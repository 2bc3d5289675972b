"""Several workers on one outbox."""

from collections import defaultdict
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from orbitrage.shared import outbox
from orbitrage.shared.models import OutboxMessage
from tests.concurrency import in_parallel, second_waits_for_first
from tests.sizes import size

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

WORKERS = 2


def write_many(count, *, streams=0):
    OutboxMessage.objects.bulk_create(
        OutboxMessage(
            topic="test",
            key=f"m:{n}",
            payload={"n": n},
            stream=f"R{n % streams}" if streams else "",
        )
        for n in range(count)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE shared_outboxmessage")


def together(work):
    """Run ``work`` in each worker, all starting at the same moment; their results."""
    start = Barrier(WORKERS)

    def run():
        start.wait()
        return work()

    return [future.result() for future in in_parallel([run] * WORKERS)]


@pytest.mark.prove
def test_each_message_is_claimed_by_one_worker(proof):
    count = size(small=120, large=2_000)
    write_many(count)

    def claim_all():
        claimed = []
        while (message := outbox.claim()) is not None:
            claimed.append(message.pk)
        return claimed

    shares = together(claim_all)

    assert all(shares), "one worker did everything: nothing was shown"
    assert sorted(pk for share in shares for pk in share) == sorted(
        OutboxMessage.objects.values_list("pk", flat=True)
    )
    assert set(OutboxMessage.objects.values_list("attempts", flat=True)) == {1}
    proof("outbox messages, each claimed by one of two workers", count)


@pytest.mark.prove
def test_streams_leave_in_order_under_two_workers(proof):
    count, streams = size(small=120, large=2_000), 6
    write_many(count, streams=streams)
    begun, ended = defaultdict(list), defaultdict(list)

    def bring_about(payload):
        stream = payload["n"] % streams
        begun[stream].append(payload["n"])
        ended[stream].append(payload["n"])

    together(lambda: outbox.drain({"test": bring_about}))
    # A worker that met only streams in hand went home; what is left is swept.
    outbox.drain({"test": bring_about})

    in_order = {stream: list(range(stream, count, streams)) for stream in range(streams)}
    assert (dict(begun), dict(ended)) == (in_order, in_order)
    assert not OutboxMessage.objects.exclude(state="done").exists()
    proof("outbox messages in the order of their stream under two workers", count)


def test_second_transaction_writing_a_key_waits_and_adds_nothing():
    def write(name):
        def work():
            outbox.write(topic="test", key="same", payload={"by": name})

        return work

    race = second_waits_for_first(write("first"), write("second"), at="INSERT INTO")

    race.assert_second_waited()
    race.winner.result()
    race.loser.result()
    assert OutboxMessage.objects.get().payload == {"by": "first"}


def test_key_is_unique_in_the_database():
    write_many(1)

    with pytest.raises(IntegrityError, match="shared_outboxmessage_key"), transaction.atomic():
        OutboxMessage.objects.create(topic="test", key="m:0", payload={})
