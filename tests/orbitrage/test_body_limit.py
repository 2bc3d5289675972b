import pytest
from django.test import Client
from django.urls import reverse

from tests.eligibility.factories import UserFactory

pytestmark = pytest.mark.django_db

MIB = 2**20


class Unread:
    """A body that fails the test when anything reads it."""

    def read(self, *_size):
        pytest.fail("the body was read")

    readline = read


def post(client, announced_bytes, **extra):
    return client.post(
        reverse("requests:new"),
        headers={"accept-language": "en"},
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(announced_bytes),
        **extra,
    )


def test_body_that_is_too_long_is_refused_unread_with_the_figures(client, settings):
    client.force_login(UserFactory(language="en"))

    response = post(client, 300 * MIB, **{"wsgi.input": Unread()})

    assert settings.ORBITRAGE_BODY_MAXIMUM_BYTES == 25 * MIB
    assert response.status_code == 413
    assert "What was sent is too large." in response.text
    assert "300 MiB were sent; 25 MiB at most are accepted" in " ".join(response.text.split())


def test_one_byte_too_many_is_said_as_more_than_the_maximum():
    """Before the check of the form's token, which would read the body."""
    response = post(Client(enforce_csrf_checks=True), 25 * MIB + 1, **{"wsgi.input": Unread()})

    assert response.status_code == 413
    assert "26 MiB were sent; 25 MiB at most" in " ".join(response.text.split())


def test_body_of_the_maximum_reaches_its_page(client, settings):
    body = b"name=Ada"
    settings.ORBITRAGE_BODY_MAXIMUM_BYTES = len(body)

    statuses = [
        client.post(reverse("contact"), sent, "application/x-www-form-urlencoded").status_code
        for sent in (body, body + b"!")
    ]

    assert statuses == [200, 413]
