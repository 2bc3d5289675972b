"""An order that is out is amended as the operator confirms and the requester agrees."""

import pytest

from requests_app.supply import amendments
from requests_app.supply import services as supply
from tests.requests_app import world
from tests.requests_app.books import balances, forbidden, last_record, refused, transitions

pytestmark = pytest.mark.django_db


def propose(programme, request, role="supply_officer", **typed):
    said = {"change": "15 % of clouds.", "operator_confirmation": " OP-17 "} | typed
    return amendments.propose_amendment(request_id=request.pk, user=programme.people[role], **said)


def agree(programme, request, role="requester"):
    return amendments.amend_order(request_id=request.pk, user=programme.people[role])


def decline(programme, request, role="requester"):
    return amendments.decline_amendment(
        request_id=request.pk, user=programme.people[role], reason="Too cloudy."
    )


@pytest.mark.parametrize("reach", [world.ordered, world.partly_delivered])
def test_amendment_is_recorded_with_the_operators_reference_and_moves_nothing(programme, reach):
    request = reach(programme)
    before = balances(request.number)
    propose(programme, request)

    amended = agree(programme, request)

    record = last_record(amended)
    assert (record.transition, record.source, record.target) == (
        "amend_order",
        request.state,
        request.state,
    )
    assert (record.author, record.note.content) == (programme.requester, "15 % of clouds.")
    assert record.changes == {"operator_confirmation": "OP-17"}
    assert balances(request.number) == before


def test_declined_amendment_leaves_the_order_and_another_may_be_proposed(programme):
    request = world.ordered(programme)
    propose(programme, request)

    declined = decline(programme, request)

    assert last_record(declined).note.content == "Too cloudy."
    with refused("no_amendment"):
        agree(programme, request)
    propose(programme, request, change="12 % of clouds.")
    assert last_record(agree(programme, request)).note.content == "12 % of clouds."


def test_proposal_outlives_a_partial_delivery(programme):
    request = world.ordered(programme, **world.tasking())
    propose(programme, request)
    supply.register_delivery(
        request_id=request.pk,
        user=programme.supply_officer,
        products=[world.product(world.strip(width_deg=0.048))],
        complete=False,
    )

    assert agree(programme, request).state == "partially_delivered"


def test_second_proposal_waits_for_the_answer_to_the_first(programme):
    request = world.ordered(programme)
    propose(programme, request)

    with refused("amendment_waits"):
        propose(programme, request)


@pytest.mark.parametrize("answer", [agree, decline])
def test_answer_without_a_proposal_is_refused(programme, answer):
    request = world.ordered(programme)

    with refused("no_amendment"):
        answer(programme, request)


@pytest.mark.parametrize(
    ("typed", "code"),
    [({"change": " "}, "text_missing"), ({"operator_confirmation": ""}, "confirmation_missing")],
)
def test_proposal_that_lacks_something_is_refused(programme, typed, code):
    request = world.ordered(programme)

    with refused(code):
        propose(programme, request, **typed)


@pytest.mark.parametrize("role", ["requester", "arbitrator", "chair", "secretariat"])
def test_others_propose_nothing(programme, role):
    request = world.ordered(programme)

    with forbidden():
        propose(programme, request, role)


@pytest.mark.parametrize("answer", [agree, decline])
@pytest.mark.parametrize("role", ["supply_officer", "colleague", "entity_contact", "chair"])
def test_nobody_answers_for_the_requester(programme, answer, role):
    request = world.ordered(programme)
    propose(programme, request)

    with forbidden():
        answer(programme, request, role)


def test_delivered_order_is_not_amended(programme):
    request = world.delivered(programme)

    with refused("already_decided"):
        propose(programme, request)
    assert "propose_amendment" not in transitions(request)
