"""The end of an acquisition window, as the requester chose: released, extended, or asked about."""

import pytest

from eligibility.selectors import actor_of
from quotas.models import SupplyContract
from requests_app.intake.services import deliveries
from requests_app.models import ImageryRequest
from requests_app.periodic import advance_calendar
from requests_app.supply import services as supply
from requests_app.supply.services import disputes, windows
from tests.requests_app import after, world
from tests.requests_app.books import (
    SIXTY_PERCENT,
    WHOLE,
    again,
    balances,
    forbidden,
    last_record,
    refused,
    transitions,
)

pytestmark = pytest.mark.django_db


def due_in(request, days):
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=world.in_days(days))


def over(programme, choice):
    """A tasking whose window has passed, 60 % having come."""
    request = world.partly_delivered(programme, on_shortfall=choice)
    after.let_order_end(request)
    return request


def choose(programme, request, choice, role="requester"):
    return windows.choose_on_shortfall(
        request_id=request.pk, user=programme.people[role], choice=choice
    )


def extend(programme, request, days=30, role="supply_officer"):
    return windows.extend_window(
        request_id=request.pk, user=programme.people[role], ends_on=world.in_days(days)
    )


def test_release_gives_the_rest_back_at_once(programme):
    request = over(programme, "release")

    advance_calendar()

    assert again(request).state == "delivered"
    assert balances(request.number) == SIXTY_PERCENT


@pytest.mark.parametrize("choice", ["ask", "extend"])
@pytest.mark.parametrize("reach", [world.ordered, world.partly_delivered])
def test_order_stays_open_for_some_days_and_keeps_what_it_holds(programme, choice, reach):
    request = reach(programme, **world.tasking(), on_shortfall=choice)
    after.let_order_end(request)

    advance_calendar()

    kept = again(request)
    record = last_record(kept)
    assert (kept.state, kept.due_on) == (request.state, world.in_days(14))
    assert (record.transition, record.author) == ("warn_of_shortfall", None)
    assert record.changes == {"on_shortfall": choice, "due_on": world.in_days(14).isoformat()}
    assert balances(request.number) == WHOLE


@pytest.mark.parametrize("choice", ["ask", "extend"])
def test_silence_gives_the_rest_back(programme, choice):
    request = after.closing_asked(programme, choice)
    due_in(request, 0)
    assert advance_calendar()["moved"] == 0

    due_in(request, -1)

    assert advance_calendar()["moved"] == 1
    assert again(request).state == "delivered"
    assert balances(request.number) == SIXTY_PERCENT


def test_silence_about_an_order_that_brought_nothing_is_its_failure(programme):
    request = world.ordered(programme, **world.tasking(), on_shortfall="ask")
    after.let_order_end(request)
    windows.end_window(request_id=request.pk)
    due_in(request, -1)

    advance_calendar()

    assert again(request).state == "failed"
    assert balances(request.number) == {}


def test_archive_order_has_no_window_to_ask_about(programme):
    request = world.ordered(programme, on_shortfall="ask")
    due_in(request, -1)

    advance_calendar()

    assert again(request).state == "failed"


# -- asked -----------------------------------------------------------------------------------------


def test_question_waits_for_its_requester_until_it_is_answered(programme):
    request = after.closing_asked(programme)
    apart = world.square(west=3)
    told = world.partly_delivered(programme, aoi=apart, footprint=apart, on_shortfall="extend")
    after.let_order_end(told)
    windows.end_window(request_id=told.pk)
    requester = actor_of(programme.requester)

    assert list(ImageryRequest.objects.awaiting_answer_of(requester)) == [request]
    assert told.state == request.state

    choose(programme, request, "extend")
    assert list(ImageryRequest.objects.awaiting_answer_of(requester)) == []


@pytest.mark.parametrize("role", ["requester", "co_requester"])
def test_release_is_done_the_next_morning(programme, role):
    request = after.closing_asked(programme)
    programme.people["co_requester"] = programme.colleague
    request.co_requesters.add(programme.colleague)

    chosen = choose(programme, request, "release", role)

    assert (chosen.state, chosen.due_on) == ("partially_delivered", world.in_days(0))
    assert balances(request.number) == WHOLE
    due_in(request, -1)
    advance_calendar()
    assert again(request).state == "delivered"


def test_wish_for_more_time_gives_the_supply_officer_some_days(programme):
    request = after.closing_asked(programme)
    due_in(request, 2)

    chosen = choose(programme, request, "extend")

    record = last_record(chosen)
    assert (again(chosen).on_shortfall, chosen.due_on) == ("extend", world.in_days(14))
    assert record.changes == {"on_shortfall": "extend", "due_on": world.in_days(14).isoformat()}
    assert extend(programme, request).due_on == world.in_days(30)


def test_nothing_is_said_twice(programme):
    request = after.closing_asked(programme)
    choose(programme, request, "extend")

    with refused("nothing_asked"):
        choose(programme, request, "release")


@pytest.mark.parametrize("choice", ["release", "extend"])
def test_nothing_is_said_where_nothing_is_asked(programme, choice):
    request = world.partly_delivered(programme, on_shortfall="ask")

    with refused("nothing_asked"):
        choose(programme, request, choice)


def test_question_is_no_answer(programme):
    request = after.closing_asked(programme)

    with refused("choice_unknown"):
        choose(programme, request, "ask")


@pytest.mark.parametrize("role", ["colleague", "entity_contact", "supply_officer", "chair"])
def test_others_do_not_say_it(programme, role):
    request = after.closing_asked(programme)

    with forbidden():
        choose(programme, request, "release", role)


