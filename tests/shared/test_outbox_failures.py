"""Effects that fail are tried again, given up in the end, and hold up nobody else."""

from datetime import timedelta

import pytest
from celery import current_app
from django.utils import timezone

from orbitrage.forms import ContactSubject
from orbitrage.outbox_handlers import HANDLERS, look_at_outbox
from orbitrage.shared import outbox
from orbitrage.shared.models import OutboxMessage
from tests.shared.messages import fail, reread, time_passes

pytestmark = pytest.mark.django_db

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


def test_drain_out_of_time_begins_no_other_and_asks_for_a_next_look(write, monkeypatch):
    for key in "abc":
        write(key)
    asked, done = [], []
    monkeypatch.setattr(current_app, "send_task", lambda name, **_: asked.append(name))

    assert outbox.drain({"test": lambda payload: done.append(payload["key"])}, within_s=0) == 1

    assert (done, asked) == (["a"], ["orbitrage.look_at_outbox"])
    assert outbox.drain({"test": lambda payload: done.append(payload["key"])}, within_s=60) == 2
    assert (done, len(asked)) == (["a", "b", "c"], 1)


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
        "eligibility.acceptance",
        "eligibility.affiliation",
        "eligibility.mail",
        "eligibility.membership",
        "licences.ask_signature",
        "licences.mail",
        "licences.membership",
        "licences.open_region",
        "licences.render",
        "licences.render_annex",
        "licences.renew",
        "licences.renewed",
        "licences.signed",
        "notices.confirm_copy",
        "notices.copy",
        "notices.digest",
        "orbitrage.contact",
        "quotas.mail",
        "quotas.render_quotation",
        "quotas.threshold",
        "requests.mail",
        "requests.message",
        "requests.message_mail",
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
