"""Effects after the commit: claimed once, done at least once, never lost, never in silence."""

import time
from datetime import timedelta
from uuid import uuid4

import pytest
from celery import current_app
from django.db import IntegrityError, transaction
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from orbitrage.forms import ContactSubject
from orbitrage.outbox_handlers import HANDLERS, look_at_outbox
from orbitrage.shared import outbox
from orbitrage.shared.models import OutboxMessage

pytestmark = pytest.mark.django_db


def reread(message):
    return OutboxMessage.objects.get(pk=message.pk)


def time_passes(message, seconds):
    """Move every date of the message back, as if ``seconds`` had passed."""
    past = timedelta(seconds=seconds)
    message = reread(message)
    OutboxMessage.objects.filter(pk=message.pk).update(
        not_before=message.not_before - past,
        lease_until=message.lease_until and message.lease_until - past,
    )


def fail(payload):
    raise OSError("the printer is on fire")


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
    began = time.monotonic()

    with transaction.atomic():
        for key in "abc":
            outbox.write(topic="test", key=key, payload={})

    assert time.monotonic() - began < 1
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


# -- failures --------------------------------------------------------------------------------------


def test_failure_leaves_a_trace_and_a_later_try(write, caplog):
    message = write("a")

    outbox.bring_about(outbox.claim(), {"test": fail})

    left = reread(message)
    assert (left.state, left.attempts) == ("pending", 1)
    assert left.last_error == "OSError: the printer is on fire"
    assert "Outbox message a failed (try 1)" in caplog.text


def test_tries_come_ever_later(write):
    message = write("a")
    waits = []

    for _ in range(outbox.ATTEMPTS_MAXIMUM):
        outbox.bring_about(outbox.claim(), {"test": fail})
        wait_s = (reread(message).not_before - timezone.now()).total_seconds()
        waits.append(round(wait_s))
        time_passes(message, wait_s + 1)

    assert waits == [20, 40, 80, 160, 320, 640, 1280, 2560]


def exhausted(write):
    message = write("a")
    for _ in range(outbox.ATTEMPTS_MAXIMUM):
        outbox.bring_about(outbox.claim(), {"test": fail})
        time_passes(message, 4000)
    return message


def test_message_is_buried_after_the_last_try(write):
    message = exhausted(write)

    left = reread(message)
    assert (left.state, left.attempts) == ("dead", outbox.ATTEMPTS_MAXIMUM)
    assert left.last_error == "OSError: the printer is on fire"
    assert outbox.claim() is None


def killed_in_every_try(message):
    """Each worker takes the message and is not heard of again."""
    for _ in range(outbox.ATTEMPTS_MAXIMUM):
        assert outbox.claim().pk == message.pk
        time_passes(message, outbox.LEASE_S + 1)


def test_message_that_kills_its_worker_is_buried_after_the_last_try(write, caplog):
    message, behind = write("a", stream="R1"), write("b", stream="R1")
    killed_in_every_try(message)

    assert outbox.claim().pk == behind.pk

    left = reread(message)
    assert (left.state, left.attempts) == ("dead", outbox.ATTEMPTS_MAXIMUM)
    assert left.last_error == outbox.WORKER_VANISHED
    assert "workers having vanished: 1" in caplog.text


def test_worker_in_its_last_try_keeps_its_lease(write):
    message = write("a")
    killed_in_every_try(message)
    OutboxMessage.objects.filter(pk=message.pk).update(
        lease_until=timezone.now() + timedelta(seconds=60)
    )

    assert outbox.claim() is None
    assert reread(message).state == "leased"


def test_slow_worker_still_finishes_what_was_buried_meanwhile(write):
    message = write("a")
    killed_in_every_try(message)
    slow = reread(message)
    outbox.claim()
    assert reread(message).state == "dead"

    assert outbox.finish(slow) is True
    assert reread(message).state == "done"


def test_revived_message_has_new_tries(write):
    message = exhausted(write)
    done = []

    assert outbox.revive(message.pk) is True
    assert reread(message).attempts == 0
    assert outbox.drain({"test": done.append}) == 1

    assert (done, reread(message).state) == ([{"key": "a"}], "done")


def test_only_a_buried_message_is_revived(write):
    message = write("a")

    assert outbox.revive(message.pk) is False
    assert reread(message).state == "pending"


def test_unknown_topic_leaves_a_trace(write):
    message = write("a", topic="nobody.knows")

    outbox.drain({})

    assert (reread(message).state, reread(message).last_error) == (
        "pending",
        "KeyError: 'nobody.knows'",
    )


def test_long_error_is_cut(write):
    message = write("a")

    outbox.postpone(outbox.claim(), OSError("x" * 2000))

    assert len(reread(message).last_error) == 500


# -- draining --------------------------------------------------------------------------------------


def test_drain_brings_about_all_that_is_due_in_order(write):
    for key in "abc":
        write(key)
    done = []

    assert outbox.drain({"test": lambda payload: done.append(payload["key"])}) == 3

    assert done == ["a", "b", "c"]
    assert outbox.drain({"test": fail}) == 0


def test_one_failure_does_not_hold_up_the_others(write):
    for topic, key in (("test", "a"), ("broken", "b"), ("test", "c")):
        write(key, topic=topic)
    done = []

    outbox.drain({"test": lambda payload: done.append(payload["key"]), "broken": fail})

    assert done == ["a", "c"]
    assert list(OutboxMessage.objects.values_list("state", flat=True)) == [
        "done",
        "pending",
        "done",
    ]


def test_task_brings_about_what_is_due(write, mailoutbox):
    payload = {
        "message_id": "7",
        "subject": ContactSubject.GENERAL,
        "name": "Anne",
        "email": "anne@example.org",
        "request_number": "R2026-000001",
        "message": "How?",
    }
    write("contact:1", topic="orbitrage.contact", payload=payload)

    assert look_at_outbox() == 1

    assert [message.reply_to for message in mailoutbox] == [["anne@example.org"]]


def test_every_topic_has_its_handler():
    assert set(HANDLERS) == {
        "eligibility.affiliation",
        "eligibility.mail",
        "eligibility.membership",
        "licences.render",
        "orbitrage.contact",
        "requests.mail",
        "requests.notice",
        "requests.place_order",
    }


def test_age_is_that_of_the_oldest_that_waits(write):
    assert outbox.oldest_pending_age_s() == 0
    message = write("a")
    hour_ago = timezone.now() - timedelta(hours=1)
    OutboxMessage.objects.filter(pk=message.pk).update(not_before=hour_ago)

    assert 3600 <= outbox.oldest_pending_age_s() < 3660
    claimed = outbox.claim()
    assert outbox.oldest_pending_age_s() == 0
    time_passes(message, outbox.LEASE_S + 60)
    assert 55 < outbox.oldest_pending_age_s() < 65
    outbox.finish(claimed)
    assert outbox.oldest_pending_age_s() == 0


def test_what_waits_for_its_next_try_is_not_late_nor_what_stands_behind_it(write):
    write("a", stream="R1")
    behind = write("b", stream="R1")
    time_passes(behind, 3600)
    outbox.postpone(outbox.claim(), OSError("away"))

    assert outbox.oldest_pending_age_s() == 0
    time_passes(write("c"), 600)
    assert 600 <= outbox.oldest_pending_age_s() < 660
