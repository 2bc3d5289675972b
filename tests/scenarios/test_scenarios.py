"""Scenarios from end to end. Each is told on a page beside this module, with the ledger it must
leave, written by hand.
"""

import datetime as dt
from decimal import Decimal

from eligibility.models import UserCategory
from eligibility.services import create_mandate, suspend_membership
from quotas.models import Envelope
from quotas.services import (
    accept_package,
    confirm_act,
    propose_act,
    quote_package,
)
from requests_app.arbitration import services as arbitration
from requests_app.intake import services as intake
from requests_app.intake.services import offers
from requests_app.supply.services import disputes
from tests.eligibility.factories import AffiliationFactory, EntityFactory
from tests.requests_app import world
from tests.requests_app.books import refused
from tests.scenarios.books import written
from tests.scenarios.land import land, land_for_spot
from tests.scenarios.play import window
from tests.scenarios.policy import revise


def ordered_for_a_price(play, km2, **answers):
    """File A: more than the cap of a request, offered with its price, accepted and ordered."""
    play.go_to("2026-01-12")
    request_id = play.submit("A", land(km2), **answers)
    play.go_to("2026-01-13")
    play.review(request_id)
    play.go_to("2026-01-20")
    play.offer(request_id)
    play.go_to("2026-01-26")
    play.accept_price(request_id)
    play.go_to("2026-01-27")
    play.order(request_id)
    return request_id


def ordered_tasking(play, *, ends_on):
    """File A: a new acquisition of 100 km², all of it free, approved and ordered."""
    play.go_to("2026-01-12")
    request_id = play.submit("A", land(100), **window("2026-02-16", ends_on))
    play.go_to("2026-01-13")
    play.review(request_id)
    play.go_to("2026-01-20")
    play.approve(request_id)
    play.go_to("2026-01-21")
    play.order(request_id)
    return request_id


def test_partly_free(institution):
    request_id = ordered_for_a_price(institution, 130)
    institution.go_to("2026-02-10")
    institution.deliver(request_id, 130, complete=True)
    institution.go_to("2026-02-12")
    institution.accept_delivery(request_id)

    assert institution.books() == written("partly_free")


def test_offer_declined(science):
    science.go_to("2026-01-12")
    request_id = science.submit("A", land(100))
    science.go_to("2026-01-13")
    science.review(request_id)
    science.go_to("2026-01-20")
    science.offer(request_id, land(60))
    science.go_to("2026-01-22")
    offers.decline_offer(request_id=request_id, user=science.requester)

    assert science.books() == written("offer_declined")


def test_deferred_across_a_quarter_with_a_revision(institution):
    institution.go_to("2026-01-12")
    request_id = institution.submit("A", land(150))
    institution.go_to("2026-01-13")
    institution.review(request_id)
    institution.go_to("2026-02-02")
    revise(
        institution,
        request_cap={"amount": 80},
        entity_allowance={"amount": 400},
        programme_envelope={"amount": 8_000},
    )
    institution.go_to("2026-02-10")
    arbitration.defer(
        request_id=request_id,
        user=institution.arbitrator,
        until=dt.date(2026, 4, 7),
        reason="The envelope of the next quarter.",
    )
    institution.go_to("2026-04-09")
    institution.offer(request_id)
    institution.go_to("2026-04-13")
    institution.accept_price(request_id)
    institution.go_to("2026-04-14")
    institution.order(request_id)
    institution.go_to("2026-04-15")
    institution.submit("B", land(100, place=1))
    institution.go_to("2026-04-28")
    institution.deliver(request_id, 150, complete=True)
    institution.go_to("2026-04-30")
    institution.accept_delivery(request_id)

    assert institution.books() == written("deferred_with_a_revision")


def test_window_over_at_sixty_percent(science):
    request_id = ordered_tasking(science, ends_on="2026-03-20")
    science.go_to("2026-02-25")
    science.deliver(request_id, 60, complete=False)
    science.go_to("2026-03-24")
    science.accept_delivery(request_id)

    assert science.books() == written("window_over")


def test_dispute_refunded(institution):
    request_id = ordered_for_a_price(institution, 130)
    institution.go_to("2026-02-10")
    institution.deliver(request_id, 130, complete=True)
    institution.go_to("2026-02-12")
    institution.dispute(request_id)
    institution.go_to("2026-02-18")
    disputes.refund_part(
        request_id=request_id,
        user=institution.secretariat,
        refunded_km2=Decimal(40),
        reason="Clouds.",
    )

    assert institution.books() == written("dispute_refunded")


