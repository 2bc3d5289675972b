"""The usual delay of a cell, measured from the records."""

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app.arbitration import services as arbitration
from requests_app.delays import FILES_AT_LEAST, UsualDelay, usual_delay
from requests_app.intake import services as intake
from requests_app.models import TransitionRecord
from requests_app.review import services as review
from tests.requests_app import after, world
from tests.requests_app.decided import decided, submitted_days_ago

pytestmark = pytest.mark.django_db


def measured(programme, *, kind="archive", on=None):
    return usual_delay(
        cell_id=programme.cell.pk,
        sensor_id=programme.sensor.pk,
        request_kind=kind,
        on=on or world.in_days(0),
    )


def test_half_and_four_of_five_of_the_files(programme):
    decided(programme, [2, 4, 6, 8, 40])

    assert measured(programme) == UsualDelay(files=5, median_days=6, most_days=8)


def test_too_few_files_tell_nothing(programme):
    decided(programme, range(FILES_AT_LEAST - 1))

    delay = measured(programme)

    assert (delay, delay.is_measured) == (UsualDelay(files=FILES_AT_LEAST - 1), False)


def test_nothing_was_ever_decided(programme):
    world.submitted(programme)

    assert measured(programme) == UsualDelay(files=0)


def test_file_decided_on_its_day_took_no_day(programme):
    decided(programme, [0] * FILES_AT_LEAST)

    assert measured(programme) == UsualDelay(files=5, median_days=0, most_days=0)


def test_decisions_of_more_than_a_year_ago_do_not_count(programme):
    decided(programme, [2] * FILES_AT_LEAST)

    assert measured(programme, on=world.in_days(364)).files == FILES_AT_LEAST
    assert measured(programme, on=world.in_days(365)).files == 0


def test_decisions_to_come_do_not_count(programme):
    decided(programme, [2] * FILES_AT_LEAST)

    assert measured(programme, on=world.in_days(-1)).files == 0


def test_other_kinds_do_not_count(programme):
    decided(programme, [2] * FILES_AT_LEAST)

    assert measured(programme, kind="tasking").files == 0


def test_other_cells_and_sensors_do_not_count(programme):
    decided(programme, [2] * FILES_AT_LEAST)
    asked = {"request_kind": "archive", "on": world.in_days(0)}
    cell, sensor = programme.cell.pk, programme.sensor.pk
    assert usual_delay(cell_id=cell, sensor_id=sensor, **asked).files == FILES_AT_LEAST

    assert usual_delay(cell_id=cell + 1, sensor_id=sensor, **asked).files == 0
    assert usual_delay(cell_id=cell, sensor_id=sensor + 1, **asked).files == 0


def test_refusal_and_offer_are_decisions_a_cancellation_is_none(programme):
    refused, offered = after.refused(programme), world.offered(programme)
    after.cancelled_by_requester(programme)
    after.deferred(programme)

    assert {refused.pk, offered.pk} == {
        record.request_id
        for record in TransitionRecord.objects.filter(transition__in=("refuse", "offer"))
    }
    assert measured(programme).files == 2


def test_first_decision_counts_not_the_second(programme, monkeypatch):
    request = after.replied(programme)
    later = timezone.now() + timedelta(days=400)
    monkeypatch.setattr(timezone, "now", lambda: later)
    arbitration.refuse(
        request_id=request.pk, user=programme.arbitrator, reason="competition", text="Others."
    )

    assert [measured(programme, on=world.in_days(days)).files for days in (-400, 0)] == [1, 0]


def test_file_handed_in_again_counts_from_then(programme):
    request = world.draft(programme)
    intake.submit(request_id=request.pk, user=programme.requester)
    submitted_days_ago(request, 50)
    intake.recall(request_id=request.pk, user=programme.requester)
    intake.submit(request_id=request.pk, user=programme.requester)
    decide(programme, request)
    decided(programme, [0] * (FILES_AT_LEAST - 1))

    assert measured(programme) == UsualDelay(files=FILES_AT_LEAST, median_days=0, most_days=0)


def decide(programme, request):
    review.take(request_id=request.pk, user=programme.reviewer)
    review.recommend(
        request_id=request.pk, user=programme.reviewer, opinion="Good.", nationality_reviewed=True
    )
    arbitration.approve(request_id=request.pk, user=programme.arbitrator)


def test_delay_is_measured_in_one_query(programme, django_assert_num_queries):
    decided(programme, [1, 2])

    with django_assert_num_queries(1):
        measured(programme)
