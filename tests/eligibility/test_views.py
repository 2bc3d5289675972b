import pytest
from django.urls import reverse
from django.utils import timezone

from eligibility.forms import EntityForm
from eligibility.models import Affiliation, Entity, Membership, TermsAcceptance
from tests.eligibility.factories import (
    AffiliationFactory,
    CellFactory,
    CellMemberFactory,
    EligibilityRuleFactory,
    EntityFactory,
    MandateFactory,
    MembershipFactory,
    OpenSensorFactory,
    ProgrammeRoleFactory,
    SensorFactory,
    SpotFactory,
    TermsAcceptanceFactory,
    TermsFactory,
    UserCategoryFactory,
    UserFactory,
    member_entity,
)

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


@pytest.fixture(autouse=True)
def english(client):
    client.cookies["django_language"] = "en"


def text(response) -> str:
    return " ".join(response.content.decode().split())


def queries_of(client, url) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


# --- who may ask ----------------------------------------------------------------------------------


def test_anybody_reads_the_rules_with_condition_and_source(client):
    EligibilityRuleFactory(
        answer="after_agreement",
        agreement_by="Airbus DS",
        condition_en="After prior agreement.",
        source="A public page",
        is_example=True,
    )
    OpenSensorFactory()

    page = text(client.get(reverse("eligibility:rules")))

    for words in (
        "Public research body",
        "After agreement",
        "Airbus DS",
        "After prior agreement.",
        "A public page",
        "not published as such",
        "Sentinel-2",
    ):
        assert words in page


def test_member_reads_what_they_may_ask_and_what_is_in_the_way(client):
    sensor, _spot = SensorFactory(), SpotFactory()
    entity = member_entity(sensor)
    EligibilityRuleFactory(sensor=sensor, category=entity.category)
    client.force_login(AffiliationFactory(entity=entity).user)

    page = text(client.get(reverse("eligibility:rules")))

    assert page.count("May ask") == 1
    assert f"The membership of {entity} does not cover SPOT 6/7" in page


def test_somebody_without_an_entity_is_told_where_to_begin(client):
    client.force_login(UserFactory())

    assert "You belong to no organisation yet." in text(client.get(reverse("eligibility:rules")))


def test_rules_page_asks_as_much_for_three_entities_as_for_one(client):
    sensor = SensorFactory()
    user = UserFactory()
    client.force_login(user)

    def join_one():
        entity = member_entity(sensor, SpotFactory())
        AffiliationFactory(entity=entity, user=user)
        EligibilityRuleFactory(
            sensor=sensor,
            category=entity.category,
            valid_from=TODAY.replace(year=2000 + Entity.objects.count()),
        )

    join_one()
    one = queries_of(client, reverse("eligibility:rules"))
    join_one()
    join_one()

    assert queries_of(client, reverse("eligibility:rules")) == one


def test_terms_are_public(client):
    terms = TermsFactory(text_en="First paragraph.")

    assert "First paragraph." in text(client.get(reverse("eligibility:terms", args=[terms.pk])))


# --- profile --------------------------------------------------------------------------------------


def test_profile_asks_to_sign_in(client):
    response = client.get(reverse("eligibility:profile"))

    assert response.url.startswith(reverse("account_login"))


def test_profile_shows_entities_roles_and_accepted_terms(client):
    user = UserFactory()
    AffiliationFactory(user=user, entity__name="Agency of relief", role="entity_contact")
    CellMemberFactory(user=user, role="chair")
    ProgrammeRoleFactory(user=user, role="observer")
    TermsAcceptanceFactory(user=user, terms__kind="site", terms__title_en="Terms of use")
    client.force_login(user)

    page = text(client.get(reverse("eligibility:profile")))

    for words in (
        user.email,
        "Agency of relief",
        "Entity contact",
        "Chair, Pléiades science cell",
        "Observer",
        "Terms of use",
    ):
        assert words in page


def test_profile_is_changed_with_its_language(client):
    user = UserFactory()
    client.force_login(user)

    response = client.post(
        reverse("eligibility:profile"), {"full_name": "Ada Byron", "language": "en"}
    )

    user.refresh_from_db()
    assert (user.full_name, user.language) == ("Ada Byron", "en")
    assert response.cookies["django_language"].value == "en"


