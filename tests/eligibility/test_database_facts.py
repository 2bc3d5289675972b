import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from eligibility import services
from tests.eligibility.factories import (
    AffiliationFactory,
    EntityFactory,
    MembershipFactory,
    TermsFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fact", "write"),
    [
        ("membership_one_at_a_time", lambda: MembershipFactory(entity=MembershipFactory().entity)),
        ("membership_dates_ordered", lambda: MembershipFactory(ends_on=dt.date(2019, 1, 1))),
        ("membership_suspension_says_why", lambda: MembershipFactory(suspended_on=localdate())),
        ("affiliation_dates_ordered", lambda: AffiliationFactory(until=dt.date(2019, 1, 1))),
        ("entity_siret_has_14_digits", lambda: EntityFactory(siret="123")),
        ("entity_country_has_two_letters", lambda: EntityFactory(country="fr")),
        (
            "user_email_unique_in_any_case",
            lambda: [UserFactory(email="a@example.org"), UserFactory(email="A@Example.org")],
        ),
        (
            "user_suspended_or_erased_is_inactive",
            lambda: UserFactory(suspended_at="2026-01-01T00:00Z"),
        ),
    ],
)
def test_database_refuses_what_must_never_be_true(fact, write):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        write()

    assert refusal.value.__cause__.diag.constraint_name == fact


def test_accepted_terms_are_frozen():
    signatory = AffiliationFactory(role="legal_representative")
    terms = TermsFactory()
    terms.text_fr = "Changed before anybody accepts."
    terms.save(update_fields=["text_fr"])
    services.accept_terms(
        terms_id=terms.pk, user_id=signatory.user_id, entity_id=signatory.entity_id
    )

    terms.text_fr = "Changed afterwards."
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        terms.save(update_fields=["text_fr"])

    assert refusal.value.__cause__.diag.constraint_name == "accepted_terms_frozen"


def test_acceptance_is_append_only():
    signatory = AffiliationFactory(role="legal_representative")
    acceptance = services.accept_terms(
        terms_id=TermsFactory().pk, user_id=signatory.user_id, entity_id=signatory.entity_id
    )

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        acceptance.delete()

    assert refusal.value.__cause__.diag.constraint_name == "terms_acceptance_append_only"
