"""The path of a request through its services, with the ledger read back after each step."""

from decimal import Decimal

import pytest

from licences.models import Licence
from quotas.selectors import charged_km2, outstanding
from requests_app.models import ImageryRequest
from requests_app.states import State
from tests.requests_app import world

pytestmark = pytest.mark.django_db


def held_and_consumed(request: ImageryRequest) -> dict[str, tuple[Decimal, Decimal]]:
    """By scope of envelope: what the request holds and has consumed, in km²."""
    from quotas.models import Envelope

    found = outstanding(request.number)
    scopes = dict(Envelope.objects.filter(pk__in=found).values_list("pk", "scope"))
    return {scopes[pk]: (state.held, state.consumed) for pk, state in found.items()}


def test_free_archive_request_from_draft_to_closed(programme):
    request = world.closed(programme)

    area = request.area_km2
    assert request.state == State.CLOSED
    assert request.cell == programme.cell
    assert charged_km2(request.number) == area
    assert held_and_consumed(request) == {"entity": (0, area), "programme": (0, area)}
    assert Licence.objects.get(request_number=request.number).number == request.licence_number
    assert list(request.records.values_list("transition", flat=True)) == [
        "submit", "take", "recommend", "approve", "order", "register_delivery", "accept_delivery",
    ]  # fmt: skip
