"""A deferred file leaves its envelopes free, and comes back on those of the day."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from quotas.models import Envelope
from quotas.selectors import charged_km2
from quotas.services import Cause, expire
from requests_app.arbitration import services as arbitration
from requests_app.models import ImageryRequest
from requests_app.review import services as review
from requests_app.states import State
from tests.requests_app import world
from tests.requests_app.books import (
    ASKED_KM2,
    balances,
    demand,
    forbidden,
    held,
    last_record,
    postings,
    refused,
    transitions,
)

pytestmark = pytest.mark.django_db


def defer(programme, request, *, days=100, reason="Next quarter."):
    return arbitration.defer(
        request_id=request.pk,
        user=programme.arbitrator,
        until=world.in_days(days),
        reason=reason,
    )


def periods(number):
    """Start of the period of the envelopes on which a request shows its demand."""
    found = Envelope.objects.filter(demands__request_number=number)
    return list(found.values_list("period_starts_on", flat=True))


def test_defer_releases_the_allowance_and_moves_the_demand(programme):
    request = world.in_arbitration(programme)
    (this_quarter,) = periods(request.number)

    put_off = defer(programme, request)

    assert (put_off.state, put_off.due_on) == (State.DEFERRED, world.in_days(100))
    assert postings(request.number, "defer") == [("release", "entity km2", -ASKED_KM2)]
    assert balances(request.number) == {}
    assert demand(request.number) == {"programme": ASKED_KM2}
    (later,) = periods(request.number)
    assert this_quarter < later <= world.in_days(100)


def test_defer_without_a_reason_is_refused(programme):
    request = world.in_arbitration(programme)

    with refused("reason_missing"):
        defer(programme, request, reason="")


@pytest.mark.parametrize("days", [0, -1])
def test_defer_to_a_past_day_is_refused(programme, days):
    request = world.in_arbitration(programme)

    with refused("date_in_the_past"):
        defer(programme, request, days=days)


def test_others_do_not_defer(programme):
    request = world.in_arbitration(programme)

    with forbidden():
        arbitration.defer(
            request_id=request.pk, user=programme.chair, until=world.in_days(9), reason="Later."
        )


def date_has_come(request):
    ImageryRequest.objects.filter(pk=request.pk).update(
        due_on=timezone.localdate(), charged_on=timezone.localdate()
    )


@pytest.mark.parametrize("by", ["calendar", "arbitrator"])
def test_resume_holds_the_allowance_of_the_current_period(programme, by):
    request = world.in_arbitration(programme)
    before = periods(request.number)
    defer(programme, request)
    if by == "calendar":
        date_has_come(request)

    user = programme.arbitrator if by == "arbitrator" else None
    resumed = arbitration.resume(request_id=request.pk, user=user)

    assert (resumed.state, resumed.due_on) == (State.IN_ARBITRATION, None)
    assert resumed.charged_on == timezone.localdate()
    assert balances(request.number) == held(entity=ASKED_KM2)
    assert demand(request.number) == {"programme": ASKED_KM2}
    assert periods(request.number) == before
    assert postings(request.number, "resume") == [("hold", "entity km2", ASKED_KM2)]


def test_resume_holds_what_the_allowance_still_bears(programme):
    """500 km² a quarter: four others of 100 and one of 82.529745 leave 17.470255."""
    request = world.in_arbitration(programme)
    defer(programme, request)
    for west in (3, 4, 5, 6):
        world.submitted(programme, aoi=world.square(west=west, size_deg=0.12))
    allowance = Envelope.objects.get(scope="entity", held=400)
    cause = Cause(decision=last_record(request).decision, reason="test")
    expire(envelope_id=allowance.pk, amount=Decimal("82.529745"), cause=cause)

    resumed = arbitration.resume(request_id=request.pk, user=programme.arbitrator)

    assert balances(request.number) == held(entity=Decimal("17.470255"))
    # The rest, 40 km², is priced: an offer settles it. 100 km² are billed at least, at 1 €.
    assert resumed.funding_plan["total_eur"] == "100.00"
    with refused("priced_part"):
        arbitration.approve(request_id=request.pk, user=programme.arbitrator)


def test_resume_after_the_window_asks_the_requester(programme):
    request = world.in_arbitration(programme, **world.tasking())
    defer(programme, request)
    world.let_window_pass(request)

    resumed = arbitration.resume(request_id=request.pk, user=programme.arbitrator)

    assert (resumed.state, resumed.due_on) == (
        State.INFORMATION_REQUESTED,
        timezone.localdate() + timedelta(days=30),
    )
    assert last_record(resumed).target == "information_requested"


def test_resume_of_an_archive_request_looks_at_no_window(programme):
    """The dates of an archive search are in the past: no window is over."""
    dates = {"window_starts_on": world.in_days(-900), "window_ends_on": world.in_days(-700)}
    request = world.in_arbitration(programme, **dates)
    defer(programme, request)

    resumed = arbitration.resume(request_id=request.pk, user=programme.arbitrator)

    assert resumed.state == State.IN_ARBITRATION


def test_calendar_does_not_resume_before_the_date(programme):
    request = world.in_arbitration(programme)
    defer(programme, request)

    with refused("not_due"):
        arbitration.resume(request_id=request.pk, user=None)


def test_others_do_not_resume(programme):
    request = world.in_arbitration(programme)
    defer(programme, request)

    with forbidden():
        arbitration.resume(request_id=request.pk, user=programme.requester)


def test_whole_way_is_recorded(programme):
    request = world.in_arbitration(programme)
    arbitration.return_to_review(request_id=request.pk, user=programme.arbitrator, note="Why?")
    review.recommend(
        request_id=request.pk,
        user=programme.reviewer,
        opinion="Because.",
        nationality_reviewed=True,
    )
    defer(programme, request)
    arbitration.resume(request_id=request.pk, user=programme.arbitrator)
    arbitration.approve(request_id=request.pk, user=programme.arbitrator)

    assert transitions(request) == [
        "submit", "take", "recommend", "return_to_review", "recommend", "defer", "resume",
        "approve",
    ]  # fmt: skip
    assert charged_km2(request.number) == ASKED_KM2
