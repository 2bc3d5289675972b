"""Two at once: one entry in the list, one digest, and no address beyond the limit."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notices import rules
from notices.models import CopyAddress, Notice
from notices.services import choose_deliveries, copy_entity_to, deliver, gather_digests
from notices.services.copies import CopyRefused
from orbitrage.shared.models import OutboxMessage
from tests.concurrency import second_waits_for_first
from tests.eligibility.factories import AffiliationFactory, UserFactory
from tests.notices.telling import confirmed_copy, letter
from tests.requests_app import world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def test_letter_that_two_workers_deliver_is_entered_once():
    reader = UserFactory()
    wanted = letter(reader)

    race = second_waits_for_first(
        lambda: deliver(wanted), lambda: deliver(wanted), at='INSERT INTO "notices_notice"'
    )

    race.assert_second_waited()
    race.loser.result()
    assert Notice.objects.count() == 1


def test_second_run_at_the_same_time_writes_no_second_digest():
    reader = UserFactory()
    choose_deliveries(user_id=reader.pk, deliveries={"progress": "daily"})
    deliver(letter(reader))
    Notice.objects.update(told_at=timezone.now() - timedelta(days=1))

    def gather():
        return gather_digests(on=world.in_days(0))

    race = second_waits_for_first(gather, gather, at='UPDATE "notices_notice"')

    race.assert_second_waited()
    assert (race.winner.result(), race.loser.result()) == (1, 0)
    assert OutboxMessage.objects.filter(topic="notices.digest").count() == 1


def test_two_contacts_at_once_do_not_pass_the_limit_together():
    contact = AffiliationFactory(role="entity_contact")
    other = AffiliationFactory(role="entity_contact", entity=contact.entity)
    for n in range(rules.COPIES_OF_AN_ENTITY - 1):
        confirmed_copy(entity=contact.entity, added_by=contact.user, address=f"{n}@example.org")

    def ask(user):
        return lambda: copy_entity_to(
            entity_id=contact.entity_id,
            user=user,
            address=f"{user.pk}@example.org",
            language="en",
        )

    # The mails of a day, of the first contact alone, do not matter here.
    CopyAddress.objects.update(added_at=timezone.now() - timedelta(days=2))
    race = second_waits_for_first(ask(contact.user), ask(other.user), at="eligibility_entity")

    race.assert_second_waited()
    assert race.winner.result().added_by == contact.user
    assert isinstance(race.loser.exception(), CopyRefused)
    assert race.loser.exception().codes == ("too_many_copies",)
    assert CopyAddress.objects.running().count() == rules.COPIES_OF_AN_ENTITY
