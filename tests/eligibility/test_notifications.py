import pytest
from django.core import mail

from eligibility import services
from eligibility.notifications import tell_of_affiliation
from orbitrage.outbox_handlers import HANDLERS
from orbitrage.shared import outbox
from orbitrage.shared.models import OutboxMessage
from tests.eligibility.factories import (
    AffiliationFactory,
    EntityFactory,
    MembershipFactory,
    ProgrammeRoleFactory,
    SensorFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def deliver() -> list[tuple[str, list[str]]]:
    """What the worker would send: subject and reader of each mail."""
    outbox.drain(HANDLERS)
    return [(message.subject, message.to) for message in mail.outbox]


def managers(entity):
    roles = ("entity_contact", "legal_representative")
    return [
        AffiliationFactory(entity=entity, role=role, user__language="en").user for role in roles
    ]


def test_who_may_activate_is_told_of_a_request_to_join():
    entity = EntityFactory(name="Agency")
    contact, signatory = managers(entity)
    AffiliationFactory(entity=entity)
    AffiliationFactory(role="entity_contact")

    services.affiliate(user_id=UserFactory(full_name="Ada").pk, entity_id=entity.pk)

    assert deliver() == [
        ("Ada asks to join Agency", [contact.email]),
        ("Ada asks to join Agency", [signatory.email]),
    ]
    assert f"/eligibility/entities/{entity.pk}/" in mail.outbox[0].body


@pytest.mark.parametrize(
    ("service", "subject"),
    [
        (services.activate_affiliation, "You now belong to Agency"),
        (services.end_affiliation, "Your request to join Agency"),
    ],
)
def test_who_asked_is_told_of_the_answer(service, subject):
    contact = AffiliationFactory(role="entity_contact", entity__name="Agency")
    pending = AffiliationFactory(entity=contact.entity, since=None, user__language="en")

    service(affiliation_id=pending.pk, by_user_id=contact.user_id)

    assert deliver() == [(subject, [pending.user.email])]


def test_end_of_an_affiliation_sends_nothing():
    contact = AffiliationFactory(role="entity_contact")
    member = AffiliationFactory(entity=contact.entity)

    services.end_affiliation(affiliation_id=member.pk, by_user_id=contact.user_id)

    assert deliver() == []


def test_entity_is_told_of_its_membership():
    membership = MembershipFactory(entity__name="Agency")
    contact, signatory = managers(membership.entity)
    office = ProgrammeRoleFactory().user

    services.suspend_membership(
        membership_id=membership.pk, reason="Unpaid order", by_user_id=office.pk
    )
    services.reinstate_membership(membership_id=membership.pk, by_user_id=office.pk)

    assert deliver() == [
        (f"The membership of Agency is {state}", [reader.email])
        for state in ("suspended", "in force again")
        for reader in (contact, signatory)
    ]


def test_entity_is_told_that_it_is_a_member():
    entity = EntityFactory(name="Agency")
    contact, _signatory = managers(entity)

    services.start_membership(
        entity_id=entity.pk,
        sensor_ids=[SensorFactory().pk],
        starts_on=MembershipFactory().starts_on,
        by_user_id=ProgrammeRoleFactory().user.pk,
    )

    assert deliver()[0] == ("The membership of Agency is open", [contact.email])


def test_notice_brought_about_twice_leaves_one_mail_per_reader():
    pending = AffiliationFactory(since=None)
    readers = managers(pending.entity)
    payload = {"id": pending.pk, "event": "requested", "notice": "n-1"}

    tell_of_affiliation(payload)
    tell_of_affiliation(payload)

    keys = [f"eligibility.affiliation:n-1:{reader.pk}" for reader in readers]
    assert list(OutboxMessage.objects.order_by("pk").values_list("key", flat=True)) == keys


def test_mail_sent_twice_is_recognised():
    pending = AffiliationFactory(since=None)
    managers(pending.entity)
    tell_of_affiliation({"id": pending.pk, "event": "requested", "notice": "n-1"})
    payloads = list(OutboxMessage.objects.order_by("pk").values_list("payload", flat=True))

    for payload in payloads * 2:
        HANDLERS["eligibility.mail"](payload)

    identifiers = [message.extra_headers["Message-ID"] for message in mail.outbox]
    assert identifiers[:2] == identifiers[2:]
    assert len(set(identifiers)) == 2