def retasked(science, *, disputed_on, on):
    """60 of 100 km² came; the whole is acquired again, until 29 May."""
    request_id = ordered_tasking(science, ends_on="2026-03-20")
    science.go_to("2026-02-25")
    science.deliver(request_id, 60, complete=True)
    science.go_to(disputed_on)
    science.dispute(request_id)
    science.go_to(on)
    science.retask(request_id, until="2026-05-29")
    return request_id


def test_dispute_retasked(science):
    request_id = retasked(science, disputed_on="2026-02-27", on="2026-03-03")
    science.go_to("2026-05-12")
    science.deliver(request_id, 100, complete=True, name="second")
    science.go_to("2026-05-13")
    science.accept_delivery(request_id)

    assert science.books() == written("dispute_retasked")


def test_dispute_retasked_in_the_next_quarter(science):
    request_id = retasked(science, disputed_on="2026-03-20", on="2026-04-03")
    science.go_to("2026-05-12")
    science.deliver(request_id, 80, complete=True, name="second")
    science.go_to("2026-05-13")
    science.accept_delivery(request_id)

    assert science.books() == written("dispute_retasked_in_the_next_quarter")


def test_dispute_retasked_in_vain(science):
    request_id = retasked(science, disputed_on="2026-02-27", on="2026-03-03")
    science.go_to("2026-03-12")
    science.stop(request_id)
    science.go_to("2026-04-08")
    science.accept_delivery(request_id)

    assert science.books() == written("dispute_retasked_in_vain")


def test_mandate_of_a_contractor_ends(science):
    contractor = EntityFactory(category=UserCategory.objects.get(code="contractor"))
    asks = AffiliationFactory(entity=contractor).user
    science.programme.people["contractor"] = asks
    mandate = create_mandate(
        contractor_id=contractor.pk,
        principal_id=science.programme.entity.pk,
        sensor_ids=[science.programme.sensor.pk],
        contract_reference="2026-17",
        starts_on=dt.date(2026, 1, 5),
        ends_on=dt.date(2026, 2, 28),
        by_user_id=science.entity_contact.pk,
    )
    science.go_to("2026-01-12")
    first = science.submit_under(mandate, "A", land(100), user=asks)
    second = science.submit_under(mandate, "B", land(60, place=1), user=asks)
    science.go_to("2026-01-13")
    science.review(first)
    science.go_to("2026-01-20")
    science.approve(first)
    science.go_to("2026-01-22")
    science.order(first)
    science.go_to("2026-02-19")
    science.review(second)
    science.go_to("2026-02-20")
    science.approve(second)
    science.go_to("2026-03-02")
    with refused("mandate_expired"):
        science.order(second)
    science.go_to("2026-03-05")
    science.deliver(first, 100, complete=True)
    science.go_to("2026-03-09")
    intake.cancel(request_id=second, user=science.chair, reason="The mandate has ended.")
    science.go_to("2026-04-06")

    assert science.books() == written("mandate_ends")


def test_entity_suspended(science):
    science.go_to("2026-01-12")
    first = science.submit("A", land(60))
    second = science.submit("B", land(100, place=1))
    science.go_to("2026-01-13")
    science.review(first)
    science.review(second)
    science.go_to("2026-01-20")
    science.approve(first)
    science.offer(second, land(60, place=1))
    science.go_to("2026-01-26")
    suspend_membership(
        membership_id=science.programme.entity.memberships.get().pk,
        reason="Annual report missing.",
        by_user_id=science.secretariat.pk,
    )
    science.go_to("2026-01-27")
    with refused("membership_suspended"):
        science.order(first)
    with refused("membership_suspended"):
        offers.accept_offer(request_id=second, user=science.requester)
    third = science.draft(land(40, place=2))
    with refused("membership_suspended"):
        intake.submit(request_id=third.pk, user=science.requester)
    science.go_to("2026-02-23")
    world.rescind(science.programme, first, second="secretariat", reason="Suspended.")
    science.go_to("2026-02-25")
    arbitration.refuse(
        request_id=first, user=science.arbitrator, reason="not_eligible", text="Suspended."
    )

    assert science.books() == written("entity_suspended")


