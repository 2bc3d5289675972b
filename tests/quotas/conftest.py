from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Refusals are compared word for word: in English, whatever the site's first language."""
    with translation.override("en"):
        yield


@pytest.fixture
def signed_in(client):
    """The page as this account sees it, in English."""

    def sign_in(user):
        client.force_login(user)
        client.cookies["django_language"] = "en"
        return client

    return sign_in
