"""Every state that is not final can be ended by somebody who is always there: the table says so, and
here it is done. What was held goes back, unless images came for it."""

import pytest

from requests_app.handling.services.standing import review_standing
from requests_app.intake import services as intake
from requests_app.models import ImageryRequest
from requests_app.periodic import advance_calendar
from requests_app.states import FINAL_STATES, WHO_MUST_ACT, State
from requests_app.supply.services import disputes
from tests.requests_app import after, world
from tests.requests_app.books import WHOLE, again, balances, demand
from tests.requests_app.reached import REACH

pytestmark = pytest.mark.django_db

CANCELLED_BY_CHAIR = {
    State.SUBMITTED, State.IN_REVIEW, State.INFORMATION_REQUESTED, State.IN_ARBITRATION,
    State.DEFERRED, State.OFFERED, State.APPROVED,
}  # fmt: skip


def let_time_pass(request):
    """Until the calendar has nothing more to do with the file: each run is one of its dates."""
    for _ in WHO_MUST_ACT:
        ImageryRequest.objects.filter(pk=request.pk, due_on__isnull=False).update(
            due_on=world.in_days(-1), reminders_sent=2
        )
        if advance_calendar()["moved"] == 0:
            return


def test_every_state_is_reached():
    assert set(REACH) == set(WHO_MUST_ACT)


BY_CLOCK = [state for state, who in WHO_MUST_ACT.items() if who != "cell"]


@pytest.mark.parametrize("state", BY_CLOCK)
def test_clock_ends_what_waits_for_requester_operator_or_itself(programme, state):
    request = REACH[state](programme)
    assert request.state == state

    let_time_pass(request)

    # A deferred file is back with the cell, where the next tests end it.
    ends = {State.IN_ARBITRATION} if state == State.DEFERRED else FINAL_STATES
    assert again(request).state in ends


@pytest.mark.parametrize("state", sorted(CANCELLED_BY_CHAIR))
@pytest.mark.parametrize("role", ["chair", "requester", "secretariat"])
def test_chair_requester_and_secretariat_end_what_is_not_ordered(programme, state, role):
    request = REACH[state](programme)

    over = intake.cancel(request_id=request.pk, user=programme.people[role], reason="Over.")

    assert over.state == State.CANCELLED
    assert (balances(request.number), demand(request.number)) == ({}, {})


@pytest.mark.parametrize("state", sorted(CANCELLED_BY_CHAIR))
def test_blocked_file_has_the_same_ways_out(programme, state):
    request = REACH[state](programme)
    programme.entity.memberships.update(suspended_on=world.in_days(0), suspension_reason="Fee.")
    review_standing(request_id=request.pk)

    over = intake.cancel(request_id=request.pk, user=programme.chair, reason="Suspended.")

    assert (over.state, balances(request.number)) == (State.CANCELLED, {})


@pytest.mark.parametrize("judge", ["arbitrator", "secretariat"])
def test_dispute_is_ended_by_either_judge(programme, judge):
    request = after.disputed(programme)

    over = disputes.uphold_delivery(
        request_id=request.pk, user=programme.people[judge], reason="No clouds."
    )

    assert (over.state, balances(request.number)) == (State.CLOSED, WHOLE)


@pytest.mark.parametrize("choice", ["release", "extend", "ask"])
def test_order_whose_window_is_over_ends_whatever_was_chosen(programme, choice):
    request = world.ordered(programme, **world.tasking(), on_shortfall=choice)
    after.let_order_end(request)

    let_time_pass(request)

    assert again(request).state == State.FAILED
    assert balances(request.number) == {}
