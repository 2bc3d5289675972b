from collections.abc import Iterator

import pytest
from django.utils import translation

from tests.eligibility.factories import AffiliationFactory, ProgrammeRoleFactory
from tests.quotas.factories import quoted
from tests.quotas.revisions import Office, office


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


@pytest.fixture
def visit(client):
    def get(user, url, **query):
        client.force_login(user)
        return client.get(url, query, headers={"accept-language": "en"})

    return get


@pytest.fixture
def contact():
    return AffiliationFactory(role="entity_contact").user


@pytest.fixture
def quotation(contact):
    return quoted(entity=contact.affiliations.get().entity)


@pytest.fixture
def secretary():
    return ProgrammeRoleFactory(role="secretariat").user


@pytest.fixture
def colleague():
    return ProgrammeRoleFactory(role="secretariat").user


@pytest.fixture
def programme() -> Office:
    return office()
