"""Control of the tests of kills: a file in between is seen, whichever table was left behind."""

import pytest

from orbitrage.shared.models import OutboxMessage
from quotas.models import Demand, Envelope
from quotas.services import Cause, release_request
from requests_app.arbitration import services as arbitration
from requests_app.models import ImageryRequest
from tests.requests_app import world
from tests.requests_app.books import last_record
from tests.requests_app.walk import rows_of
from tests.requests_app.wholeness import side

pytestmark = pytest.mark.django_db


def approve(programme, request):
    before = rows_of(request)
    arbitration.approve(request_id=request.pk, user=programme.arbitrator)
    return before


def test_file_that_was_not_touched_is_before(programme):
    request = world.in_arbitration(programme)

    assert side(request.pk, "approve", rows_of(request)) == "before"


def test_file_that_was_approved_is_after(programme):
    request = world.in_arbitration(programme)

    before = approve(programme, request)

    assert side(request.pk, "approve", before) == "after"


def demand_is_left(request):
    envelope = Envelope.objects.get(scope="programme", held=request.area_km2)
    Demand.objects.create(request_number=request.number, envelope=envelope, amount=request.area_km2)


def licence_is_not_noted(request):
    ImageryRequest.objects.filter(pk=request.pk).update(licence_number="")


def licence_is_not_sent(request):
    OutboxMessage.objects.filter(stream=request.number, topic="licences.render").delete()


def nothing_is_held(request):
    cause = Cause(decision=last_record(request).decision, request_number=request.number)
    release_request(request_number=request.number, cause=cause)


@pytest.mark.parametrize(
    "fault", [demand_is_left, licence_is_not_noted, licence_is_not_sent, nothing_is_held]
)
def test_file_in_between_is_seen(programme, fault):
    request = world.in_arbitration(programme)
    before = approve(programme, request)

    fault(request)

    with pytest.raises(AssertionError):
        side(request.pk, "approve", before)
