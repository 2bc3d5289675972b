"""Deliveries: what came is charged, what did not come is refunded."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalogue import services as catalogue
from catalogue.models import Item
from licences.models import Annex
from quotas.models import Envelope, Quotation
from quotas.selectors import charged_eur, charged_km2
from requests_app.intake.services import offers
from requests_app.models import Acquisition, AcquisitionShare, Delivery
from requests_app.states import State
from requests_app.supply import services as supply
from tests.requests_app import world
from tests.requests_app.books import (
    ASKED_KM2,
    SHORTFALL_REFUNDED,
    SIXTY_PERCENT,
    SIXTY_PERCENT_KM2,
    SMALLER_KM2,
    WHOLE,
    balances,
    consumed,
    forbidden,
    last_record,
    postings,
    refused,
)

pytestmark = pytest.mark.django_db


def register(programme, request, *products, complete):
    return supply.register_delivery(
        request_id=request.pk,
        user=programme.supply_officer,
        products=products,
        complete=complete,
    )


def test_full_delivery_keeps_the_whole_charge(programme):
    request = world.delivered(programme, **world.tasking())

    assert (request.state, request.delivered_at is not None) == (State.DELIVERED, True)
    assert request.due_on == timezone.localdate() + timedelta(days=30)
    assert postings(request.number, "register_delivery") == []
    assert balances(request.number) == WHOLE


def test_delivered_product_is_catalogued_for_its_audience(programme):
    request = world.delivered(programme)

    item = Item.objects.get()
    assert (item.request_numbers, item.source_name) == ([request.number], "DIM_DS_PHR1A_1.XML")
    assert item.audience == [
        f"entity:{programme.entity.pk}@pleiades",
        "licence:pleiades_scientific@pleiades",
    ]
    delivery = Delivery.objects.get()
    assert (delivery.item, delivery.registered_by) == (item, programme.supply_officer)
    assert delivery.acquisition.state == "delivered"


def test_each_delivery_is_an_annex_of_the_licence(programme):
    request = world.partly_delivered(programme)
    register(
        programme, request, world.product(world.square(), identifier="DS_PHR1A_2"), complete=True
    )

    annexes = Annex.objects.filter(licence__number=request.licence_number).order_by("sequence")

    images = [[image["identifier"] for image in annex.record["images"]] for annex in annexes]
    assert images == [["DS_PHR1A_1"], ["DS_PHR1A_2"]]


def test_end_of_a_delivery_in_part_without_more_images_is_no_annex(programme):
    request = world.partly_delivered(programme)

    register(programme, request, complete=True)

    assert Annex.objects.count() == 1


def test_partial_delivery_moves_no_quota(programme):
    request = world.partly_delivered(programme)

    assert (request.state, request.delivered_at) == (State.PARTIALLY_DELIVERED, None)
    assert request.due_on == request.window_ends_on
    assert balances(request.number) == WHOLE
    assert AcquisitionShare.objects.get().delivered_km2 == SIXTY_PERCENT_KM2
    assert Acquisition.objects.get().state == "partially_delivered"


def test_tasking_delivered_in_part_is_refunded_the_shortfall(programme):
    request = world.delivered(programme, footprint=world.strip(width_deg=0.048), **world.tasking())

    assert request.state == State.DELIVERED
    assert postings(request.number, "register_delivery") == SHORTFALL_REFUNDED
    assert balances(request.number) == SIXTY_PERCENT
    assert last_record(request).changes == {
        "products": 1,
        "delivered_km2": str(SIXTY_PERCENT_KM2),
    }


def test_archive_is_charged_as_ordered(programme):
    request = world.delivered(programme, footprint=world.strip(width_deg=0.048))

    assert AcquisitionShare.objects.get().delivered_km2 == SIXTY_PERCENT_KM2
    assert balances(request.number) == WHOLE


def test_two_deliveries_count_their_common_area_once(programme):
    request = world.partly_delivered(programme)
    again = world.product(world.strip(width_deg=0.048), identifier="DS_PHR1B_2", mission="PHR1B")

    register(programme, request, again, complete=True)

    assert AcquisitionShare.objects.get().delivered_km2 == SIXTY_PERCENT_KM2
    assert balances(request.number) == SIXTY_PERCENT


def test_second_delivery_completes_the_first(programme):
    request = world.partly_delivered(programme)
    rest = world.product(world.square(), identifier="DS_PHR1A_2")

    register(programme, request, rest, complete=True)

    assert AcquisitionShare.objects.get().delivered_km2 == ASKED_KM2
    assert balances(request.number) == WHOLE
    assert Delivery.objects.count() == 2


def partly_available(programme):
    """A tasking of which the western 40 % could be downloaded when it was submitted."""
    catalogue.ingest(
        metadata=world.product(world.strip(width_deg=0.032), identifier="DS_OLD").metadata,
        audience=["open"],
        sensor_id=programme.sensor.pk,
    )
    running = {"window_starts_on": world.in_days(-20)}
    return world.ordered(programme, **world.tasking() | running)


def test_what_was_available_already_is_no_shortfall(programme):
    """40 % were available and 60 % are charged: the operator brings just those 60 %."""
    request = partly_available(programme)
    east = world.product(world.square(west=1.332, size_deg=0.08), identifier="DS_NEW")

    register(programme, request, east, complete=True)

    assert charged_km2(request.number) == SIXTY_PERCENT_KM2
    assert postings(request.number, "register_delivery") == []


def test_image_of_what_was_available_already_is_no_delivery(programme):
    """The operator brings only the 40 % that were there: all that is charged goes back."""
    request = partly_available(programme)
    west = world.product(world.strip(width_deg=0.032), identifier="DS_NEW")

    register(programme, request, west, complete=True)

    assert charged_km2(request.number) < Decimal("0.00001")  # a geodesic edge cut in two: some m²


def test_priced_part_shrinks_before_the_free_one(programme):
    """129.27 km² ordered, 100 of them free; 57.47 km² come: the price goes, then the free part."""
    request = world.priced_offer(programme, **world.tasking(), aoi=world.square(size_deg=0.12))
    world.accepted_price(programme, request)
    supply.order(request_id=request.pk, user=programme.supply_officer)

    register(programme, request, world.product(world.square()), complete=True)

    assert balances(request.number) == WHOLE
    assert (charged_km2(request.number), charged_eur(request.number)) == (ASKED_KM2, 0)
    free_refund = Decimal("-42.529745")  # 57.470255 − 100
    assert postings(request.number, "register_delivery") == [
        ("refund", "budget eur", Decimal(-100)),
        ("expire", "budget eur", Decimal(-100)),
        ("refund", "budget km2", Decimal("-29.265754")),
        ("expire", "budget km2", Decimal("-29.265754")),
        ("refund", "entity km2", free_refund),
        ("refund", "programme eur", Decimal(-422)),  # 4.22 €/km² on the 100 km² billed at least
        ("refund", "programme km2", free_refund),
    ]
    assert Quotation.objects.get().closed_at is not None
    budget = Envelope.objects.filter(scope="budget")
    assert list(budget.values_list("granted", "consumed")) == [(0, 0), (0, 0)]


def test_delivery_of_an_offer_is_measured_inside_what_was_granted(programme):
    request = world.offered(programme, **world.tasking())
    offers.accept_offer(request_id=request.pk, user=programme.requester)
    supply.order(request_id=request.pk, user=programme.supply_officer)

    register(programme, request, world.product(world.square()), complete=True)

    assert AcquisitionShare.objects.get().delivered_km2 == SMALLER_KM2
    assert balances(request.number) == consumed(entity=SMALLER_KM2, programme=SMALLER_KM2)


def test_product_elsewhere_is_refused(programme):
    request = world.ordered(programme, **world.tasking())
    elsewhere = world.product(world.square(west=8))

    with refused("product_elsewhere") as caught:
        register(programme, request, elsewhere, complete=True)

    assert elsewhere.metadata.identifier in str(caught.value)


def test_product_is_not_registered_twice(programme):
    request = world.partly_delivered(programme)

    with refused("product_registered"):
        register(programme, request, world.product(world.square()), complete=False)


def test_partial_delivery_is_settled_without_another_product(programme):
    request = world.partly_delivered(programme)

    settled = register(programme, request, complete=True)

    assert settled.state == State.DELIVERED
    assert balances(request.number) == SIXTY_PERCENT


def test_delivery_without_a_product_is_refused(programme):
    request = world.ordered(programme)

    with refused("product_missing"):
        register(programme, request, complete=True)


def test_product_of_another_sensor_is_refused(programme):
    request = world.ordered(programme)
    other = world.product(world.square(), mission="SPOT6")

    with refused("sensor_mismatch"):
        register(programme, request, other, complete=True)


def test_delivery_before_the_order_is_refused(programme):
    request = world.approved(programme)

    with refused("already_decided"):
        register(programme, request, world.product(world.square()), complete=True)


@pytest.mark.parametrize("role", ["requester", "arbitrator", "chair", "secretariat"])
def test_others_register_no_delivery(programme, role):
    request = world.ordered(programme)

    with forbidden():
        supply.register_delivery(
            request_id=request.pk,
            user=programme.people[role],
            products=[world.product(world.square())],
            complete=True,
        )
