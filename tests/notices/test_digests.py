"""One mail per reader and day, of what was put off and has not been read."""

from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from notices.models import Notice
from notices.periodic import gather_digests as gather_today
from notices.services import choose_deliveries, deliver, gather_digests
from orbitrage.shared.models import OutboxMessage
from requests_app.models import ImageryRequest
from tests.eligibility.factories import UserFactory
from tests.notices.telling import letter, tell
from tests.requests_app import world

pytestmark = pytest.mark.django_db

WEDNESDAY = date(2026, 9, 16)
A_DAY = timedelta(days=1)


def told(reader, *days, delivery="daily"):
    """One letter on each day, at noon, put off."""
    choose_deliveries(user_id=reader.pk, deliveries={"progress": delivery})
    for day in days:
        key = f"{reader.pk}:{day}"
        deliver(letter(reader, key=key))
        noon = timezone.make_aware(datetime.combine(day, datetime.min.time())) + A_DAY / 2
        Notice.objects.filter(key=key).update(told_at=noon)


def test_digest_tells_what_came_before_the_day():
    reader = UserFactory(language="en")
    told(reader, WEDNESDAY - 2 * A_DAY, WEDNESDAY - A_DAY, WEDNESDAY)

    count = gather_digests(on=WEDNESDAY)

    (message,) = tell()
    assert count == 1
    assert (message.to, message.subject) == ([reader.email], "2 notices")
    assert message.body.count("Subject") == 2
    assert "14 September 2026" in message.body
    assert "/there/" in message.body


def test_digest_is_in_the_language_of_its_reader():
    reader = UserFactory(language="fr")
    told(reader, WEDNESDAY - A_DAY)
    gather_digests(on=WEDNESDAY)

    (message,) = tell()

    assert "Sujet" in message.body


def test_second_run_of_the_day_finds_nothing():
    told(UserFactory(), WEDNESDAY - A_DAY)
    gather_digests(on=WEDNESDAY)

    assert gather_digests(on=WEDNESDAY) == 0
    assert len(tell()) == 1


def test_what_comes_to_light_after_the_run_waits_for_the_next_day():
    """A second mail of the same day would have the key of the first, and be lost."""
    reader = UserFactory()
    told(reader, WEDNESDAY - A_DAY)
    gather_digests(on=WEDNESDAY)
    told(reader, WEDNESDAY - 2 * A_DAY)

    assert gather_digests(on=WEDNESDAY) == 0
    assert gather_digests(on=WEDNESDAY + A_DAY) == 1
    assert [message.body.count("Sujet") for message in tell()] == [1, 1]


def test_digest_sent_again_is_the_same_mail():
    told(UserFactory(), WEDNESDAY - A_DAY)
    gather_digests(on=WEDNESDAY)
    tell()
    first = mail.outbox[0]

    OutboxMessage.objects.update(state="pending")

    (again,) = tell()
    assert (again.extra_headers, again.body) == (first.extra_headers, first.body)


def test_weekly_digest_waits_for_monday():
    reader = UserFactory()
    told(reader, WEDNESDAY, delivery="weekly")
    monday = WEDNESDAY + 5 * A_DAY

    days = [WEDNESDAY + n * A_DAY for n in range(1, 5)]

    assert [gather_digests(on=day) for day in days] == [0, 0, 0, 0]
    assert gather_digests(on=monday) == 1


def test_weekly_digest_missed_on_monday_comes_on_tuesday():
    told(UserFactory(), WEDNESDAY, delivery="weekly")

    assert gather_digests(on=WEDNESDAY + 6 * A_DAY) == 1


def test_daily_and_weekly_notices_are_one_mail_on_monday():
    reader = UserFactory(language="en")
    told(reader, WEDNESDAY, delivery="weekly")
    told(reader, WEDNESDAY + 4 * A_DAY, delivery="daily")

    gather_digests(on=WEDNESDAY + 5 * A_DAY)

    assert [message.subject for message in tell()] == ["2 notices"]


def test_two_readers_get_a_mail_each():
    first, second = UserFactory(), UserFactory()
    told(first, WEDNESDAY - A_DAY)
    told(second, WEDNESDAY - A_DAY)

    assert gather_digests(on=WEDNESDAY) == 2
    assert [message.to for message in tell()] == [[first.email], [second.email]]


@pytest.mark.parametrize("delivery", ["at_once", "here"])
def test_what_was_not_put_off_is_in_no_digest(delivery):
    told(UserFactory(), WEDNESDAY - A_DAY, delivery=delivery)

    assert gather_digests(on=WEDNESDAY) == 0


def test_what_was_read_is_left_out_and_nothing_is_sent_when_all_was():
    reader = UserFactory(language="en")
    told(reader, WEDNESDAY - 2 * A_DAY, WEDNESDAY - A_DAY)
    gather_digests(on=WEDNESDAY)
    Notice.objects.filter(reader=reader).update(read_at=timezone.now())

    assert tell() == []

    told(reader, WEDNESDAY)
    Notice.objects.filter(reader=reader).update(read_at=timezone.now())
    assert gather_digests(on=WEDNESDAY + A_DAY) == 0


def test_somebody_suspended_meanwhile_gets_nothing():
    reader = UserFactory()
    told(reader, WEDNESDAY - A_DAY)
    gather_digests(on=WEDNESDAY)
    reader.is_active = False
    reader.save(update_fields=["is_active"])

    assert tell() == []


def test_digest_leaves_out_what_may_no_longer_be_seen(programme):
    choose_deliveries(user_id=programme.reviewer.pk, deliveries={"cell": "daily"})
    stays, goes = world.submitted(programme), world.submitted(programme, aoi=world.square(west=3))
    tell()
    Notice.objects.filter(reader=programme.reviewer).update(told_at=timezone.now() - A_DAY)
    gather_today()
    other_cell = type(programme.cell).objects.exclude(pk=programme.cell.pk).first()
    ImageryRequest.objects.filter(pk=goes.pk).update(cell=other_cell)

    (message,) = tell()

    assert (stays.number in message.body, goes.number in message.body) == (True, False)
