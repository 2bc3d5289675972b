import pytest
from django.urls import reverse
from django.utils import timezone

from eligibility.forms import EntityForm
from eligibility.models import Affiliation, Entity
from tests.eligibility.factories import (
    AffiliationFactory,
    CellFactory,
    CellMemberFactory,
    EligibilityRuleFactory,
    EntityFactory,
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
from tests.eligibility.pages import queries_of, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


TODAY = timezone.localdate()


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
