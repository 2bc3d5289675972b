"""The pages on which addresses are set and removed."""

import pytest
from django.urls import reverse

from notices.models import CopyAddress
from tests.eligibility.pages import queries_of
from tests.notices.copying import ADDRESS, ask
from tests.requests_app import world
from tests.requests_app.pages import text_of

pytestmark = pytest.mark.django_db


def test_page_of_a_request_leads_to_its_addresses(programme, client):
    request = world.submitted(programme)
    client.force_login(programme.requester)

    page = client.get(request.get_absolute_url()).text

    assert reverse("notices:request_copies", args=[request.number]) in page


def test_requester_sets_an_address_from_the_page(programme, client):
    page = reverse("notices:request_copies", args=[world.submitted(programme).number])
    client.force_login(programme.requester)

    client.post(page, {"address": ADDRESS, "language": "en"})

    listed = text_of(client.get(page, headers={"accept-language": "en"}))
    assert ADDRESS in listed
    assert "to be confirmed" in listed


def test_requester_removes_an_address_from_the_page(programme, client):
    request = world.submitted(programme)
    copy = ask(programme, request)
    client.force_login(programme.requester)

    client.post(reverse("notices:copy_end", args=[copy.pk]))

    page = reverse("notices:request_copies", args=[request.number])
    assert "No address is copied" in text_of(client.get(page, headers={"accept-language": "en"}))
    assert CopyAddress.objects.get().ended_by == programme.requester


def test_refusal_keeps_what_was_typed_and_has_its_code(programme, client):
    request = world.draft(programme)
    ask(programme, request)
    client.force_login(programme.requester)
    page = reverse("notices:request_copies", args=[request.number])

    response = client.post(page, {"address": ADDRESS, "language": "en"})

    assert response.context["form"].has_error("__all__", "already_invited")
    assert f'value="{ADDRESS}"' in response.text


def test_contact_sets_an_address_from_the_page_of_the_entity(programme, client):
    page = reverse("notices:entity_copies", args=[programme.entity.pk])
    client.force_login(programme.entity_contact)
    entity_page = reverse("eligibility:entity", args=[programme.entity.pk])
    assert page in client.get(entity_page).text

    response = client.post(page, {"address": ADDRESS, "language": "en"})

    assert response.status_code == 302
    assert CopyAddress.objects.get().entity == programme.entity


@pytest.mark.parametrize(
    ("role", "status"), [("colleague", 403), ("entity_contact", 403), ("stranger", 404)]
)
def test_others_do_not_open_the_addresses_of_a_request(programme, client, role, status):
    request = world.submitted(programme)
    client.force_login(programme.people[role])

    page = reverse("notices:request_copies", args=[request.number])

    assert client.get(page).status_code == status


def test_somebody_elses_address_is_not_removed(programme, client):
    copy = ask(programme, world.submitted(programme))
    client.force_login(programme.colleague)

    response = client.post(reverse("notices:copy_end", args=[copy.pk]))

    assert (response.status_code, CopyAddress.objects.get().ended_at) == (404, None)


def test_page_costs_the_same_with_one_address_and_with_three(programme, client):
    client.force_login(programme.requester)
    request = world.submitted(programme)
    page = reverse("notices:request_copies", args=[request.number])
    ask(programme, request, "1@example.org")
    queries_of(client, page)
    one = queries_of(client, page)
    ask(programme, request, "2@example.org")
    ask(programme, request, "3@example.org")

    assert queries_of(client, page) == one
