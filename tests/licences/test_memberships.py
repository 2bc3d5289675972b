"""The documents of a membership follow what the secretariat and the entity do."""

from datetime import timedelta

import pytest
from django.utils import timezone

from eligibility import services as eligibility
from licences.models import Licence
from orbitrage.outbox_handlers import look_at_outbox
from orbitrage.shared.models import OutboxMessage
from tests.eligibility.factories import (
    LONG_AGO,
    AffiliationFactory,
    EntityFactory,
    ProgrammeRoleFactory,
    SensorFactory,
    TermsFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary_id(db):
    return ProgrammeRoleFactory(user__full_name="Dominique Le Bihan").user_id


@pytest.fixture
def membership(secretary_id, db):
    return eligibility.start_membership(
        entity_id=EntityFactory(name="Commune de Plougastel").pk,
        sensor_ids=[SensorFactory().pk],
        starts_on=LONG_AGO,
        by_user_id=secretary_id,
    )


def documents():
    look_at_outbox()
    rows = Licence.objects.order_by("pk")
    return [(each.kind, each.state) for each in rows]


GIVEN = [("membership_act", "issued"), ("membership_certificate", "issued")]


def test_opening_gives_the_act_and_the_certificate(membership):
    AffiliationFactory(
        entity=membership.entity, user__full_name="Anne Le Goff", role="legal_representative"
    )

    assert documents() == GIVEN
    act, certificate = Licence.objects.order_by("pk")
    assert (act.entity, act.valid_from, act.valid_until) == (membership.entity, LONG_AGO, None)
    assert act.record["representative"]["name"] == "Anne Le Goff"
    assert act.record["countersigned_by"] == "Dominique Le Bihan"
    assert certificate.record["countersigned_by"] == ""
    assert certificate.record["sensors"] == ["Pléiades"]
    assert certificate.files.count() == 2


def test_what_is_said_twice_is_given_once(membership):
    assert documents() == GIVEN

    OutboxMessage.objects.filter(topic__endswith=".membership").update(state="pending")

    assert documents() == GIVEN


def test_suspension_takes_the_certificate_back_and_reinstatement_gives_another(
    membership, secretary_id
):
    documents()
    change = {"membership_id": membership.pk, "by_user_id": secretary_id}

    eligibility.suspend_membership(**change, reason="Charter not respected.")
    assert documents() == [("membership_act", "issued"), ("membership_certificate", "revoked")]

    eligibility.reinstate_membership(**change)
    assert documents()[1:] == [
        ("membership_certificate", "revoked"),
        ("membership_certificate", "issued"),
    ]


def test_next_membership_supersedes_the_documents_of_the_one_before(membership, secretary_id):
    documents()
    membership.ends_on = LONG_AGO
    membership.save()

    eligibility.start_membership(
        entity_id=membership.entity_id,
        sensor_ids=[SensorFactory().pk],
        starts_on=LONG_AGO.replace(year=2021),
        by_user_id=secretary_id,
    )

    assert documents() == [(kind, "superseded") for kind, _state in GIVEN] + GIVEN
    before, after = Licence.objects.filter(kind="membership_act").order_by("pk")
    assert before.superseded_by == after


def test_membership_to_come_leaves_the_documents_of_this_one_until_its_first_day(
    membership, secretary_id
):
    documents()
    first_day = timezone.localdate() + timedelta(days=30)
    membership.ends_on = first_day - timedelta(days=1)
    membership.save()
    change = {"entity_id": membership.entity_id, "by_user_id": secretary_id}
    eligibility.start_membership(**change, sensor_ids=[SensorFactory().pk], starts_on=first_day)

    assert documents() == GIVEN

    OutboxMessage.objects.filter(topic="licences.membership").update(not_before=timezone.now())
    assert documents() == [(kind, "superseded") for kind, _state in GIVEN] + GIVEN


def test_suspension_told_after_the_reinstatement_takes_nothing_back(membership, secretary_id):
    documents()
    change = {"membership_id": membership.pk, "by_user_id": secretary_id}
    eligibility.suspend_membership(**change, reason="Charter not respected.")
    eligibility.reinstate_membership(**change)

    assert documents()[-1] == ("membership_certificate", "issued")
    assert Licence.objects.filter(kind="membership_certificate", state="revoked").count() == 0


def test_charter_accepted_for_an_entity_is_a_document():
    signatory = AffiliationFactory(role="legal_representative", user__full_name="Anne Le Goff")
    charter, licences = TermsFactory(kind="charter"), TermsFactory(kind="licences")

    for terms in (charter, licences):
        eligibility.accept_terms(
            terms_id=terms.pk, user_id=signatory.user_id, entity_id=signatory.entity_id
        )

    assert documents() == [("charter_acceptance", "issued")]
    (said,) = Licence.objects.get().record["acceptances"]
    assert (said["accepted_by"], said["text_sha256"]) == ("Anne Le Goff", charter.text_sha256)
