"""What a reviewer does with one file: no quota moves."""

from datetime import timedelta

import pytest
from django.utils import timezone

from eligibility.models import Sensor
from quotas.models import LedgerEntry
from requests_app.arbitration import services as arbitration
from requests_app.intake import services as intake
from requests_app.intake.services.offers import accept_offer
from requests_app.models import ImageryRequest
from requests_app.review import services as review
from requests_app.states import State
from requests_app.supply import services as supply
from tests.eligibility.factories import AffiliationFactory, CellMemberFactory
from tests.requests_app import world
from tests.requests_app.books import (
    ASKED_KM2,
    balances,
    forbidden,
    held,
    last_record,
    refused,
    transitions,
)

pytestmark = pytest.mark.django_db


def test_take_assigns_the_reviewer(programme):
    request = world.submitted(programme)

    taken = review.take(request_id=request.pk, user=programme.reviewer)

    assert (taken.state, taken.reviewer) == (State.IN_REVIEW, programme.reviewer)
    assert balances(request.number) == held(entity=ASKED_KM2)


def test_second_reviewer_is_told_who_took_the_file(programme):
    request = world.in_review(programme)
    second = CellMemberFactory(cell=programme.cell, role="reviewer").user

    with refused("already_decided") as caught:
        review.take(request_id=request.pk, user=second)

    assert programme.reviewer.full_name in str(caught.value)


@pytest.mark.parametrize("role", ["requester", "arbitrator", "chair", "secretariat", "stranger"])
def test_others_do_not_take(programme, role):
    request = world.submitted(programme)

    with forbidden():
        review.take(request_id=request.pk, user=programme.people[role])


def test_reviewer_of_the_same_entity_does_not_take(programme):
    request = world.submitted(programme)
    AffiliationFactory(user=programme.reviewer, entity=programme.entity)

    with forbidden():
        review.take(request_id=request.pk, user=programme.reviewer)


@pytest.mark.parametrize("role", ["reviewer", "chair"])
def test_release_gives_the_file_back(programme, role):
    request = world.in_review(programme)

    released = review.release_file(request_id=request.pk, user=programme.people[role])

    assert (released.state, released.reviewer) == (State.SUBMITTED, None)
    assert balances(request.number) == held(entity=ASKED_KM2)


def test_unassigned_reviewer_does_not_release(programme):
    request = world.in_review(programme)
    other = CellMemberFactory(cell=programme.cell, role="reviewer").user

    with forbidden():
        review.release_file(request_id=request.pk, user=other)


def test_submitted_file_is_not_released(programme):
    request = world.submitted(programme)

    with refused("already_decided"):
        review.release_file(request_id=request.pk, user=programme.chair)


def test_question_waits_for_its_answer_until_a_date(programme):
    request = world.in_review(programme)

    asked = review.request_information(
        request_id=request.pk, user=programme.reviewer, question="Which year?"
    )

    due_on = timezone.localdate() + timedelta(days=30)
    assert (asked.state, asked.due_on) == (State.INFORMATION_REQUESTED, due_on)
    record = last_record(asked)
    assert (record.note.content, record.changes) == ("Which year?", {"due_on": due_on.isoformat()})


def test_empty_question_is_refused(programme):
    request = world.in_review(programme)

    with refused("question_missing"):
        review.request_information(request_id=request.pk, user=programme.reviewer, question="\n")


def test_unassigned_reviewer_does_not_ask(programme):
    request = world.in_review(programme)
    other = CellMemberFactory(cell=programme.cell, role="reviewer").user

    with forbidden():
        review.request_information(request_id=request.pk, user=other, question="Why?")


def test_recommend_sends_to_arbitration_with_the_opinion(programme):
    request = world.in_arbitration(programme)

    assert (request.state, request.nationality_reviewed) == (State.IN_ARBITRATION, True)
    record = last_record(request)
    assert (record.transition, record.note.content) == ("recommend", "Complete and useful.")
    assert record.changes == {"nationality_reviewed": True}
    assert balances(request.number) == held(entity=ASKED_KM2)


def test_recommend_without_an_opinion_is_refused(programme):
    request = world.in_review(programme)

    with refused("opinion_missing"):
        review.recommend(
            request_id=request.pk, user=programme.reviewer, opinion="", nationality_reviewed=True
        )


def test_recommend_with_the_nationality_open_is_refused(programme):
    request = world.in_review(programme)

    with refused("nationality_review_open"):
        review.recommend(request_id=request.pk, user=programme.reviewer, opinion="Useful.")


def test_recommend_asks_no_nationality_where_the_sensor_does_not(programme):
    Sensor.objects.filter(pk=programme.sensor.pk).update(needs_nationality_review=False)
    request = world.in_review(programme)

    sent = review.recommend(request_id=request.pk, user=programme.reviewer, opinion="Useful.")

    assert (sent.state, sent.nationality_reviewed) == (State.IN_ARBITRATION, False)


def test_unassigned_reviewer_does_not_recommend(programme):
    request = world.in_review(programme)
    other = CellMemberFactory(cell=programme.cell, role="reviewer").user

    with forbidden():
        review.recommend(
            request_id=request.pk, user=other, opinion="Useful.", nationality_reviewed=True
        )


