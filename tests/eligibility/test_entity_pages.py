"""An entity's page: its people, terms and memberships, and who may change them."""

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from eligibility.models import Membership, TermsAcceptance
from tests.eligibility.factories import (
    AffiliationFactory,
    EntityFactory,
    MandateFactory,
    MembershipFactory,
    ProgrammeRoleFactory,
    SensorFactory,
    SpotFactory,
    TermsAcceptanceFactory,
    TermsFactory,
)
from tests.eligibility.pages import queries_of, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def entity_url(entity) -> str:
    return reverse("eligibility:entity", args=[entity.pk])


def test_entity_is_not_found_by_strangers(client):
    client.force_login(AffiliationFactory().user)

    assert client.get(entity_url(EntityFactory())).status_code == 404


def test_contact_activates_who_asked_to_join(client):
    contact = AffiliationFactory(role="entity_contact")
    pending = AffiliationFactory(entity=contact.entity, since=None)
    client.force_login(contact.user)
    action = reverse("eligibility:affiliation_activate", args=[pending.pk])
    assert action in text(client.get(entity_url(contact.entity)))

    client.post(action)

    pending.refresh_from_db()
    assert pending.since == localdate()


def test_contact_ends_an_affiliation(client):
    contact = AffiliationFactory(role="entity_contact")
    member = AffiliationFactory(entity=contact.entity)
    client.force_login(contact.user)

    client.post(reverse("eligibility:affiliation_end", args=[member.pk]))

    member.refresh_from_db()
    assert member.until == localdate()


def test_member_sees_colleagues_without_addresses_nor_buttons(client):
    member = AffiliationFactory()
    colleague = AffiliationFactory(entity=member.entity)
    client.force_login(member.user)

    page = text(client.get(entity_url(member.entity)))

    assert colleague.user.full_name in page
    assert colleague.user.email not in page
    assert reverse("eligibility:affiliation_end", args=[colleague.pk]) not in page


def test_member_who_ends_a_colleague_anyway_is_refused(client):
    member = AffiliationFactory()
    colleague = AffiliationFactory(entity=member.entity)
    client.force_login(member.user)

    response = client.post(reverse("eligibility:affiliation_end", args=[colleague.pk]), follow=True)

    colleague.refresh_from_db()
    assert colleague.until is None
    assert "Only the contact of" in text(response)


def test_affiliation_of_others_is_not_found(client):
    client.force_login(AffiliationFactory(role="entity_contact").user)
    elsewhere = AffiliationFactory(since=None)

    response = client.post(reverse("eligibility:affiliation_activate", args=[elsewhere.pk]))

    assert response.status_code == 404


def test_legal_representative_accepts_from_the_text(client):
    signatory = AffiliationFactory(role="legal_representative")
    terms = TermsFactory()
    client.force_login(signatory.user)
    url = reverse("eligibility:entity_terms", args=[signatory.entity_id, terms.pk])
    assert url in text(client.get(entity_url(signatory.entity)))
    assert "Accept" in text(client.get(url))

    client.post(url)

    assert TermsAcceptance.objects.get().entity == signatory.entity


def test_member_reads_the_text_and_signs_nothing(client):
    member = AffiliationFactory()
    terms = TermsFactory()
    client.force_login(member.user)
    url = reverse("eligibility:entity_terms", args=[member.entity_id, terms.pk])

    assert "in the name of" not in text(client.get(url))
    client.post(url)

    assert not TermsAcceptance.objects.exists()


def test_entity_page_asks_as_much_for_three_of_each_as_for_one(client):
    contact = AffiliationFactory(role="entity_contact")
    entity = contact.entity
    sensors = [SensorFactory(), SpotFactory()]
    client.force_login(contact.user)

    def one_more(year):
        AffiliationFactory(entity=entity, since=None)
        MembershipFactory(
            entity=entity,
            starts_on=localdate().replace(year=year, month=1, day=1),
            ends_on=localdate().replace(year=year, month=12, day=31),
            sensors=sensors,
        )
        MandateFactory(principal=entity, sensors=sensors)
        entity.supervising_bodies.add(EntityFactory())
        TermsAcceptanceFactory(
            entity=entity, terms__valid_from=localdate().replace(year=year, month=1, day=1)
        )

    one_more(2021)
    one = queries_of(client, entity_url(entity))
    one_more(2022)
    one_more(2023)

    assert queries_of(client, entity_url(entity)) == one


# --- memberships, by the secretariat --------------------------------------------------------------


@pytest.fixture
def secretariat(client):
    user = ProgrammeRoleFactory().user
    client.force_login(user)
    return user


def test_secretariat_opens_a_membership(client, secretariat):
    entity, sensor = EntityFactory(), SensorFactory()

    response = client.post(
        reverse("eligibility:membership_start", args=[entity.pk]),
        {"starts_on": localdate().isoformat(), "ends_on": "", "sensors": [sensor.pk]},
    )

    assert response.url == entity_url(entity)
    assert list(Membership.objects.get().sensors.all()) == [sensor]


def test_overlap_is_said_on_the_form(client, secretariat):
    membership = MembershipFactory()

    response = client.post(
        reverse("eligibility:membership_start", args=[membership.entity_id]),
        {"starts_on": localdate().isoformat(), "sensors": [SensorFactory().pk]},
    )

    assert "has been a member since" in text(response)
    assert Membership.objects.count() == 1


def test_secretariat_suspends_and_reinstates(client, secretariat):
    membership = MembershipFactory()

    client.post(
        reverse("eligibility:membership_suspend", args=[membership.pk]), {"reason": "Unpaid order"}
    )
    membership.refresh_from_db()
    suspended = membership.suspension_reason
    shown = text(client.get(entity_url(membership.entity)))
    client.post(reverse("eligibility:membership_reinstate", args=[membership.pk]))

    membership.refresh_from_db()
    assert (suspended, membership.suspended_on) == ("Unpaid order", None)
    assert "Unpaid order" in shown


@pytest.mark.parametrize("name", ["membership_suspend", "membership_reinstate"])
def test_contact_finds_no_page_of_the_secretariat(client, name):
    contact = AffiliationFactory(role="entity_contact")
    membership = MembershipFactory(entity=contact.entity)
    client.force_login(contact.user)

    response = client.post(reverse(f"eligibility:{name}", args=[membership.pk]), {"reason": "x"})

    assert response.status_code == 404


def test_contact_opens_no_membership(client):
    contact = AffiliationFactory(role="entity_contact")
    client.force_login(contact.user)

    url = reverse("eligibility:membership_start", args=[contact.entity_id])

    assert (client.get(url).status_code, client.post(url).status_code) == (404, 404)
