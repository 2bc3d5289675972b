"""Who asks: a request changes hands, and others ask with its requester."""

from django.db import transaction
from django.utils.translation import gettext as _

from eligibility.models import User
from eligibility.selectors import actor_of
from orbitrage.shared.transactions import retried_once
from requests_app.handling import rules
from requests_app.handling.selectors import takers_of
from requests_app.handling.services.standing import review_standing
from requests_app.joining import asks_not_yet, join
from requests_app.models import ImageryRequest
from requests_app.states import BLOCKABLE_STATES
from requests_app.transitions import (
    begin,
    keep_membership,
    record,
    refuse_any,
    require_text,
    save,
)


@retried_once
@transaction.atomic
def transfer_request(*, request_id: int, user: User, to_id: int, reason: str) -> ImageryRequest:
    """Give the request to another member of its entity, or of the contractor while the mandate
    runs; recorded, no change of state. A member of the entity needs no mandate. What blocked the
    file because of who asked is over; that, and what blocks it from now on, has its own record.

    Raises:
        TransitionRefused: no reason is given, that person asks already, or does not ask in the
            entity's name.
    """
    require_text(reason, "reason_missing", _("Say why the request changes hands."))
    keep_membership(request_id)
    move = begin(request_id, "transfer_request", user)
    request = move.request
    taker = User.objects.get(pk=to_id)
    _require_taker(request, taker)
    changes = {"requester": [request.requester_id, taker.pk]}
    belongs = actor_of(taker).belongs_to(request.entity_id)
    mandate_id = None if belongs else request.mandate_id
    request.transfer_request(to_id=taker.pk, mandate_id=mandate_id)
    request.co_requesters.remove(taker)
    record(move, note=reason, changes=changes)
    save(request, "requester", "mandate")
    if request.state in BLOCKABLE_STATES:
        review_standing(request_id=request.pk)
    saved: ImageryRequest = ImageryRequest.objects.get(pk=request.pk)
    return saved


def _require_taker(request: ImageryRequest, taker: User) -> None:
    asks = request.requester_id == taker.pk
    may = asks or takers_of(request).filter(pk=taker.pk).exists()
    refuse_any(
        asks_not_yet(asks=asks, person=taker.full_name),
        rules.may_take_over(may=may, person=taker.full_name, entity=request.entity.name),
    )


@retried_once
@transaction.atomic
def add_co_requester(*, request_id: int, user: User, email: str) -> ImageryRequest:
    """Somebody else of a known organisation asks with the requester: sees the request, and may
    answer for it; recorded, no change of state.

    Raises:
        TransitionRefused: nobody has that address, or who has it asks already or serves the cell.
    """
    join(request_id=request_id, user=user, email=email)
    saved: ImageryRequest = ImageryRequest.objects.get(pk=request_id)
    return saved


@retried_once
@transaction.atomic
def remove_co_requester(*, request_id: int, user: User, person_id: int) -> ImageryRequest:
    """A co-requester asks no longer; recorded, no change of state.

    Raises:
        TransitionRefused: that person is no co-requester.
    """
    move = begin(request_id, "remove_co_requester", user)
    request = move.request
    asks = person_id in request.co_requester_ids
    refuse_any(rules.asks_with_others(asks=asks))
    request.remove_co_requester()
    request.co_requesters.remove(person_id)
    record(move, changes={"person": person_id})
    save(request)
    saved: ImageryRequest = ImageryRequest.objects.get(pk=request_id)
    return saved


@retried_once
@transaction.atomic
def leave_request(*, request_id: int, user: User) -> ImageryRequest:
    """A co-requester asks no longer, of their own will: whoever was named without being asked is
    bound by nothing; recorded, no change of state."""
    move = begin(request_id, "leave_request", user)
    request = move.request
    request.leave_request()
    request.co_requesters.remove(user)
    record(move, changes={"person": user.pk})
    save(request)
    saved: ImageryRequest = ImageryRequest.objects.get(pk=request_id)
    return saved
