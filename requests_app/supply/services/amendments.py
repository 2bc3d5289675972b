"""An order that is out changes only as its operator confirms and its requester agrees. Recorded;
the state and the quotas stay as they are, and the window of a new acquisition may end otherwise."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import User
from orbitrage.shared.transactions import retried_once
from requests_app.models import ImageryRequest, TransitionRecord
from requests_app.proposals import proposed_amendment
from requests_app.revisions import answers_of, write_revision
from requests_app.supply import rules
from requests_app.supply.selectors import contract_refusal
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
    *,
    request_id: int,
    user: User,
    change: str,
    operator_confirmation: str,
    window_ends_on: date | None = None,
) -> ImageryRequest:
    """Ask the requester to agree to a change of the order. ``operator_confirmation`` is the
    operator's reference for it, ``window_ends_on`` the last day of the window from then on.

    Raises:
        TransitionRefused: the change or the confirmation is missing, another amendment waits, or
            the window cannot end on that day.
    """
    require_text(change, "text_missing", _("Write what changes."))
    message = _("Give the reference under which the operator confirms the change.")
    require_text(operator_confirmation, "confirmation_missing", message)
    move = begin(request_id, "propose_amendment", user)
    request = move.request
    earlier = proposed_amendment(request)
    refuse_any(rules.no_amendment_waits(proposed_at=earlier.at if earlier else None))
    changes: dict[str, Any] = {"operator_confirmation": operator_confirmation.strip()}
    if window_ends_on is not None:
        _require_window(request, window_ends_on)
        present = request.window_ends_on
        days = [present.isoformat() if present else None, window_ends_on.isoformat()]
        changes["choices"] = {"window_ends_on": days}
    request.propose_amendment()
    record(move, note=change, changes=changes)
    save(request)
    return request


@retried_once
@transaction.atomic
def amend_order(*, request_id: int, user: User) -> ImageryRequest:
    """Agree to the amendment: its words and the operator's reference are repeated in the record,
    and its window is that of the order from now on.

    Raises:
        TransitionRefused: no amendment waits for an answer, or its window has ended meanwhile.
    """
    move = begin(request_id, "amend_order", user)
    request, proposal = move.request, _require_proposal(move)
    window_ends_on = _window_of(proposal)
    if window_ends_on is not None:
        _require_window(request, window_ends_on)
    asked = answers_of(request)
    request.amend_order(window_ends_on=window_ends_on)
    note = getattr(proposal, "note", None)
    entry = record(move, note=str(note) if note is not None else "", changes=proposal.changes)
    write_revision(entry, before=asked, after=answers_of(request))
    save(request, "window_ends_on")
    return request


def _window_of(proposal: TransitionRecord) -> date | None:
    days = proposal.changes.get("choices", {}).get("window_ends_on")
    return date.fromisoformat(days[1]) if days else None


def _require_window(request: ImageryRequest, ends_on: date) -> None:
    refuse_any(rules.order_has_window(request_kind=request.request_kind))
    refuse_any(
        rules.amended_window_is_ahead(
            ends_on=ends_on, starts_on=request.window_starts_on, today=timezone.localdate()
        ),
        contract_refusal(request, ends_on),
    )


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