def test_envelope_cut_below_held(science):
    science.go_to("2026-01-12")
    first = science.submit("A", land(100))
    second = science.submit("B", land(100, place=1))
    science.go_to("2026-01-13")
    science.review(first)
    science.review(second)
    science.go_to("2026-01-20")
    science.approve(first)
    science.approve(second)
    science.go_to("2026-01-21")
    science.order(first)
    science.go_to("2026-01-26")
    ours = Envelope.objects.get(cell=science.programme.cell, unit="km2")
    theirs = Envelope.objects.get(cell__code="institutional", sensor=ours.sensor, unit="km2")
    cut = {"amount": Decimal(9_850)}
    with refused("envelope_in_use") as caught:
        propose_act(
            user=science.secretariat,
            kind="transfer",
            facts={"from_envelope_id": ours.pk, "to_envelope_id": theirs.pk} | cut,
            reason="Fewer images this quarter.",
        )
    act = propose_act(
        user=science.secretariat,
        kind="reduce",
        facts={"envelope_id": ours.pk} | cut,
        reason="Fewer images this quarter.",
    )
    confirm_act(act_id=act.pk, user=science.second_secretary)
    science.go_to("2026-02-02")
    third = science.submit("C", land(40, place=2))
    science.go_to("2026-02-03")
    science.review(third)
    with refused("quota_exhausted"):
        science.approve(third)
    science.go_to("2026-02-09")
    intake.cancel(request_id=second, user=science.requester)
    science.go_to("2026-02-10")
    science.approve(third)

    numbers = list(science.files)
    assert str(caught.value) == (
        "The programme envelope of Pléiades science cell, Pléiades, until 31 March 2026 cannot be"
        " reduced by 9,850 km²: 9,800 km² at most now. It is used by:"
        f" {', '.join(numbers[:2])}."
    )
    assert science.books() == written("envelope_cut_below_held")
    assert list(ours.pending_reductions.values_list("amount", "remaining")) == [(50, 0)]


def test_refund_into_a_closed_period(science):
    revise(science, entity_allowance={"late_return": "expire"})
    request_id = ordered_tasking(science, ends_on="2026-04-20")
    science.go_to("2026-03-25")
    science.deliver(request_id, 60, complete=False)
    science.go_to("2026-04-23")
    science.accept_delivery(request_id)

    assert science.books() == written("refund_into_a_closed_period")


def test_stop_of_a_partial_order(institution):
    tasking = window("2026-02-16", "2026-04-20")
    request_id = ordered_for_a_price(institution, 130, **tasking)
    institution.go_to("2026-02-25")
    institution.deliver(request_id, 60, complete=False)
    institution.go_to("2026-03-03")
    institution.stop(request_id)
    institution.go_to("2026-03-05")
    institution.accept_delivery(request_id)

    assert institution.books() == written("partial_order_stopped")


def test_series_without_its_last_date(institution):
    series = {"acquisition_dates": 3, "interval_days": 20}
    tasking = window("2026-02-16", "2026-03-28")
    request_id = ordered_for_a_price(institution, 60, **tasking, **series)
    institution.go_to("2026-02-25")
    institution.deliver(request_id, 60, complete=False)
    institution.go_to("2026-03-20")
    institution.deliver(request_id, 60, complete=False, name="second")
    institution.go_to("2026-03-31")
    institution.accept_delivery(request_id)

    assert institution.books() == written("series_without_its_last_date")


def test_package_bought_and_used(spot):
    entity_id = spot.programme.entity.pk
    spot.go_to("2026-01-06")
    quotation = quote_package(
        user=spot.entity_contact, entity_id=entity_id, package_code="spot67-package-20k"
    )
    spot.go_to("2026-01-09")
    package = accept_package(
        user=spot.entity_contact,
        quotation_number=quotation.number,
        purchase_reference="PO-2026-3",
    )
    spot.go_to("2026-01-12")
    answers = window("2026-02-16", "2026-03-20") | {"uses_prefunded": True}
    request_id = spot.submit("A", land_for_spot(3_000), **answers)
    spot.go_to("2026-01-13")
    spot.review(request_id)
    spot.go_to("2026-01-20")
    spot.approve(request_id)
    spot.go_to("2026-01-21")
    spot.order(request_id)
    package.refresh_from_db()
    assert package.indicative_left_km2 == 39_500
    spot.go_to("2026-02-25")
    image = world.product(land_for_spot(2_800), identifier="DS_SPOT6_1", mission="SPOT6")
    spot.deliver_product(request_id, image, complete=True)
    spot.go_to("2026-02-26")
    spot.accept_delivery(request_id)

    assert spot.books() == written("package_bought_and_used")
    package.refresh_from_db()
    assert (package.indicative_granted_km2, package.indicative_left_km2) == (40_000, 39_700)
