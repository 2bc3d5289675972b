"""An order ends by its window, by agreement or in failure: what did not come is refunded."""

from datetime import timedelta

import pytest
from django.utils import timezone

from licences.models import Licence
from requests_app.models import Acquisition, ImageryRequest
from requests_app.states import State
from requests_app.supply import services as supply
from tests.requests_app import world
from tests.requests_app.books import (
    ASKED_KM2,
    SHORTFALL_REFUNDED,
    SIXTY_PERCENT,
    balances,
    forbidden,
    last_record,
    postings,
    refused,
)

pytestmark = pytest.mark.django_db

WHOLE_REFUNDED = [
    ("refund", "entity km2", -ASKED_KM2),
    ("refund", "programme km2", -ASKED_KM2),
]


# -- end of the window -----------------------------------------------------------------------------


def window_is_over(request):
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=world.in_days(-1))


@pytest.mark.parametrize("by", ["calendar", "supply_officer"])
def test_window_over_with_sixty_percent_keeps_sixty_percent(programme, by):
    request = world.partly_delivered(programme)
    window_is_over(request)

    user = None if by == "calendar" else programme.supply_officer
    over = supply.close_window(request_id=request.pk, user=user)

    assert (over.state, over.delivered_at is not None) == (State.DELIVERED, True)
    assert over.due_on == timezone.localdate() + timedelta(days=30)
    assert postings(request.number, "close_window") == SHORTFALL_REFUNDED
    assert balances(request.number) == SIXTY_PERCENT
    assert Licence.objects.get().state == "issued"


def test_window_over_with_nothing_refunds_all_and_revokes_the_licence(programme):
    request = world.ordered(programme, **world.tasking())
    window_is_over(request)

    over = supply.close_window(request_id=request.pk, user=None)

    assert (over.state, over.due_on) == (State.FAILED, None)
    assert postings(request.number, "close_window") == WHOLE_REFUNDED
    assert balances(request.number) == {}
    assert Licence.objects.get().state == "revoked"
    assert Acquisition.objects.get().state == "failed"


@pytest.mark.parametrize("by", ["calendar", "supply_officer"])
def test_open_window_is_not_closed(programme, by):
    request = world.ordered(programme, **world.tasking())
    user = None if by == "calendar" else programme.supply_officer

    with refused("not_due"):
        supply.close_window(request_id=request.pk, user=user)


def test_calendar_does_not_close_on_the_last_day(programme):
    request = world.ordered(programme, **world.tasking())
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=timezone.localdate())

    with refused("not_due"):
        supply.close_window(request_id=request.pk, user=None)


def test_others_do_not_close_the_window(programme):
    request = world.ordered(programme, **world.tasking())

    with forbidden():
        supply.close_window(request_id=request.pk, user=programme.chair)


# -- stop and failure ------------------------------------------------------------------------------


def stop(programme, request, *, user="supply_officer", reason="The operator confirms."):
    return supply.stop_order(request_id=request.pk, user=programme.people[user], reason=reason)


def test_stopped_order_with_nothing_refunds_all(programme):
    request = world.ordered(programme, **world.tasking())

    stopped = stop(programme, request)

    assert (stopped.state, stopped.due_on) == (State.CANCELLED, None)
    assert postings(request.number, "stop_order") == WHOLE_REFUNDED
    assert balances(request.number) == {}
    assert Licence.objects.get().state == "revoked"
    assert Acquisition.objects.get().state == "cancelled"


def test_stopped_order_keeps_what_came(programme):
    request = world.partly_delivered(programme)

    stopped = stop(programme, request)

    assert stopped.state == State.DELIVERED
    assert postings(request.number, "stop_order") == SHORTFALL_REFUNDED
    assert balances(request.number) == SIXTY_PERCENT
    assert Licence.objects.get().state == "issued"


def test_stop_without_a_reason_is_refused(programme):
    request = world.ordered(programme)

    with refused("reason_missing"):
        stop(programme, request, reason=" ")


def test_others_do_not_stop(programme):
    request = world.ordered(programme)

    with forbidden():
        stop(programme, request, user="requester")


def test_failure_refunds_all_and_revokes_the_licence(programme):
    request = world.ordered(programme)

    failed = supply.fail(
        request_id=request.pk, user=programme.supply_officer, reason="No such scene."
    )

    assert failed.state == State.FAILED
    assert postings(request.number, "fail") == WHOLE_REFUNDED
    assert balances(request.number) == {}
    assert (Licence.objects.get().state, Acquisition.objects.get().state) == ("revoked", "failed")
    assert last_record(failed).note.content == "No such scene."


def test_failure_without_a_reason_is_refused(programme):
    request = world.ordered(programme)

    with refused("reason_missing"):
        supply.fail(request_id=request.pk, user=programme.supply_officer, reason="")


def test_partly_delivered_order_does_not_fail(programme):
    request = world.partly_delivered(programme)

    with refused("already_decided"):
        supply.fail(request_id=request.pk, user=programme.supply_officer, reason="Clouds.")


def test_others_declare_no_failure(programme):
    request = world.ordered(programme)

    with forbidden():
        supply.fail(request_id=request.pk, user=programme.chair, reason="Clouds.")
