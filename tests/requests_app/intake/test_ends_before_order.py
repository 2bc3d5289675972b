"""A request ends before its order, by a person or by the calendar: everything held goes back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from licences.models import Licence
from requests_app.arbitration import services as arbitration
from requests_app.intake import services as intake
from requests_app.models import ImageryRequest
from requests_app.states import State
from tests.requests_app import after, world
from tests.requests_app.books import (
    ASKED_KM2,
    PROGRAMME_EUR,
    SMALLER_KM2,
    balances,
    demand,
    last_record,
    postings,
)

pytestmark = pytest.mark.django_db


def deferred(programme):
    request = world.in_arbitration(programme)
    return arbitration.defer(
        request_id=request.pk,
        user=programme.arbitrator,
        until=world.in_days(100),
        reason="Next quarter.",
    )


RELEASED_ALLOWANCE = [("release", "entity km2", -ASKED_KM2)]
CANCELLED_FROM = {
    "draft": (world.draft, []),
    "submitted": (world.submitted, RELEASED_ALLOWANCE),
    "in_review": (world.in_review, RELEASED_ALLOWANCE),
    "information_requested": (after.asked, RELEASED_ALLOWANCE),
    "in_arbitration": (world.in_arbitration, RELEASED_ALLOWANCE),
    "deferred": (deferred, []),
    "offered": (
        world.offered,
        [("release", "entity km2", -ASKED_KM2), ("release", "programme km2", -SMALLER_KM2)],
    ),
    "approved": (
        world.approved,
        [("release", "entity km2", -ASKED_KM2), ("release", "programme km2", -ASKED_KM2)],
    ),
}


@pytest.mark.parametrize("state", CANCELLED_FROM)
def test_cancel_releases_everything_from(programme, state):
    reach, released = CANCELLED_FROM[state]
    request = reach(programme)
    assert request.state == state

    cancelled = intake.cancel(request_id=request.pk, user=programme.requester)

    assert (cancelled.state, cancelled.due_on) == (State.CANCELLED, None)
    assert postings(request.number, "cancel") == released
    assert balances(request.number) == {}
    assert demand(request.number) == {}


def test_cancel_of_a_priced_offer_returns_the_budget(programme):
    request = world.priced_offer(programme)

    intake.cancel(request_id=request.pk, user=programme.requester)

    paid_km2 = Decimal("29.265754")
    assert postings(request.number, "cancel") == [
        ("release", "budget eur", Decimal(-100)),
        ("expire", "budget eur", Decimal(-100)),
        ("release", "budget km2", -paid_km2),
        ("expire", "budget km2", -paid_km2),
        ("release", "entity km2", Decimal(-100)),
        ("release", "programme eur", -PROGRAMME_EUR),
        ("release", "programme km2", Decimal(-100)),
    ]
    assert balances(request.number) == {}


def test_cancel_of_an_approved_request_revokes_its_licence_and_keeps_the_number(programme):
    request = world.approved(programme)

    cancelled = intake.cancel(request_id=request.pk, user=programme.requester)

    licence = Licence.objects.get()
    assert (licence.number, licence.state) == (cancelled.licence_number, "revoked")
    assert (licence.revocation_reason, licence.revocation_decision) == (
        "cancel",
        last_record(cancelled).decision,
    )


def test_cancel_closes_the_open_offer(programme):
    request = world.offered(programme)

    intake.cancel(request_id=request.pk, user=programme.entity_contact)

    offer = request.offers.get()
    assert (offer.state, offer.answered_at is not None) == ("cancelled", True)


@pytest.mark.parametrize("role", ["chair", "secretariat"])
def test_chair_and_secretariat_cancel_with_a_reason(programme, role):
    request = world.in_review(programme)

    cancelled = intake.cancel(
        request_id=request.pk, user=programme.people[role], reason="Asked twice."
    )

    assert cancelled.state == State.CANCELLED
    assert last_record(cancelled).note.content == "Asked twice."


def lapse_is_due(request, *, reminders=2):
    """As after two reminders and the date: what the calendar would have written."""
    ImageryRequest.objects.filter(pk=request.pk).update(
        due_on=timezone.localdate() - timedelta(days=1), reminders_sent=reminders
    )


LAPSED_FROM = {
    "draft": CANCELLED_FROM["draft"],
    "information_requested": CANCELLED_FROM["information_requested"],
    "offered": CANCELLED_FROM["offered"],
    "approved": CANCELLED_FROM["approved"],
}


@pytest.mark.parametrize("state", LAPSED_FROM)
def test_lapse_releases_everything_from(programme, state):
    reach, released = LAPSED_FROM[state]
    request = reach(programme)
    lapse_is_due(request)

    lapsed = intake.lapse(request_id=request.pk)

    assert (lapsed.state, lapsed.due_on, last_record(lapsed).author) == (State.EXPIRED, None, None)
    assert postings(request.number, "lapse") == released
    assert balances(request.number) == {}
    assert demand(request.number) == {}


def test_lapse_of_an_offer_closes_it(programme):
    request = world.offered(programme)
    lapse_is_due(request)

    intake.lapse(request_id=request.pk)

    assert request.offers.get().state == "lapsed"


def test_lapse_of_an_approved_request_revokes_its_licence(programme):
    request = world.approved(programme)
    lapse_is_due(request)

    intake.lapse(request_id=request.pk)

    assert Licence.objects.get().state == "revoked"
