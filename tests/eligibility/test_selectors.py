import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils.timezone import localdate

from eligibility import selectors
from eligibility.models import EligibilityRule, Parameter, RoutingRule
from eligibility.permissions import NOBODY, Actor
from eligibility.selectors import OnBehalf
from tests.eligibility.factories import (
    AffiliationFactory,
    CellFactory,
    CellMemberFactory,
    EligibilityRuleFactory,
    EntityFactory,
    MandateFactory,
    MembershipFactory,
    OpenSensorFactory,
    ParameterFactory,
    ProgrammeRoleFactory,
    RoutingRuleFactory,
    SensorFactory,
    SpotFactory,
    TermsAcceptanceFactory,
    TermsFactory,
    UserFactory,
    member_entity,
)
from tests.eligibility.refusing import codes

pytestmark = pytest.mark.django_db

A_DAY = dt.timedelta(days=1)


# --- actor_of -------------------------------------------------------------------------------------


def test_actor_gathers_every_post_of_today_in_one_query(django_assert_num_queries):
    user = UserFactory()
    contact = AffiliationFactory(user=user, role="entity_contact")
    signatory = AffiliationFactory(user=user, role="legal_representative")
    principal = MandateFactory(contractor=contact.entity).principal
    post = CellMemberFactory(user=user, role="chair")
    ProgrammeRoleFactory(user=user, role="observer")

    with django_assert_num_queries(1):
        actor = selectors.actor_of(user)

    assert actor == Actor(
        user_id=user.pk,
        entity_ids=frozenset({contact.entity_id, signatory.entity_id}),
        contact_of=frozenset({contact.entity_id}),
        legal_representative_of=frozenset({signatory.entity_id}),
        cells=frozenset({(post.cell_id, "chair")}),
        is_secretariat=False,
        is_observer=True,
        mandated_for=frozenset({principal.pk}),
    )


@pytest.mark.parametrize(
    "dates",
    [
        lambda: {"until": localdate()},
        lambda: {"since": localdate() + A_DAY},
        lambda: {"since": None},
    ],
    ids=["ended", "coming", "asked"],
)
def test_affiliation_that_does_not_run_today_gives_nothing(dates):
    affiliation = AffiliationFactory(role="entity_contact", **dates())

    assert selectors.actor_of(affiliation.user) == Actor(user_id=affiliation.user_id)


def test_post_ended_today_gives_nothing():
    user = CellMemberFactory(until=localdate()).user
    ProgrammeRoleFactory(user=user, until=localdate())

    assert selectors.actor_of(user) == Actor(user_id=user.pk)


@pytest.mark.parametrize("days_ago", [0, 1])
def test_mandate_counts_to_its_last_day(days_ago):
    affiliation = AffiliationFactory()
    ends_on = localdate() - days_ago * A_DAY
    MandateFactory(contractor=affiliation.entity, ends_on=ends_on)

    assert bool(selectors.actor_of(affiliation.user).mandated_for) == (days_ago == 0)


def test_suspended_account_is_nobody():
    user = CellMemberFactory().user
    user.is_active = False

    assert selectors.actor_of(user) == NOBODY


def test_anonymous_is_nobody():
    assert selectors.actor_of(AnonymousUser()) == NOBODY


def test_role_counts_in_its_own_cell_only():
    post = CellMemberFactory(role="arbitrator")
    other = CellFactory(code="institutional")

    actor = selectors.actor_of(post.user)

    assert (
        actor.has_cell_role(post.cell_id, "arbitrator", "chair"),
        actor.has_cell_role(post.cell_id, "chair"),
        actor.has_cell_role(other.pk, "arbitrator"),
    ) == (True, False, False)


# --- acting_for -----------------------------------------------------------------------------------


def test_one_acts_for_ones_entities_and_by_mandate_for_principals():
    affiliation = AffiliationFactory()
    mandate = MandateFactory(contractor=affiliation.entity)
    EntityFactory()

    assert selectors.acting_for(affiliation.user, localdate()) == [
        OnBehalf(affiliation.entity),
        OnBehalf(mandate.principal, mandate),
    ]


def test_principal_does_not_act_for_its_contractor():
    affiliation = AffiliationFactory()
    MandateFactory(principal=affiliation.entity)

    assert selectors.acting_for(affiliation.user, localdate()) == [OnBehalf(affiliation.entity)]


def test_two_roles_in_an_entity_act_for_it_once():
    affiliation = AffiliationFactory()
    AffiliationFactory(
        user=affiliation.user, entity=affiliation.entity, role="legal_representative"
    )

    assert selectors.acting_for(affiliation.user, localdate()) == [OnBehalf(affiliation.entity)]


