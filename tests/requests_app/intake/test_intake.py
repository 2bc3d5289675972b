"""What the person who asks does before the cell decides, with the accounts after each step."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from eligibility.models import Sensor
from orbitrage.shared.models import OutboxMessage
from quotas.models import LedgerEntry
from quotas.selectors import charged_km2
from requests_app.intake import services as intake
from requests_app.models import DRAFT_FIELDS, ImageryRequest
from requests_app.states import State
from tests.requests_app import after, world
from tests.requests_app.books import (
    ASKED_KM2,
    LARGE_KM2,
    PROGRAMME_EUR,
    SMALLER_KM2,
    balances,
    demand,
    held,
    last_record,
    postings,
    transitions,
)

pytestmark = pytest.mark.django_db


def test_draft_is_measured_numbered_and_given_its_life(programme):
    first, second = world.draft(programme), world.draft(programme)

    year = timezone.localdate().year
    assert (first.state, first.area_km2, first.operator_area_km2) == ("draft", ASKED_KM2, ASKED_KM2)
    assert first.due_on == timezone.localdate() + timedelta(days=90)
    assert first.number.startswith(f"R{year}-")
    assert int(second.number[-6:]) == int(first.number[-6:]) + 1


def test_draft_changes_with_its_area_and_answers(programme):
    request = world.draft(programme)

    intake.update_draft(
        request_id=request.pk,
        user=programme.requester,
        sensor=programme.sensor,
        answers=world.ANSWERS | world.tasking() | {"title": "Other title"},
        area=world.area_of(programme.requester, world.square(size_deg=0.05)),
    )

    request = ImageryRequest.objects.get(pk=request.pk)
    assert (request.title, request.request_kind) == ("Other title", "tasking")
    assert request.area_km2 == SMALLER_KM2
    # The operator takes no tasking below 100 km².
    assert 100 <= request.operator_area_km2 < 101


def test_draft_on_an_open_sensor_becomes_open_data(programme):
    request = world.draft(programme)

    intake.update_draft(
        request_id=request.pk,
        user=programme.requester,
        sensor=Sensor.objects.get(code="sentinel2"),
        answers=world.ANSWERS,
    )

    request.refresh_from_db()
    assert (request.sensor.code, request.request_kind) == ("sentinel2", "open")


def test_submit_records_the_demand_and_holds_the_allowance(programme):
    request = world.submitted(programme)

    assert request.state == State.SUBMITTED
    assert request.cell == programme.cell
    assert demand(request.number) == {"programme": ASKED_KM2}
    assert balances(request.number) == held(entity=ASKED_KM2)
    assert postings(request.number, "submit") == [("hold", "entity km2", ASKED_KM2)]
    assert charged_km2(request.number) == 0


def test_submit_freezes_what_was_checked(programme):
    request = world.submitted(programme)

    today = timezone.localdate()
    assert (request.policy_on, request.charged_on, request.due_on) == (today, today, None)
    assert request.eligibility_rule == "scientific-public-pleiades-archive"
    assert request.coverage == {
        "covered_km2": "0.000000",
        "remaining_km2": str(ASKED_KM2),
        "items": 0,
    }
    assert request.simulation == request.funding_plan
    assert request.simulation["counted_km2"] == str(ASKED_KM2)
    assert request.simulation["total_eur"] == "0.00"


def test_submit_leaves_a_record_and_its_notice(programme):
    request = world.submitted(programme)

    record = last_record(request)
    assert (record.transition, record.source, record.target) == ("submit", "draft", "submitted")
    assert record.author == programme.requester
    assert record.changes == {"area_km2": str(ASKED_KM2), "cell": "pleiades-science"}
    message = OutboxMessage.objects.get()
    assert (message.topic, message.key) == ("requests.notice", f"notice:{record.pk}")
    assert (message.payload, message.stream) == ({"record_id": record.pk}, request.number)


def test_submit_beyond_the_cap_holds_what_is_free(programme):
    request = world.submitted(programme, aoi=world.square(size_deg=0.12))

    assert request.area_km2 == LARGE_KM2
    assert balances(request.number) == held(entity=Decimal(100))
    assert demand(request.number) == {"programme": 100, "programme eur": PROGRAMME_EUR}


def test_requests_that_touch_share_the_cap(programme):
    world.submitted(programme)

    request = world.submitted(programme, aoi=world.square(west=1.38))

    # 100 − 57.470255 are left under the cap of 100 km² per request.
    assert balances(request.number) == held(entity=Decimal("42.529745"))


def test_archive_and_new_acquisition_of_one_place_share_the_cap(programme):
    world.submitted(programme)

    request = world.submitted(programme, **world.tasking())

    assert balances(request.number) == held(entity=Decimal("42.529745"))


def test_requests_apart_each_have_the_cap(programme):
    world.submitted(programme)

    request = world.submitted(programme, aoi=world.square(west=2.5))

    assert balances(request.number) == held(entity=ASKED_KM2)


def test_a_cancelled_neighbour_no_longer_counts_against_the_cap(programme):
    neighbour = world.submitted(programme)
    intake.cancel(request_id=neighbour.pk, user=programme.requester)

    request = world.submitted(programme, aoi=world.square(west=1.38))

    assert balances(request.number) == held(entity=ASKED_KM2)


def test_demand_may_exceed_what_the_allowance_leaves(programme):
    """500 km² a quarter: the sixth disjoint request of 100 km² has nothing free any more."""
    large = [world.square(west=west, size_deg=0.12) for west in (1, 2, 3, 4, 5, 6)]

    requests = [world.submitted(programme, aoi=aoi) for aoi in large]

    assert [balances(request.number) for request in requests] == [
        *([held(entity=Decimal(100))] * 5),
        {},
    ]
    assert requests[-1].simulation["total_eur"] == str(Decimal("129.27"))


def test_co_requester_submits(programme):
    request = world.draft(programme)
    request.co_requesters.add(programme.colleague)

    submitted = intake.submit(request_id=request.pk, user=programme.colleague)

    assert submitted.state == State.SUBMITTED
    assert last_record(submitted).author == programme.colleague


def test_recall_undoes_demand_and_hold(programme):
    request = world.submitted(programme)

    recalled = intake.recall(request_id=request.pk, user=programme.requester)

    assert recalled.state == State.DRAFT
    assert (recalled.cell, recalled.submitted_at, recalled.charged_on) == (None, None, None)
    assert recalled.due_on == timezone.localdate() + timedelta(days=90)
    assert demand(request.number) == {}
    assert balances(request.number) == {}
    assert postings(request.number, "recall") == [("release", "entity km2", -ASKED_KM2)]


def test_recall_forgets_what_the_submission_worked_out(programme):
    request = world.submitted(programme)
    names = (
        "policy_on", "charged_on", "eligibility_rule", "coverage", "missing_aoi", "simulation",
        "funding_plan",
    )  # fmt: skip
    fresh = world.draft(programme, aoi=world.square(west=3))
    assert [getattr(request, name) == getattr(fresh, name) for name in names] == [False] * 7

    intake.recall(request_id=request.pk, user=programme.requester)

    recalled = ImageryRequest.objects.get(pk=request.pk)
    assert [getattr(recalled, name) for name in names] == [getattr(fresh, name) for name in names]


def test_recalled_request_is_submitted_again(programme):
    request = world.submitted(programme)
    intake.recall(request_id=request.pk, user=programme.requester)

    again = intake.submit(request_id=request.pk, user=programme.requester)

    assert balances(request.number) == held(entity=ASKED_KM2)
    assert transitions(again) == ["submit", "recall", "submit"]


def test_answer_moves_demand_and_hold_to_the_new_area(programme):
    request = after.asked(programme)
    intake.update_draft(
        request_id=request.pk,
        user=programme.requester,
        sensor=programme.sensor,
        answers=world.ANSWERS | {"agrees_to_enlargement": True},
        area=world.area_of(programme.requester, world.square(size_deg=0.05)),
    )

    answered = intake.answer(request_id=request.pk, user=programme.requester, text="2020.")

    assert (answered.state, answered.due_on) == (State.IN_REVIEW, None)
    assert demand(request.number) == {"programme": SMALLER_KM2}
    assert balances(request.number) == held(entity=SMALLER_KM2)
    # 22.454826 − 57.470255
    assert postings(request.number, "answer") == [("adjust", "entity km2", Decimal("-35.015429"))]
    record = last_record(answered)
    assert record.changes == {"area_km2": [str(ASKED_KM2), str(SMALLER_KM2)]}
    assert record.note.content == "2020."


@pytest.mark.parametrize("role", ["colleague", "entity_contact"])
def test_co_requester_and_contact_answer(programme, role):
    request = after.asked(programme)
    request.co_requesters.add(programme.colleague)

    answered = intake.answer(
        request_id=request.pk, user=programme.people[role], text="The year 2020."
    )

    assert answered.state == State.IN_REVIEW
    assert balances(request.number) == held(entity=ASKED_KM2)
    assert LedgerEntry.objects.filter(reason="answer").count() == 0


def test_copy_takes_the_content_only(programme):
    source = world.approved(programme)

    copied = intake.copy(request_id=source.pk, user=programme.colleague)

    content = (*DRAFT_FIELDS, *intake.AREA_FIELDS)
    assert [getattr(copied, name) for name in content] == [
        getattr(source, name) for name in content
    ]
    assert (copied.state, copied.requester, copied.entity) == (
        "draft",
        programme.colleague,
        programme.entity,
    )
    assert (copied.number != source.number, copied.licence_number, copied.cell) == (True, "", None)
    assert (balances(copied.number), transitions(copied)) == ({}, [])
