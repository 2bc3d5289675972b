"""A contested delivery: upheld, refunded in part, or acquired again."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import User
from orbitrage.shared.days import day_in_words
from orbitrage.shared.errors import Refusal
from orbitrage.shared.transactions import retried_once
from quotas import services as quotas
from quotas.amounts import floor_area, say
from quotas.selectors import charged_km2, consumed_by
from requests_app.models import ImageryRequest, RequestKind
from requests_app.revisions import answers_of, write_revision
from requests_app.selectors import decided_plan
from requests_app.supply.services import refund_to, send_order, supply_ends_on
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
    """Give back ``refunded_km2`` (km², as counted, those of a package too) of what stands charged,
    and close.

    Raises:
        TransitionRefused: nothing or more than what is charged would be given back.
    """
    require_text(reason, "reason_missing", _("Say which images are refunded, and why."))
    move = begin(request_id, "refund_part", user)
    request = move.request
    plan = decided_plan(request)
    of_packages_km2 = plan.package_km2(consumed_by(request.number))
    charged = charged_km2(request.number) + of_packages_km2 * plan.quota_multiplier
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
        TransitionRefused: the new window is missing, or not ahead.
        QuotaRefused: an envelope no longer bears it, or its supply contract is over; or some of
            it was paid for and refunded.
    """
    require_text(reason, "reason_missing", _("Say why the acquisition is made again."))
    move = begin(request_id, "retask", user)
    request = move.request
    asked = answers_of(request)
    if request.request_kind == RequestKind.TASKING:
        _require_ahead(window_ends_on)
        request.window_ends_on = window_ends_on
    request.retask(window_ends_on=supply_ends_on(request))
    entry = record(move, note=reason)
    write_revision(entry, before=asked, after=answers_of(request))
    taken = quotas.take_again(plan=decided_plan(request), cause=cause_of(entry, request.number))
    request.funding_plan = taken.plan.as_json()
    send_order(request, taken.plan, user, drawn_on=taken.amounts)
    save(request, "window_ends_on", "funding_plan")
    return request


def _require_ahead(window_ends_on: date | None) -> None:
    if window_ends_on is None:
        message = _("Give the last day of the new window.")
        raise TransitionRefused(Refusal("window_missing", message))
    if window_ends_on <= timezone.localdate():
        message = _("The window ends on %(end)s: a new acquisition can only be made after today.")
        day = {"end": day_in_words(window_ends_on)}
        raise TransitionRefused(Refusal("window_in_the_past", message % day))