# --- refusals -------------------------------------------------------------------------------------


def test_member_entity_meets_no_refusal():
    sensor = SensorFactory()

    entity = member_entity(sensor)

    assert selectors.membership_refusals(entity.pk, sensor.pk, localdate()) == []


def test_membership_of_another_sensor_does_not_serve():
    spot = SpotFactory()

    entity = member_entity(SensorFactory())

    assert codes(selectors.membership_refusals(entity.pk, spot.pk, localdate())) == [
        "sensor_outside_membership"
    ]


def test_open_data_asks_for_no_membership():
    refusals = selectors.membership_refusals(
        EntityFactory().pk, OpenSensorFactory().pk, localdate()
    )

    assert refusals == []


def test_new_version_of_the_charter_must_be_accepted_again():
    sensor = SensorFactory()
    entity = member_entity(sensor)
    before = selectors.membership_refusals(entity.pk, sensor.pk, localdate())

    TermsFactory(kind="charter", valid_from=localdate())

    after = selectors.membership_refusals(entity.pk, sensor.pk, localdate())
    assert (before, codes(after)) == ([], ["terms_not_accepted"])


def test_acceptance_by_another_entity_does_not_serve():
    sensor = SensorFactory()
    terms = TermsFactory()
    TermsAcceptanceFactory(terms=terms, entity=EntityFactory())
    entity = MembershipFactory(sensors=[sensor]).entity

    assert codes(selectors.membership_refusals(entity.pk, sensor.pk, localdate())) == [
        "terms_not_accepted"
    ]


def test_mandate_answers_for_its_own_sensors():
    sensor, spot = SensorFactory(), SpotFactory()
    mandate = MandateFactory(sensors=[sensor])

    assert selectors.mandate_refusals(mandate.pk, sensor.pk, localdate()) == []
    assert codes(selectors.mandate_refusals(mandate.pk, spot.pk, localdate())) == [
        "sensor_outside_mandate"
    ]


# --- rules in force -------------------------------------------------------------------------------


def test_rule_in_force_that_day_answers():
    entity = EntityFactory()
    first = EligibilityRuleFactory(valid_from=dt.date(2020, 1, 1), answer="yes")
    EligibilityRuleFactory(valid_from=dt.date(2024, 1, 1), answer="no")

    before = selectors.eligibility_answer(entity, first.sensor, "archive", dt.date(2023, 12, 31))
    after = selectors.eligibility_answer(entity, first.sensor, "archive", dt.date(2024, 1, 1))

    assert (before.answer, after.answer) == ("yes", "no")


def test_rule_of_another_category_does_not_answer():
    rule = EligibilityRuleFactory(category__code="company-rd")

    answer = selectors.eligibility_answer(EntityFactory(), rule.sensor, "archive", localdate())

    assert codes(answer.refusals) == ["not_eligible"]


def test_nobody_in_particular_may_ask_for_open_data_only():
    open_data = selectors.eligibility_answer(None, OpenSensorFactory(), "open", localdate())
    managed = selectors.eligibility_answer(None, SensorFactory(), "archive", localdate())

    assert (open_data.allowed, managed.allowed) == (True, False)


def test_in_force_keeps_the_latest_row_of_each_subject():
    EligibilityRuleFactory(valid_from=dt.date(2020, 1, 1))
    latest = EligibilityRuleFactory(valid_from=dt.date(2024, 1, 1))
    other = EligibilityRuleFactory(request_kind="tasking", valid_from=dt.date(2020, 1, 1))
    EligibilityRuleFactory(valid_from=localdate() + A_DAY)

    assert set(EligibilityRule.objects.in_force(localdate())) == {latest, other}


def test_in_force_takes_an_empty_subject_as_one():
    RoutingRuleFactory(is_scientific=None, valid_from=dt.date(2020, 1, 1))
    latest = RoutingRuleFactory(is_scientific=None, valid_from=dt.date(2024, 1, 1))
    scientific = RoutingRuleFactory(is_scientific=True)

    assert set(RoutingRule.objects.in_force(localdate())) == {latest, scientific}


def test_parameter_of_that_day():
    ParameterFactory(amount=30, valid_from=dt.date(2020, 1, 1))
    ParameterFactory(amount=45, valid_from=localdate())

    assert (
        selectors.parameter("offer-validity", localdate() - A_DAY),
        selectors.parameter("offer-validity", localdate()),
    ) == (Decimal(30), Decimal(45))


def test_parameter_nobody_set_is_an_error():
    with pytest.raises(Parameter.DoesNotExist):
        selectors.parameter("never-heard-of", localdate())
