"""An offer is accepted, replied to or declined; what it held follows."""

from decimal import Decimal

import pytest
from django.utils import timezone

from eligibility.models import Membership
from licences.models import Licence
from quotas.models import Envelope, Quotation
from quotas.services import Cause, expire
from requests_app.arbitration import services as arbitration
from requests_app.intake.services import offers
from requests_app.models import Acquisition, ImageryRequest, Offer
from requests_app.states import State
from requests_app.supply import services as supply
from tests.requests_app import world
from tests.requests_app.books import (
    ASKED_KM2,
    FREE_KM2,
    PRICED_BALANCES,
    SMALLER_KM2,
    balances,
    demand,
    forbidden,
    held,
    last_record,
    postings,
    refused,
)

pytestmark = pytest.mark.django_db


# -- accepting -------------------------------------------------------------------------------------


def test_accepted_offer_gives_the_licence_of_what_was_offered(programme):
    request = world.offered(programme)

    accepted = offers.accept_offer(request_id=request.pk, user=programme.requester)

    assert accepted.state == State.APPROVED
    assert accepted.due_on is None
    assert balances(request.number) == held(entity=SMALLER_KM2, programme=SMALLER_KM2)
    assert postings(request.number, "accept_offer") == [
        ("adjust", "entity km2", Decimal("-35.015429"))
    ]
    licence = Licence.objects.get()
    assert (licence.number, licence.area_km2) == (accepted.licence_number, SMALLER_KM2)
    assert Offer.objects.get().state == "accepted"


def test_offer_is_not_accepted_after_the_window(programme):
    request = world.offered(programme, **world.tasking())
    world.let_window_pass(request)

    with refused("window_over"):
        offers.accept_offer(request_id=request.pk, user=programme.requester)


def test_contact_accepts_the_price_with_a_purchase_reference(programme):
    request = world.priced_offer(programme)

    accepted = offers.accept_offer(
        request_id=request.pk, user=programme.entity_contact, purchase_reference=" PO-7 "
    )

    assert (accepted.state, accepted.purchase_reference) == (State.APPROVED, "PO-7")
    assert last_record(accepted).changes == {}, "nothing typed stands in a record"
    assert Quotation.objects.get().purchase_reference == "PO-7"
    assert balances(request.number) == PRICED_BALANCES
    assert Licence.objects.get().record["purchase_reference"] == "PO-7"


def test_price_without_a_purchase_reference_is_refused(programme):
    request = world.priced_offer(programme)

    with refused("purchase_reference_missing"):
        offers.accept_offer(
            request_id=request.pk, user=programme.entity_contact, purchase_reference="  "
        )


def test_requester_does_not_accept_a_price(programme):
    request = world.priced_offer(programme)

    with forbidden():
        offers.accept_offer(
            request_id=request.pk, user=programme.requester, purchase_reference="PO-7"
        )


def test_offer_out_of_time_is_refused(programme):
    request = world.offered(programme)
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=world.in_days(-1))

    with refused("offer_expired"):
        offers.accept_offer(request_id=request.pk, user=programme.requester)


def test_offer_is_accepted_on_its_last_day(programme):
    request = world.offered(programme)
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=timezone.localdate())

    assert offers.accept_offer(request_id=request.pk, user=programme.requester).state == "approved"


def test_offer_is_not_accepted_after_the_membership(programme):
    request = world.offered(programme)
    Membership.objects.update(ends_on=world.in_days(-1))

    with refused("membership_expired"):
        offers.accept_offer(request_id=request.pk, user=programme.requester)


def test_offer_is_not_accepted_twice(programme):
    request = world.offered(programme)
    offers.accept_offer(request_id=request.pk, user=programme.requester)

    with refused("already_decided"):
        offers.accept_offer(request_id=request.pk, user=programme.requester)


# -- replying --------------------------------------------------------------------------------------


def reply(programme, request, *, text="The north only, please."):
    return offers.reply_to_offer(request_id=request.pk, user=programme.requester, text=text)


