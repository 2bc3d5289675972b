"""Taking an approval back before its order: one person proposes it and another confirms, one of
them the chair of the cell. The order waits meanwhile."""

from django.db import transaction
from django.utils.translation import gettext as _

from eligibility.models import User
from orbitrage.shared.transactions import retried_once
from requests_app.arbitration import rules
from requests_app.arbitration.selectors import rescission_refusals
from requests_app.effects import BACK_IN_ARBITRATION, revoke_licence, undo_decision
from requests_app.models import ImageryRequest, TransitionRecord
from requests_app.permissions import is_chair
from requests_app.proposals import proposed_rescission
from requests_app.transitions import (
    begin,
    cause_of,
    record,
    refuse_any,
    refuse_if,
    require_text,
    save,
)


@retried_once
@transaction.atomic
def propose_rescission(*, request_id: int, user: User, reason: str) -> ImageryRequest:
    """Propose that the approval be taken back; recorded, no change of state.

    Raises:
        TransitionRefused: no reason is given, or one is proposed already.
    """
    require_text(reason, "reason_missing", _("Say why the decision is rescinded."))
    move = begin(request_id, "propose_rescission", user)
    request = move.request
    earlier = proposed_rescission(request)
    refuse_any(rules.nothing_is_proposed(proposed_at=earlier.at if earlier else None))
    request.propose_rescission()
    record(move, note=reason, changes={"is_chair": is_chair(request, move.actor)})
    save(request)
    return request


@retried_once
@transaction.atomic
def rescind(*, request_id: int, user: User) -> ImageryRequest:
    """Confirm what another person has proposed: the approval is undone before its order, for the
    reason that they gave.

    Raises:
        TransitionRefused: nobody has proposed it, the same person did, or neither of the two
            chairs the cell.
    """
    move = begin(request_id, "rescind", user)
    request = move.request
    refuse_if(rescission_refusals(request, move.actor))
    proposal = proposed_rescission(request)
    request.rescind()
    entry = record(move, note=_reason_of(proposal), changes=_proposed_by(proposal))
    undo_decision(request, cause_of(entry, request.number))
    revoke_licence(request, entry)
    request.licence_number = ""
    save(request, "licence_number", *BACK_IN_ARBITRATION)
    return request


def _reason_of(proposal: TransitionRecord | None) -> str:
    """Empty where the text has been erased since."""
    note = getattr(proposal, "note", None)
    return str(note) if note is not None else ""


def _proposed_by(proposal: TransitionRecord | None) -> dict[str, int | None]:
    return {"proposed_by": proposal.author_id if proposal is not None else None}


@retried_once
@transaction.atomic
def reject_rescission(*, request_id: int, user: User, reason: str) -> ImageryRequest:
    """Keep the decision: the order no longer waits.

    Raises:
        TransitionRefused: no reason is given, or nobody has proposed to rescind it.
    """
    require_text(reason, "reason_missing", _("Say why the decision is kept."))
    move = begin(request_id, "reject_rescission", user)
    request = move.request
    proposal = proposed_rescission(request)
    refuse_any(rules.rescission_is_proposed(is_proposed=proposal is not None))
    request.reject_rescission()
    record(move, note=reason)
    save(request)
    return request