def test_proposal_to_refuse_is_recorded_and_moves_nothing(programme):
    request = world.in_review(programme)
    entries = LedgerEntry.objects.count()

    proposed = review.propose_inadmissible(
        request_id=request.pk, user=programme.reviewer, opinion="Commercial use."
    )

    assert (proposed.state, proposed.inadmissible_proposed) == (State.IN_REVIEW, True)
    record = last_record(proposed)
    assert (record.transition, record.reason) == ("propose_inadmissible", "inadmissible")
    assert (record.source, record.target) == ("in_review", "in_review")
    assert LedgerEntry.objects.count() == entries


def test_second_proposal_to_refuse_is_refused(programme):
    request = world.in_review(programme)
    review.propose_inadmissible(request_id=request.pk, user=programme.reviewer, opinion="No.")

    with refused("inadmissible_proposed"):
        review.propose_inadmissible(request_id=request.pk, user=programme.reviewer, opinion="No.")


def close_nationality_review(request, user):
    return review.close_nationality_review(request_id=request.pk, user=user)


def open_nationality_review(request):
    ImageryRequest.objects.filter(pk=request.pk).update(nationality_reviewed=False)


@pytest.mark.parametrize("role", ["reviewer", "chair"])
@pytest.mark.parametrize(
    "reach", [world.in_review, world.in_arbitration, world.offered, world.approved]
)
def test_review_of_nationality_is_closed_and_moves_nothing(programme, reach, role):
    request = reach(programme)
    open_nationality_review(request)

    closed = close_nationality_review(request, programme.people[role])

    record = last_record(closed)
    assert (closed.state, closed.nationality_reviewed) == (request.state, True)
    assert (record.transition, record.target) == ("close_nationality_review", request.state)


def test_file_whose_people_changed_is_approved_once_they_are_reviewed(programme):
    request = world.in_arbitration(programme)
    open_nationality_review(request)
    with refused("nationality_review_open"):
        arbitration.approve(request_id=request.pk, user=programme.arbitrator)

    close_nationality_review(request, programme.reviewer)

    approved = arbitration.approve(request_id=request.pk, user=programme.arbitrator)
    assert approved.state == State.APPROVED


def test_order_of_a_file_whose_people_changed_leaves_once_they_are_reviewed(programme):
    request = world.approved(programme)
    open_nationality_review(request)
    with refused("nationality_review_open"):
        supply.order(request_id=request.pk, user=programme.supply_officer)

    close_nationality_review(request, programme.chair)

    ordered = supply.order(request_id=request.pk, user=programme.supply_officer)
    assert ordered.state == State.ORDERED


def test_offer_to_changed_people_is_accepted_once_they_are_reviewed(programme):
    request = world.offered(programme)
    open_nationality_review(request)
    with refused("nationality_review_open"):
        accept_offer(request_id=request.pk, user=programme.requester)

    close_nationality_review(request, programme.reviewer)

    accepted = accept_offer(request_id=request.pk, user=programme.requester)
    assert accepted.state == State.APPROVED


def test_review_of_nationality_that_was_closed_needs_no_second_box(programme):
    request = world.in_review(programme)
    close_nationality_review(request, programme.reviewer)

    sent = review.recommend(request_id=request.pk, user=programme.reviewer, opinion="Useful.")

    assert (sent.state, sent.nationality_reviewed) == (State.IN_ARBITRATION, True)


def test_closed_review_of_nationality_is_not_closed_again(programme):
    request = world.in_arbitration(programme)

    with refused("nationality_review_closed"):
        close_nationality_review(request, programme.reviewer)


def test_sensor_that_asks_for_no_review_has_none_to_close(programme):
    request = world.in_review(programme)
    Sensor.objects.filter(pk=programme.sensor.pk).update(needs_nationality_review=False)

    with refused("nationality_review_not_needed"):
        close_nationality_review(request, programme.reviewer)


@pytest.mark.parametrize("role", ["arbitrator", "supply_officer", "requester"])
def test_only_the_reviewer_or_the_chair_closes_the_review_of_nationality(programme, role):
    request = world.in_review(programme)

    with forbidden():
        close_nationality_review(request, programme.people[role])


def test_proposal_without_a_reason_is_refused(programme):
    request = world.in_review(programme)

    with refused("opinion_missing"):
        review.propose_inadmissible(request_id=request.pk, user=programme.reviewer, opinion="")


def test_question_takes_the_proposal_to_refuse_back(programme):
    """What is answered may be another area: nobody refuses it on a proposal about the old one."""
    request = world.in_review(programme)
    review.propose_inadmissible(
        request_id=request.pk, user=programme.reviewer, opinion="Commercial use."
    )
    review.request_information(request_id=request.pk, user=programme.reviewer, question="Why?")
    intake.answer(request_id=request.pk, user=programme.requester, text="For research.")

    with refused("inadmissible_not_proposed"):
        arbitration.refuse(
            request_id=request.pk, user=programme.arbitrator, reason="inadmissible", text="No."
        )

    assert ImageryRequest.objects.get(pk=request.pk).inadmissible_proposed is False


def test_proposal_goes_with_the_file(programme):
    request = world.in_review(programme)
    review.propose_inadmissible(
        request_id=request.pk, user=programme.reviewer, opinion="Commercial use."
    )

    review.release_file(request_id=request.pk, user=programme.reviewer)

    assert ImageryRequest.objects.get(pk=request.pk).inadmissible_proposed is False
    assert transitions(request) == ["submit", "take", "propose_inadmissible", "release_file"]
