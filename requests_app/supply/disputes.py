"""A contested delivery: upheld, refunded in part, or acquired again."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from eligibility.models import User
from orbitrage.shared.errors import Refusal
from orbitrage.shared.transactions import retried_once
from quotas import services as quotas
from quotas.amounts import say
from quotas.selectors import charged_km2, outstanding
from requests_app.models import ImageryRequest
from requests_app.selectors import decided_plan
from requests_app.supply.services import refund_to, send_order
from requests_app.transitions import (
    TransitionRefused,
    begin,
    cause_of,
    record,
    require_text,
    save,
)


@retried_once
@transaction.atomic
def uphold_delivery(*, request_id: int, user: User, reason: str) -> ImageryRequest:
    """The delivery stands as it is."""
    require_text(reason, "reason_missing", _("Say why the delivery is upheld."))
    move = begin(request_id, "uphold_delivery", user)
    move.request.uphold_delivery()
    record(move, note=reason)
    save(move.request)
    return move.request


@retried_once
@transaction.atomic
def refund_part(
    *, request_id: int, user: User, refunded_km2: Decimal, reason: str
) -> ImageryRequest:
    """Give back ``refunded_km2`` (km²) of what stands charged, and close.

    Raises:
        TransitionRefused: nothing or more than what is charged would be given back.
    """
    require_text(reason, "reason_missing", _("Say which images are refunded, and why."))
    move = begin(request_id, "refund_part", user)
    request = move.request
    charged = charged_km2(request.number)
    if not 0 < refunded_km2 <= charged:
        raise TransitionRefused(
            Refusal(
                "refund_out_of_range",
                _("%(refund)s to refund, %(charged)s charged.")
                % {"refund": say(refunded_km2, "km2"), "charged": say(charged, "km2")},
            )
        )
    request.refund_part()
    entry = record(move, note=reason, changes={"refunded_km2": str(refunded_km2)})
    covered = decided_plan(request).covered_km2
    refund_to(request, entry, covered + charged - refunded_km2)
    save(request)
    return request


@retried_once
@transaction.atomic
def retask(
    *, request_id: int, user: User, window_ends_on: date | None, reason: str
) -> ImageryRequest:
    """Acquire again: a new order leaves, and exactly what had been refunded is taken again.

    Raises:
        QuotaRefused: an envelope no longer bears it.
    """
    require_text(reason, "reason_missing", _("Say why the acquisition is made again."))
    move = begin(request_id, "retask", user)
    request = move.request
    request.retask(window_ends_on=window_ends_on)
    entry = record(move, note=reason)
    plan = decided_plan(request)
    taken = outstanding(request.number)
    amounts = [
        quotas.Amount(envelope_id, amount - taken[envelope_id].consumed)
        if envelope_id in taken
        else quotas.Amount(envelope_id, amount)
        for envelope_id, amount in plan.amounts().items()
    ]
    missing = [amount for amount in amounts if amount.amount > 0]
    if missing:
        quotas.consume_more(amounts=missing, cause=cause_of(entry, request.number))
    request.window_ends_on = window_ends_on
    send_order(request, plan, user)
    save(request, "window_ends_on")
    return request
