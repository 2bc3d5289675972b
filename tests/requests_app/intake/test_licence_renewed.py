"""A request names the licence that it has now."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from licences import life
from orbitrage.outbox_handlers import HANDLERS
from orbitrage.shared import outbox
from requests_app.intake import services as intake
from requests_app.models import ImageryRequest
from tests.licences.factories import issued
from tests.requests_app import world
from tests.requests_app.books import again

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("storage")]


@pytest.fixture
def licence(committed_programme):
    """Of a request; it ends, as those of the kinds here do not."""
    request = world.submitted(committed_programme)
    licence = issued(
        entity=request.entity,
        request_number=request.number,
        sensor_code=request.sensor.code,
        valid_until=timezone.localdate() + timedelta(days=30),
    )
    ImageryRequest.objects.filter(pk=request.pk).update(licence_number=licence.number)
    return licence


def request_of(licence):
    return ImageryRequest.objects.get(number=licence.request_number)


def test_request_names_the_renewal_of_its_licence(licence, committed_programme):
    user = committed_programme.people["secretariat"]
    renewed = life.renew(licence_id=licence.pk, user=user, decision=uuid4())

    outbox.drain(HANDLERS)

    assert request_of(licence).licence_number == renewed.number


def test_renewal_that_comes_late_names_nothing(licence, committed_programme):
    user = committed_programme.people["secretariat"]
    first = life.renew(licence_id=licence.pk, user=user, decision=uuid4())
    ImageryRequest.objects.filter(pk=request_of(licence).pk).update(licence_number="")

    intake.follow_renewal({"licence_id": first.pk})

    assert again(request_of(licence)).licence_number == ""
