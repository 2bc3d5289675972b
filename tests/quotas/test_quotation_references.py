"""Engagement number, service code, invoice and payment: who records them, when, and their trace."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.timezone import localdate

from orbitrage.shared.errors import Refusal
from orbitrage.shared.models import OutboxMessage
from quotas import services
from quotas.models import Quotation, QuotationReferences
from quotas.services import QuotaRefused, References
from tests.concurrency import second_waits_for_first
from tests.eligibility.factories import (
    AffiliationFactory,
    CellFactory,
    CellMemberFactory,
    EntityFactory,
    ProgrammeRoleFactory,
)

pytestmark = pytest.mark.django_db
COMMITMENT = {"engagement_number": "EJ-2026-417", "service_code": "SRV-3"}


def accepted(quotation, days_ago=0):
    on = localdate() - dt.timedelta(days=days_ago)
    at = timezone.make_aware(dt.datetime.combine(on, dt.time(12)))
    rows = Quotation.objects.filter(pk=quotation.pk)
    rows.update(accepted_at=at, purchase_reference="PO-1")
    return quotation


def closed(quotation):
    Quotation.objects.filter(pk=quotation.pk).update(closed_at=timezone.now())
    return quotation


def record(quotation, user, seen_id=0, **references):
    return services.record_references(
        user=user,
        quotation_number=quotation.number,
        references=References(**references),
        seen_id=seen_id,
    )


def refused(quotation, user, **references) -> list[Refusal]:
    before = QuotationReferences.objects.count(), OutboxMessage.objects.count()
    with pytest.raises(QuotaRefused) as info:
        record(quotation, user, **references)
    assert (QuotationReferences.objects.count(), OutboxMessage.objects.count()) == before
    return list(info.value.refusals)


def values(row):
    return (row.engagement_number, row.service_code, row.invoice_number, row.paid_on)


def test_commitment_is_recorded_while_the_quotation_is_open(quotation, contact):
    row = record(quotation, contact, **COMMITMENT)

    assert values(row) == ("EJ-2026-417", "SRV-3", "", None)
    assert (row.author, row.document_version) == (contact, 2)


def test_new_commitment_asks_for_a_document_that_prints_it(quotation, contact):
    record(quotation, contact, **COMMITMENT)

    last = OutboxMessage.objects.latest("pk")
    assert last.payload == {"quotation_id": quotation.pk, "version": 2}


def test_secretariat_records_too(quotation):
    secretary = ProgrammeRoleFactory(role="secretariat").user

    assert record(quotation, secretary, **COMMITMENT).author == secretary


def test_others_record_nothing(quotation):
    entity, cell = quotation.entity, CellFactory()
    others = [
        AffiliationFactory(entity=entity, role="member").user,
        AffiliationFactory(entity=entity, role="legal_representative").user,
        AffiliationFactory(entity=EntityFactory(), role="entity_contact").user,
        CellMemberFactory(cell=cell, role="arbitrator").user,
        ProgrammeRoleFactory(role="observer").user,
    ]

    for user in others:
        with pytest.raises(PermissionDenied):
            record(quotation, user, **COMMITMENT)

    assert not QuotationReferences.objects.exists()


def test_invoice_and_payment_are_recorded_after_acceptance(quotation, contact):
    accepted(quotation, days_ago=2)

    row = record(quotation, contact, invoice_number="F-9", paid_on=localdate())

    assert values(row) == ("", "", "F-9", localdate())
    # No document prints them.
    assert row.document_version == 1
    assert OutboxMessage.objects.count() == 1


def test_invoice_is_recorded_after_the_quotation_is_closed(quotation, contact):
    first = record(quotation, contact, **COMMITMENT)
    closed(accepted(quotation))

    row = record(quotation, contact, seen_id=first.pk, invoice_number="F-9", **COMMITMENT)

    assert values(row) == ("EJ-2026-417", "SRV-3", "F-9", None)


def test_each_change_leaves_who_and_what(quotation, contact):
    secretary = ProgrammeRoleFactory(role="secretariat").user
    first = record(quotation, contact, engagement_number="EJ-1")

    second = record(quotation, secretary, seen_id=first.pk, engagement_number="EJ-2")

    rows = QuotationReferences.objects.order_by("pk")
    assert [(row.author, row.engagement_number) for row in rows] == [
        (contact, "EJ-1"),
        (secretary, "EJ-2"),
    ]
    assert second.document_version == 3


def test_what_changes_nothing_is_not_recorded(quotation, contact):
    first = record(quotation, contact, **COMMITMENT)

    assert record(quotation, contact, seen_id=first.pk, **COMMITMENT) is None
    assert QuotationReferences.objects.get() == first


def test_what_somebody_recorded_meanwhile_is_not_overwritten(quotation, contact):
    record(quotation, contact, **COMMITMENT)

    found = refused(quotation, contact, engagement_number="EJ-9")

    assert found == [
        Refusal(
            "changed_meanwhile",
            "Somebody has recorded references meanwhile. Look at them, then go on.",
        )
    ]


def test_commitment_of_a_closed_quotation_stays(quotation, contact):
    closed(quotation)

    assert refused(quotation, contact, **COMMITMENT) == [
        Refusal(
            "quotation_closed",
            "Quotation Q-2026-0001 is closed: its engagement number and its service code stay as "
            "they are.",
        )
    ]


def test_invoice_before_acceptance_is_refused(quotation, contact):
    assert refused(quotation, contact, invoice_number="F-9") == [
        Refusal(
            "quotation_not_accepted",
            "Quotation Q-2026-0001 is not accepted: it has no invoice.",
        )
    ]


def test_payment_without_its_invoice_is_refused(quotation, contact):
    accepted(quotation)

    assert refused(quotation, contact, paid_on=localdate()) == [
        Refusal("invoice_number_missing", "A payment is recorded with the number of its invoice.")
    ]


@pytest.mark.parametrize("days", [-3, 1])
def test_payment_before_acceptance_or_in_the_future_is_refused(quotation, contact, days):
    accepted(quotation, days_ago=2)
    paid_on = localdate() + dt.timedelta(days=days)

    (refusal,) = refused(quotation, contact, invoice_number="F-9", paid_on=paid_on)

    assert refusal.code == "payment_out_of_time"
    assert refusal.message.startswith(f"Paid on {paid_on.day} ")


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_second_to_record_waits_and_is_told(quotation, contact):
    def recording(number):
        return lambda: record(quotation, contact, engagement_number=number)

    race = second_waits_for_first(recording("EJ-1"), recording("EJ-2"))

    race.assert_second_waited()
    assert race.winner.result().engagement_number == "EJ-1"
    with pytest.raises(QuotaRefused) as info:
        race.loser.result()
    assert info.value.codes == ("changed_meanwhile",)
    assert QuotationReferences.objects.get().engagement_number == "EJ-1"
