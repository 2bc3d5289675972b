import pytest
from django.urls import reverse

from tests.eligibility.factories import AffiliationFactory, CellMemberFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_home_speaks_french_by_default(client):
    response = client.get("/")

    assert response.status_code == 200
    assert '<html lang="fr">' in response.text
    assert response.context.get("waiting") is None


def test_home_speaks_english_when_the_browser_does(client):
    response = client.get("/", headers={"accept-language": "en-GB"})

    assert '<html lang="en">' in response.text
    assert "Satellite images for public service and research" in response.text
    assert reverse("requests:new") in response.text


def test_language_is_kept_once_chosen(client):
    client.post(reverse("set_language"), {"language": "en", "next": "/"})

    response = client.get("/", headers={"accept-language": "fr"})

    assert '<html lang="en">' in response.text


def test_signed_in_home_counts_what_waits(client):
    affiliation = AffiliationFactory()
    client.force_login(affiliation.user)

    response = client.get("/")

    assert response.context["waiting"] == {"for_requester": 0, "for_cell": None, "to_activate": 0}
    assert reverse("requests:list") in response.text


def test_signed_in_home_shows_the_queue_to_the_members_of_a_cell(client):
    member = CellMemberFactory(role="reviewer")
    client.force_login(member.user)

    response = client.get("/")

    assert response.context["waiting"] == {"for_requester": 0, "for_cell": 0, "to_activate": 0}
    assert reverse("queue:list") in response.text


@pytest.mark.parametrize("role", ["entity_contact", "legal_representative", "member"])
def test_signed_in_home_counts_who_waits_to_be_activated(client, role):
    manager = AffiliationFactory(role=role)
    AffiliationFactory(entity=manager.entity, since=None)
    AffiliationFactory(since=None)
    client.force_login(manager.user)

    response = client.get("/")

    address = reverse("eligibility:entity", args=[manager.entity.pk])
    waits = role != "member"
    assert response.context["waiting"]["to_activate"] == int(waits)
    assert (f'href="{address}"' in response.text) == waits


def test_account_that_asked_to_join_is_told_what_it_waits_for(client):
    asked = AffiliationFactory(since=None)
    client.force_login(asked.user)

    response = client.get("/", headers={"accept-language": "en"})

    assert f"You asked to join {asked.entity.name} on " in response.text
    assert "join your organisation first" not in response.text


def test_account_without_organisation_is_told_to_join_one(client):
    client.force_login(UserFactory())

    response = client.get("/", headers={"accept-language": "en"})

    assert "Your account belongs to no organisation yet." in response.text
    assert f'href="{reverse("eligibility:profile")}"' in response.text
