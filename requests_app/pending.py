"""What a file waits for, as its page says it: the open question, who may accept the offer, and
which of the moves allowed would not be refused anyway."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from eligibility.permissions import Actor
from eligibility.selectors import contacts_of
from quotas.pricing import FundingPlan
from requests_app.actions import Move
from requests_app.models import ImageryRequest
from requests_app.permissions import is_asking
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


def moves_now(
    request: ImageryRequest, moves: Iterable[Move], plan: FundingPlan | None
) -> list[Move]:
    """What a page offers of the moves allowed: those that are not refused whatever is typed. The
    service refuses them all the same."""
    is_priced = plan is not None and plan.is_priced
    refused_anyway = {
        "approve": is_priced,
        "close_window": not request.is_overdue,
        "refuse": request.state == State.IN_REVIEW and not request.inadmissible_proposed,
    }
    return [move for move in moves if not refused_anyway.get(move.name, False)]


def open_question(request: ImageryRequest) -> str:
    """What the cell asked and waits for; empty when it waits for nothing, or for another reason.
    Uses the prefetched records."""
    if request.state != State.INFORMATION_REQUESTED:
        return ""
    came = [record for record in request.records.all() if record.target == request.state]
    moved = [record for record in came if record.source != record.target]
    note = getattr(moved[-1], "note", None) if moved else None
    return str(note) if note is not None else ""
