"""The requester's answers: to an offer, and to a delivery."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import User
from orbitrage.shared.days import day_in_words
from orbitrage.shared.errors import Refusal
from orbitrage.shared.transactions import retried_once
from quotas import services as quotas
from requests_app.effects import (
    BACK_IN_ARBITRATION,
    answer_offer,
    give_back,
    issue_licence,
    undo_decision,
)
from requests_app.models import ImageryRequest, OfferState
from requests_app.revisions import revise_as_granted
from requests_app.selectors import (
    decided_plan,
    nationality_refusals,
    standing_refusals,
    window_refusals,
)
from requests_app.transitions import (
    TransitionRefused,
    begin,
    cause_of,
    keep_membership,
    record,
    refuse_if,
    require_text,
    save,
)


@retried_once
@transaction.atomic
def accept_offer(*, request_id: int, user: User, purchase_reference: str = "") -> ImageryRequest:
    """Accept the open offer: the licence is issued for what was offered.

    Raises:
        TransitionRefused: out of time, membership over, whoever asked has left, or nothing to
            accept.
        QuotaRefused: a price is due and no purchase reference given, or the quotation is over.
    """
    keep_membership(request_id)
    move = begin(request_id, "accept_offer", user)
    request = move.request
    today = timezone.localdate()
    refuse_if(
        standing_refusals(request, today) + window_refusals(request) + nationality_refusals(request)
    )
    if request.due_on is not None and request.due_on < today:
        message = _("The offer was open until %s.") % day_in_words(request.due_on)
        raise TransitionRefused(Refusal("offer_expired", message))
    request.accept_offer(purchase_reference=purchase_reference.strip())
    entry = record(move)
    revise_as_granted(request, entry)
    plan = decided_plan(request)
    if plan.is_priced:
        quotas.accept_quotation(
            request_number=request.number,
            purchase_reference=purchase_reference.strip(),
            on=today,
        )
    quotas.hold_plan(plan=plan, cause=cause_of(entry, request.number))
    answer_offer(request, OfferState.ACCEPTED)
    issue_licence(request, entry, plan)
    save(request, "licence_number")
    return request


@retried_once
@transaction.atomic
def reply_to_offer(*, request_id: int, user: User, text: str) -> ImageryRequest:
    """Send the offer back to arbitration with a counter-proposal; once per request."""
    require_text(text, "reply_missing", _("Write what you propose instead."))
    move = begin(request_id, "reply_to_offer", user)
    request = move.request
    if request.has_replied:
        raise TransitionRefused(
            Refusal("already_replied", _("An offer can be replied to once; accept or decline it."))
        )
    request.reply_to_offer()
    request.has_replied = True
    entry = record(move, note=text)
    undo_decision(request, cause_of(entry, request.number))
    answer_offer(request, OfferState.REPLIED)
    save(request, "has_replied", *BACK_IN_ARBITRATION)
    return request


@retried_once
@transaction.atomic
def decline_offer(*, request_id: int, user: User, reason: str = "") -> ImageryRequest:
    """Refuse the offer, which ends the request; everything held goes back."""
    move = begin(request_id, "decline_offer", user)
    request = move.request
    request.decline_offer()
    entry = record(move, note=reason)
    give_back(request, entry)
    answer_offer(request, OfferState.DECLINED)
    save(request)
    return request


@retried_once
@transaction.atomic
def accept_delivery(*, request_id: int, user: User | None) -> ImageryRequest:
    """Close a delivered request. ``user`` None: the days to dispute it have passed."""
    move = begin(request_id, "accept_delivery", user)
    request = move.request
    if user is None and (request.due_on is None or request.due_on >= timezone.localdate()):
        raise TransitionRefused(Refusal("not_due", _("%s may still be disputed.") % request.number))
    request.accept_delivery()
    record(move)
    save(request)
    return request


@retried_once
@transaction.atomic
def dispute(*, request_id: int, user: User, reason: str) -> ImageryRequest:
    """Contest what was delivered, within the days set for it."""
    require_text(reason, "reason_missing", _("Say what is wrong with which images."))
    move = begin(request_id, "dispute", user)
    request = move.request
    if request.due_on is not None and request.due_on < timezone.localdate():
        message = _("A dispute was possible until %s.") % day_in_words(request.due_on)
        raise TransitionRefused(Refusal("dispute_too_late", message))
    request.dispute()
    record(move, note=reason)
    save(request)
    return request
