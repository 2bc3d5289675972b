"""A file is late when the cell has had it, since it last came to it, for longer than usual."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from eligibility.selectors import actor_of
from requests_app.intake import services as intake
from requests_app.models import ImageryRequest
from requests_app.review import services as review
from requests_app.selectors import cell_queue
from requests_app.states import DUTIES_OF_CELL, WHO_MUST_ACT
from requests_app.supply import services as supply
from tests.requests_app import after, world

pytestmark = pytest.mark.django_db


def came_by(request):
    """The transition by which the file came to the cell, as a page and as a list read it."""
    alone = ImageryRequest.objects.get(pk=request.pk).came_to_cell_at
    listed = ImageryRequest.objects.for_a_list().get(pk=request.pk).came_to_cell_at
    assert alone == listed
    return request.records.get(at=alone).transition if alone else None


@pytest.mark.parametrize(
    ("make", "transition"),
    [
        (world.draft, None),
        (world.submitted, "submit"),
        (world.in_review, "submit"),
        (world.in_arbitration, "submit"),
        (after.returned, "submit"),
        (after.answered, "answer"),
        (after.replied, "reply_to_offer"),
        (world.approved, "approve"),
        (after.disputed, "dispute"),
    ],
)
def test_delay_runs_since_the_file_last_came_to_the_cell(programme, make, transition):
    assert came_by(make(programme)) == transition


def test_delay_does_not_begin_again_when_the_file_is_put_back_and_taken(programme):
    request = world.in_review(programme)
    review.release_file(request_id=request.pk, user=programme.reviewer)

    review.take(request_id=request.pk, user=programme.reviewer)

    assert came_by(request) == "submit"


def is_late(request, monkeypatch, *, in_days):
    later = timezone.now() + timedelta(days=in_days)
    with monkeypatch.context() as clock:
        clock.setattr(timezone, "now", lambda: later)
        return ImageryRequest.objects.get(pk=request.pk).is_late


@pytest.mark.parametrize(
    "make", [world.submitted, world.in_arbitration, world.approved, after.disputed]
)
def test_file_is_late_after_the_usual_days_of_its_cell(programme, monkeypatch, make):
    request = make(programme)

    late = [is_late(request, monkeypatch, in_days=days) for days in (0, 15, 16)]

    assert programme.cell.decision_delay_days == 15
    assert late == [False, False, True]


@pytest.mark.parametrize(
    "make", [world.draft, after.asked, world.offered, world.ordered, world.closed]
)
def test_file_with_others_or_with_nobody_is_not_late(programme, monkeypatch, make):
    assert not is_late(make(programme), monkeypatch, in_days=400)


def test_days_with_the_requester_do_not_count(programme, monkeypatch):
    request = after.asked(programme)
    later = timezone.now() + timedelta(days=20)
    with monkeypatch.context() as clock:
        clock.setattr(timezone, "now", lambda: later)
        intake.answer(request_id=request.pk, user=programme.requester, text="2024.")

    assert not is_late(request, monkeypatch, in_days=20 + 15)
    assert is_late(request, monkeypatch, in_days=20 + 16)


def test_list_knows_what_is_late_without_a_query_per_file(programme):
    def lateness():
        with CaptureQueriesContext(connection) as queries:
            rows = cell_queue(user=programme.reviewer, actor=actor_of(programme.reviewer))
            return [row.is_late for row in rows], len(queries)

    world.submitted(programme)
    one, queries_for_one = lateness()
    world.in_review(programme, aoi=world.square(west=2.0))
    world.approved(programme, aoi=world.square(west=3.0))
    three, queries_for_three = lateness()

    assert (one, three) == ([False], [False] * 3)
    assert queries_for_one == queries_for_three


def test_every_state_of_the_cell_is_one_duty():
    states = [state for duty in DUTIES_OF_CELL for state in duty]

    assert sorted(states) == sorted(state for state, who in WHO_MUST_ACT.items() if who == "cell")


def test_order_ends_the_delay(programme, monkeypatch):
    request = world.approved(programme)
    assert is_late(request, monkeypatch, in_days=16)

    supply.order(request_id=request.pk, user=programme.supply_officer)

    assert not is_late(request, monkeypatch, in_days=16)