def test_order_is_not_closed_over_the_requesters_head(programme):
    request = after.closing_asked(programme)

    with refused("choice_awaited"):
        supply.close_window(request_id=request.pk, user=programme.supply_officer)

    choose(programme, request, "release")
    closed = supply.close_window(request_id=request.pk, user=programme.supply_officer)
    assert closed.state == "delivered"


def test_what_comes_while_it_is_asked_is_registered(programme):
    request = after.closing_asked(programme)

    done = supply.register_delivery(
        request_id=request.pk,
        user=programme.supply_officer,
        products=[world.product(world.square(), identifier="DS_PHR1A_2")],
        complete=True,
    )

    assert done.state == "delivered"
    with refused("already_decided"):
        choose(programme, request, "release")


# -- extended --------------------------------------------------------------------------------------


def test_window_is_extended_and_its_order_goes_on(programme):
    request = after.closing_asked(programme, "extend")

    extended = extend(programme, request)

    record = last_record(extended)
    days = [world.in_days(-1).isoformat(), world.in_days(30).isoformat()]
    assert (again(extended).window_ends_on, extended.due_on) == (world.in_days(30),) * 2
    assert record.changes == {"window_ends_on": days}
    assert advance_calendar()["moved"] == 0


def test_window_may_be_extended_before_it_ends(programme):
    request = world.ordered(programme, **world.tasking(), on_shortfall="extend")
    soon = {"window_ends_on": world.in_days(20), "due_on": world.in_days(20)}
    ImageryRequest.objects.filter(pk=request.pk).update(**soon)

    assert extend(programme, request).due_on == world.in_days(30)


def test_extension_is_a_revision(programme):
    request = after.closing_asked(programme, "extend")
    before = again(request).window_ends_on

    extend(programme, request)

    days = [before.isoformat(), world.in_days(30).isoformat()]
    assert request.revisions.latest("pk").content.content == {"window_ends_on": days}


def test_window_is_not_extended_beyond_the_supply_contract(programme):
    request = after.closing_asked(programme, "extend")
    SupplyContract.objects.update(ends_on=world.in_days(29))

    with refused("window_beyond_contract"):
        extend(programme, request)


def test_extended_window_that_ends_gives_the_rest_back(programme):
    request = after.closing_asked(programme, "extend")
    extend(programme, request)
    after.let_order_end(request)

    advance_calendar()

    assert again(request).state == "delivered"
    assert balances(request.number) == SIXTY_PERCENT
    assert transitions(request).count("warn_of_shortfall") == 1


def test_window_is_extended_once(programme):
    request = after.closing_asked(programme, "extend")
    extend(programme, request)

    with refused("extended_already"):
        extend(programme, request, days=60)


def test_supply_officer_who_cannot_extend_closes(programme):
    request = after.closing_asked(programme, "extend")

    closed = supply.close_window(request_id=request.pk, user=programme.supply_officer)

    assert closed.state == "delivered"


@pytest.mark.parametrize("choice", ["release", "ask"])
def test_window_is_not_extended_for_who_did_not_choose_it(programme, choice):
    request = over(programme, choice)

    with refused("extension_not_wanted"):
        extend(programme, request)


@pytest.mark.parametrize(("days", "code"), [(0, "window_not_later"), (93, "window_too_far")])
def test_window_is_extended_to_a_later_day_that_is_near(programme, days, code):
    request = after.closing_asked(programme, "extend")

    with refused(code):
        extend(programme, request, days=days)


def test_open_window_is_not_shortened(programme):
    request = world.ordered(programme, **world.tasking(), on_shortfall="extend")

    with refused("window_not_later"):
        extend(programme, request, days=50)


def test_archive_order_has_no_window_to_extend(programme):
    request = world.ordered(programme, on_shortfall="extend")

    with refused("no_window"):
        extend(programme, request)


@pytest.mark.parametrize("role", ["requester", "arbitrator", "chair", "secretariat"])
def test_others_extend_nothing(programme, role):
    request = after.closing_asked(programme, "extend")

    with forbidden():
        extend(programme, request, role=role)


def test_calendar_asks_once_and_not_before_the_day(programme):
    request = world.partly_delivered(programme, on_shortfall="ask")

    with refused("not_due"):
        windows.warn_of_shortfall(request_id=request.pk)

    after.let_order_end(request)
    windows.warn_of_shortfall(request_id=request.pk)
    due_in(request, -1)
    with refused("told_already"):
        windows.warn_of_shortfall(request_id=request.pk)


def test_order_made_again_is_asked_about_again(programme):
    request = after.closing_asked(programme)
    choose(programme, request, "extend")
    due_in(request, -1)
    advance_calendar()
    deliveries.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")
    retasked = disputes.retask(
        request_id=request.pk,
        user=programme.arbitrator,
        window_ends_on=world.in_days(90),
        reason="Clouds.",
    )
    after.let_order_end(retasked)

    assert windows.end_window(request_id=request.pk).due_on == world.in_days(14)
    assert transitions(request).count("warn_of_shortfall") == 2


def test_officer_closes_no_window_before_its_requester_was_asked(programme):
    request = over(programme, "ask")
    before = balances(request.number)

    with refused("not_asked_yet"):
        supply.close_window(request_id=request.pk, user=programme.supply_officer)
    assert balances(request.number) == before

    windows.end_window(request_id=request.pk)
    due_in(request, -1)
    closed = supply.close_window(request_id=request.pk, user=programme.supply_officer)
    assert closed.state == "delivered"
