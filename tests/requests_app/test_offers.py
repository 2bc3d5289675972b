"""Offers: a smaller area, or a part to pay; and every answer to them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from eligibility.models import Membership
from licences.models import Licence
from quotas.models import Envelope, Quotation
from quotas.selectors import charged_eur, charged_km2
from quotas.services import Cause, expire
from requests_app.arbitration import services as arbitration
from requests_app.arbitration.selectors import offered_area
from requests_app.intake.services import offers
from requests_app.models import Acquisition, ImageryRequest, Offer
from requests_app.supply import services as supply
from requests_app.workflow import State
from tests.requests_app import world
from tests.requests_app.books import (
    ASKED_KM2,
    LARGE_KM2,
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

FREE_KM2 = Decimal(100)  # the cap of a request
PAID_KM2 = Decimal("29.265754")  # 129.265754 − 100
PRICE_EUR = Decimal("100.00")  # 1 €/km² on the 100 km² that are billed at least
PRICED_BALANCES = {
    "entity km2": (FREE_KM2, 0),
    "programme km2": (FREE_KM2, 0),
    "budget km2": (PAID_KM2, 0),
    "budget eur": (PRICE_EUR, 0),
}


# -- making an offer -------------------------------------------------------------------------------


def test_smaller_offer_holds_the_programme_and_leaves_the_allowance_held(programme):
    request = world.offered(programme)

    assert (request.state, request.granted_area_km2) == (State.OFFERED, SMALLER_KM2)
    assert balances(request.number) == held(entity=ASKED_KM2, programme=SMALLER_KM2)
    assert postings(request.number, "offer") == [("hold", "programme km2", SMALLER_KM2)]
    assert charged_km2(request.number) == SMALLER_KM2
    assert demand(request.number) == {}


def test_smaller_offer_is_kept_with_its_date(programme):
    request = world.offered(programme)

    valid_until = timezone.localdate() + timedelta(days=30)
    offer = Offer.objects.get()
    assert (offer.decision, offer.state) == (last_record(request).decision, "open")
    assert offer.aoi.equals(world.square(size_deg=0.05))
    assert (offer.area_km2, offer.priced_eur, offer.quotation_number) == (SMALLER_KM2, 0, "")
    assert (offer.valid_until, request.due_on) == (valid_until, valid_until)
    assert Licence.objects.count() == 0


def test_order_area_follows_the_offer(programme):
    request = world.offered(programme)

    # 22.45 km² are below the operator's 25 km²: the order is grown around the offered area.
    assert 25 <= request.operator_area_km2 < Decimal("25.5")
    assert request.operator_aoi.contains(world.square(size_deg=0.05))


def test_priced_offer_has_a_quotation_and_a_budget(programme):
    request = world.priced_offer(programme)

    quotation = Quotation.objects.get()
    assert (request.quotation_number, request.priced_eur) == (quotation.number, PRICE_EUR)
    assert (quotation.total_eur, quotation.request_number) == (PRICE_EUR, request.number)
    assert (quotation.decision, quotation.valid_until) == (
        last_record(request).decision,
        request.due_on,
    )
    assert balances(request.number) == PRICED_BALANCES
    assert (charged_km2(request.number), charged_eur(request.number)) == (LARGE_KM2, PRICE_EUR)
    assert postings(request.number, "offer") == [
        ("grant", "budget eur", PRICE_EUR),
        ("hold", "budget eur", PRICE_EUR),
        ("grant", "budget km2", PAID_KM2),
        ("hold", "budget km2", PAID_KM2),
        ("hold", "programme km2", FREE_KM2),
    ]


def test_what_the_cell_lacks_may_be_priced(programme):
    request = world.in_arbitration(programme)
    envelope = Envelope.objects.get(scope="programme", demands__request_number=request.number)
    cause = Cause(decision=last_record(request).decision, reason="test")
    expire(envelope_id=envelope.pk, amount=envelope.left - 40, cause=cause)

    offered = arbitration.offer(
        request_id=request.pk, user=programme.arbitrator, is_shortfall_priced=True
    )

    assert offered.priced_eur == PRICE_EUR
    assert balances(request.number) == {
        "entity km2": (ASKED_KM2, 0),
        "programme km2": (Decimal(40), 0),
        "budget km2": (Decimal("17.470255"), 0),
        "budget eur": (PRICE_EUR, 0),
    }


def test_institution_pays_the_public_service_price(db_institution):
    request = world.priced_offer(db_institution)

    # 29.265754 km² at 4.06 €, half-up: no minimum is billed.
    assert request.priced_eur == Decimal("118.82")
    assert Quotation.objects.get().total_eur == Decimal("118.82")


@pytest.fixture
def db_institution(programme):
    return world.programme(category="institutional", cell="institutional")


def test_offer_outside_the_area_is_refused_with_the_figure(programme):
    request = world.in_arbitration(programme)
    shifted = world.square(west=1.34)

    with refused("offer_outside_area") as caught:
        arbitration.offer(
            request_id=request.pk, user=programme.arbitrator, polygon_wkb=bytes(shifted.wkb)
        )

    assert "28,74 km²" in str(caught.value)


def test_offer_on_an_area_changed_meanwhile_is_refused(programme):
    request = world.in_arbitration(programme)
    measured = ImageryRequest.objects.get(pk=request.pk)
    area = offered_area(measured, bytes(world.square(size_deg=0.04).wkb))
    ImageryRequest.objects.filter(pk=request.pk).update(aoi=world.square(west=1.31))

    with refused("changed_meanwhile"):
        arbitration._offer(
            request_id=request.pk,
            user=programme.arbitrator,
            measured=measured,
            area=area,
            note="",
            is_shortfall_priced=False,
        )


def test_stranger_learns_nothing_from_an_unusable_polygon(programme):
    request = world.in_arbitration(programme)

    with forbidden():
        arbitration.offer(request_id=request.pk, user=programme.requester, polygon_wkb=b"no")


def test_offer_of_the_same_for_nothing_is_refused(programme):
    request = world.in_arbitration(programme)

    with refused("offer_changes_nothing"):
        arbitration.offer(request_id=request.pk, user=programme.arbitrator)


def test_offer_beyond_the_envelope_is_refused(programme):
    request = world.in_arbitration(programme)
    envelope = Envelope.objects.get(scope="programme", demands__request_number=request.number)
    cause = Cause(decision=last_record(request).decision, reason="test")
    expire(envelope_id=envelope.pk, amount=envelope.left - 10, cause=cause)
    smaller = world.square(size_deg=0.05)

    with refused("quota_exhausted"):
        arbitration.offer(
            request_id=request.pk, user=programme.arbitrator, polygon_wkb=bytes(smaller.wkb)
        )


def test_offer_on_an_offer_is_refused(programme):
    request = world.offered(programme)
    smaller = world.square(size_deg=0.06)

    with refused("already_decided"):
        arbitration.offer(
            request_id=request.pk, user=programme.arbitrator, polygon_wkb=bytes(smaller.wkb)
        )


@pytest.mark.parametrize("role", ["reviewer", "chair", "requester"])
def test_others_make_no_offer(programme, role):
    request = world.in_arbitration(programme)
    smaller = world.square(size_deg=0.05)

    with forbidden():
        arbitration.offer(
            request_id=request.pk, user=programme.people[role], polygon_wkb=bytes(smaller.wkb)
        )


def test_offer_after_the_window_is_refused(programme):
    request = world.in_arbitration(programme, **world.tasking())
    window_is_past(request)

    with refused("window_over"):
        arbitration.offer(
            request_id=request.pk,
            user=programme.arbitrator,
            polygon_wkb=bytes(world.square(size_deg=0.05).wkb),
        )


def window_is_past(request):
    ImageryRequest.objects.filter(pk=request.pk).update(
        window_starts_on=world.in_days(-9), window_ends_on=world.in_days(-1)
    )


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
    window_is_past(request)

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


@pytest.mark.parametrize("role", ["arbitrator", "chair"])
def test_withdrawn_offer_goes_back_to_arbitration(programme, role):
    request = world.offered(programme)

    withdrawn = arbitration.withdraw_offer(
        request_id=request.pk, user=programme.people[role], reason="A better image."
    )

    assert (withdrawn.state, withdrawn.has_replied) == (State.IN_ARBITRATION, False)
    assert postings(request.number, "withdraw_offer") == [
        ("release", "programme km2", -SMALLER_KM2)
    ]
    assert balances(request.number) == held(entity=ASKED_KM2)
    assert demand(request.number) == {"programme": ASKED_KM2}
    assert Offer.objects.get().state == "withdrawn"


def test_another_offer_may_follow_a_withdrawn_one(programme):
    request = world.priced_offer(programme)
    arbitration.withdraw_offer(request_id=request.pk, user=programme.chair, reason="An error.")

    arbitration.offer(request_id=request.pk, user=programme.arbitrator)

    assert balances(request.number) == PRICED_BALANCES
    assert list(Offer.objects.values_list("state", flat=True)) == ["withdrawn", "open"]
    assert Quotation.objects.open().count() == 1


def test_offer_is_not_withdrawn_without_a_reason(programme):
    request = world.offered(programme)

    with refused("reason_missing"):
        arbitration.withdraw_offer(request_id=request.pk, user=programme.chair, reason="")


def test_requester_does_not_withdraw(programme):
    request = world.offered(programme)

    with forbidden():
        arbitration.withdraw_offer(request_id=request.pk, user=programme.requester, reason="Mine.")
