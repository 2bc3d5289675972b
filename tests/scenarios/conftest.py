import datetime as dt
from collections.abc import Iterator

import pytest
from django.utils import timezone, translation

from eligibility.models import User
from quotas.periodic import end_periods_of_yesterday, reconcile
from quotas.selectors import discrepancies
from requests_app.periodic import advance_calendar, review_standings
from tests.eligibility.factories import ProgrammeRoleFactory
from tests.requests_app import world
from tests.scenarios.play import Play

BEGINS_ON = dt.date(2026, 1, 5)


class Clock:
    """The day it is. Every night that passes does its work, at the hours of the timetable: ends
    the periods, proves the books, blocks and unblocks, advances the calendar."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = _at(BEGINS_ON, 9)
        monkeypatch.setattr(timezone, "now", lambda: self.now)

    def go_to(self, day: str) -> None:
        """The morning of that day, at nine; nothing when it has passed."""
        until = dt.date.fromisoformat(day)
        while (today := self.now.date()) < until:
            self._pass_night(today + dt.timedelta(days=1))
        self.now = max(self.now, _at(until, 9))

    def _pass_night(self, morning: dt.date) -> None:
        self.now = _at(morning, 1)
        end_periods_of_yesterday()
        self.now = _at(morning, 4)
        assert reconcile() == 0
        self.now = _at(morning, 4, 50)
        review_standings()
        self.now = _at(morning, 5)
        advance_calendar()


def _at(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute), tzinfo=timezone.get_current_timezone())


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """It is the morning of Monday 5 January 2026."""
    return Clock(monkeypatch)


@pytest.fixture
def science(clock: Clock, db: None) -> Iterator[Play]:
    """A laboratory and the science cell."""
    yield Play(_with_second_secretary(world.programme()), clock.go_to)
    assert discrepancies() == []


@pytest.fixture
def institution(clock: Clock, db: None) -> Iterator[Play]:
    """A public institution: beyond the quota, 4.06 €/km² of archive and 5.22 €/km² of tasking."""
    programme = world.programme(category="institutional", cell="institutional")
    yield Play(_with_second_secretary(programme), clock.go_to)
    assert discrepancies() == []


@pytest.fixture
def spot(clock: Clock, db: None) -> Iterator[Play]:
    """A public institution that asks for SPOT 6/7: a year's allowance, 0.50 €/km² beyond it."""
    programme = world.programme(sensor="spot67", category="institutional", cell="institutional")
    yield Play(_with_second_secretary(programme), clock.go_to)
    assert discrepancies() == []


def _with_second_secretary(programme: world.Programme) -> world.Programme:
    user: User = ProgrammeRoleFactory(role="secretariat").user
    programme.people["second_secretary"] = user
    return programme
