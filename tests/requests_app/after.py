"""Requests just after each move, for tests of what follows from it."""

from eligibility.models import Cell, Sensor
from eligibility.selectors import actor_of
from requests_app.arbitration import services as arbitration
from requests_app.arbitration.services import rescission
from requests_app.handling import services as handling
from requests_app.handling.services import people
from requests_app.handling.services.standing import review_standing
from requests_app.intake import services as intake
from requests_app.intake.services import deliveries, offers
from requests_app.models import ImageryRequest
from requests_app.review import services as review
from requests_app.supply import services as supply
from requests_app.supply.services import amendments, disputes, windows
from requests_app.transitions import Move, record, remind
from tests.eligibility.factories import CellMemberFactory
from tests.requests_app import world


def asked(p):
    request = world.in_review(p)
    return review.request_information(request_id=request.pk, user=p.reviewer, question="Why?")


def answered(p):
    return intake.answer(request_id=asked(p).pk, user=p.requester, text="Because.")


def proposed(p):
    request = world.in_review(p)
    return review.propose_inadmissible(request_id=request.pk, user=p.reviewer, opinion="No.")


def returned(p):
    request = world.in_arbitration(p)
    return arbitration.return_to_review(request_id=request.pk, user=p.arbitrator, note="Why?")


def deferred(p):
    request = world.in_arbitration(p)
    return arbitration.defer(
        request_id=request.pk, user=p.arbitrator, until=world.in_days(100), reason="Later."
    )


def refused(p):
    request = world.in_arbitration(p)
    return arbitration.refuse(
        request_id=request.pk, user=p.arbitrator, reason="competition", text="Others first."
    )


def signed(p):
    """As if its licence had waited for that."""
    request = world.approved(p)
    record(Move(request, "sign_licence", actor_of(p.requester), request.state))
    return request


def accepted(p):
    return offers.accept_offer(request_id=world.offered(p).pk, user=p.requester)


def accepted_for_a_price(p):
    return world.accepted_price(p, world.priced_offer(p))


def replied(p):
    return offers.reply_to_offer(request_id=world.offered(p).pk, user=p.requester, text="More.")


def declined(p):
    return offers.decline_offer(request_id=world.offered(p).pk, user=p.requester)


def withdrawn(p):
    request = world.offered(p)
    return arbitration.withdraw_offer(request_id=request.pk, user=p.chair, reason="An error.")


def rescinded(p):
    return world.rescind(p, world.approved(p).pk)


def window_closed(p):
    request = world.partly_delivered(p)
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=world.in_days(-1))
    return supply.close_window(request_id=request.pk, user=p.supply_officer)


def stopped(p):
    request = world.ordered(p)
    return supply.stop_order(request_id=request.pk, user=p.supply_officer, reason="Agreed.")


def failed(p):
    request = world.ordered(p)
    return supply.fail(request_id=request.pk, user=p.supply_officer, reason="No scene.")


def closing_asked(p, choice="ask"):
    """A tasking whose window is over, 60 % having come: somebody is asked what to do."""
    request = world.partly_delivered(p, on_shortfall=choice)
    let_order_end(request)
    return windows.end_window(request_id=request.pk)


def closing_told(p):
    return closing_asked(p, "extend")


def more_time_chosen(p):
    request = closing_asked(p)
    return windows.choose_on_shortfall(request_id=request.pk, user=p.requester, choice="extend")


def window_extended(p):
    return windows.extend_window(
        request_id=closing_told(p).pk, user=p.supply_officer, ends_on=world.in_days(30)
    )


def amendment_proposed(p):
    return amendments.propose_amendment(
        request_id=world.ordered(p).pk,
        user=p.supply_officer,
        change="15 % of clouds.",
        operator_confirmation="OP-17",
    )


def amended(p):
    return amendments.amend_order(request_id=amendment_proposed(p).pk, user=p.requester)


def amendment_declined(p):
    return amendments.decline_amendment(request_id=amendment_proposed(p).pk, user=p.requester)


def rescission_proposed(p):
    return rescission.propose_rescission(
        request_id=world.approved(p).pk, user=p.chair, reason="An error."
    )


def rescission_rejected(p):
    return rescission.reject_rescission(
        request_id=rescission_proposed(p).pk, user=p.arbitrator, reason="It is right."
    )