def test_profile_without_a_name_is_not_changed(client):
    user = UserFactory(full_name="Ada Byron")
    client.force_login(user)

    client.post(reverse("eligibility:profile"), {"full_name": "", "language": "en"})

    user.refresh_from_db()
    assert user.full_name == "Ada Byron"


def test_profile_asks_as_much_for_three_entities_as_for_one(client):
    user = UserFactory()
    client.force_login(user)
    AffiliationFactory(user=user)
    TermsAcceptanceFactory(user=user, terms__kind="site")
    one = queries_of(client, reverse("eligibility:profile"))

    AffiliationFactory(user=user)
    AffiliationFactory(user=user, since=None)
    CellMemberFactory(user=user)
    CellMemberFactory(user=user, cell=CellFactory(code="institutional"))

    assert queries_of(client, reverse("eligibility:profile")) == one


# --- joining and registering ----------------------------------------------------------------------


def test_joining_waits_for_the_contact(client):
    entity, user = EntityFactory(), UserFactory()
    client.force_login(user)

    response = client.post(reverse("eligibility:join"), {"entity": entity.pk}, follow=True)

    assert Affiliation.objects.pending().get().user == user
    assert "contact has not answered yet" in text(response)


def test_joining_twice_shows_the_refusal(client):
    pending = AffiliationFactory(since=None)
    client.force_login(pending.user)

    response = client.post(reverse("eligibility:join"), {"entity": pending.entity_id})

    assert "its contact has not answered yet" in text(response)


def test_registering_an_entity_leads_to_its_page(client):
    client.force_login(UserFactory())

    response = client.post(
        reverse("eligibility:entity_register"),
        {"name": "Agency of relief", "category": UserCategoryFactory().pk, "country": "FR"},
    )

    entity = Entity.objects.get()
    assert response.url == reverse("eligibility:entity", args=[entity.pk])


def test_wrong_siret_is_said_at_its_field(client):
    client.force_login(UserFactory())

    response = client.post(
        reverse("eligibility:entity_register"),
        {"name": "A", "category": UserCategoryFactory().pk, "country": "FR", "siret": "12"},
    )

    assert "A SIRET number has 14 digits." in text(response)
    assert not Entity.objects.exists()


# --- an entity's page -----------------------------------------------------------------------------


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
    assert pending.since == TODAY


def test_contact_ends_an_affiliation(client):
    contact = AffiliationFactory(role="entity_contact")
    member = AffiliationFactory(entity=contact.entity)
    client.force_login(contact.user)

    client.post(reverse("eligibility:affiliation_end", args=[member.pk]))

    member.refresh_from_db()
    assert member.until == TODAY


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
            starts_on=TODAY.replace(year=year, month=1, day=1),
            ends_on=TODAY.replace(year=year, month=12, day=31),
            sensors=sensors,
        )
        MandateFactory(principal=entity, sensors=sensors)
        entity.supervising_bodies.add(EntityFactory())
        TermsAcceptanceFactory(
            entity=entity, terms__valid_from=TODAY.replace(year=year, month=1, day=1)
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
        {"starts_on": TODAY.isoformat(), "ends_on": "", "sensors": [sensor.pk]},
    )

    assert response.url == entity_url(entity)
    assert list(Membership.objects.get().sensors.all()) == [sensor]


def test_overlap_is_said_on_the_form(client, secretariat):
    membership = MembershipFactory()

    response = client.post(
        reverse("eligibility:membership_start", args=[membership.entity_id]),
        {"starts_on": TODAY.isoformat(), "sensors": [SensorFactory().pk]},
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


def test_organisation_is_registered_under_words_of_one_line():
    broken = {"name": "Two\nlines", "acronym": "T\tL", "city": "Ly\u2028on"}

    form = EntityForm(
        broken
        | {
            "category": UserCategoryFactory().pk,
            "country": "FR\n",
            "siret": "12345678901234\n",
        }
    )

    found = {field: errors[0].code for field, errors in form.errors.as_data().items()}
    assert found == dict.fromkeys(("name", "acronym", "city"), "not_one_line")
    assert (form.cleaned_data["country"], form.cleaned_data["siret"]) == ("FR", "12345678901234")