def test_reply_releases_the_offer_and_keeps_the_allowance(programme):
    request = world.offered(programme)

    replied = reply(programme, request)

    assert (replied.state, replied.has_replied, replied.due_on) == (
        State.IN_ARBITRATION,
        True,
        None,
    )
    assert (replied.granted_aoi, replied.granted_area_km2) == (None, None)
    assert postings(request.number, "reply_to_offer") == [
        ("release", "programme km2", -SMALLER_KM2)
    ]
    assert balances(request.number) == held(entity=ASKED_KM2)
    assert Offer.objects.get().state == "replied"


def test_file_that_came_back_shows_its_demand_again(programme):
    request = world.offered(programme)

    reply(programme, request)

    assert demand(request.number) == {"programme": ASKED_KM2}


def test_colleague_does_not_take_what_an_open_offer_leaves(programme):
    """100 km² of allowance, 57.47 asked, 22.45 offered: 42.53 are for others until it is answered."""
    allowance = Envelope.objects.filter(scope="entity")
    request = world.in_arbitration(programme)
    cause = Cause(decision=last_record(request).decision, reason="test")
    expire(envelope_id=allowance.get().pk, amount=allowance.get().granted - 100, cause=cause)
    arbitration.offer(
        request_id=request.pk,
        user=programme.arbitrator,
        polygon_wkb=bytes(world.square(size_deg=0.05).wkb),
    )

    other = world.submitted(programme, aoi=world.square(west=3.0))
    reply(programme, request)
    arbitration.approve(request_id=request.pk, user=programme.arbitrator)

    assert balances(other.number) == held(entity=100 - ASKED_KM2)
    assert balances(request.number) == held(entity=ASKED_KM2, programme=ASKED_KM2)


def test_reply_to_a_price_closes_the_quotation(programme):
    request = world.priced_offer(programme)

    replied = reply(programme, request)

    assert (replied.quotation_number, replied.priced_eur) == ("", 0)
    assert Quotation.objects.get().closed_at is not None
    assert balances(request.number) == held(entity=FREE_KM2)


def test_approval_after_a_reply_orders_the_whole_area_again(programme):
    request = world.offered(programme)
    reply(programme, request)

    arbitration.approve(request_id=request.pk, user=programme.arbitrator)
    supply.order(request_id=request.pk, user=programme.supply_officer)

    acquisition = Acquisition.objects.get()
    assert acquisition.area_km2 == ASKED_KM2
    assert acquisition.area.equals(world.square())


def test_second_reply_is_refused(programme):
    request = world.offered(programme)
    reply(programme, request)
    smaller = world.square(size_deg=0.06)
    arbitration.offer(
        request_id=request.pk, user=programme.arbitrator, polygon_wkb=bytes(smaller.wkb)
    )

    with refused("already_replied"):
        reply(programme, request)


def test_empty_reply_is_refused(programme):
    request = world.offered(programme)

    with refused("reply_missing"):
        reply(programme, request, text=" ")


@pytest.mark.parametrize("role", ["colleague", "entity_contact", "arbitrator"])
def test_others_do_not_reply(programme, role):
    request = world.offered(programme)

    with forbidden():
        offers.reply_to_offer(request_id=request.pk, user=programme.people[role], text="No.")


# -- declining and withdrawing ---------------------------------------------------------------------


def test_decline_ends_the_request_and_releases_everything(programme):
    request = world.offered(programme)

    declined = offers.decline_offer(
        request_id=request.pk, user=programme.requester, reason="Too small."
    )

    assert declined.state == State.CANCELLED
    assert balances(request.number) == {}
    assert postings(request.number, "decline_offer") == [
        ("release", "entity km2", -ASKED_KM2),
        ("release", "programme km2", -SMALLER_KM2),
    ]
    assert Offer.objects.get().state == "declined"
    assert last_record(declined).note.content == "Too small."


def test_contact_does_not_decline(programme):
    request = world.offered(programme)

    with forbidden():
        offers.decline_offer(request_id=request.pk, user=programme.entity_contact)
