"""The end of an acquisition window, as the requester chose: what did not come is given back at
once, or the order stays open for some days, once, while somebody is asked or extends it."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from eligibility.models import User
from orbitrage.shared.transactions import retried_once
from requests_app.effects import days_from_today
from requests_app.models import ImageryRequest, OnShortfall, RequestKind
from requests_app.proposals import asked_on_shortfall, has_since_order
from requests_app.revisions import answers_of, write_revision
from requests_app.supply import rules
from requests_app.supply.selectors import contract_refusal
from requests_app.supply.services.ordering import close_window
from requests_app.transitions import begin, record, refuse_any, save


def end_window(*, request_id: int) -> ImageryRequest:
    """What the calendar does with an order whose day has passed: asks once where the requester
    wants to be asked, or wants more time; closes the window otherwise, and when nobody answered.

    Raises:
        TransitionRefused: as for closing the window.
    """
    request = ImageryRequest.objects.get(pk=request_id)
    if _is_to_ask(request):
        return warn_of_shortfall(request_id=request_id)
    return close_window(request_id=request_id, user=None)


def _is_to_ask(request: ImageryRequest) -> bool:
    return (
        request.request_kind == RequestKind.TASKING
        and request.on_shortfall != OnShortfall.RELEASE
        and not has_since_order(request, "warn_of_shortfall")
    )


@retried_once
@transaction.atomic
def warn_of_shortfall(*, request_id: int) -> ImageryRequest:
    """Keep the order open for some days: the requester is asked, or the supply officer told that
    the window may be extended.

    Raises:
        TransitionRefused: the day set for the order has not passed, or they were told already.
    """
    move = begin(request_id, "warn_of_shortfall", None)
    request = move.request
    refuse_any(
        rules.window_has_ended(number=request.number, is_over=request.is_overdue),
        rules.is_told_once(is_told=not _is_to_ask(request)),
    )
    due_on = days_from_today("shortfall-answer-days")
    request.warn_of_shortfall(due_on=due_on)
    changes = {"on_shortfall": request.on_shortfall, "due_on": due_on.isoformat()}
    record(move, changes=changes)
    save(request)
    return request


@retried_once
@transaction.atomic
def choose_on_shortfall(*, request_id: int, user: User, choice: str) -> ImageryRequest:
    """Say what one was asked: to give the rest back, which the calendar does the next morning, or
    to have the window extended, for which the supply officer has some days.

    Raises:
        TransitionRefused: nothing is asked, or ``choice`` is neither.
    """
    move = begin(request_id, "choose_on_shortfall", user)
    request = move.request
    refuse_any(
        rules.something_is_asked(is_asked=asked_on_shortfall(request) is not None),
        rules.choice_is_clear(choice=choice),
    )
    wants_more_time = choice == OnShortfall.EXTEND
    due_on = days_from_today("shortfall-answer-days") if wants_more_time else timezone.localdate()
    request.choose_on_shortfall(choice=choice, due_on=due_on)
    record(move, changes={"on_shortfall": choice, "due_on": due_on.isoformat()})
    save(request, "on_shortfall")
    return request


@retried_once
@transaction.atomic
def extend_window(*, request_id: int, user: User, ends_on: date) -> ImageryRequest:
    """The operator goes on until ``ends_on``: once for an order, for a requester who chose it.

    Raises:
        TransitionRefused: the order has no window, its requester chose otherwise, it was extended
            before, or the day is not later, too far, or beyond the supply contract.
    """
    move = begin(request_id, "extend_window", user)
    request = move.request
    present = request.window_ends_on
    # The other answers are about a window.
    refuse_any(rules.order_has_window(request_kind=request.request_kind))
    refuse_any(
        rules.extension_is_wanted(
            on_shortfall=request.on_shortfall, choice=request.get_on_shortfall_display()
        ),
        rules.extended_once(is_extended=has_since_order(request, "extend_window"), ends_on=present),
        rules.extension_is_later(ends_on=ends_on, present=present, today=timezone.localdate()),
        rules.extension_is_near(
            ends_on=ends_on, latest=days_from_today("window-extension-maximum-days")
        ),
        contract_refusal(request, ends_on),
    )
    asked = answers_of(request)
    request.extend_window(ends_on=ends_on)
    days = [present.isoformat() if present else None, ends_on.isoformat()]
    entry = record(move, changes={"window_ends_on": days})
    write_revision(entry, before=asked, after=answers_of(request))
    save(request, "window_ends_on")
    return request
