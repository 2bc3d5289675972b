"""Whether a file may go on in the name of its entity. Until its order it is blocked while it may
not: a reason, not a state. What it holds stays held, and the clocks run."""

from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from orbitrage.shared.transactions import retried_once
from requests_app.handling.selectors import blocking_codes
from requests_app.transitions import begin, keep_membership, record, save


@retried_once
@transaction.atomic
def review_standing(*, request_id: int) -> bool:
    """Block the file, unblock it, or say another reason, as its membership, its mandate and its
    requester are today. False when there is nothing to change.

    Raises:
        TransitionRefused: the file is over, a draft, or with the operator.
    """
    keep_membership(request_id)
    move = begin(request_id, "block", None)
    request = move.request
    codes = blocking_codes(request, timezone.localdate())
    reason = next(iter(codes), "")
    if reason == request.blocked_reason:
        return False
    if reason:
        request.block(reason=reason)
        record(move, reason=reason, changes={"reasons": codes})
    else:
        request.unblock()
        record(replace(move, transition="unblock"))
    save(request)
    return True
