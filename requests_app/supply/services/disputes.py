"""A contested delivery: upheld, refunded in part, or acquired again."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import User
from orbitrage.shared.transactions import retried_once
from quotas import services as quotas
from quotas.amounts import floor_area
from requests_app.effects import ORDER_AREA, set_order_area
from requests_app.models import ImageryRequest, RequestKind
from requests_app.neighbours import lock_with_neighbour
from requests_app.products import chosen_products, product_refusals
from requests_app.revisions import answers_of, write_revision
from requests_app.rules.window import Window, window_refusals
from requests_app.selectors import decided_plan
from requests_app.supply import rules
from requests_app.supply.selectors import (
    charged_on_quotas_km2,
    licence_refusal,
    neighbour_refusal,
    refundable_km2,
)
from requests_app.supply.services.ordering import refund_to, send_order, supply_ends_on
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
    *,
    request_id: int,
    user: User,
    reason: str,
    refunded_km2: Decimal | None = None,
    products: Sequence[str] | None = None,
) -> ImageryRequest:
    """Give back, for ``products`` (identifiers; None: all that came), what of the area charged only
    they cover, or ``refunded_km2`` of it (km², as counted, those of a package too), and close.

    Raises:
        TransitionRefused: no product is named or one did not come; nothing, or more than what
            these products cover or what is charged, would be given back.
    """
    require_text(reason, "reason_missing", _("Say which images are refunded, and why."))
    move = begin(request_id, "refund_part", user)
    request = move.request
    chosen = chosen_products(request, products)
    refuse_if(product_refusals(request, chosen))
    charged, proposed = charged_on_quotas_km2(request), refundable_km2(request, chosen)
    if refunded_km2 is None:
        refunded_km2 = proposed
    refuse_any(rules.refund_is_in_range(refund_km2=refunded_km2, charged_km2=charged))
    refuse_any(rules.refund_is_of_products(refund_km2=refunded_km2, proposed_km2=proposed))
    plan = decided_plan(request)
    request.refund_part()
    changes = {
        "refunded_km2": str(refunded_km2), "proposed_km2": str(proposed), "identifiers": chosen,
    }  # fmt: skip
    entry = record(move, note=reason, changes=changes)
    kept_km2 = floor_area((charged - refunded_km2) / plan.quota_multiplier)
    refund_to(request, entry, min(plan.covered_km2 + kept_km2, plan.area_km2))
    save(request)
    return request


@retried_once
@transaction.atomic
def retask(
    *, request_id: int, user: User, window_ends_on: date | None, reason: str
) -> ImageryRequest:
    """Acquire again: a new order leaves, and exactly what had been refunded is taken again, with
    another attempt outside the circle; of the envelope of the day, where the period of the first
    order is over.

    ``window_ends_on`` is the last day of a new acquisition's new window.

    Raises:
        TransitionRefused: its licence is not in force; the new window is missing, not ahead, or
            no window; or the neighbour whose order it joins has none any more, and nobody has
            agreed to enlarge its own.
        QuotaRefused: an envelope no longer bears it, or its supply contract is over; or some of
            it was paid for and refunded.
    """
    require_text(reason, "reason_missing", _("Say why the acquisition is made again."))
    lock_with_neighbour(request_id)
    move = begin(request_id, "retask", user)
    request = move.request
    refuse_any(licence_refusal(request))
    asked = answers_of(request)
    changes = _leave_neighbour(request)
    if request.request_kind == RequestKind.TASKING:
        _require_window(request, window_ends_on)
        request.window_ends_on = window_ends_on
    request.retask(window_ends_on=supply_ends_on(request))
    entry = record(move, note=reason, changes=changes)
    write_revision(entry, before=asked, after=answers_of(request))
    taken = quotas.take_again(plan=decided_plan(request), cause=cause_of(entry, request.number))
    request.funding_plan = taken.plan.as_json()
    send_order(request, taken.plan, user, drawn_on=taken.amounts)
    save(request, "window_ends_on", "funding_plan", "ordered_with", *ORDER_AREA)
    return request


def _leave_neighbour(request: ImageryRequest) -> dict[str, str]:
    """The order of its own, where that of the neighbour is over: enlarged if somebody has agreed to
    that. What the record says of it."""
    refusal = neighbour_refusal(request, again=True)
    if refusal is None:
        return {}
    left, request.ordered_with = request.ordered_with, ""
    set_order_area(request)
    refuse_any(refusal if request.waits_for_a_neighbour else None)
    return {"left_neighbour": left, "operator_area_km2": str(request.operator_area_km2)}


def _require_window(request: ImageryRequest, ends_on: date | None) -> None:
    kind, starts_on = request.request_kind, request.window_starts_on
    refuse_if(window_refusals(Window(kind, starts_on, ends_on, asked_on=timezone.localdate())))
