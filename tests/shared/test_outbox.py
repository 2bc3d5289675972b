"""Effects after the commit: claimed once, done at least once, never lost, never in silence."""

from datetime import timedelta
from uuid import uuid4

import pytest
from celery import current_app
from django.db import IntegrityError, transaction
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from orbitrage.shared import outbox
from orbitrage.shared.models import OutboxMessage
from tests.shared.messages import reread, time_passes

pytestmark = pytest.mark.django_db

# -- writing ---------------------------------------------------------------------------------------


def test_written_message_waits(write):
    message = write("mail:1", topic="mail", stream="R1", payload={"id": 7})

    assert (message.topic, message.key, message.stream) == ("mail", "mail:1", "R1")
    assert (message.payload, message.state, message.attempts) == ({"id": 7}, "pending", 0)


def test_second_message_of_a_key_is_ignored(write):
    first = write("mail:1", payload={"id": 7})

    again = write("mail:1", payload={"id": 8})

    assert (again.pk, again.payload) == (first.pk, {"id": 7})
    assert OutboxMessage.objects.count() == 1


def test_message_is_undone_with_its_transaction(db):
    with transaction.atomic():
        outbox.write(topic="test", key="mail:1", payload={})
        transaction.set_rollback(True)

    assert OutboxMessage.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_message_outside_a_transaction_is_refused():
    with pytest.raises(TransactionManagementError):
        outbox.write(topic="test", key="mail:1", payload={})

    assert OutboxMessage.objects.count() == 0


def test_worker_is_woken_after_the_commit_only(db, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
        outbox.write(topic="test", key="mail:1", payload={})

    assert callbacks == [outbox.wake_worker]


@pytest.mark.django_db(transaction=True)
def test_broker_away_does_not_break_the_request_nor_hold_it_up(monkeypatch, tmp_path, caplog):
    away = current_app.connection_for_write(f"redis+socket://{tmp_path}/absent.sock")
    monkeypatch.setattr(current_app, "connection_for_write", lambda *args, **kwargs: away)
    monkeypatch.setattr(current_app.amqp, "_producer_pool", None)
    waits_s: list[float] = []
    monkeypatch.setattr("kombu.utils.functional.sleep", waits_s.append)

    with transaction.atomic():
        for key in "abc":
            outbox.write(topic="test", key=key, payload={})

    assert waits_s == []
    assert list(OutboxMessage.objects.values_list("state", flat=True)) == ["pending"] * 3
    assert caplog.text.count("Error calling wake_worker in on_commit()") == 3


# -- claiming --------------------------------------------------------------------------------------


def test_claim_leases_the_oldest(write):
    first = write("a")
    write("b")

    claimed = outbox.claim()

    assert (claimed.pk, claimed.state, claimed.attempts) == (first.pk, "leased", 1)
    seconds = (claimed.lease_until - timezone.now()).total_seconds()
    assert outbox.LEASE_S - 5 < seconds <= outbox.LEASE_S


def test_claimed_message_is_not_claimed_again(write):
    write("a")

    assert outbox.claim() is not None
    assert outbox.claim() is None


def test_lease_that_is_over_is_claimed_by_another(write):
    message = write("a")
    first = outbox.claim()
    time_passes(message, outbox.LEASE_S + 1)

    second = outbox.claim()

    assert (second.pk, second.attempts) == (first.pk, 2)
    assert second.lease_token != first.lease_token


def test_message_is_not_claimed_before_its_time(write):
    message = write("a")
    later = timezone.now() + timedelta(minutes=5)
    OutboxMessage.objects.filter(pk=message.pk).update(not_before=later)

    assert outbox.claim() is None


def test_stream_leaves_in_order(write):
    first, second = write("a", stream="R1"), write("b", stream="R1")

    claimed = outbox.claim()

    assert (claimed.pk, outbox.claim()) == (first.pk, None)
    outbox.finish(claimed)
    assert outbox.claim().pk == second.pk


def test_other_streams_do_not_wait(write):
    write("a", stream="R1")
    write("b", stream="R1")
    other, none = write("c", stream="R2"), write("d")

    assert [outbox.claim().key, outbox.claim().pk, outbox.claim().pk] == ["a", other.pk, none.pk]


def test_postponed_message_holds_up_its_stream(write):
    write("a", stream="R1")
    write("b", stream="R1")
    outbox.postpone(outbox.claim(), OSError("away"))

    assert outbox.claim() is None


def test_buried_message_no_longer_holds_up_its_stream(write):
    first, second = write("a", stream="R1"), write("b", stream="R1")
    OutboxMessage.objects.filter(pk=first.pk).update(state="dead")

    assert outbox.claim().pk == second.pk


def test_lease_without_token_is_not_stored(write):
    message = write("a")

    with pytest.raises(IntegrityError, match="outbox_lease_is_complete"), transaction.atomic():
        OutboxMessage.objects.filter(pk=message.pk).update(state="leased")


# -- finishing -------------------------------------------------------------------------------------


def test_finish_marks_done(write):
    message = write("a")

    assert outbox.finish(outbox.claim()) is True

    done = reread(message)
    assert (done.state, done.last_error, done.finished_at is not None) == ("done", "", True)


def test_worker_that_lost_its_lease_does_not_finish(write):
    message = write("a")
    slow = outbox.claim()
    time_passes(message, outbox.LEASE_S + 1)
    quick = outbox.claim()

    assert outbox.finish(slow) is False
    assert reread(message).state == "leased"
    assert outbox.finish(quick) is True


def test_worker_that_lost_its_lease_does_not_postpone(write):
    message = write("a")
    slow = outbox.claim()
    time_passes(message, outbox.LEASE_S + 1)
    quick = outbox.claim()

    outbox.postpone(slow, OSError("away"))

    assert (reread(message).state, reread(message).lease_token) == ("leased", quick.lease_token)


def test_unknown_token_finishes_nothing(write):
    message = write("a")
    claimed = outbox.claim()
    claimed.lease_token = uuid4()

    assert outbox.finish(claimed) is False
    assert reread(message).state == "leased"
