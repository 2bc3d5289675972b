"""A file in whose entity's name nothing goes on is blocked: a reason, not a state."""

import pytest
from django.db import IntegrityError, transaction

from eligibility.services import reinstate_membership
from requests_app.arbitration import services as arbitration
from requests_app.handling.services.standing import review_standing
from requests_app.intake import services as intake
from requests_app.intake.services import offers
from requests_app.models import ImageryRequest
from requests_app.periodic import advance_calendar, review_standings
from requests_app.supply import services as supply
from tests.eligibility.factories import AffiliationFactory, MandateFactory
from tests.requests_app import after, world
from tests.requests_app.books import again, balances, last_record, refused, transitions

pytestmark = pytest.mark.django_db


def reinstate(programme):
    reinstate_membership(
        membership_id=programme.entity.memberships.get().pk, by_user_id=programme.secretariat.pk
    )


BLOCKABLE = [
    world.submitted, world.in_review, after.asked, world.in_arbitration, after.deferred,
    world.offered, world.approved,
]  # fmt: skip


@pytest.mark.parametrize("reach", BLOCKABLE)
def test_file_is_blocked_where_nothing_goes_on_in_the_name_of_its_entity(programme, reach):
    request = reach(programme)
    world.suspend(programme)

    assert review_standings() == 1

    blocked = again(request)
    record = last_record(blocked)
    assert blocked.blocked_reason == "membership_suspended"
    assert (record.transition, record.reason, record.author) == (
        "block", "membership_suspended", None,
    )  # fmt: skip
    assert record.changes == {"reasons": ["membership_suspended"]}


@pytest.mark.parametrize("reach", BLOCKABLE)
def test_file_is_unblocked_when_its_entity_may_ask_again(programme, reach):
    request = reach(programme)
    world.suspend(programme)
    review_standings()
    reinstate(programme)

    assert review_standings() == 1

    free = again(request)
    assert (free.blocked_reason, last_record(free).transition) == ("", "unblock")


@pytest.mark.parametrize("reach", BLOCKABLE)
def test_blocked_file_keeps_its_state_its_date_and_its_balances(programme, reach):
    request = reach(programme)
    before = (request.state, request.due_on, balances(request.number))

    world.suspend(programme)
    review_standings()
    blocked = again(request)
    reinstate(programme)
    review_standings()

    free = again(request)
    assert blocked.blocked_reason == "membership_suspended"
    assert (blocked.state, blocked.due_on, balances(blocked.number)) == before
    assert (free.state, free.due_on, balances(free.number)) == before


def test_quiet_night_writes_nothing(programme):
    request = world.approved(programme)

    assert review_standings() == 0
    world.suspend(programme)
    review_standings()
    assert review_standings() == 0

    assert transitions(request).count("block") == 1


@pytest.mark.parametrize("reach", [world.draft, world.ordered, world.delivered, world.closed])
def test_draft_and_what_is_ordered_are_not_blocked(programme, reach):
    request = reach(programme)
    other = world.submitted(programme, aoi=world.square(west=3))
    world.suspend(programme)

    assert review_standings() == 1

    assert (again(request).blocked_reason, again(other).blocked_reason) == (
        "",
        "membership_suspended",
    )


def expire_membership(programme, _request):
    programme.entity.memberships.update(ends_on=world.in_days(-1))


def end_mandate(programme, request):
    mandate = MandateFactory(
        principal=programme.entity, sensors=[programme.sensor], ends_on=world.in_days(-1)
    )
    AffiliationFactory(user=programme.requester, entity=mandate.contractor)
    ImageryRequest.objects.filter(pk=request.pk).update(mandate=mandate)


def leave(programme, _request):
    programme.requester.affiliations.update(until=world.in_days(0))


def suspend_account(programme, _request):
    type(programme.requester).objects.filter(pk=programme.requester.pk).update(is_active=False)


CAUSES = [
    (expire_membership, "membership_expired"),
    (end_mandate, "mandate_expired"),
    (leave, "requester_left"),
    (suspend_account, "requester_left"),
]


@pytest.mark.parametrize(("cause", "code"), CAUSES, ids=[cause.__name__ for cause, _ in CAUSES])
def test_each_cause_blocks_the_file_and_refuses_what_would_go_on(programme, cause, code):
    request = world.approved(programme)
    undecided = world.in_arbitration(programme, aoi=world.square(west=3))
    for file in (request, undecided):
        cause(programme, file)

    review_standings()

    assert [again(file).blocked_reason for file in (request, undecided)] == [code, code]
    with refused(code):
        supply.order(request_id=request.pk, user=programme.supply_officer)
    with refused(code):
        arbitration.approve(request_id=undecided.pk, user=programme.arbitrator)
    smaller = bytes(world.square(west=3, size_deg=0.05).wkb)
    with refused(code):
        arbitration.offer(request_id=undecided.pk, user=programme.arbitrator, polygon_wkb=smaller)


def test_acceptance_of_a_blocked_offer_is_refused(programme):
    request = world.offered(programme)
    world.suspend(programme)

    with refused("membership_suspended"):
        offers.accept_offer(request_id=request.pk, user=programme.requester)


def test_another_reason_is_recorded_as_another_block(programme):
    request = world.approved(programme)
    world.suspend(programme)
    review_standings()
    expire_membership(programme, request)

    review_standings()

    assert again(request).blocked_reason == "membership_expired"
    assert transitions(request)[-2:] == ["block", "block"]


def test_clock_of_a_blocked_file_runs(programme):
    request = world.offered(programme)
    world.suspend(programme)
    review_standings()
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=world.in_days(-1), reminders_sent=2)

    advance_calendar()

    assert (again(request).state, again(request).blocked_reason) == ("expired", "")


@pytest.mark.parametrize("role", ["requester", "chair"])
def test_blocked_file_is_cancelled_and_no_longer_blocked(programme, role):
    request = world.approved(programme)
    world.suspend(programme)
    review_standings()

    over = intake.cancel(request_id=request.pk, user=programme.people[role], reason="Suspended.")

    assert (over.state, again(over).blocked_reason) == ("cancelled", "")
    assert balances(request.number) == {}


def test_blocked_file_is_refused_and_no_longer_blocked(programme):
    request = world.in_arbitration(programme)
    world.suspend(programme)
    review_standings()

    over = arbitration.refuse(
        request_id=request.pk, user=programme.arbitrator, reason="not_eligible", text="Suspended."
    )

    assert again(over).blocked_reason == ""


def test_file_that_was_ordered_meanwhile_is_not_blocked(programme):
    request = world.ordered(programme)
    world.suspend(programme)

    with refused("already_decided"):
        review_standing(request_id=request.pk)


def test_database_blocks_nothing_that_is_ordered(programme):
    request = world.ordered(programme)

    expected = pytest.raises(IntegrityError, match="request_blocked_before_its_order")
    with expected, transaction.atomic():
        ImageryRequest.objects.filter(pk=request.pk).update(blocked_reason="membership_expired")


def test_night_asks_as_much_for_three_files_as_for_one(programme, django_assert_max_num_queries):
    world.submitted(programme)
    with django_assert_max_num_queries(20) as one:
        review_standings()
    for west in (3, 5):
        world.submitted(programme, aoi=world.square(west=west))

    with django_assert_max_num_queries(20) as three:
        review_standings()

    assert len(three) == len(one)
