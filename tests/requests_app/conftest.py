import copy
from collections.abc import Iterator

import pytest
from django.template import engines
from django.utils import translation

from quotas.selectors import discrepancies
from requests_app.models import ImageryRequest
from tests.catalogue.factories import ItemFactory
from tests.eligibility.factories import EntityFactory, UserFactory
from tests.requests_app import world
from tests.requests_app.pages import text_of
from tests.settled import Settled


@pytest.fixture(scope="module")
def settled_programme(settled: Settled) -> world.Programme:
    """The programme, in a transaction that modules share one after the other and that is undone."""
    return settled.get()


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
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def read(client):
    """The English text of a page as somebody reads it: tags and folded spaces left out."""

    def page(user, address: str) -> str:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        response = client.get(address, headers={"accept-language": "en"})
        assert response.status_code == 200
        return text_of(response)

    return page


@pytest.fixture
def elsewhere(programme):
    """A request of another entity, whose title is nobody's business."""

    def submitted(aoi):
        request = world.submitted(
            programme, aoi=aoi, title="Secret works", agrees_to_enlargement=True
        )
        other = UserFactory(full_name="Somebody Else")
        ImageryRequest.objects.filter(pk=request.pk).update(
            entity=EntityFactory(name="Another entity"), requester=other
        )
        return request

    return submitted


@pytest.fixture
def loud_templates(monkeypatch):
    """A variable that does not exist shows instead of vanishing."""
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", "MISSING(%s)")


@pytest.fixture
def covered(programme):
    """The western 60 % of the usual square are there."""
    return ItemFactory(sensor=programme.sensor, footprint=world.strip(width_deg=0.048))
