"""What comes of a series: each date that does not come is given back."""

from decimal import Decimal

import pytest

from requests_app.intake.services import deliveries
from requests_app.models import AcquisitionShare
from requests_app.operators.manual import order_document
from requests_app.supply import services as supply
from requests_app.supply.services import disputes
from tests.requests_app import world
from tests.requests_app.books import NOTHING, SMALLER_KM2, balances, consumed, postings
from tests.requests_app.supply.series import THREE_KM2, TWO_KM2, box, came, series

pytestmark = pytest.mark.django_db


def test_order_asks_for_every_date(programme):
    request = world.ordered(programme, **series(programme))

    share = AcquisitionShare.objects.get(request=request)
    told = order_document(share.acquisition)["properties"]
    assert share.granted_km2 == THREE_KM2
    assert (told["acquisition_dates"], told["interval_days"]) == (3, 20)


def test_all_dates_keep_the_whole_charge(programme):
    request = world.ordered(programme, **series(programme))

    came(programme, request, 0, 20, 45)

    assert postings(request.number, "register_delivery") == []
    assert balances(request.number) == consumed(entity=THREE_KM2, programme=THREE_KM2)


def test_missing_date_is_refunded(programme):
    request = world.ordered(programme, **series(programme))

    came(programme, request, 0, 20)

    assert AcquisitionShare.objects.get(request=request).delivered_km2 == TWO_KM2
    assert postings(request.number, "register_delivery") == [
        ("refund", "entity km2", -SMALLER_KM2),
        ("refund", "programme km2", -SMALLER_KM2),
    ]
    assert balances(request.number) == consumed(entity=TWO_KM2, programme=TWO_KM2)


def test_dates_come_one_by_one(programme):
    request = world.ordered(programme, **series(programme))

    came(programme, request, 0, complete=False)
    came(programme, request, 25, complete=False)
    came(programme, request, 50, complete=True)

    assert balances(request.number) == consumed(entity=THREE_KM2, programme=THREE_KM2)


def test_images_nearer_than_the_interval_are_of_one_date(programme):
    request = world.ordered(programme, **series(programme))

    came(programme, request, 0, 5, 19, 20)

    assert balances(request.number) == consumed(entity=TWO_KM2, programme=TWO_KM2)


def test_date_may_take_several_passes(programme):
    """Three quarters on one day and the rest four days later are one date."""
    request = world.ordered(programme, **series(programme))

    for day in (0, 20, 40):
        came(programme, request, day, footprint=box(1.3, 1.33), complete=False)
        came(programme, request, day + 4, footprint=box(1.33, 1.36), complete=day == 40)

    assert balances(request.number) == consumed(entity=THREE_KM2, programme=THREE_KM2)


def test_more_dates_than_asked_for_cost_no_more(programme):
    request = world.ordered(programme, **series(programme))

    came(programme, request, 0, 20, 40, 60)

    assert balances(request.number) == consumed(entity=THREE_KM2, programme=THREE_KM2)


def test_window_that_ends_after_one_date_gives_two_back(programme):
    request = world.ordered(programme, **series(programme))
    came(programme, request, 0, complete=False)
    world.let_window_pass(request)

    supply.close_window(request_id=request.pk, user=None)

    assert balances(request.number) == consumed(entity=SMALLER_KM2, programme=SMALLER_KM2)


def test_missing_date_is_taken_again_with_a_new_order(programme):
    request = world.ordered(programme, **series(programme))
    came(programme, request, 0, 20)
    deliveries.dispute(request_id=request.pk, user=programme.requester, reason="One is missing.")

    disputes.retask(
        request_id=request.pk,
        user=programme.arbitrator,
        window_ends_on=world.in_days(200),
        reason="One is missing.",
    )

    assert balances(request.number) == consumed(entity=THREE_KM2, programme=THREE_KM2)


def test_paid_dates_that_do_not_come_are_refunded_first(programme):
    """172.410765 km² asked, of which 72.410765 at 200.00 €. Two dates come, 114.940510 km²: of the
    paid part 14.940510 stay, which are of one date and so billed as 100."""
    request = world.priced_offer(programme, **series(programme, aoi=world.square()))
    world.accepted_price(programme, request)
    supply.order(request_id=request.pk, user=programme.supply_officer)

    came(programme, request, 0, 20, footprint=world.square())

    assert balances(request.number) == consumed(
        entity=Decimal(100), programme=Decimal(100), budget=Decimal("14.940510")
    ) | {"budget eur": (NOTHING, Decimal(100)), "programme eur": (NOTHING, Decimal(422))}
