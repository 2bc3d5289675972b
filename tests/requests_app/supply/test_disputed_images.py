"""A dispute names its images, and only what they alone cover is refunded."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.gis.geos import MultiPolygon
from django.urls import reverse
from django.utils import timezone

from catalogue.models import Item
from orbitrage.shared.geo import geodesic_area_km2, to_shapely
from quotas.selectors import charged_km2
from requests_app.intake.services import deliveries
from requests_app.models import ImageryRequest
from requests_app.notifications import letter_about, mail_of
from requests_app.supply import services as supply
from requests_app.supply.selectors import refundable_km2
from requests_app.supply.services import disputes
from tests.requests_app import world
from tests.requests_app.books import ASKED_KM2, SHORTFALL_KM2, SMALLER_KM2, last_record, refused

pytestmark = pytest.mark.django_db

WEST, EAST = "DS_PHR1A_WEST", "DS_PHR1A_EAST"


@pytest.fixture
def two_images(programme):
    """60 % in the west, and half of the area in the east: a tenth of it lies under both."""
    request = world.ordered(programme)
    return supply.register_delivery(
        request_id=request.pk,
        user=programme.supply_officer,
        products=[
            world.product(world.strip(width_deg=0.048), identifier=WEST),
            world.product(world.square(west=1.34), identifier=EAST),
        ],
        complete=True,
    )


def contest(programme, request, *products):
    return deliveries.dispute(
        request_id=request.pk, user=programme.requester, reason="Clouds.", products=products
    )


def test_dispute_names_its_images(programme, two_images):
    contested = contest(programme, two_images, EAST)

    assert last_record(contested).changes == {"identifiers": [EAST]}


def test_dispute_of_no_image_is_refused(programme, two_images):
    with refused("product_missing"):
        contest(programme, two_images)


def test_dispute_of_another_image_is_refused(programme, two_images):
    with refused("product_unknown"):
        contest(programme, two_images, EAST, "DS_PHR1A_OTHER")


def test_refund_is_what_no_other_image_covers(programme, two_images):
    contest(programme, two_images, EAST)

    over = disputes.refund_part(
        request_id=two_images.pk, user=programme.arbitrator, products=[EAST], reason="Clouds."
    )

    assert last_record(over).changes == {
        "refunded_km2": str(SHORTFALL_KM2),
        "proposed_km2": str(SHORTFALL_KM2),
        "identifiers": [EAST],
    }
    assert charged_km2(two_images.number) == ASKED_KM2 - SHORTFALL_KM2


def test_refund_beyond_its_images_is_refused(programme, two_images):
    contest(programme, two_images, EAST)

    with refused("refund_beyond_products"):
        disputes.refund_part(
            request_id=two_images.pk,
            user=programme.arbitrator,
            products=[EAST],
            refunded_km2=SHORTFALL_KM2 + Decimal("0.1"),
            reason="Clouds.",
        )


def test_refund_for_no_image_or_another_is_refused(programme, two_images):
    contest(programme, two_images, EAST)

    for products, code in (((), "product_missing"), (("OTHER",), "product_unknown")):
        with refused(code):
            disputes.refund_part(
                request_id=two_images.pk,
                user=programme.arbitrator,
                products=products,
                reason="Clouds.",
            )


def test_image_over_what_was_available_before_is_not_refunded_there(programme, two_images):
    """West of 1.364° it was: of what the eastern image covers alone, half is charged. An edge cut
    in two is a longer geodesic, by some m²."""
    missing = world.square(west=1.364).intersection(world.square())
    ImageryRequest.objects.filter(pk=two_images.pk).update(missing_aoi=MultiPolygon(missing))
    request = contest(programme, two_images, EAST)

    half_km2 = geodesic_area_km2(to_shapely(missing))
    assert half_km2 < SHORTFALL_KM2
    assert abs(refundable_km2(request, [EAST]) - half_km2) < Decimal("0.00001")


def test_image_of_another_day_of_a_series_replaces_none(programme):
    """Two dates of 22.45 km², each wholly covered: without one of them half is lost."""
    request = world.ordered(
        programme,
        **world.tasking(),
        aoi=world.square(size_deg=0.05),
        acquisition_dates=2,
        interval_days=5,
    )
    supply.register_delivery(
        request_id=request.pk,
        user=programme.supply_officer,
        products=[world.product(world.square(), identifier=name) for name in (WEST, EAST)],
        complete=False,
    )
    Item.objects.filter(identifier=WEST).update(acquired_at=timezone.now() - timedelta(days=9))

    assert refundable_km2(request, [EAST]) == SMALLER_KM2


def test_pages_ask_for_the_images_and_propose_the_refund(programme, two_images, client, read):
    contest(programme, two_images, EAST)
    address = reverse("requests:move", args=[two_images.number, "refund_part"])

    page = read(programme.arbitrator, address)
    response = client.post(address, {"products": [EAST], "reason": "Clouds."})
    story = read(programme.requester, two_images.get_absolute_url())

    assert "22.99 km² for the images disputed." in page
    assert response.status_code == 302
    assert "22.99 km² refunded of 22.99 km² that only these images cover" in story
    assert story.count(EAST) > story.count(WEST)


def test_form_of_a_dispute_without_an_image_keeps_what_was_typed(programme, two_images, client):
    client.force_login(programme.requester, backend="django.contrib.auth.backends.ModelBackend")

    response = client.post(
        reverse("requests:move", args=[two_images.number, "dispute"]), {"reason": "Clouds."}
    )

    assert response.context["form"].errors.as_data()["products"][0].code == "required"
    assert b"Clouds." in response.content


def test_mail_names_the_images(programme, two_images):
    contest(programme, two_images, EAST)
    programme.arbitrator.language = "en"

    record = last_record(two_images)
    letter = letter_about(record, programme.arbitrator, mail_of(record, "dispute"))

    assert f"Images:\n{EAST}\n" in letter.body
