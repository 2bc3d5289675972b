import datetime as dt

import pytest
from django.utils.timezone import localdate

from eligibility import services
from eligibility.models import Affiliation, Entity
from tests.eligibility.factories import (
    AffiliationFactory,
    EntityFactory,
    UserCategoryFactory,
    UserFactory,
)
from tests.eligibility.refusing import refused

pytestmark = pytest.mark.django_db


def test_who_registers_an_entity_becomes_its_contact():
    user = UserFactory()

    entity = services.register_entity(
        user_id=user.pk, name="Agence du relief", category_id=UserCategoryFactory().pk
    )

    assert list(entity.affiliations.values_list("user_id", "role", "since")) == [
        (user.pk, "entity_contact", localdate())
    ]


def test_entity_known_by_its_name_in_any_case_is_not_registered_again():
    EntityFactory(name="Agence du relief")

    codes = refused(
        services.register_entity,
        user_id=UserFactory().pk,
        name="AGENCE DU RELIEF",
        category_id=UserCategoryFactory().pk,
    )

    assert codes == ("entity_already_registered",)
    assert Entity.objects.count() == 1


def test_entity_known_by_its_siret_is_not_registered_again():
    EntityFactory(siret="18008901300015")

    codes = refused(
        services.register_entity,
        user_id=UserFactory().pk,
        name="Another name",
        siret="18008901300015",
        category_id=UserCategoryFactory().pk,
    )

    assert codes == ("entity_already_registered",)
    assert Entity.objects.count() == 1


def test_asking_to_join_waits_for_the_contact():
    entity, user = EntityFactory(), UserFactory()

    affiliation = services.affiliate(user_id=user.pk, entity_id=entity.pk)

    assert (affiliation.is_pending, affiliation.role) == (True, "member")


def test_asking_to_join_twice_is_refused():
    pending = AffiliationFactory(since=None)

    codes = refused(services.affiliate, user_id=pending.user_id, entity_id=pending.entity_id)

    assert codes == ("affiliation_already_requested",)
    assert Affiliation.objects.count() == 1


def test_joining_an_entity_one_belongs_to_is_refused():
    running = AffiliationFactory()

    codes = refused(services.affiliate, user_id=running.user_id, entity_id=running.entity_id)

    assert codes == ("already_affiliated",)
    assert Affiliation.objects.count() == 1


def test_somebody_who_left_may_ask_again():
    left = AffiliationFactory(until=localdate())

    again = services.affiliate(user_id=left.user_id, entity_id=left.entity_id)

    assert again.is_pending


@pytest.mark.parametrize("role", ["entity_contact", "legal_representative"])
def test_who_manages_the_entity_activates_from_today(role):
    manager = AffiliationFactory(role=role)
    pending = AffiliationFactory(entity=manager.entity, since=None)

    services.activate_affiliation(affiliation_id=pending.pk, by_user_id=manager.user_id)

    pending.refresh_from_db()
    assert pending.since == localdate()


def test_secretariat_activates_an_affiliation(secretariat):
    pending = AffiliationFactory(since=None)

    services.activate_affiliation(affiliation_id=pending.pk, by_user_id=secretariat.pk)

    pending.refresh_from_db()
    assert pending.since == localdate()


def test_contact_of_another_entity_activates_nobody():
    stranger = AffiliationFactory(role="entity_contact").user
    pending = AffiliationFactory(since=None)

    codes = refused(
        services.activate_affiliation, affiliation_id=pending.pk, by_user_id=stranger.pk
    )

    pending.refresh_from_db()
    assert (codes, pending.since) == (("not_entity_contact",), None)


def test_plain_member_activates_nobody():
    pending = AffiliationFactory(since=None)
    colleague = AffiliationFactory(entity=pending.entity).user

    codes = refused(
        services.activate_affiliation, affiliation_id=pending.pk, by_user_id=colleague.pk
    )

    pending.refresh_from_db()
    assert (codes, pending.since) == (("not_entity_contact",), None)


def test_contact_who_left_activates_nobody():
    former = AffiliationFactory(role="entity_contact", until=localdate())
    pending = AffiliationFactory(entity=former.entity, since=None)

    codes = refused(
        services.activate_affiliation, affiliation_id=pending.pk, by_user_id=former.user_id
    )

    assert codes == ("not_entity_contact",)


def test_affiliation_is_activated_once():
    contact = AffiliationFactory(role="entity_contact")
    running = AffiliationFactory(entity=contact.entity)

    codes = refused(
        services.activate_affiliation, affiliation_id=running.pk, by_user_id=contact.user_id
    )

    assert codes == ("affiliation_not_pending",)


def test_ending_an_affiliation_counts_from_today():
    contact = AffiliationFactory(role="entity_contact")
    member = AffiliationFactory(entity=contact.entity)

    services.end_affiliation(affiliation_id=member.pk, by_user_id=contact.user_id)

    assert member not in Affiliation.objects.running(localdate())


def test_declined_request_is_no_longer_pending():
    contact = AffiliationFactory(role="entity_contact")
    pending = AffiliationFactory(entity=contact.entity, since=None)

    services.end_affiliation(affiliation_id=pending.pk, by_user_id=contact.user_id)

    assert not Affiliation.objects.pending().exists()


def test_affiliation_ends_once():
    contact = AffiliationFactory(role="entity_contact")
    left = AffiliationFactory(entity=contact.entity, until=dt.date(2021, 1, 1))

    codes = refused(services.end_affiliation, affiliation_id=left.pk, by_user_id=contact.user_id)

    left.refresh_from_db()
    assert (codes, left.until) == (("affiliation_ended",), dt.date(2021, 1, 1))


def test_last_contact_of_an_entity_stays():
    contact = AffiliationFactory(role="entity_contact")

    codes = refused(services.end_affiliation, affiliation_id=contact.pk, by_user_id=contact.user_id)

    contact.refresh_from_db()
    assert (codes, contact.until) == (("last_entity_contact",), None)


def test_contact_with_a_successor_may_leave():
    contact = AffiliationFactory(role="entity_contact")
    AffiliationFactory(entity=contact.entity, role="entity_contact")

    services.end_affiliation(affiliation_id=contact.pk, by_user_id=contact.user_id)

    contact.refresh_from_db()
    assert contact.until == localdate()


def test_stranger_ends_no_affiliation():
    member = AffiliationFactory()

    codes = refused(services.end_affiliation, affiliation_id=member.pk, by_user_id=UserFactory().pk)

    member.refresh_from_db()
    assert (codes, member.until) == (("not_entity_contact",), None)
