"""Ordering, deliveries and their end: what was held is consumed, what did not come is refunded."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalogue import services as catalogue
from catalogue.models import Item
from eligibility.models import Membership
from eligibility.services import suspend_membership
from licences.models import Licence
from orbitrage.shared.models import OutboxMessage
from quotas.models import Envelope, Quotation, SupplyContract
from quotas.selectors import charged_eur, charged_km2
from requests_app.intake.services import offers
from requests_app.models import Acquisition, AcquisitionShare, Delivery, ImageryRequest
from requests_app.supply import services as supply
from requests_app.workflow import State
from tests.eligibility.factories import MandateFactory
from tests.requests_app import world
from tests.requests_app.books import (
    ASKED_KM2,
    LARGE_KM2,
    SIXTY_PERCENT_KM2,
    SMALLER_KM2,
    balances,
    consumed,
    forbidden,
    last_record,
    postings,
    refused,
)

pytestmark = pytest.mark.django_db

SHORTFALL_KM2 = Decimal("22.988100")  # 57.470255 − 34.482155
WHOLE = consumed(entity=ASKED_KM2, programme=ASKED_KM2)
SIXTY_PERCENT = consumed(entity=SIXTY_PERCENT_KM2, programme=SIXTY_PERCENT_KM2)
WHOLE_REFUNDED = [
    ("refund", "entity km2", -ASKED_KM2),
    ("refund", "programme km2", -ASKED_KM2),
]
SHORTFALL_REFUNDED = [
    ("refund", "entity km2", -SHORTFALL_KM2),
    ("refund", "programme km2", -SHORTFALL_KM2),
]


# -- order -----------------------------------------------------------------------------------------


def test_order_consumes_what_was_held(programme):
    request = world.ordered(programme)

    assert request.state == State.ORDERED
    assert balances(request.number) == WHOLE
    assert postings(request.number, "order") == [
        ("consume", "entity km2", ASKED_KM2),
        ("consume", "programme km2", ASKED_KM2),
    ]
    assert charged_km2(request.number) == ASKED_KM2


def test_order_makes_one_acquisition_with_one_share(programme):
    request = world.ordered(programme)

    acquisition = Acquisition.objects.get()
    assert acquisition.area.equals(request.operator_aoi)
    assert (acquisition.area_km2, acquisition.state) == (ASKED_KM2, "planned")
    assert (acquisition.supply_contract, acquisition.ordered_by) == (
        "EXAMPLE-PLEIADES",
        programme.supply_officer,
    )
    share = AcquisitionShare.objects.get()
    assert (share.acquisition, share.request) == (acquisition, request)
    assert (share.granted_km2, share.delivered_km2) == (ASKED_KM2, 0)


def test_order_leaves_through_the_outbox(programme):
    request = world.ordered(programme)

    acquisition = Acquisition.objects.get()
    message = OutboxMessage.objects.get(topic="requests.place_order")
    assert (message.key, message.stream) == (f"order:{acquisition.pk}", request.number)
    assert message.payload == {"acquisition_id": acquisition.pk}


def test_tasking_waits_until_the_end_of_its_window(programme):
    request = world.ordered(programme, **world.tasking())

    assert request.due_on == request.window_ends_on == world.in_days(100)


def test_archive_order_ends_by_its_delay_and_not_by_the_dates_of_its_search(programme):
    """The dates of an archive search are past: they do not end the order."""
    dates = {"window_starts_on": world.in_days(-900), "window_ends_on": world.in_days(-700)}

    request = world.ordered(programme, **dates)

    assert request.due_on == world.in_days(60)


def test_order_of_an_accepted_price_consumes_the_budget(programme):
    request = world.priced_offer(programme)
    world.accepted_price(programme, request)

    supply.order(request_id=request.pk, user=programme.supply_officer)

    assert balances(request.number) == {
        "entity km2": (0, Decimal(100)),
        "programme km2": (0, Decimal(100)),
        "budget km2": (0, Decimal("29.265754")),
        "budget eur": (0, Decimal("100.00")),
    }
    assert charged_km2(request.number) == LARGE_KM2


def test_order_after_the_membership_is_refused(programme):
    request = world.approved(programme)
    Membership.objects.update(ends_on=world.in_days(-1))

    with refused("membership_expired"):
        supply.order(request_id=request.pk, user=programme.supply_officer)


def test_order_under_a_suspended_membership_is_refused(programme):
    request = world.approved(programme)
    suspend_membership(
        membership_id=programme.entity.memberships.get().pk,
        reason="fee unpaid",
        by_user_id=programme.secretariat.pk,
    )

    with refused("membership_suspended"):
        supply.order(request_id=request.pk, user=programme.supply_officer)


def test_order_after_the_mandate_is_refused(programme):
    request = world.approved(programme)
    mandate = MandateFactory(
        principal=programme.entity, sensors=[programme.sensor], ends_on=world.in_days(-1)
    )
    ImageryRequest.objects.filter(pk=request.pk).update(mandate=mandate)

    with refused("mandate_expired"):
        supply.order(request_id=request.pk, user=programme.supply_officer)


def test_order_after_the_supply_contract_is_refused(programme):
    request = world.approved(programme)
    SupplyContract.objects.filter(reference="EXAMPLE-PLEIADES").update(ends_on=world.in_days(-1))

    with refused("supply_contract_not_in_force"):
        supply.order(request_id=request.pk, user=programme.supply_officer)


def test_offer_not_accepted_is_not_ordered(programme):
    request = world.offered(programme)

    with refused("already_decided"):
        supply.order(request_id=request.pk, user=programme.supply_officer)


@pytest.mark.parametrize("role", ["requester", "reviewer", "arbitrator", "chair", "secretariat"])
def test_others_do_not_order(programme, role):
    request = world.approved(programme)

    with forbidden():
        supply.order(request_id=request.pk, user=programme.people[role])


# -- deliveries ------------------------------------------------------------------------------------


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
    assert (item.request_number, item.source_name) == (request.number, "DIM_DS_PHR1A_1.XML")
    assert item.audience == [
        f"entity:{programme.entity.pk}@pleiades",
        "licence:pleiades_scientific@pleiades",
    ]
    delivery = Delivery.objects.get()
    assert (delivery.item, delivery.registered_by) == (item, programme.supply_officer)
    assert delivery.acquisition.state == "delivered"


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


def test_order_after_the_window_is_refused(programme):
    request = world.approved(programme, **world.tasking())
    ImageryRequest.objects.filter(pk=request.pk).update(
        window_starts_on=world.in_days(-9), window_ends_on=world.in_days(-1)
    )

    with refused("window_over"):
        supply.order(request_id=request.pk, user=programme.supply_officer)


# -- end of the window -----------------------------------------------------------------------------


def window_is_over(request):
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=world.in_days(-1))


@pytest.mark.parametrize("by", ["calendar", "supply_officer"])
def test_window_over_with_sixty_percent_keeps_sixty_percent(programme, by):
    request = world.partly_delivered(programme)
    window_is_over(request)

    user = None if by == "calendar" else programme.supply_officer
    over = supply.close_window(request_id=request.pk, user=user)

    assert (over.state, over.delivered_at is not None) == (State.DELIVERED, True)
    assert over.due_on == timezone.localdate() + timedelta(days=30)
    assert postings(request.number, "close_window") == SHORTFALL_REFUNDED
    assert balances(request.number) == SIXTY_PERCENT
    assert Licence.objects.get().state == "issued"


def test_window_over_with_nothing_refunds_all_and_revokes_the_licence(programme):
    request = world.ordered(programme, **world.tasking())
    window_is_over(request)

    over = supply.close_window(request_id=request.pk, user=None)

    assert (over.state, over.due_on) == (State.FAILED, None)
    assert postings(request.number, "close_window") == WHOLE_REFUNDED
    assert balances(request.number) == {}
    assert Licence.objects.get().state == "revoked"
    assert Acquisition.objects.get().state == "failed"


@pytest.mark.parametrize("by", ["calendar", "supply_officer"])
def test_open_window_is_not_closed(programme, by):
    request = world.ordered(programme, **world.tasking())
    user = None if by == "calendar" else programme.supply_officer

    with refused("not_due"):
        supply.close_window(request_id=request.pk, user=user)


def test_calendar_does_not_close_on_the_last_day(programme):
    request = world.ordered(programme, **world.tasking())
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=timezone.localdate())

    with refused("not_due"):
        supply.close_window(request_id=request.pk, user=None)


def test_others_do_not_close_the_window(programme):
    request = world.ordered(programme, **world.tasking())

    with forbidden():
        supply.close_window(request_id=request.pk, user=programme.chair)


# -- stop and failure ------------------------------------------------------------------------------


def stop(programme, request, *, user="supply_officer", reason="The operator confirms."):
    return supply.stop_order(request_id=request.pk, user=programme.people[user], reason=reason)


def test_stopped_order_with_nothing_refunds_all(programme):
    request = world.ordered(programme, **world.tasking())

    stopped = stop(programme, request)

    assert (stopped.state, stopped.due_on) == (State.CANCELLED, None)
    assert postings(request.number, "stop_order") == WHOLE_REFUNDED
    assert balances(request.number) == {}
    assert Licence.objects.get().state == "revoked"
    assert Acquisition.objects.get().state == "cancelled"


def test_stopped_order_keeps_what_came(programme):
    request = world.partly_delivered(programme)

    stopped = stop(programme, request)

    assert stopped.state == State.DELIVERED
    assert postings(request.number, "stop_order") == SHORTFALL_REFUNDED
    assert balances(request.number) == SIXTY_PERCENT
    assert Licence.objects.get().state == "issued"


def test_stop_without_a_reason_is_refused(programme):
    request = world.ordered(programme)

    with refused("reason_missing"):
        stop(programme, request, reason=" ")


def test_others_do_not_stop(programme):
    request = world.ordered(programme)

    with forbidden():
        stop(programme, request, user="requester")


def test_failure_refunds_all_and_revokes_the_licence(programme):
    request = world.ordered(programme)

    failed = supply.fail(
        request_id=request.pk, user=programme.supply_officer, reason="No such scene."
    )

    assert failed.state == State.FAILED
    assert postings(request.number, "fail") == WHOLE_REFUNDED
    assert balances(request.number) == {}
    assert (Licence.objects.get().state, Acquisition.objects.get().state) == ("revoked", "failed")
    assert last_record(failed).note.content == "No such scene."


def test_failure_without_a_reason_is_refused(programme):
    request = world.ordered(programme)

    with refused("reason_missing"):
        supply.fail(request_id=request.pk, user=programme.supply_officer, reason="")


def test_partly_delivered_order_does_not_fail(programme):
    request = world.partly_delivered(programme)

    with refused("already_decided"):
        supply.fail(request_id=request.pk, user=programme.supply_officer, reason="Clouds.")


def test_others_declare_no_failure(programme):
    request = world.ordered(programme)

    with forbidden():
        supply.fail(request_id=request.pk, user=programme.chair, reason="Clouds.")


# -- amendment -------------------------------------------------------------------------------------


@pytest.mark.parametrize("reach", [world.ordered, world.partly_delivered])
def test_amendment_is_recorded_and_moves_nothing(programme, reach):
    request = reach(programme)
    before = balances(request.number)

    amended = supply.amend_order(
        request_id=request.pk, user=programme.supply_officer, agreed_text="15 % of clouds."
    )

    record = last_record(amended)
    assert (record.transition, record.source, record.target) == (
        "amend_order",
        request.state,
        request.state,
    )
    assert record.note.content == "15 % of clouds."
    assert balances(request.number) == before


def test_amendment_without_a_text_is_refused(programme):
    request = world.ordered(programme)

    with refused("text_missing"):
        supply.amend_order(request_id=request.pk, user=programme.supply_officer, agreed_text="")


def test_others_do_not_amend(programme):
    request = world.ordered(programme)

    with forbidden():
        supply.amend_order(request_id=request.pk, user=programme.requester, agreed_text="More.")
