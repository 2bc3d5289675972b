import datetime as dt

import pytest
from django.utils.timezone import localdate

from eligibility import services
from eligibility.models import Membership
from tests.eligibility.factories import (
    AffiliationFactory,
    EntityFactory,
    MembershipFactory,
    ProgrammeRoleFactory,
    SensorFactory,
    SpotFactory,
    UserFactory,
)
from tests.eligibility.refusing import refused

pytestmark = pytest.mark.django_db

A_MONTH = dt.timedelta(days=30)


def test_membership_covers_the_sensors_named(secretariat):
    pleiades, spot = SensorFactory(), SpotFactory()

    membership = services.start_membership(
        entity_id=EntityFactory().pk,
        sensor_ids=[pleiades.pk],
        starts_on=localdate(),
        by_user_id=secretariat.pk,
    )

    assert (pleiades in membership.sensors.all(), spot in membership.sensors.all()) == (True, False)


def test_only_the_secretariat_starts_a_membership():
    contact = AffiliationFactory(role="entity_contact")

    codes = refused(
        services.start_membership,
        entity_id=contact.entity_id,
        sensor_ids=[SensorFactory().pk],
        starts_on=localdate(),
        by_user_id=contact.user_id,
    )

    assert codes == ("not_secretariat",)
    assert not Membership.objects.exists()


def test_observer_starts_no_membership():
    observer = ProgrammeRoleFactory(role="observer").user

    codes = refused(
        services.start_membership,
        entity_id=EntityFactory().pk,
        sensor_ids=[SensorFactory().pk],
        starts_on=localdate(),
        by_user_id=observer.pk,
    )

    assert codes == ("not_secretariat",)


def test_membership_needs_a_sensor(secretariat):
    codes = refused(
        services.start_membership,
        entity_id=EntityFactory().pk,
        sensor_ids=[],
        starts_on=localdate(),
        by_user_id=secretariat.pk,
    )

    assert codes == ("no_sensor",)
    assert not Membership.objects.exists()


def test_membership_does_not_end_before_it_begins(secretariat):
    codes = refused(
        services.start_membership,
        entity_id=EntityFactory().pk,
        sensor_ids=[SensorFactory().pk],
        starts_on=localdate(),
        ends_on=localdate() - dt.timedelta(days=1),
        by_user_id=secretariat.pk,
    )

    assert codes == ("dates_not_ordered",)


def test_second_membership_at_the_same_time_is_refused(secretariat):
    first = MembershipFactory(starts_on=dt.date(2026, 1, 1), ends_on=dt.date(2026, 12, 31))

    codes = refused(
        services.start_membership,
        entity_id=first.entity_id,
        sensor_ids=[SensorFactory().pk],
        starts_on=dt.date(2026, 12, 31),
        by_user_id=secretariat.pk,
    )

    assert codes == ("membership_overlaps",)
    assert Membership.objects.count() == 1


def test_membership_that_follows_another_is_accepted(secretariat):
    first = MembershipFactory(ends_on=dt.date(2021, 12, 31))

    services.start_membership(
        entity_id=first.entity_id,
        sensor_ids=[SensorFactory().pk],
        starts_on=dt.date(2022, 1, 1),
        by_user_id=secretariat.pk,
    )

    assert Membership.objects.in_force(localdate()).count() == 1


def test_suspension_says_since_when_and_why(secretariat):
    membership = MembershipFactory()

    services.suspend_membership(
        membership_id=membership.pk, reason=" Unpaid order ", by_user_id=secretariat.pk
    )

    membership.refresh_from_db()
    assert (membership.suspended_on, membership.suspension_reason) == (localdate(), "Unpaid order")


def test_suspension_without_a_reason_is_refused(secretariat):
    membership = MembershipFactory()

    codes = refused(
        services.suspend_membership,
        membership_id=membership.pk,
        reason="  ",
        by_user_id=secretariat.pk,
    )

    membership.refresh_from_db()
    assert (codes, membership.suspended_on) == (("reason_missing",), None)


def test_suspended_membership_is_not_suspended_again(secretariat):
    membership = MembershipFactory(suspended_on=localdate(), suspension_reason="First")

    codes = refused(
        services.suspend_membership,
        membership_id=membership.pk,
        reason="Second",
        by_user_id=secretariat.pk,
    )

    membership.refresh_from_db()
    assert (codes, membership.suspension_reason) == (("membership_suspended",), "First")


def test_only_the_secretariat_suspends():
    contact = AffiliationFactory(role="entity_contact")
    membership = MembershipFactory(entity=contact.entity)

    codes = refused(
        services.suspend_membership,
        membership_id=membership.pk,
        reason="A reason",
        by_user_id=contact.user_id,
    )

    assert codes == ("not_secretariat",)


def test_reinstated_membership_forgets_the_reason(secretariat):
    membership = MembershipFactory(suspended_on=localdate(), suspension_reason="Unpaid order")

    services.reinstate_membership(membership_id=membership.pk, by_user_id=secretariat.pk)

    membership.refresh_from_db()
    assert (membership.suspended_on, membership.suspension_reason) == (None, "")


def test_membership_not_suspended_is_not_reinstated(secretariat):
    codes = refused(
        services.reinstate_membership,
        membership_id=MembershipFactory().pk,
        by_user_id=secretariat.pk,
    )

    assert codes == ("membership_not_suspended",)


def test_only_the_secretariat_reinstates():
    membership = MembershipFactory(suspended_on=localdate(), suspension_reason="Unpaid order")

    codes = refused(
        services.reinstate_membership, membership_id=membership.pk, by_user_id=UserFactory().pk
    )

    membership.refresh_from_db()
    assert (codes, membership.suspended_on) == (("not_secretariat",), localdate())


def mandate_of(principal, by_user_id, **changes):
    return {
        "contractor_id": EntityFactory().pk,
        "principal_id": principal.pk,
        "sensor_ids": [SensorFactory().pk],
        "contract_reference": "2026-12",
        "starts_on": localdate(),
        "ends_on": localdate() + A_MONTH,
        "by_user_id": by_user_id,
        **changes,
    }


def test_contact_of_the_principal_gives_a_mandate():
    contact = AffiliationFactory(role="entity_contact")

    mandate = services.create_mandate(**mandate_of(contact.entity, contact.user_id))

    assert (mandate.principal, mandate.sensors.count()) == (contact.entity, 1)


def test_contact_of_the_contractor_gives_no_mandate_to_itself():
    contact = AffiliationFactory(role="entity_contact")

    codes = refused(
        services.create_mandate,
        **mandate_of(EntityFactory(), contact.user_id, contractor_id=contact.entity_id),
    )

    assert codes == ("not_principal",)


def test_mandate_binds_two_entities():
    contact = AffiliationFactory(role="entity_contact")

    codes = refused(
        services.create_mandate,
        **mandate_of(contact.entity, contact.user_id, contractor_id=contact.entity_id),
    )

    assert codes == ("same_entity",)


def test_mandate_does_not_end_before_it_begins():
    contact = AffiliationFactory(role="entity_contact")

    codes = refused(
        services.create_mandate,
        **mandate_of(contact.entity, contact.user_id, ends_on=dt.date(2020, 1, 1)),
    )

    assert codes == ("dates_not_ordered",)


def test_mandate_needs_a_sensor():
    contact = AffiliationFactory(role="entity_contact")

    codes = refused(
        services.create_mandate, **mandate_of(contact.entity, contact.user_id, sensor_ids=[])
    )

    assert codes == ("no_sensor",)
