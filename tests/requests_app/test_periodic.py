"""The calendar: reminders, then the end of what waited past its date; once a day, all together."""

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app.arbitration import services as arbitration
from requests_app.models import ImageryRequest
from requests_app.periodic import advance_calendar
from requests_app.transitions import remind
from tests.requests_app import after, world
from tests.requests_app.books import again, last_record, transitions

pytestmark = pytest.mark.django_db


def due_in(request, days, **fields):
    """As if today were ``days`` before the date by which somebody must act."""
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=world.in_days(days), **fields)


@pytest.fixture
def days_later(monkeypatch):
    """Call with a number of days: it is that many days after the test began."""
    began = timezone.now()

    def go_to(days):
        monkeypatch.setattr(timezone, "now", lambda: began + timedelta(days=days))

    return go_to


def deferred(programme, **wanted):
    request = world.in_arbitration(programme, **wanted)
    return arbitration.defer(
        request_id=request.pk,
        user=programme.arbitrator,
        until=world.in_days(100),
        reason="Next quarter.",
    )


def test_nothing_is_due_in_a_quiet_programme(programme):
    world.draft(programme)
    world.submitted(programme)

    assert advance_calendar() == {"moved": 0, "reminded": 0}


def test_two_reminders_then_the_end(programme, days_later):
    request = world.draft(programme)
    due_in(request, 8)
    seen = []

    for day, days in enumerate((8, 7, 6, 5, 4, 3, 2, 1, 0, -1)):
        days_later(day)
        seen.append((days, advance_calendar(), again(request).state))

    nothing, reminded = {"moved": 0, "reminded": 0}, {"moved": 0, "reminded": 1}
    assert seen == [
        (8, nothing, "draft"),
        (7, reminded, "draft"),
        *((days, nothing, "draft") for days in (6, 5, 4, 3, 2)),
        (1, reminded, "draft"),
        (0, nothing, "draft"),
        (-1, {"moved": 1, "reminded": 0}, "expired"),
    ]
    assert transitions(request) == ["remind", "remind", "lapse"]


def test_after_an_outage_the_reminders_still_come_on_days_of_their_own(programme, days_later):
    request = world.draft(programme)
    due_in(request, -5)
    runs = []

    for day in (0, 0, 1, 2):
        days_later(day)
        runs.append(advance_calendar())

    assert runs == [
        {"moved": 0, "reminded": 1},
        {"moved": 0, "reminded": 0},
        {"moved": 0, "reminded": 1},
        {"moved": 1, "reminded": 0},
    ]
    assert again(request).state == "expired"


def test_reminder_is_recorded_by_nobody_and_moves_nothing(programme):
    request = world.offered(programme)
    due_in(request, 7)

    advance_calendar()

    record = last_record(request)
    assert (record.transition, record.source, record.target) == ("remind", "offered", "offered")
    assert (record.author, record.changes) == (
        None,
        {"reminder": 1, "due_on": world.in_days(7).isoformat()},
    )


@pytest.mark.parametrize("changed", [{"due_on": world.in_days(60)}, {"state": "draft"}], ids=str)
def test_request_that_changed_since_it_was_read_is_not_reminded_of(programme, changed):
    request = world.offered(programme)
    seen = {"state": "offered", "due_on": request.due_on}

    assert remind(request.pk, **{**seen, **changed}) is False
    assert "remind" not in transitions(request)
    assert remind(request.pk, **seen) is True


@pytest.mark.parametrize("reach", [world.draft, after.asked, world.offered, world.approved])
def test_what_waited_for_somebody_lapses(programme, reach):
    request = reach(programme)
    due_in(request, -1, reminders_sent=2)

    assert advance_calendar() == {"moved": 1, "reminded": 0}
    assert again(request).state == "expired"


def test_deferred_file_resumes_on_its_day(programme):
    request = deferred(programme)
    due_in(request, 1)
    assert advance_calendar() == {"moved": 0, "reminded": 0}

    due_in(request, 0)

    assert advance_calendar() == {"moved": 1, "reminded": 0}
    assert again(request).state == "in_arbitration"


def test_window_over_ends_the_order(programme):
    nothing_came = world.ordered(programme, **world.tasking())
    apart = world.square(west=3)
    something_came = world.partly_delivered(programme, aoi=apart, footprint=apart)
    due_in(nothing_came, -1)
    due_in(something_came, -1)

    assert advance_calendar() == {"moved": 2, "reminded": 0}
    assert (again(nothing_came).state, again(something_came).state) == ("failed", "delivered")


def test_archive_order_with_past_dates_goes_on(programme):
    dates = {"window_starts_on": world.in_days(-900), "window_ends_on": world.in_days(-700)}
    request = world.ordered(programme, **dates)

    assert advance_calendar() == {"moved": 0, "reminded": 0}
    assert again(request).state == "ordered"


def test_delivery_nobody_disputed_is_accepted(programme):
    request = world.delivered(programme)
    due_in(request, 0)
    assert advance_calendar() == {"moved": 0, "reminded": 0}

    due_in(request, -1)

    assert advance_calendar() == {"moved": 1, "reminded": 0}
    assert again(request).state == "closed"


def test_one_that_cannot_move_does_not_stop_the_others(programme, caplog):
    stays, lapses = world.draft(programme), world.draft(programme)
    delivered = world.delivered(programme)
    due_in(stays, -1, reminders_sent=1)
    due_in(lapses, -1, reminders_sent=2)
    due_in(delivered, -1)

    assert advance_calendar() == {"moved": 2, "reminded": 1}
    assert [again(request).state for request in (stays, lapses, delivered)] == [
        "draft",
        "expired",
        "closed",
    ]
    assert f"Request {stays.pk} stays where it is" in caplog.text


def test_second_run_of_the_day_finds_nothing(programme):
    request = world.draft(programme)
    due_in(request, -1, reminders_sent=2)
    advance_calendar()

    assert advance_calendar() == {"moved": 0, "reminded": 0}


def test_file_with_the_cell_is_never_moved(programme, monkeypatch):
    """Where the cell must act the file is listed as late; the calendar does not end it."""
    request = world.in_arbitration(programme)
    later = timezone.now() + timedelta(days=400)
    monkeypatch.setattr(timezone, "now", lambda: later)

    assert advance_calendar() == {"moved": 0, "reminded": 0}
    assert ImageryRequest.objects.get(pk=request.pk).is_late
