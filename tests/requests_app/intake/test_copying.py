"""A request that is copied into a draft."""

from decimal import Decimal

import pytest
from django.urls import reverse

from requests_app.aoi import operator_area
from requests_app.intake.services import offers
from requests_app.models import ImageryRequest
from tests.eligibility.factories import AffiliationFactory, MandateFactory
from tests.requests_app import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked_under_mandate(programme):
    """By somebody of a contractor, to which the reviewer of the cell belongs as well."""
    contractor = AffiliationFactory()
    programme.people["contractor"] = contractor.user
    AffiliationFactory(user=programme.reviewer, entity=contractor.entity)
    request = world.submitted(programme)
    request.requester = contractor.user
    request.mandate = MandateFactory(
        contractor=contractor.entity, principal=programme.entity, sensors=[programme.sensor]
    )
    request.save(update_fields=["requester", "mandate"])
    return request


def offered_and_answered(client, person, request) -> tuple[bool, int]:
    client.force_login(person)
    offered = client.get(request.get_absolute_url()).context["may_copy"]
    return offered, client.post(reverse("requests:copy", args=[request.number])).status_code


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


@pytest.mark.parametrize(
    ("role", "is_copied"),
    [("contractor", True), ("colleague", True), ("reviewer", False), ("observer", False)],
)
def test_copy_is_offered_to_whom_it_is_not_refused(
    programme, client, asked_under_mandate, role, is_copied
):
    found = offered_and_answered(client, programme.people[role], asked_under_mandate)

    assert found == (is_copied, 302 if is_copied else 403)


def test_contractor_whose_mandate_has_ended_is_offered_no_copy(
    programme, client, asked_under_mandate
):
    """Under a later mandate the request would have to be asked anew."""
    ended = asked_under_mandate.mandate
    MandateFactory(
        contractor=ended.contractor, principal=ended.principal, starts_on=world.in_days(0)
    )
    ended.ends_on = world.in_days(-1)
    ended.save(update_fields=["ends_on"])

    found = offered_and_answered(client, programme.people["contractor"], asked_under_mandate)

    assert found == (False, 403)
