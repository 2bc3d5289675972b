"""What the calendar does with requests, once a day and again after an outage."""

import logging
from collections.abc import Callable

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from orbitrage.shared.errors import DomainError
from requests_app.arbitration.services import resume
from requests_app.intake.offers import accept_delivery
from requests_app.intake.services import lapse
from requests_app.models import ImageryRequest
from requests_app.supply.services import close_window
from requests_app.transitions import remind
from requests_app.workflow import State

logger = logging.getLogger(__name__)

LAPSING = (State.DRAFT, State.INFORMATION_REQUESTED, State.OFFERED, State.APPROVED)
REMINDERS_DAYS_BEFORE = (7, 1)

OVERDUE: tuple[tuple[tuple[str, ...], Callable[..., object]], ...] = (
    (LAPSING, lambda request_id: lapse(request_id=request_id)),
    ((State.DEFERRED,), lambda request_id: resume(request_id=request_id, user=None)),
    (
        (State.ORDERED, State.PARTIALLY_DELIVERED),
        lambda request_id: close_window(request_id=request_id, user=None),
    ),
    ((State.DELIVERED,), lambda request_id: accept_delivery(request_id=request_id, user=None)),
)


@shared_task(name="requests.advance_calendar")
def advance_calendar() -> dict[str, int]:
    """Send the reminders that are due, then move every request whose date has passed."""
    counts = {"reminded": _remind_all(), "moved": 0}
    for states, move in OVERDUE:
        overdue = ImageryRequest.objects.overdue().filter(state__in=states)
        for request_id in list(overdue.order_by("pk").values_list("pk", flat=True)):
            counts["moved"] += _moved(move, request_id)
    return counts


def _moved(move: Callable[..., object], request_id: int) -> int:
    """1 when the request moved. One that cannot does not hold up the others."""
    try:
        move(request_id)
    except DomainError as error:
        logger.warning("Request %s stays where it is: %s", request_id, error)
        return 0
    return 1


def _remind_all() -> int:
    today = timezone.localdate()
    count = 0
    waiting = ImageryRequest.objects.filter(
        state__in=LAPSING, due_on__isnull=False, reminders_sent__lt=len(REMINDERS_DAYS_BEFORE)
    )
    for request_id, due_on, sent in waiting.values_list("pk", "due_on", "reminders_sent"):
        if (due_on - today).days <= REMINDERS_DAYS_BEFORE[sent]:
            with transaction.atomic():
                count += remind(request_id)
    return count
