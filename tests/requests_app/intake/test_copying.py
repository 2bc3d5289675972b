"""A request that is copied into a draft."""

from decimal import Decimal

import pytest
from django.urls import reverse

from requests_app.aoi import operator_area
from requests_app.intake.services import offers
from requests_app.models import ImageryRequest
from tests.requests_app import world

pytestmark = pytest.mark.django_db


def test_copy_of_what_was_granted_in_part_asks_for_the_whole(programme, client):
    smaller = world.square(size_deg=0.04)
    granted = world.offered(programme, polygon=smaller)
    offers.accept_offer(request_id=granted.pk, user=programme.requester)
    client.force_login(programme.requester)

    client.post(reverse("requests:copy", args=[granted.number]))

    copied = ImageryRequest.objects.latest("pk")
    assert (copied.area_km2, copied.operator_area_km2) == (granted.area_km2, granted.area_km2)


def test_copy_whose_order_is_too_large_is_refused_with_its_figures(programme, client, monkeypatch):
    """The operator takes less than when the first was asked for."""
    request = world.submitted(programme)
    monkeypatch.setattr(operator_area, "AREA_MAXIMUM_KM2", Decimal(10))
    client.force_login(programme.requester)

    response = client.post(reverse("requests:copy", args=[request.number]), follow=True)

    assert ImageryRequest.objects.count() == 1
    assert response.redirect_chain == [(request.get_absolute_url(), 302)]
    assert [message.level_tag for message in response.context["messages"]] == ["error"]
