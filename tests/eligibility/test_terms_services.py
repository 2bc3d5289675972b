import datetime as dt

import pytest
from django.utils.timezone import localdate

from eligibility import services
from eligibility.models import TermsAcceptance
from tests.eligibility.factories import (
    AffiliationFactory,
    TermsFactory,
    UserFactory,
)
from tests.eligibility.refusing import refused

pytestmark = pytest.mark.django_db

A_MONTH = dt.timedelta(days=30)


def test_legal_representative_accepts_the_text_as_it_stands():
    signatory = AffiliationFactory(role="legal_representative")
    terms = TermsFactory()

    acceptance = services.accept_terms(
        terms_id=terms.pk, user_id=signatory.user_id, entity_id=signatory.entity_id
    )

    assert acceptance.text_sha256 == terms.text_sha256


@pytest.mark.parametrize("role", ["member", "entity_contact"])
def test_only_the_legal_representative_accepts_for_an_entity(role):
    person = AffiliationFactory(role=role)

    codes = refused(
        services.accept_terms,
        terms_id=TermsFactory().pk,
        user_id=person.user_id,
        entity_id=person.entity_id,
    )

    assert codes == ("not_legal_representative",)
    assert not TermsAcceptance.objects.exists()


def test_superseded_terms_are_not_accepted():
    signatory = AffiliationFactory(role="legal_representative")
    old = TermsFactory(valid_from=dt.date(2020, 1, 1))
    TermsFactory(valid_from=dt.date(2021, 1, 1))

    codes = refused(
        services.accept_terms,
        terms_id=old.pk,
        user_id=signatory.user_id,
        entity_id=signatory.entity_id,
    )

    assert codes == ("terms_superseded",)
    assert not TermsAcceptance.objects.exists()


def test_terms_to_come_do_not_supersede_those_in_force():
    signatory = AffiliationFactory(role="legal_representative")
    current = TermsFactory(valid_from=dt.date(2020, 1, 1))
    TermsFactory(valid_from=localdate() + A_MONTH)

    services.accept_terms(
        terms_id=current.pk, user_id=signatory.user_id, entity_id=signatory.entity_id
    )

    assert TermsAcceptance.objects.get().terms == current


def test_terms_are_accepted_once():
    signatory = AffiliationFactory(role="legal_representative")
    accepting = {
        "terms_id": TermsFactory().pk,
        "user_id": signatory.user_id,
        "entity_id": signatory.entity_id,
    }
    services.accept_terms(**accepting)

    codes = refused(services.accept_terms, **accepting)

    assert codes == ("terms_already_accepted",)
    assert TermsAcceptance.objects.count() == 1


def test_charter_is_not_accepted_for_oneself():
    codes = refused(services.accept_terms, terms_id=TermsFactory().pk, user_id=UserFactory().pk)

    assert codes == ("terms_not_for_this",)


def test_site_terms_are_not_accepted_for_an_entity():
    signatory = AffiliationFactory(role="legal_representative")

    codes = refused(
        services.accept_terms,
        terms_id=TermsFactory(kind="site").pk,
        user_id=signatory.user_id,
        entity_id=signatory.entity_id,
    )

    assert codes == ("terms_not_for_this",)


def test_each_person_accepts_the_site_terms():
    terms = TermsFactory(kind="site")

    for person in (UserFactory(), UserFactory()):
        services.accept_terms(terms_id=terms.pk, user_id=person.pk)

    assert TermsAcceptance.objects.filter(entity=None).count() == 2
