"""What a file waits for, as its page says it: the open question, who may accept the offer, and
which of the moves allowed would not be refused anyway."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.utils import timezone

from eligibility.permissions import Actor
from eligibility.selectors import contacts_of
from orbitrage.shared.errors import Refusal
from quotas.pricing import FundingPlan
from quotas.selectors import is_paid_part_refunded
from requests_app.actions import Move
from requests_app.arbitration.selectors import rescission_refusals
from requests_app.models import ImageryRequest, OnShortfall, RequestKind, TransitionRecord
from requests_app.permissions import is_asking
from requests_app.proposals import (
    asked_on_shortfall,
    has_since_order,
    proposed_amendment,
    proposed_rescission,
)
from requests_app.review.selectors import given_to_another
from requests_app.selectors import standing_refusals, window_refusals
from requests_app.workflow import State


@dataclass(frozen=True)
class OpenOffer:
    """What is offered, in km² and euros. ``contacts`` are the names of those who alone may accept
    the price, for whom it concerns and who cannot do so."""

    area_km2: Decimal
    asked_km2: Decimal
    price_eur: Decimal
    operator_area_km2: Decimal
    order_is_enlarged: bool
    contacts: tuple[str, ...]


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
    )


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
    def blocks(self) -> list[Refusal]:
        """Why nothing goes on in the entity's name, where the file is blocked."""
        request = self.request
        if not request.blocked_reason:
            return []
        return standing_refusals(request, timezone.localdate())

    @cached_property
    def window_over(self) -> list[Refusal]:
        """Why nothing is granted or ordered any more, the cell or the requester having waited."""
        waits = (State.IN_ARBITRATION, State.OFFERED, State.APPROVED)
        return window_refusals(self.request) if self.request.state in waits else []

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
    def question_on_shortfall(self) -> TransitionRecord | None:
        return asked_on_shortfall(self.request)

    @property
    def is_priced(self) -> bool:
        return self.plan is not None and self.plan.is_priced

    @property
    def lacks_nationality_review(self) -> bool:
        request = self.request
        return request.sensor.needs_nationality_review and not request.nationality_reviewed

    @property
    def waits_for_nationality_review(self) -> bool:
        """A decision waits for it: somebody joined a file that is in arbitration."""
        return self.request.state == State.IN_ARBITRATION and self.lacks_nationality_review


def _is_not_extended(now: Situation) -> bool:
    request = now.request
    is_wanted = request.on_shortfall == OnShortfall.EXTEND
    is_tasking = request.request_kind == RequestKind.TASKING
    return not (is_tasking and is_wanted) or has_since_order(request, "extend_window")


def _is_not_to_close(now: Situation) -> bool:
    request = now.request
    is_asked = now.question_on_shortfall is not None and not request.is_overdue
    return is_asked or not request.window_is_over


def _paid_part_is_refunded(now: Situation) -> bool:
    return now.plan is not None and is_paid_part_refunded(now.plan, now.request.number)


REFUSED_ANYWAY: dict[str, Callable[[Situation], bool]] = {
    "answer": lambda now: not now.goes_on,
    "take": lambda now: bool(given_to_another(now.request, now.actor)),
    "propose_inadmissible": lambda now: now.request.inadmissible_proposed,
    "close_nationality_review": lambda now: not now.lacks_nationality_review,
    "approve": lambda now: now.is_priced or now.lacks_nationality_review or not now.goes_on,
    "offer": lambda now: now.lacks_nationality_review or not now.goes_on,
    "refuse": lambda now: (
        now.request.state == State.IN_REVIEW and not now.request.inadmissible_proposed
    ),
    "accept_offer": lambda now: not now.goes_on,
    "reply_to_offer": lambda now: now.request.has_replied,
    "expedite": lambda now: now.request.is_expedited,
    "remove_co_requester": lambda now: not now.request.co_requester_ids,
    "order": lambda now: not now.goes_on or now.rescission is not None,
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


def moves_now(now: Situation, moves: Iterable[Move]) -> list[Move]:
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
