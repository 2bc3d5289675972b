import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser

from licences.models import Licence
from licences.selectors import ANYBODY, audience_of, licences_of_request
from tests.eligibility.factories import (
    AffiliationFactory,
    CellFactory,
    CellMemberFactory,
    EntityFactory,
    InstitutionalCategoryFactory,
    MandateFactory,
    MembershipFactory,
    OpenSensorFactory,
    ProgrammeRoleFactory,
    SensorFactory,
    SpotFactory,
    TermsAcceptanceFactory,
    TermsFactory,
    UserFactory,
)
from tests.licences.factories import issued

pytestmark = pytest.mark.django_db

YESTERDAY = dt.date.today() - dt.timedelta(days=1)


def member(*sensors, **membership):
    affiliation = AffiliationFactory()
    MembershipFactory(entity=affiliation.entity, sensors=sensors, **membership)
    return affiliation.user, affiliation.entity


# --- Audience -------------------------------------------------------------------------------------


def test_stranger_sees_what_is_open(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert audience_of(AnonymousUser()) == ANYBODY
    assert ANYBODY.keys == {"open"}


def test_account_without_entity_sees_what_is_open():
    user = UserFactory()

    assert audience_of(user).keys == {"open"}
    assert audience_of(user).user_id == user.pk


def test_member_has_the_kinds_of_its_sensors(django_assert_num_queries):
    user, entity = member(SensorFactory(), SpotFactory())

    with django_assert_num_queries(3):
        audience = audience_of(user)

    assert audience.keys == {
        "open",
        "member@pleiades",
        "member@spot67",
        f"entity:{entity.pk}@pleiades",
        f"entity:{entity.pk}@spot67",
        "licence:pleiades_scientific@pleiades",
        "licence:spot_member@spot67",
    }


def test_institution_has_the_institutional_kind():
    entity = EntityFactory(category=InstitutionalCategoryFactory())
    user = AffiliationFactory(entity=entity).user
    MembershipFactory(entity=entity, sensors=[SensorFactory()])

    assert "licence:pleiades_institutional@pleiades" in audience_of(user).keys
    assert "licence:pleiades_scientific@pleiades" not in audience_of(user).keys


@pytest.mark.parametrize(
    "membership",
    [
        {"ends_on": YESTERDAY},
        {"starts_on": dt.date(2099, 1, 1)},
        {"suspended_on": YESTERDAY, "suspension_reason": "Unpaid."},
    ],
)
def test_membership_that_does_not_run_opens_nothing(membership):
    user, _ = member(SensorFactory(), **membership)

    assert audience_of(user).keys == {"open"}


def test_terms_not_accepted_open_nothing():
    user, entity = member(SensorFactory())
    terms = TermsFactory(kind="licences")
    assert audience_of(user).keys == {"open"}

    TermsAcceptanceFactory(terms=terms, entity=entity)

    assert "member@pleiades" in audience_of(user).keys


def test_contractor_sees_for_its_principal_what_the_mandate_covers():
    pleiades, spot = SensorFactory(), SpotFactory()
    _, principal = member(pleiades, spot)
    contractor = AffiliationFactory()
    MandateFactory(contractor=contractor.entity, principal=principal, sensors=[spot])

    assert audience_of(contractor.user).keys == {
        "open",
        "member@spot67",
        f"entity:{principal.pk}@spot67",
        "licence:spot_member@spot67",
    }


# --- Licences seen by each role -------------------------------------------------------------------


@pytest.fixture
def licence():
    entity = EntityFactory()
    MembershipFactory(entity=entity, sensors=[SensorFactory()])
    return issued(entity=entity, cell=CellFactory(code="institutional"))


def sees(user, licence):
    return Licence.objects.visible_to(user).filter(pk=licence.pk).exists()


@pytest.mark.parametrize("role", ["member", "entity_contact", "legal_representative"])
def test_people_of_the_entity_see_it(licence, role):
    assert sees(AffiliationFactory(entity=licence.entity, role=role).user, licence)


@pytest.mark.parametrize("role", ["reviewer", "arbitrator", "chair", "supply_officer"])
def test_people_of_its_cell_see_it_and_of_another_do_not(licence, role):
    own = CellMemberFactory(cell=licence.cell, role=role).user
    other = CellMemberFactory(cell=CellFactory(code="spot-science"), role=role).user

    assert (sees(own, licence), sees(other, licence)) == (True, False)


@pytest.mark.parametrize("role", ["secretariat", "observer"])
def test_programme_sees_it(licence, role):
    assert sees(ProgrammeRoleFactory(role=role).user, licence)


def test_strangers_do_not_see_it(licence):
    left = AffiliationFactory(entity=licence.entity, until=YESTERDAY).user
    waiting = AffiliationFactory(entity=licence.entity, since=None).user

    unseen = [AnonymousUser(), UserFactory(), AffiliationFactory().user, left, waiting]

    assert [sees(user, licence) for user in unseen] == [False] * 5


def test_contractor_sees_what_its_mandate_covers(licence):
    covered = MandateFactory(principal=licence.entity, sensors=[SensorFactory()])
    other_sensor = MandateFactory(principal=licence.entity, sensors=[SpotFactory()])
    over = MandateFactory(principal=licence.entity, sensors=[SensorFactory()], ends_on=YESTERDAY)

    seen = [
        sees(AffiliationFactory(entity=mandate.contractor).user, licence)
        for mandate in (covered, other_sensor, over)
    ]

    assert seen == [True, False, False]


def test_licences_of_a_request_are_those_one_may_see(licence, django_assert_num_queries):
    user = AffiliationFactory(entity=licence.entity).user
    issued(entity=licence.entity)
    issued()

    with django_assert_num_queries(2):
        found = list(licences_of_request(licence.request_number, user))

    assert found == [licence]


def test_open_data_sensor_asks_for_no_membership():
    user, _ = member(OpenSensorFactory())

    assert audience_of(user).keys == {"open"}