def assigned(p):
    """To an arbitrator, who is a reviewer too."""
    CellMemberFactory(cell=p.cell, user=p.arbitrator, role="reviewer")
    return handling.assign(
        request_id=world.in_review(p).pk, user=p.chair, reviewer_id=p.arbitrator.pk
    )


def rerouted(p):
    return handling.reroute(
        request_id=world.submitted(p).pk,
        user=p.chair,
        cell_id=Cell.objects.get(code="institutional").pk,
        reason="A public-service mission.",
    )


def expedited(p):
    request = world.in_review(p)
    return handling.expedite(request_id=request.pk, user=p.chair, reason="The harvest ends.")


def transferred(p):
    return people.transfer_request(
        request_id=world.submitted(p).pk,
        user=p.entity_contact,
        to_id=p.colleague.pk,
        reason="Leaves in May.",
    )


def joined(p):
    return people.add_co_requester(
        request_id=world.submitted(p).pk, user=p.requester, email=p.colleague.email
    )


def left(p):
    return people.remove_co_requester(
        request_id=joined(p).pk, user=p.requester, person_id=p.colleague.pk
    )


def gone(p):
    return people.leave_request(request_id=joined(p).pk, user=p.colleague)


def blocked(p):
    request = world.submitted(p)
    p.entity.memberships.update(suspended_on=world.in_days(0), suspension_reason="Fee unpaid.")
    review_standing(request_id=request.pk)
    return ImageryRequest.objects.get(pk=request.pk)


def unblocked(p):
    request = blocked(p)
    p.entity.memberships.update(suspended_on=None, suspension_reason="")
    review_standing(request_id=request.pk)
    return ImageryRequest.objects.get(pk=request.pk)


def let_order_end(request):
    world.let_window_pass(request)
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=world.in_days(-1))


def disputed(p):
    request = world.delivered(p)
    return deliveries.dispute(request_id=request.pk, user=p.requester, reason="Clouds.")


def partly_disputed(p, **wanted):
    """A tasking of which 60 % came; the rest has been refunded."""
    footprint = world.strip(width_deg=0.048)
    request = world.delivered(p, footprint=footprint, **world.tasking() | wanted)
    return deliveries.dispute(request_id=request.pk, user=p.requester, reason="Clouds.")


def upheld(p):
    return disputes.uphold_delivery(
        request_id=disputed(p).pk, user=p.arbitrator, reason="No clouds."
    )


def refunded(p):
    return disputes.refund_part(
        request_id=disputed(p).pk, user=p.secretariat, refunded_km2=1, reason="One cloud."
    )


def retasked(p):
    return disputes.retask(
        request_id=disputed(p).pk,
        user=p.arbitrator,
        window_ends_on=world.in_days(90),
        reason="Clouds.",
    )


def cancelled_by_requester(p):
    return intake.cancel(request_id=world.submitted(p).pk, user=p.requester)


def cancelled_by_chair(p):
    return intake.cancel(request_id=world.submitted(p).pk, user=p.chair, reason="Twice.")


def lapsed(p):
    request = world.offered(p)
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=world.in_days(-1), reminders_sent=2)
    return intake.lapse(request_id=request.pk)


def reminded(p):
    request = world.offered(p)
    remind(request.pk, state=request.state, due_on=request.due_on)
    return request


def open_data(p):
    p.sensor = Sensor.objects.get(code="sentinel2")
    return world.submitted(p)


def price_replied_to(p):
    request = world.priced_offer(p)
    return offers.reply_to_offer(request_id=request.pk, user=p.requester, text="Less.")


def price_declined(p):
    return offers.decline_offer(request_id=world.priced_offer(p).pk, user=p.requester)


def price_withdrawn(p):
    request = world.priced_offer(p)
    return arbitration.withdraw_offer(request_id=request.pk, user=p.chair, reason="An error.")


def price_rescinded(p):
    return world.rescind(p, accepted_for_a_price(p).pk)


def price_cancelled(p):
    request = world.priced_offer(p)
    return intake.cancel(request_id=request.pk, user=p.chair, reason="Twice.")


def price_lapsed(p):
    request = world.priced_offer(p)
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=world.in_days(-1), reminders_sent=2)
    return intake.lapse(request_id=request.pk)


def price_reminded(p):
    request = world.priced_offer(p)
    remind(request.pk, state=request.state, due_on=request.due_on)
    return request
