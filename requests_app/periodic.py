"""What the calendar does with requests, once a day and again after an outage."""

import logging
from collections.abc import Callable
from datetime import timedelta

from celery import shared_task
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from orbitrage.shared.errors import DomainError
from requests_app.arbitration.services import resume
from requests_app.attachments.storing import sweep
from requests_app.handling.selectors import whose_standing_changed
from requests_app.handling.services.standing import review_standing
from requests_app.intake.services import forget_old_forms, lapse
from requests_app.intake.services.deliveries import accept_delivery
from requests_app.models import ImageryRequest, UnfinishedForm, UploadedArea
from requests_app.states import State
from requests_app.supply.services.windows import end_window
from requests_app.transitions import remind

logger = logging.getLogger(__name__)

LAPSING = (State.DRAFT, State.INFORMATION_REQUESTED, State.OFFERED, State.APPROVED)
REMINDERS_DAYS_BEFORE = (7, 1)
FORM_IS_OPEN_FOR = timedelta(days=7)

OVERDUE: tuple[tuple[tuple[str, ...], Callable[..., object]], ...] = (
    (LAPSING, lambda request_id: lapse(request_id=request_id)),
    (
        (State.ORDERED, State.PARTIALLY_DELIVERED),
        lambda request_id: end_window(request_id=request_id),
    ),
    ((State.DELIVERED,), lambda request_id: accept_delivery(request_id=request_id, user=None)),
)


@shared_task(name="requests.advance_calendar")
def advance_calendar() -> dict[str, int]:
    """Move every request whose date has come or passed, then send the reminders that are due.

    In this order nobody finds the last reminder and the end in one day's mail.
    """
    moved = _move_all(ImageryRequest.objects.due().filter(state=State.DEFERRED), _resume)
    for states, move in OVERDUE:
        moved += _move_all(ImageryRequest.objects.overdue().filter(state__in=states), move)
    return {"moved": moved, "reminded": _remind_all()}


@shared_task(name="requests.review_standings")
def review_standings() -> int:
    """Block the files in whose entity's name nothing goes on any more, and unblock the others."""
    changed = whose_standing_changed(timezone.localdate())
    return sum(_moved(_review_standing, request_id) for request_id in changed)


def _review_standing(request_id: int) -> None:
    review_standing(request_id=request_id)


@shared_task(name="requests.forget_uploaded_areas")
def forget_uploaded_areas() -> int:
    """Delete the areas that were read for a form some days ago, but those of a form that is kept:
    a draft has its own copy."""
    old = UploadedArea.objects.filter(uploaded_at__lt=timezone.now() - FORM_IS_OPEN_FOR)
    forms = UnfinishedForm.objects.filter(area=OuterRef("pk"))
    return old.filter(~Exists(forms)).delete()[0]


@shared_task(name="requests.forget_unfinished_forms")
def forget_unfinished_forms() -> int:
    return forget_old_forms()


@shared_task(name="requests.sweep_attachments")
def sweep_attachments() -> int:
    """Delete the files of messages that were never written, and those whose name was erased."""
    return sweep()


def _resume(request_id: int) -> None:
    resume(request_id=request_id, user=None)


def _move_all(requests: QuerySet[ImageryRequest], move: Callable[..., object]) -> int:
    request_ids = list(requests.order_by("pk").values_list("pk", flat=True))
    return sum(_moved(move, request_id) for request_id in request_ids)


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
    seen = waiting.order_by("pk").values_list("pk", "state", "due_on", "reminders_sent")
    for request_id, state, due_on, sent in seen:
        if (due_on - today).days <= REMINDERS_DAYS_BEFORE[sent]:
            with transaction.atomic():
                count += remind(request_id, state=state, due_on=due_on)
    return count
