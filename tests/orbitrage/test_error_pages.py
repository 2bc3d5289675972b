import pytest
from django.core.exceptions import PermissionDenied
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.views import defaults

from tests.eligibility.factories import AffiliationFactory


@pytest.mark.django_db
def test_unknown_address_has_a_page_with_the_navigation(client):
    response = client.get("/nowhere/", headers={"accept-language": "en"})

    assert response.status_code == 404
    assert "There is nothing at this address" in response.text
    assert reverse("catalogue:list") in response.text


@pytest.mark.django_db
def test_refused_action_has_a_page(rf):
    request = rf.get("/")
    request.user = AffiliationFactory().user

    with translation.override("en"):
        response = defaults.permission_denied(request, PermissionDenied())

    assert response.status_code == 403
    assert "This is not yours to do." in response.text


def test_failure_page_needs_neither_context_nor_database(rf):
    with translation.override("en"):
        response = defaults.server_error(rf.get("/"))

    assert response.status_code == 500
    assert "Something failed on our side." in response.text


@pytest.mark.parametrize("language", ["fr", "en"])
def test_failure_page_says_its_language(language):
    with translation.override(language):
        assert f'<html lang="{language}">' in render_to_string("500.html")


@pytest.mark.django_db
def test_form_without_its_token_has_a_page():
    client = Client(enforce_csrf_checks=True)

    response = client.post(reverse("contact"), {}, headers={"accept-language": "en"})

    assert response.status_code == 403
    assert "The form has expired" in response.text
