"""A quarter ends over a file: what it holds stays, what it gives back passes on, what it asks for
again it asks of the quarter of the day."""

import datetime as dt
from uuid import uuid4

import pytest
from django.utils import timezone

from quotas.models import Envelope
from quotas.rules import period_of
from quotas.selectors import outstanding
from quotas.services import Cause, end_periods, ensure_envelopes, expire
from requests_app.arbitration import services as arbitration
from requests_app.models import ImageryRequest
from requests_app.supply import services as supply
from tests.requests_app import world
from tests.requests_app.books import ASKED_KM2, SMALLER_KM2, demand

pytestmark = pytest.mark.django_db

THIS_QUARTER = period_of("quarter", timezone.localdate())


@pytest.fixture
def next_quarter(monkeypatch):
    """Call it: it is the fifth day of the next quarter, and the night before has ended this one."""

    def arrive() -> None:
        now = timezone.now()
        days = (THIS_QUARTER.ends_on - timezone.localdate(now)).days + 5
        later = now + dt.timedelta(days=days)
        monkeypatch.setattr(timezone, "now", lambda: later)
        end_periods(timezone.localdate())

    return arrive


def by_quarter(number: str) -> dict[tuple[str, int], tuple]:
    """What a request holds and has consumed, by scope and quarter: 0 for the first of its two."""
    used = outstanding(number)
    envelopes = Envelope.objects.in_bulk(list(used))
    return {
        (envelopes[pk].scope, int(envelopes[pk].period_starts_on != THIS_QUARTER.starts_on)): (
            has.held,
            has.consumed,
        )
        for pk, has in used.items()
    }


def test_what_was_approved_is_ordered_in_the_next_quarter(programme, next_quarter):
    request = world.approved(programme)
    next_quarter()

    supply.order(request_id=request.pk, user=programme.supply_officer)

    assert by_quarter(request.number) == {
        ("entity", 0): (0, ASKED_KM2),
        ("programme", 0): (0, ASKED_KM2),
    }


def test_file_under_review_is_approved_in_the_next_quarter(programme, next_quarter):
    request = world.in_arbitration(programme)
    next_quarter()

    arbitration.approve(request_id=request.pk, user=programme.arbitrator)

    assert by_quarter(request.number) == {
        ("entity", 0): (ASKED_KM2, 0),
        ("programme", 0): (ASKED_KM2, 0),
    }


def test_withdrawn_offer_is_asked_again_of_the_quarter_of_the_day(programme, next_quarter):
    request = world.offered(programme)
    before = by_quarter(request.number)
    next_quarter()

    arbitration.withdraw_offer(
        request_id=request.pk, user=programme.chair, reason="The window was wrong."
    )

    assert before == {("entity", 0): (ASKED_KM2, 0), ("programme", 0): (SMALLER_KM2, 0)}
    assert by_quarter(request.number) == {("entity", 1): (ASKED_KM2, 0)}
    assert demand(request.number) == {"programme": ASKED_KM2}
    again = ImageryRequest.objects.get(pk=request.pk)
    assert again.charged_on == timezone.localdate()
    arbitration.approve(request_id=request.pk, user=programme.arbitrator)
    assert by_quarter(request.number) == {
        ("entity", 1): (ASKED_KM2, 0),
        ("programme", 1): (ASKED_KM2, 0),
    }


def test_file_holds_again_what_came_back_with_its_decision(programme, next_quarter):
    """The allowance of the day has 20 km² left before it gets back what the file itself held."""
    request = world.approved(programme)
    next_quarter()
    (allowance,) = ensure_envelopes(
        entity_id=programme.entity.pk,
        sensor_id=programme.sensor.pk,
        request_kind="archive",
        on=timezone.localdate(),
    )
    expire(envelope_id=allowance.pk, amount=allowance.left - 20, cause=Cause(decision=uuid4()))

    world.rescind(programme, request.pk)

    assert by_quarter(request.number) == {("entity", 1): (ASKED_KM2, 0)}
    assert demand(request.number) == {"programme": ASKED_KM2}
    allowance.refresh_from_db()
    assert allowance.left == 20


def test_failed_order_gives_the_next_quarter_what_it_had_taken(programme, next_quarter):
    request = world.ordered(programme)
    next_quarter()

    supply.fail(request_id=request.pk, user=programme.supply_officer, reason="No scene.")

    ended = Envelope.objects.filter(period_ends_on__lt=timezone.localdate(), unit="km2")
    quarters = ended.exclude(period_starts_on__month=1, period_ends_on__month=12)
    assert {envelope.granted for envelope in quarters} == {0}
    current = Envelope.objects.current(timezone.localdate()).filter(sensor=request.sensor)
    transferred = {
        envelope.scope: sum(e.d_granted for e in envelope.entries.filter(kind="transfer"))
        for envelope in current
    }
    assert transferred == {"entity": ASKED_KM2, "programme": ASKED_KM2}
