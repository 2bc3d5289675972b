"""Who in which cell has a file: given to a reviewer, moved to another cell, decided outside a
meeting."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from eligibility.models import Cell
from eligibility.selectors import actor_of
from quotas.models import Envelope
from quotas.services import Cause, expire
from requests_app.arbitration import services as arbitration
from requests_app.handling import services as handling
from requests_app.intake import services as intake
from requests_app.review import services as review
from requests_app.selectors import expedited_this_year
from requests_app.states import State
from tests.eligibility.factories import AffiliationFactory, CellMemberFactory
from tests.requests_app import after, world
from tests.requests_app.books import (
    ASKED_KM2,
    LARGE_KM2,
    again,
    balances,
    demand,
    forbidden,
    held,
    last_record,
    refused,
    transitions,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def second_reviewer(programme):
    return CellMemberFactory(cell=programme.cell, role="reviewer").user


# -- assign ----------------------------------------------------------------------------------------


def assign(programme, request, reviewer, role="chair"):
    return handling.assign(
        request_id=request.pk, user=programme.people[role], reviewer_id=reviewer.pk
    )


@pytest.mark.parametrize(
    "reach", [world.submitted, world.in_review, after.asked, world.in_arbitration, after.deferred]
)
def test_chair_gives_the_file_to_a_reviewer(programme, second_reviewer, reach):
    request = reach(programme)
    before = request.reviewer_id

    given = assign(programme, request, second_reviewer)

    record = last_record(given)
    assert (given.state, given.reviewer) == (request.state, second_reviewer)
    assert (record.transition, record.changes) == (
        "assign",
        {"reviewer": [before, second_reviewer.pk]},
    )


def test_file_given_to_one_reviewer_is_not_taken_by_another(programme, second_reviewer):
    request = world.submitted(programme)
    assign(programme, request, second_reviewer)

    with refused("given_to_another"):
        review.take(request_id=request.pk, user=programme.reviewer)

    taken = review.take(request_id=request.pk, user=second_reviewer)
    assert taken.state == State.IN_REVIEW


def test_file_put_back_is_for_every_reviewer_again(programme, second_reviewer):
    request = world.in_review(programme)
    assign(programme, request, second_reviewer)

    review.release_file(request_id=request.pk, user=second_reviewer)

    assert review.take(request_id=request.pk, user=programme.reviewer).state == State.IN_REVIEW


def test_recalled_file_is_nobodys(programme, second_reviewer):
    request = world.submitted(programme)
    assign(programme, request, second_reviewer)

    recalled = intake.recall(request_id=request.pk, user=programme.requester)

    assert again(recalled).reviewer is None


def test_proposal_to_refuse_was_the_other_reviewers(programme, second_reviewer):
    request = after.proposed(programme)

    assign(programme, request, second_reviewer)

    assert again(request).inadmissible_proposed is False


def test_reviewer_who_lost_the_file_reviews_it_no_more(programme, second_reviewer):
    request = world.in_review(programme)
    assign(programme, request, second_reviewer)

    with forbidden():
        review.recommend(request_id=request.pk, user=programme.reviewer, opinion="Useful.")


def test_file_is_not_given_twice_to_the_same(programme):
    request = world.in_review(programme)

    with refused("has_the_file"):
        assign(programme, request, programme.reviewer)


@pytest.mark.parametrize("role", ["arbitrator", "stranger", "requester"])
def test_file_is_given_to_no_one_who_does_not_review_for_the_cell(programme, role):
    request = world.in_review(programme)

    with refused("not_a_reviewer"):
        assign(programme, request, programme.people[role])


def test_file_is_given_to_no_reviewer_with_an_interest(programme, second_reviewer):
    request = world.in_review(programme)
    AffiliationFactory(user=second_reviewer, entity=programme.entity)

    with refused("not_a_reviewer"):
        assign(programme, request, second_reviewer)


@pytest.mark.parametrize("role", ["reviewer", "arbitrator", "secretariat", "requester"])
def test_only_the_chair_gives_files(programme, second_reviewer, role):
    request = world.in_review(programme)

    with forbidden():
        assign(programme, request, second_reviewer, role)


def test_file_that_is_decided_is_given_to_nobody(programme, second_reviewer):
    request = world.approved(programme)

    with refused("already_decided"):
        assign(programme, request, second_reviewer)


# -- reroute ---------------------------------------------------------------------------------------


@pytest.fixture
def other_cell(programme):
    return Cell.objects.get(code="institutional")


def reroute(programme, request, cell, role="chair", reason="A public-service mission."):
    return handling.reroute(
        request_id=request.pk, user=programme.people[role], cell_id=cell.pk, reason=reason
    )


def demanding_cells(request):
    found = Envelope.objects.filter(demands__request_number=request.number)
    return list(found.values_list("cell__code", "unit"))


@pytest.mark.parametrize("role", ["chair", "secretariat"])
@pytest.mark.parametrize(
    "reach", [world.submitted, world.in_review, after.asked, world.in_arbitration]
)
def test_file_moves_to_another_cell_with_its_demand(programme, other_cell, reach, role):
    request = reach(programme)
    assert demanding_cells(request) == [("pleiades-science", "km2")]

    moved = reroute(programme, request, other_cell, role)

    record = last_record(moved)
    assert (moved.state, moved.cell) == (request.state, other_cell)
    assert (record.transition, record.note.content) == ("reroute", "A public-service mission.")
    assert record.changes == {"cell": [programme.cell.pk, other_cell.pk]}
    assert demanding_cells(request) == [("institutional", "km2")]
    assert demand(request.number) == {"programme": ASKED_KM2}
    assert balances(request.number) == held(entity=ASKED_KM2)


def test_deferred_file_moves_and_still_holds_nothing(programme, other_cell):
    request = after.deferred(programme)

    reroute(programme, request, other_cell)

    assert demanding_cells(request) == [("institutional", "km2")]
    assert balances(request.number) == {}


def test_other_cell_decides_from_its_own_envelope(programme, other_cell):
    request = world.in_arbitration(programme)
    reroute(programme, request, other_cell)
    arbitrator = CellMemberFactory(cell=other_cell, role="arbitrator").user

    with forbidden():
        arbitration.approve(request_id=request.pk, user=programme.arbitrator)
    arbitration.approve(request_id=request.pk, user=arbitrator)

    assert balances(request.number) == held(entity=ASKED_KM2, programme=ASKED_KM2)
    drawn = Envelope.objects.get(scope="programme", held=ASKED_KM2)
    assert drawn.cell == other_cell


def test_file_given_to_a_reviewer_is_free_in_the_other_cell(programme, second_reviewer, other_cell):
    request = world.submitted(programme)
    assign(programme, request, second_reviewer)
    reroute(programme, request, other_cell)
    reviewer = CellMemberFactory(cell=other_cell, role="reviewer").user

    assert review.take(request_id=request.pk, user=reviewer).state == State.IN_REVIEW


def test_file_in_review_waits_for_the_other_cells_chair(programme, other_cell):
    request = world.in_review(programme)
    reroute(programme, request, other_cell)
    chair = CellMemberFactory(cell=other_cell, role="chair").user
    reviewer = CellMemberFactory(cell=other_cell, role="reviewer").user

    with forbidden():
        review.recommend(request_id=request.pk, user=programme.reviewer, opinion="Useful.")
    handling.assign(request_id=request.pk, user=chair, reviewer_id=reviewer.pk)

    sent = review.recommend(
        request_id=request.pk, user=reviewer, opinion="Useful.", nationality_reviewed=True
    )
    assert sent.state == State.IN_ARBITRATION


def test_moved_file_answers_to_the_cell_it_moved_to(programme, other_cell):
    request = after.asked(programme)
    reroute(programme, request, other_cell)

    answered = intake.answer(request_id=request.pk, user=programme.requester, text="Because.")

    assert answered.cell == other_cell
    assert demanding_cells(request) == [("institutional", "km2")]


def test_file_that_moves_keeps_what_it_has_of_an_exhausted_allowance(programme, other_cell):
    request = world.submitted(programme, aoi=world.square(size_deg=0.12))
    assert balances(request.number) == held(entity=Decimal(100))
    allowance = Envelope.objects.get(scope="entity", held__gt=0)
    cause = Cause(decision=last_record(request).decision, reason="test")
    expire(envelope_id=allowance.pk, amount=allowance.left, cause=cause)

    moved = reroute(programme, request, other_cell)

    assert moved.area_km2 == LARGE_KM2
    assert balances(request.number) == held(entity=Decimal(100))


def test_move_to_the_same_cell_is_refused(programme):
    request = world.submitted(programme)

    with refused("same_cell"):
        reroute(programme, request, programme.cell)


def test_move_to_a_cell_without_the_sensor_is_refused(programme):
    request = world.submitted(programme)

    with refused("cell_takes_no_sensor"):
        reroute(programme, request, Cell.objects.get(code="spot-science"))


def test_move_without_a_reason_is_refused(programme, other_cell):
    request = world.submitted(programme)

    with refused("reason_missing"):
        reroute(programme, request, other_cell, reason=" ")


@pytest.mark.parametrize("role", ["reviewer", "arbitrator", "requester", "observer"])
def test_others_do_not_move_files(programme, other_cell, role):
    request = world.submitted(programme)

    with forbidden():
        reroute(programme, request, other_cell, role)


def test_secretary_with_an_interest_moves_no_file(programme, other_cell):
    request = world.submitted(programme)
    AffiliationFactory(user=programme.secretariat, entity=programme.entity)

    with forbidden():
        reroute(programme, request, other_cell, "secretariat")


@pytest.mark.parametrize("reach", [world.offered, world.approved, world.ordered])
def test_decided_file_stays_with_its_cell(programme, other_cell, reach):
    request = reach(programme)

    with refused("already_decided"):
        reroute(programme, request, other_cell)


# -- expedite --------------------------------------------------------------------------------------


def expedite(programme, request, role="chair", reason="The harvest ends."):
    return handling.expedite(request_id=request.pk, user=programme.people[role], reason=reason)


@pytest.mark.parametrize("role", ["chair", "secretariat"])
@pytest.mark.parametrize(
    "reach", [world.submitted, world.in_review, after.asked, world.in_arbitration]
)
def test_expedited_file_is_recorded_and_does_not_move(programme, reach, role):
    request = reach(programme)
    before = balances(request.number)

    hurried = expedite(programme, request, role)

    record = last_record(hurried)
    assert (hurried.state, again(hurried).is_expedited) == (request.state, True)
    assert (record.transition, record.note.content) == ("expedite", "The harvest ends.")
    assert balances(request.number) == before


def test_file_is_expedited_once(programme):
    request = world.submitted(programme)
    expedite(programme, request)

    with refused("expedited_already"):
        expedite(programme, request, "secretariat")


def test_file_is_not_expedited_without_a_reason(programme):
    request = world.submitted(programme)

    with refused("reason_missing"):
        expedite(programme, request, reason="")


@pytest.mark.parametrize("role", ["requester", "reviewer", "arbitrator", "supply_officer"])
def test_others_expedite_nothing(programme, role):
    request = world.submitted(programme)

    with forbidden():
        expedite(programme, request, role)


@pytest.mark.parametrize("interest", ["chair", "secretariat"])
def test_nobody_expedites_the_request_of_their_own_entity(programme, interest):
    request = world.submitted(programme)
    AffiliationFactory(user=programme.people[interest], entity=programme.entity)

    with forbidden():
        expedite(programme, request, interest)


def test_recalled_request_is_a_draft_like_any_other(programme):
    request = world.submitted(programme)
    expedite(programme, request)

    intake.recall(request_id=request.pk, user=programme.requester)

    assert again(request).is_expedited is False
    assert transitions(request) == ["submit", "expedite", "recall"]


# -- the queue -------------------------------------------------------------------------------------


def test_expedited_file_comes_first_in_the_queue_and_is_counted(programme, client):
    earlier = world.submitted(programme)
    hurried = world.submitted(programme, aoi=world.square(west=3))
    client.force_login(programme.chair)
    expedite(programme, hurried)

    response = client.get(reverse("queue:list"))

    assert [row.pk for row in response.context["page_obj"]] == [hurried.pk, earlier.pk]
    assert response.context["expedited"] == 1


def test_file_expedited_last_year_counts_no_more(programme, client, monkeypatch):
    request = world.submitted(programme)
    expedite(programme, request)
    client.force_login(programme.chair)
    next_year = timezone.now() + timedelta(days=366)
    monkeypatch.setattr(timezone, "now", lambda: next_year)

    assert expedited_this_year(actor_of(programme.chair)) == 0
