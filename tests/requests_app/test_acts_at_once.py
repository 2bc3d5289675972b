"""A recorded act and a move at the same instant: one wins, and the books reconcile."""

import pytest
from django.core.exceptions import PermissionDenied

from eligibility.models import Cell
from quotas.models import Envelope
from requests_app.arbitration import services as arbitration
from requests_app.arbitration.services import rescission
from requests_app.handling import services as handling
from requests_app.handling.services import people
from requests_app.handling.services.standing import review_standing
from requests_app.intake import services as intake
from requests_app.models import ImageryRequest
from requests_app.review import services as review
from requests_app.states import State
from requests_app.supply import services as supply
from requests_app.supply.services import windows
from requests_app.transitions import TransitionRefused
from tests.concurrency import second_waits_for_first
from tests.requests_app import after, world
from tests.requests_app.books import (
    ASKED_KM2,
    SIXTY_PERCENT,
    WHOLE,
    again,
    balances,
    demand,
    held,
    transitions,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

REQUEST_LOCK = 'SELECT "requests_app_imageryrequest"'


def race(first, second):
    found = second_waits_for_first(first, second, at=REQUEST_LOCK)
    found.assert_second_waited()
    found.winner.result()
    return found.loser


def transfer(programme, request):
    return lambda: people.transfer_request(
        request_id=request.pk,
        user=programme.entity_contact,
        to_id=programme.colleague.pk,
        reason="Leaves in May.",
    )


def answer(programme, request):
    return lambda: intake.answer(request_id=request.pk, user=programme.requester, text="Because.")


def reroute(programme, request):
    cell_id = Cell.objects.get(code="institutional").pk
    return lambda: handling.reroute(
        request_id=request.pk, user=programme.chair, cell_id=cell_id, reason="Its mission."
    )


def order(programme, request):
    return lambda: supply.order(request_id=request.pk, user=programme.supply_officer)


def test_former_requester_who_answers_during_the_transfer_is_too_late(committed_programme):
    programme = committed_programme
    request = after.asked(programme)

    loser = race(transfer(programme, request), answer(programme, request))

    with pytest.raises(PermissionDenied):
        loser.result()
    assert again(request).state == State.INFORMATION_REQUESTED
    assert balances(request.number) == held(entity=ASKED_KM2)


def test_transfer_during_the_answer_comes_after_it(committed_programme):
    programme = committed_programme
    request = after.asked(programme)

    loser = race(answer(programme, request), transfer(programme, request))

    loser.result()
    assert (again(request).state, again(request).requester) == (
        State.IN_REVIEW,
        programme.colleague,
    )
    assert transitions(request)[-2:] == ["answer", "transfer_request"]


def demanding_cell(request):
    return Envelope.objects.get(demands__request_number=request.number).cell.code


def test_reviewer_who_takes_the_file_while_it_moves_is_too_late(committed_programme):
    programme = committed_programme
    request = world.submitted(programme)

    loser = race(
        reroute(programme, request),
        lambda: review.take(request_id=request.pk, user=programme.reviewer),
    )

    with pytest.raises(PermissionDenied):
        loser.result()
    assert (again(request).state, demanding_cell(request)) == (State.SUBMITTED, "institutional")
    assert balances(request.number) == held(entity=ASKED_KM2)


def test_file_that_is_taken_meanwhile_moves_in_review(committed_programme):
    programme = committed_programme
    request = world.submitted(programme)

    loser = race(
        lambda: review.take(request_id=request.pk, user=programme.reviewer),
        reroute(programme, request),
    )

    loser.result()
    assert (again(request).state, demanding_cell(request)) == (State.IN_REVIEW, "institutional")


def test_file_that_is_approved_meanwhile_does_not_move(committed_programme):
    programme = committed_programme
    request = world.in_arbitration(programme)

    loser = race(
        lambda: arbitration.approve(request_id=request.pk, user=programme.arbitrator),
        reroute(programme, request),
    )

    with pytest.raises(TransitionRefused):
        loser.result()
    assert again(request).cell == programme.cell
    assert demand(request.number) == {}
    assert balances(request.number) == held(entity=ASKED_KM2, programme=ASKED_KM2)


def test_order_during_the_block_is_refused(committed_programme):
    programme = committed_programme
    request = world.approved(programme)
    world.suspend(programme)

    loser = race(lambda: review_standing(request_id=request.pk), order(programme, request))

    with pytest.raises(TransitionRefused) as refusal:
        loser.result()
    assert refusal.value.codes == ("membership_suspended",)
    assert again(request).blocked_reason == "membership_suspended"
    assert balances(request.number) == held(entity=ASKED_KM2, programme=ASKED_KM2)


def test_file_that_is_ordered_meanwhile_is_not_blocked(committed_programme):
    programme = committed_programme
    request = world.approved(programme)

    loser = race(order(programme, request), lambda: review_standing(request_id=request.pk))

    with pytest.raises(TransitionRefused):
        loser.result()
    assert again(request).blocked_reason == ""
    assert balances(request.number) == WHOLE


def test_suspension_waits_for_the_night_that_read_the_membership(committed_programme):
    programme = committed_programme
    request = world.approved(programme)
    programme.entity.memberships.update(suspended_on=world.in_days(0), suspension_reason="Fee.")
    review_standing(request_id=request.pk)
    programme.entity.memberships.update(suspended_on=None, suspension_reason="")

    found = second_waits_for_first(
        lambda: review_standing(request_id=request.pk),
        lambda: world.suspend(programme),
        at="eligibility_membership",
    )

    found.assert_second_waited()
    assert found.winner.result() is True
    found.loser.result()


def proposed(programme):
    request = world.approved(programme)
    return rescission.propose_rescission(
        request_id=request.pk, user=programme.arbitrator, reason="An error."
    )


def test_order_during_the_rescission_is_too_late(committed_programme):
    programme = committed_programme
    request = proposed(programme)

    loser = race(
        lambda: rescission.rescind(request_id=request.pk, user=programme.chair),
        order(programme, request),
    )

    with pytest.raises(TransitionRefused):
        loser.result()
    assert again(request).state == State.IN_ARBITRATION
    assert balances(request.number) == held(entity=ASKED_KM2)


def test_order_that_has_left_is_not_proposed_to_be_undone(committed_programme):
    programme = committed_programme
    request = world.approved(programme)

    loser = race(
        order(programme, request),
        lambda: rescission.propose_rescission(
            request_id=request.pk, user=programme.chair, reason="An error."
        ),
    )

    with pytest.raises(TransitionRefused):
        loser.result()
    assert again(request).state == State.ORDERED
    assert balances(request.number) == WHOLE


def test_two_who_confirm_rescind_once(committed_programme):
    programme = committed_programme
    request = world.approved(programme)
    rescission.propose_rescission(request_id=request.pk, user=programme.chair, reason="An error.")

    loser = race(
        *(
            lambda role=role: rescission.rescind(request_id=request.pk, user=programme.people[role])
            for role in ("arbitrator", "secretariat")
        )
    )

    with pytest.raises(TransitionRefused):
        loser.result()
    assert transitions(request).count("rescind") == 1
    assert balances(request.number) == held(entity=ASKED_KM2)


def test_choice_during_the_end_of_the_window_is_too_late(committed_programme):
    programme = committed_programme
    request = after.closing_asked(programme)
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=world.in_days(-1))

    loser = race(
        lambda: windows.end_window(request_id=request.pk),
        lambda: windows.choose_on_shortfall(
            request_id=request.pk, user=programme.requester, choice="extend"
        ),
    )

    with pytest.raises(TransitionRefused):
        loser.result()
    assert again(request).state == State.DELIVERED
    assert balances(request.number) == SIXTY_PERCENT
