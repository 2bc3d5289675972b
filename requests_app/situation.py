"""What a file waits for, as its page says it: the open question, who may accept the offer, and
which of the moves allowed would not be refused anyway."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils import timezone

from eligibility.models import User
from eligibility.permissions import Actor
from eligibility.selectors import contacts_of
from orbitrage.shared.errors import Refusal, refusals_in
from quotas.pricing import FundingPlan
from quotas.selectors import is_paid_part_refunded
from requests_app.actions import MoveLink
from requests_app.arbitration.selectors import rescission_refusals
from requests_app.conversion import AS_ASKED, Conversion, changes_of, conversion_of, with_answers
from requests_app.differences import Changes
from requests_app.intake.selectors.preview import preview
from requests_app.models import (
    ImageryRequest,
    OfferState,
    OnShortfall,
    RequestKind,
    TransitionRecord,
)
from requests_app.permissions import is_asking
from requests_app.proposals import (
    asked_on_shortfall,
    has_since_order,
    is_yet_to_be_asked,
    proposed_amendment,
    proposed_rescission,
)
from requests_app.review.selectors import given_to_another
from requests_app.revisions import Difference, differences
from requests_app.selectors import (
    AvailableTransition,
    if_decided_now,
    nationality_refusals,
    plan_of,
    standing_refusals,
    window_over_refusals,
)
from requests_app.states import UNDECIDED_STATES, State
from requests_app.supply.selectors import neighbour_refusal


@dataclass(frozen=True)
class OpenOffer:
    """What is offered, in km² and euros. ``contacts`` are the names of those who alone may accept
    the price, for whom it concerns and who cannot do so; ``changes`` what it converts."""

    area_km2: Decimal
    asked_km2: Decimal
    price_eur: Decimal
    operator_area_km2: Decimal
    order_is_enlarged: bool
    contacts: tuple[str, ...]
    changes: Changes | None


def open_offer(request: ImageryRequest, actor: Actor) -> OpenOffer | None:
    if not request.is_offered:
        return None
    return OpenOffer(
        area_km2=request.decided_area_km2,
        asked_km2=request.area_km2,
        price_eur=request.priced_eur,
        operator_area_km2=request.operator_area_km2,
        order_is_enlarged=request.order_is_enlarged,
        contacts=_contacts_to_wait_for(request, actor),
        changes=_converted_by_open_offer(request),
    )


def _converted_by_open_offer(request: ImageryRequest) -> Changes | None:
    conversion = _open_conversion(request)
    if conversion == AS_ASKED:
        return None
    return Changes(differences(changes_of(request, conversion)), area=None)


def _open_conversion(request: ImageryRequest) -> Conversion:
    """That of the open offer. Uses the prefetched offers."""
    offers = [offer for offer in request.offers.all() if offer.state == OfferState.OPEN]
    return conversion_of(offers[0]) if offers else AS_ASKED


def _contacts_to_wait_for(request: ImageryRequest, actor: Actor) -> tuple[str, ...]:
    concerns = request.entity_id in actor.entity_ids or is_asking(request, actor)
    may_accept = request.entity_id in actor.contact_of
    if not request.is_priced or may_accept or not concerns:
        return ()
    contacts = contacts_of(request.entity_id, timezone.localdate())
    return tuple(contact.full_name for contact in contacts)


@dataclass(frozen=True)
class Situation:
    """A request as its page shows it to ``actor``. What takes a query is asked where it matters."""

    request: ImageryRequest
    actor: Actor
    plan: FundingPlan | None

    @cached_property
    def to_grant(self) -> ImageryRequest:
        """What the next step would grant: the request or, with an open offer that converts, what
        its acceptance would make of it."""
        conversion = _open_conversion(self.request) if self.request.is_offered else AS_ASKED
        if conversion == AS_ASKED:
            return self.request
        return with_answers(self.request, conversion)

    @cached_property
    def blocks(self) -> list[Refusal]:
        """Why nothing goes on in the entity's name. A file is marked as blocked for what it asks:
        what an offer converts it to is looked at without the mark."""
        if self.to_grant is self.request and not self.request.blocked_reason:
            return []
        return standing_refusals(self.to_grant, timezone.localdate())

    @cached_property
    def window_over(self) -> list[Refusal]:
        """Why nothing is granted or ordered any more, the cell or the requester having waited."""
        waits = (State.IN_ARBITRATION, State.OFFERED, State.APPROVED)
        return window_over_refusals(self.to_grant) if self.request.state in waits else []

    @cached_property
    def neighbour(self) -> list[Refusal]:
        """Why its order cannot leave yet within that of another. For the cell to see."""
        joins = self.request.state == State.APPROVED and self.request.ordered_with
        return refusals_in(neighbour_refusal(self.request)) if joins else []

    @property
    def goes_on(self) -> bool:
        return not (self.blocks or self.window_over)

    @cached_property
    def rescission(self) -> TransitionRecord | None:
        return proposed_rescission(self.request)

    @cached_property
    def amendment(self) -> TransitionRecord | None:
        return proposed_amendment(self.request)

    @cached_property
    def amendment_changes(self) -> tuple[Difference, ...]:
        return differences(self.amendment.changes.get("choices", {})) if self.amendment else ()

    @cached_property
    def question_on_shortfall(self) -> TransitionRecord | None:
        return asked_on_shortfall(self.request)

    @property
    def is_priced(self) -> bool:
        return self.plan is not None and self.plan.is_priced

    @property
    def lacks_nationality_review(self) -> bool:
        return bool(nationality_refusals(self.to_grant))

    @property
    def waits_for_nationality_review(self) -> bool:
        """A decision or an order waits for it: somebody joined a file that had been reviewed."""
        waits = (State.IN_ARBITRATION, State.OFFERED, State.APPROVED)
        return self.request.state in waits and self.lacks_nationality_review


def _is_not_extended(now: Situation) -> bool:
    request = now.request
    is_wanted = request.on_shortfall == OnShortfall.EXTEND
    is_tasking = request.request_kind == RequestKind.TASKING
    return not (is_tasking and is_wanted) or has_since_order(request, "extend_window")


def _is_not_to_close(now: Situation) -> bool:
    request = now.request
    is_asked = now.question_on_shortfall is not None and not request.is_overdue
    return is_asked or is_yet_to_be_asked(request) or not request.window_is_over


def _paid_part_is_refunded(now: Situation) -> bool:
    return now.plan is not None and is_paid_part_refunded(now.plan, now.request.number)


REFUSED_ANYWAY: dict[str, Callable[[Situation], bool]] = {
    "answer": lambda now: not now.goes_on,
    "take": lambda now: bool(given_to_another(now.request, now.actor)),
    "propose_inadmissible": lambda now: now.request.inadmissible_proposed,
    "close_nationality_review": lambda now: not nationality_refusals(now.request),
    "approve": lambda now: now.is_priced or now.lacks_nationality_review or not now.goes_on,
    # Of an archive image, or of another window, where the one asked for is over. Before another
    # sensor is offered, the block or the review of the one asked for ends.
    "offer": lambda now: now.lacks_nationality_review or bool(now.blocks),
    "refuse": lambda now: (
        now.request.state == State.IN_REVIEW and not now.request.inadmissible_proposed
    ),
    "accept_offer": lambda now: not now.goes_on or now.lacks_nationality_review,
    "reply_to_offer": lambda now: now.request.has_replied,
    "expedite": lambda now: now.request.is_expedited,
    "remove_co_requester": lambda now: not now.request.co_requester_ids,
    "order": lambda now: (
        not now.goes_on
        or now.rescission is not None
        or now.lacks_nationality_review
        or bool(now.neighbour)
    ),
    "propose_rescission": lambda now: now.rescission is not None,
    "rescind": lambda now: bool(rescission_refusals(now.request, now.actor)),
    "reject_rescission": lambda now: now.rescission is None,
    "propose_amendment": lambda now: now.amendment is not None,
    "amend_order": lambda now: now.amendment is None,
    "decline_amendment": lambda now: now.amendment is None,
    "choose_on_shortfall": lambda now: now.question_on_shortfall is None,
    "extend_window": _is_not_extended,
    "close_window": _is_not_to_close,
    "retask": _paid_part_is_refunded,
}
"""The moves that a page does not offer, though the state and the person allow them: those that
would be refused whatever is typed. The services refuse them all the same."""


def moves_now(now: Situation, moves: Iterable[MoveLink]) -> list[MoveLink]:
    """What a page offers of the moves allowed."""
    return [
        move
        for move in moves
        if move.name not in REFUSED_ANYWAY or not REFUSED_ANYWAY[move.name](now)
    ]


@dataclass(frozen=True)
class Appeal:
    """How and until when a refusal may be contested."""

    until: date
    email: str


def open_appeal(request: ImageryRequest) -> Appeal | None:
    """None once the day has passed. Uses the prefetched records."""
    if request.state != State.REFUSED or request.cell is None:
        return None
    refusal = list(request.records.all())[-1]
    until = refusal.appeal_until
    if until is None or until < timezone.localdate():
        return None
    return Appeal(until, request.cell.email)


def open_question(request: ImageryRequest) -> str:
    """What the cell asked and waits for; empty when it waits for nothing, or for another reason.
    Uses the prefetched records."""
    if request.state != State.INFORMATION_REQUESTED:
        return ""
    came = [record for record in request.records.all() if record.target == request.state]
    moved = [record for record in came if record.source != record.target]
    note = getattr(moved[-1], "note", None) if moved else None
    return str(note) if note is not None else ""


def may_edit(request: ImageryRequest, available: Iterable[AvailableTransition]) -> bool:
    """Whoever may hand the request in may change it first."""
    return request.state in (State.DRAFT, State.INFORMATION_REQUESTED) and any(
        found.name in ("submit", "submit_open_data", "answer") for found in available
    )


def explanation_of(request: ImageryRequest, user: User) -> dict[str, Any]:
    """The price with every figure it comes from: before a decision as it would be now, after it as
    it was decided. Areas in km², amounts in €, as text."""
    told: dict[str, Any] = {"request": request.number, "state": request.state}
    plan = plan_of(request)
    if request.state == State.DRAFT:
        seen = preview(request, user=user, on=timezone.localdate())
        told |= {"is_decided": False, "explanation": seen.explanation.as_json()}
    elif request.state in UNDECIDED_STATES:
        told |= {
            "is_decided": False,
            "explanation": if_decided_now(request).explanation.as_json(),
        }
    else:
        told |= {"is_decided": True, "explanation": plan.as_json() if plan else None}
    return told
