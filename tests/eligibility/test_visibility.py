"""Who sees which row. Each test shows first that somebody else does."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils.timezone import localdate

from eligibility.models import (
    Affiliation,
    CellMember,
    Entity,
    Mandate,
    Membership,
    ProgrammeRole,
    TermsAcceptance,
    User,
)
from tests.eligibility.factories import (
    AffiliationFactory,
    CellFactory,
    CellMemberFactory,
    EntityFactory,
    MandateFactory,
    MembershipFactory,
    ProgrammeRoleFactory,
    TermsAcceptanceFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def readers():
    """One account per relation to `entity`."""
    entity = EntityFactory()
    AffiliationFactory(entity=entity, role="entity_contact", user=UserFactory(email="contact@x.fr"))
    AffiliationFactory(entity=entity, user=UserFactory(email="member@x.fr"))
    AffiliationFactory(entity=entity, until=localdate(), user=UserFactory(email="former@x.fr"))
    AffiliationFactory(entity=entity, since=None, user=UserFactory(email="pending@x.fr"))
    mandate = MandateFactory(principal=entity)
    AffiliationFactory(entity=mandate.contractor, user=UserFactory(email="contractor@x.fr"))
    AffiliationFactory(user=UserFactory(email="stranger@x.fr"))
    CellMemberFactory(user=UserFactory(email="reviewer@x.fr"))
    ProgrammeRoleFactory(user=UserFactory(email="secretariat@x.fr"))
    ProgrammeRoleFactory(user=UserFactory(email="observer@x.fr"), role="observer")
    return entity


ALL = ("contact", "member", "former", "pending", "contractor", "stranger", "reviewer",
       "secretariat", "observer")  # fmt: skip


def who_sees(row) -> set[str]:
    names = {
        name
        for name in ALL
        if type(row).objects.visible_to(User.objects.get(email=f"{name}@x.fr")).contains(row)
    }
    assert not type(row).objects.visible_to(AnonymousUser()).exists()
    return names


OFFICERS = {"reviewer", "secretariat", "observer"}


def test_entity_is_seen_by_its_people_its_contractor_and_officers(readers):
    assert who_sees(readers) == {"contact", "member", "contractor", *OFFICERS}


def test_membership_is_seen_by_its_people_and_officers(readers):
    assert who_sees(MembershipFactory(entity=readers)) == {"contact", "member", *OFFICERS}


def test_mandate_is_seen_by_both_sides_and_officers(readers):
    mandate = Mandate.objects.get(principal=readers)

    assert who_sees(mandate) == {"contact", "member", "contractor", *OFFICERS}


def test_running_affiliation_is_seen_by_colleagues(readers):
    affiliation = Affiliation.objects.get(entity=readers, role="entity_contact")

    assert who_sees(affiliation) == {"contact", "member", "secretariat"}


def test_request_to_join_is_seen_by_who_asked_and_by_who_answers(readers):
    affiliation = Affiliation.objects.get(user__email="pending@x.fr")

    assert who_sees(affiliation) == {"pending", "contact", "secretariat"}


def test_person_is_seen_by_colleagues(readers):
    assert who_sees(User.objects.get(email="member@x.fr")) == {"member", "contact", "secretariat"}


def test_who_asks_to_join_is_seen_by_who_answers(readers):
    pending = User.objects.get(email="pending@x.fr")

    assert who_sees(pending) == {"pending", "contact", "secretariat"}


def test_acceptance_is_seen_by_the_people_of_its_entity(readers):
    acceptance = TermsAcceptanceFactory(entity=readers)

    assert who_sees(acceptance) == {"contact", "member", "secretariat"}


def test_acceptance_of_a_person_is_theirs(readers):
    acceptance = TermsAcceptanceFactory(
        terms__kind="site", user=User.objects.get(email="stranger@x.fr")
    )

    assert who_sees(acceptance) == {"stranger", "secretariat"}


def test_cell_members_see_one_another(readers):
    post = CellMemberFactory(role="chair")
    elsewhere = CellMemberFactory(cell=CellFactory(code="institutional"))

    assert who_sees(post) == {"reviewer", "secretariat"}
    assert who_sees(elsewhere) == {"secretariat"}


def test_programme_role_is_seen_by_its_holder_and_the_secretariat(readers):
    role = ProgrammeRole.objects.get(user__email="observer@x.fr")

    assert who_sees(role) == {"observer", "secretariat"}


@pytest.mark.parametrize(
    "model", [Entity, Membership, Mandate, Affiliation, User, TermsAcceptance, CellMember]
)
def test_reading_what_is_visible_is_one_query(model, readers, django_assert_num_queries):
    user = User.objects.get(email="member@x.fr")

    with django_assert_num_queries(1):
        list(model.objects.visible_to(user))
