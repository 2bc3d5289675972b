import copy
from collections.abc import Iterator

import pytest
from django.db import transaction

from quotas.selectors import discrepancies
from tests.requests_app import world
from tests.requests_app.pages import text_of


@pytest.fixture(scope="module")
def settled_programme(django_db_setup, django_db_blocker) -> Iterator[world.Programme]:
    """The programme, made once per module in a transaction that wraps its tests and is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield world.programme()
        transaction.set_rollback(True)


@pytest.fixture
def programme(settled_programme, request, db) -> Iterator[world.Programme]:
    """The programme of this test; afterwards every envelope equals the sum of its entries.

    A module that commits asks for ``committed_programme`` in all of its tests instead.
    """
    marker = request.node.get_closest_marker("django_db")
    if marker is not None and marker.kwargs.get("transaction"):
        pytest.fail("a test that commits asks for `committed_programme`")
    made = settled_programme
    yield world.Programme(*copy.deepcopy((made.sensor, made.cell, made.entity, made.people)))
    assert discrepancies() == []


@pytest.fixture
def committed_programme(transactional_db) -> Iterator[world.Programme]:
    """The programme, committed: other sessions and processes see it."""
    yield world.programme()
    assert discrepancies() == []


@pytest.fixture
def read(client):
    """The English text of a page as somebody reads it: tags and folded spaces left out."""

    def page(user, address: str) -> str:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        response = client.get(address, headers={"accept-language": "en"})
        assert response.status_code == 200
        return text_of(response)

    return page
