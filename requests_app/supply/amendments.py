"""An order that is out changes only as its operator confirms and its requester agrees. Recorded;
the state and the quotas stay as they are."""

from django.db import transaction
from django.utils.translation import gettext as _

from eligibility.models import User
from orbitrage.shared.transactions import retried_once
from requests_app.models import ImageryRequest, TransitionRecord
from requests_app.proposals import proposed_amendment
from requests_app.supply import rules
from requests_app.transitions import (
    Move,
    TransitionRefused,
    begin,
    record,
    refuse_any,
    require_text,
    save,
)


@retried_once
@transaction.atomic
def propose_amendment(
    *, request_id: int, user: User, change: str, operator_confirmation: str
) -> ImageryRequest:
    """Ask the requester to agree to a change of the order. ``operator_confirmation`` is the
    operator's reference for it.

    Raises:
        TransitionRefused: the change or the confirmation is missing, or another amendment waits.
    """
    require_text(change, "text_missing", _("Write what changes."))
    message = _("Give the reference under which the operator confirms the change.")
    require_text(operator_confirmation, "confirmation_missing", message)
    move = begin(request_id, "propose_amendment", user)
    request = move.request
    earlier = proposed_amendment(request)
    refuse_any(rules.no_amendment_waits(proposed_at=earlier.at if earlier else None))
    request.propose_amendment()
    record(move, note=change, changes={"operator_confirmation": operator_confirmation.strip()})
    save(request)
    return request


@retried_once
@transaction.atomic
def amend_order(*, request_id: int, user: User) -> ImageryRequest:
    """Agree to the amendment: its words and the operator's reference are repeated in the record.

    Raises:
        TransitionRefused: no amendment waits for an answer.
    """
    move = begin(request_id, "amend_order", user)
    proposal = _require_proposal(move)
    move.request.amend_order()
    note = getattr(proposal, "note", None)
    record(move, note=str(note) if note is not None else "", changes=proposal.changes)
    save(move.request)
    return move.request


@retried_once
@transaction.atomic
def decline_amendment(*, request_id: int, user: User, reason: str = "") -> ImageryRequest:
    """The order goes on as it left.

    Raises:
        TransitionRefused: no amendment waits for an answer.
    """
    move = begin(request_id, "decline_amendment", user)
    _require_proposal(move)
    move.request.decline_amendment()
    record(move, note=reason)
    save(move.request)
    return move.request


def _require_proposal(move: Move) -> TransitionRecord:
    proposal = proposed_amendment(move.request)
    if proposal is None:
        raise TransitionRefused(rules.no_amendment())
    return proposal
