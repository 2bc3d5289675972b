"""The requester's answers to an offer."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import User
from orbitrage.shared.days import day_in_words
from orbitrage.shared.errors import Refusal
from orbitrage.shared.transactions import retried_once
from quotas import services as quotas
from requests_app.conversion import CONVERTED_FIELDS, available_of, conversion_of, convert
from requests_app.effects import (
    BACK_IN_ARBITRATION,
    answer_offer,
    give_back,
    issue_licence,
    undo_decision,
)
from requests_app.models import ImageryRequest, OfferState
from requests_app.revisions import answers_of, revise_as_granted
from requests_app.selectors import (
    decided_plan,
    nationality_refusals,
    standing_refusals,
    window_over_refusals,
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
    """Accept the open offer: the licence is issued for what was offered, and the order follows what
    it converts.

    Raises:
        TransitionRefused: out of time, membership over, whoever asked has left, or nothing to
            accept.
        QuotaRefused: a price is due and no purchase reference given, or the quotation is over.
    """
    keep_membership(request_id)
    move = begin(request_id, "accept_offer", user)
    request = move.request
    today = timezone.localdate()
    asked = answers_of(request)
    _take_over_conversion(request)
    refuse_if(
        standing_refusals(request, today)
        + window_over_refusals(request)
        + nationality_refusals(request)
    )
    if request.due_on and request.is_overdue:
        message = _("The offer was open until %s.") % day_in_words(request.due_on)
        raise TransitionRefused(Refusal("offer_expired", message))
    request.accept_offer(purchase_reference=purchase_reference.strip())
    entry = record(move)
    request.agrees_to_enlargement |= request.waits_for_a_neighbour
    revise_as_granted(request, entry, before=asked)
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
    save(request, "licence_number", "agrees_to_enlargement", *CONVERTED_FIELDS)
    return request


def _take_over_conversion(request: ImageryRequest) -> None:
    accepted = request.offers.filter(state=OfferState.OPEN).first()
    if accepted is not None:
        convert(request, conversion_of(accepted), available_of(accepted))


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
