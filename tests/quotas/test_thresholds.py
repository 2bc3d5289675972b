"""Who is told, once, that an envelope is nearly used."""

import datetime as dt

import pytest
from django.core import mail
from django.utils import timezone

from eligibility.models import Parameter
from orbitrage.outbox_handlers import HANDLERS
from orbitrage.shared import outbox
from quotas import services
from quotas.periodic import watch
from tests.eligibility.factories import (
    AffiliationFactory,
    CellFactory,
    CellMemberFactory,
    EntityFactory,
    UserFactory,
)
from tests.quotas.checks import hold
from tests.quotas.factories import LONG_AGO, AllowanceFactory, EnvelopeFactory, cause

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
RUNNING = {
    "period_starts_on": TODAY - dt.timedelta(days=29),
    "period_ends_on": TODAY + dt.timedelta(days=60),
}


@pytest.fixture(autouse=True)
def policy():
    names = {"name_fr": "x", "name_en": "x", "valid_from": LONG_AGO, "source": "test"}
    for code, amount in (("quota-warning-percent", 80), ("quota-alert-percent", 95)):
        Parameter.objects.create(code=code, amount=amount, unit="percent", **names)


def deliver() -> list[tuple[str, list[str]]]:
    """What the worker would send now."""
    mail.outbox.clear()
    watch()
    outbox.drain(HANDLERS)
    return [(message.subject, message.to) for message in mail.outbox]


def contact_of(entity, **user):
    people = {f"user__{name}": value for name, value in ({"language": "en"} | user).items()}
    return AffiliationFactory(entity=entity, role="entity_contact", **people).user


def test_contacts_of_the_entity_are_told_once_of_each_threshold():
    envelope = AllowanceFactory(granted=100, entity=EntityFactory(acronym="AGENCY"), **RUNNING)
    contact = contact_of(envelope.entity)
    AffiliationFactory(entity=envelope.entity)
    subject = f"of an envelope is used: AGENCY, {envelope.sensor}"

    hold(envelope, 79, "R1")
    below = deliver()
    hold(envelope, 1, "R2")
    at_80 = deliver()
    again = deliver()
    hold(envelope, 16, "R3")
    at_96 = deliver()

    assert (below, again) == ([], [])
    assert at_80 == [(f"80% {subject}", [contact.email])]
    assert at_96 == [(f"96% {subject}", [contact.email])]


def test_chair_of_the_cell_is_told_with_the_figures():
    envelope = EnvelopeFactory(granted=100, **RUNNING)
    chair = CellMemberFactory(cell=envelope.cell, role="chair", user__language="en").user
    CellMemberFactory(cell=envelope.cell, role="reviewer")
    CellMemberFactory(cell=CellFactory(code="other"), role="chair")
    hold(envelope, "81.5")

    deliver()

    (message,) = mail.outbox
    assert message.to == [chair.email]
    assert "81% of it is held or consumed; left: 18.5 km². You are told once, from 80% on." in (
        message.body
    )
    assert f"/quotas/{envelope.pk}/" in message.body


def test_each_reads_their_own_language():
    envelope = AllowanceFactory(granted=100, **RUNNING)
    contact_of(envelope.entity, language="fr")
    hold(envelope, 80)

    deliver()

    assert "km²" in mail.outbox[0].body
    assert "80\u202f%" in mail.outbox[0].body


def test_jump_over_both_thresholds_is_told_as_the_higher_only():
    envelope = AllowanceFactory(granted=100, **RUNNING)
    contact_of(envelope.entity)
    hold(envelope, 100, "R1")
    first = deliver()
    services.release_request(request_number="R1", cause=cause("R1"))
    hold(envelope, 85, "R2")

    fallen = deliver()

    assert ([subject[:4] for subject, _to in first], fallen) == (["100%"], [])


def test_figures_are_those_of_the_crossing():
    envelope = AllowanceFactory(granted=100, **RUNNING)
    contact_of(envelope.entity)
    hold(envelope, 90)
    watch()
    services.release_request(request_number="R2026-000001", cause=cause())

    outbox.drain(HANDLERS)

    assert "left: 10 km²." in mail.outbox[0].body


def test_second_sending_is_recognised():
    envelope = AllowanceFactory(granted=100, **RUNNING)
    payload = {
        "envelope_id": envelope.pk,
        "reader_id": UserFactory().pk,
        "level": "warning",
        "used_percent": 80,
        "threshold_percent": "80",
        "left": "20",
    }

    HANDLERS["quotas.mail"](payload)
    HANDLERS["quotas.mail"](payload)

    one, two = (message.extra_headers["Message-ID"] for message in mail.outbox)
    assert one == two


def test_envelope_of_another_period_is_not_told():
    envelope = AllowanceFactory(
        granted=100, period_ends_on=TODAY - dt.timedelta(days=1), period_starts_on=LONG_AGO
    )
    contact_of(envelope.entity)
    hold(envelope, 100)

    assert deliver() == []


def test_nobody_is_told_where_policy_names_no_threshold():
    Parameter.objects.all().delete()
    envelope = AllowanceFactory(granted=100, **RUNNING)
    contact_of(envelope.entity)
    hold(envelope, 100)

    assert deliver() == []


def test_who_left_is_not_told():
    envelope = AllowanceFactory(granted=100, **RUNNING)
    contact_of(envelope.entity, is_active=False)
    hold(envelope, 100)

    assert deliver() == []
