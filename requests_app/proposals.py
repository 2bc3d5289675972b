"""What one person has proposed about a request and another has not answered yet: read from its
records, so that nothing has to be kept beside them."""

from collections.abc import Collection

from requests_app.models import ImageryRequest, OnShortfall, RequestKind, TransitionRecord
from requests_app.states import WITH_OPERATOR, State


def proposed_rescission(request: ImageryRequest) -> TransitionRecord | None:
    return _open_proposal(
        request, "propose_rescission", while_in=(State.APPROVED,), ended_by=("reject_rescission",)
    )


def proposed_amendment(request: ImageryRequest) -> TransitionRecord | None:
    return _open_proposal(
        request,
        "propose_amendment",
        while_in=WITH_OPERATOR,
        ended_by=("amend_order", "decline_amendment"),
    )


def asked_on_shortfall(request: ImageryRequest) -> TransitionRecord | None:
    """By which the requester was asked what to do at the end of the window; None once they said
    it, and where nobody had to ask."""
    if request.on_shortfall != OnShortfall.ASK:
        return None
    return _open_proposal(
        request,
        "warn_of_shortfall",
        while_in=WITH_OPERATOR,
        ended_by=("choose_on_shortfall", "retask"),
    )


def is_yet_to_be_asked(request: ImageryRequest) -> bool:
    """Whether the requester chose to be asked at the end of the window, and was not for this order:
    the calendar does it the morning after. Uses the prefetched records."""
    return (
        request.request_kind == RequestKind.TASKING
        and request.on_shortfall == OnShortfall.ASK
        and not has_since_order(request, "warn_of_shortfall")
    )


def _open_proposal(
    request: ImageryRequest, name: str, *, while_in: Collection[str], ended_by: Collection[str]
) -> TransitionRecord | None:
    """The last record of the act ``name``, unless one of ``ended_by`` came after it or the request
    has left the states ``while_in``. Uses the prefetched records."""
    if request.state not in while_in:
        return None
    for record in reversed(list(request.records.all())):
        if record.transition == name:
            return record
        if record.transition in ended_by or record.target not in while_in:
            return None
    return None


def has_since_order(request: ImageryRequest, transition: str) -> bool:
    """Whether its present order has seen this act. Uses the prefetched records."""
    for record in reversed(list(request.records.all())):
        if record.transition == transition:
            return True
        if record.transition in ("order", "retask"):
            return False
    return False
