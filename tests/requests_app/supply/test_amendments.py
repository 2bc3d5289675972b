"""An order that is out is amended as the operator confirms and the requester agrees."""

import pytest
from django.urls import reverse
from django.utils.translation import override

from orbitrage.shared.days import day_in_words
from quotas.models import SupplyContract
from requests_app.models import ImageryRequest
from requests_app.supply import services as supply
from requests_app.supply.services import amendments
from tests.requests_app import world
from tests.requests_app.books import again, balances, forbidden, last_record, refused, transitions

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


# -- another end of the window ---------------------------------------------------------------------


def test_window_follows_the_amendment_once_it_is_agreed_to(programme):
    request = world.ordered(programme, **world.tasking())
    before, after = request.window_ends_on, world.in_days(150)

    propose(programme, request, window_ends_on=after)
    proposed = again(request)
    amended = agree(programme, request)

    assert (proposed.window_ends_on, proposed.due_on) == (before, request.due_on)
    assert (again(amended).window_ends_on, amended.due_on) == (after, after)
    days = [before.isoformat(), after.isoformat()]
    assert last_record(amended).changes == {
        "operator_confirmation": "OP-17", "choices": {"window_ends_on": days},
    }  # fmt: skip
    assert request.revisions.latest("pk").content.content == {"window_ends_on": days}


def test_amended_window_is_closed_at_its_new_end(programme):
    request = world.ordered(programme, **world.tasking())
    propose(programme, request, window_ends_on=world.in_days(20))
    agree(programme, request)

    with refused("not_due"):
        supply.close_window(request_id=request.pk, user=None)
    ImageryRequest.objects.filter(pk=request.pk).update(
        window_starts_on=world.in_days(-9), window_ends_on=world.in_days(-1),
        due_on=world.in_days(-1),
    )  # fmt: skip

    assert supply.close_window(request_id=request.pk, user=None).state == "failed"


def test_declined_window_stays(programme):
    request = world.ordered(programme, **world.tasking())
    propose(programme, request, window_ends_on=world.in_days(150))

    decline(programme, request)

    assert again(request).window_ends_on == request.window_ends_on


@pytest.mark.parametrize("days", [-1, 0, 10])
def test_window_that_is_not_ahead_is_refused(programme, days):
    """It starts in ten days."""
    request = world.ordered(programme, **world.tasking())

    with refused("window_not_ahead"):
        propose(programme, request, window_ends_on=world.in_days(days))


def test_archive_order_has_no_window_to_amend(programme):
    request = world.ordered(programme)

    with refused("no_window"):
        propose(programme, request, window_ends_on=world.in_days(150))


def test_window_that_ended_before_the_answer_is_refused(programme):
    request = world.ordered(programme, **world.tasking())
    propose(programme, request, window_ends_on=world.in_days(150))
    SupplyContract.objects.update(ends_on=world.in_days(149))

    with refused("window_beyond_contract"):
        agree(programme, request)


def test_window_beyond_the_supply_contract_is_refused_with_both_days(programme):
    request = world.ordered(programme, **world.tasking())
    SupplyContract.objects.update(ends_on=world.in_days(120))

    with refused("window_beyond_contract") as caught:
        propose(programme, request, window_ends_on=world.in_days(121))

    assert day_in_words(world.in_days(120)) in str(caught.value)


def test_window_that_only_gets_shorter_is_not_held_against_the_contract(programme):
    request = world.ordered(programme, **world.tasking())
    SupplyContract.objects.update(ends_on=world.in_days(50))

    propose(programme, request, window_ends_on=world.in_days(60))

    assert agree(programme, request).window_ends_on == world.in_days(60)


def test_form_asks_for_the_window_and_the_answer_shows_it(programme, client, read):
    request = world.ordered(programme, **world.tasking())
    client.force_login(
        programme.supply_officer, backend="django.contrib.auth.backends.ModelBackend"
    )
    client.post(
        reverse("requests:move", args=[request.number, "propose_amendment"]),
        {
            "change": "A longer window.",
            "operator_confirmation": "OP-17",
            "window_ends_on": world.in_days(150).isoformat(),
        },
    )

    page = read(programme.requester, reverse("requests:move", args=[request.number, "amend_order"]))

    with override("en"):
        days = day_in_words(world.in_days(150)), day_in_words(request.window_ends_on)
    assert "Taken until: {} instead of {}".format(*days) in page
