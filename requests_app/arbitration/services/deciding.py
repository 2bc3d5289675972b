"""What an arbitrator decides between files: each decision holds quota or gives it back."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import User
from eligibility.selectors import actor_of
from orbitrage.shared.days import day_in_words
from orbitrage.shared.errors import Refusal, refusals_in
from orbitrage.shared.transactions import retried_once
from quotas import services as quotas
from quotas.pricing import FundingPlan
from requests_app.arbitration import rules
from requests_app.arbitration.selectors import (
    available_items,
)
from requests_app.effects import (
    ORDER_AREA,
    days_from_today,
    figures_to_record,
    give_back,
    issue_licence,
    join_order,
    open_envelopes,
)
from requests_app.images import freeze_scenes
from requests_app.models import ImageryRequest
from requests_app.neighbours import candidates_for, joined_to, lock_with_neighbour
from requests_app.permissions import CLOCK
from requests_app.reasons import RefusalReason
from requests_app.selectors import (
    nationality_refusals,
    plan_as_asked,
    standing_refusals,
    window_over_refusals,
)
from requests_app.transitions import (
    begin,
    cause_of,
    check_move,
    keep_membership,
    record,
    refuse_any,
    refuse_if,
    require_text,
    save,
)

AVAILABLE = RefusalReason.ALREADY_AVAILABLE
APPROVED_FIELDS = (
    "funding_plan", "scene_footprints", "licence_number", "ordered_with", *ORDER_AREA
)  # fmt: skip


@retried_once
@transaction.atomic
def approve(
    *, request_id: int, user: User, note: str = "", ordered_with: str = ""
) -> ImageryRequest:
    """Grant exactly what was asked for: quota held, licence issued. ``ordered_with``: the number
    of the pending request nearby whose order it joins, where it asks for that.

    Raises:
        TransitionRefused: a part would be paid for, the nationality review is open, the entity
            may not ask any more, or it asks to join a neighbour and none is named, or one that
            is itself ordered with another.
        QuotaRefused: an envelope lacks what is asked; says how much is left.
    """
    keep_membership(request_id)
    if ordered_with:
        lock_with_neighbour(request_id, ordered_with)
    move = begin(request_id, "approve", user)
    request = move.request
    freeze_scenes(request)
    plan = plan_as_asked(request)
    refuse_if([*_approval_refusals(request, plan), *_join_refusals(request, ordered_with)])
    request.approve(aoi=request.aoi, area_km2=request.area_km2)
    joined = _join(request, ordered_with)
    entry = record(move, note=note, changes=figures_to_record(plan) | joined)
    quotas.hold_plan(plan=plan, cause=cause_of(entry, request.number))
    quotas.clear_demand(request_number=request.number)
    request.funding_plan = plan.as_json()
    issue_licence(request, entry, plan)
    save(request, *APPROVED_FIELDS)
    return request


def _join_refusals(request: ImageryRequest, ordered_with: str) -> list[Refusal]:
    candidates = candidates_for(request) if request.asks_to_join and ordered_with else ()
    joined = joined_to(request).values_list("number", flat=True) if ordered_with else ()
    return refusals_in(
        rules.joined_joins_nobody(joined=list(joined))
        or rules.join_is_settled(
            waits=request.waits_for_a_neighbour,
            named=ordered_with,
            candidates=[each.number for each in candidates],
            operator_km2=request.operator_area_km2,
        )
    )


def _join(request: ImageryRequest, ordered_with: str) -> dict[str, str]:
    """Within another order the area goes to the operator without a minimum of its own. What the
    record says of it."""
    if not ordered_with:
        return {}
    join_order(request, ordered_with)
    return {"ordered_with": ordered_with}


def _approval_refusals(request: ImageryRequest, plan: FundingPlan) -> list[Refusal]:
    found = standing_refusals(request, timezone.localdate()) + window_over_refusals(request)
    return (
        found
        + nationality_refusals(request)
        + refusals_in(
            rules.approval_has_nothing_to_pay(priced_km2=plan.priced_km2, total_eur=plan.total_eur)
        )
    )


@retried_once
@transaction.atomic
def refuse(
    *, request_id: int, user: User, reason: str, text: str, items: Sequence[str] = ()
) -> ImageryRequest:
    """Refuse, with a reason code and a text a person can act on; everything held goes back. The
    record says until when one may appeal, and which ``items`` (identifiers) are available.

    Raises:
        TransitionRefused: the reason or the text is missing, or is not the one proposed; or images
            that are available are to be named, and are not.
    """
    require_text(text, "text_missing", _("Explain the refusal to the requester."))
    chosen = sorted(set(items))
    available = _available_by_identifier(request_id) if chosen or reason == AVAILABLE else {}
    move = begin(request_id, "refuse", user)
    request = move.request
    refuse_any(
        rules.items_are_of_the_reason(reason=reason, items=len(chosen)),
        rules.available_items_are_named(reason=reason, items=len(chosen), available=len(available)),
        rules.items_are_available(unknown=[each for each in chosen if each not in available]),
        rules.refusal_reason_is_known(reason, RefusalReason.values),
        rules.inadmissible_was_proposed(
            state=move.source, reason=reason, proposed=request.inadmissible_proposed
        ),
    )
    request.refuse()
    changes: dict[str, Any] = {"appeal_until": days_from_today("appeal-days").isoformat()}
    if chosen:
        changes |= {"identifiers": chosen, "items": [available[each] for each in chosen]}
    entry = record(move, reason=reason, note=text, changes=changes)
    give_back(request, entry)
    save(request)
    return request


def _available_by_identifier(request_id: int) -> dict[str, int]:
    request = ImageryRequest.objects.select_related("requester").get(pk=request_id)
    return {each.item.identifier: each.item.pk for each in available_items(request)}


@retried_once
@transaction.atomic
def return_to_review(*, request_id: int, user: User, note: str) -> ImageryRequest:
    """Send the file back to its reviewer."""
    require_text(note, "note_missing", _("Say what the reviewer should look at again."))
    move = begin(request_id, "return_to_review", user)
    move.request.return_to_review()
    record(move, note=note)
    save(move.request)
    return move.request


def defer(*, request_id: int, user: User, until: date, reason: str) -> ImageryRequest:
    """Put the file off to a day, when quota comes back: first-come holds are released and the
    demand moves to the period of that day."""
    require_text(reason, "reason_missing", _("Say why the file is deferred."))
    request = ImageryRequest.objects.get(pk=request_id)
    check_move(request, "defer", actor_of(user))
    refuse_if(deferral_refusals(until))
    request.charged_on = until
    open_envelopes(request, cell_id=request.cell_id, on=until)
    return _defer(request_id=request_id, user=user, until=until, reason=reason)


def deferral_refusals(until: date) -> list[Refusal]:
    latest = days_from_today("deferral-maximum-days")
    return refusals_in(
        rules.deferral_is_ahead(until=until, today=timezone.localdate()),
        rules.deferral_is_near(until=until, latest=latest),
    )


@retried_once
@transaction.atomic
def _defer(*, request_id: int, user: User, until: date, reason: str) -> ImageryRequest:
    move = begin(request_id, "defer", user)
    request = move.request
    request.defer(until=until)
    entry = record(move, note=reason, changes={"until": until.isoformat()})
    quotas.release_request(request_number=request.number, cause=cause_of(entry, request.number))
    request.charged_on = until
    quotas.record_demand(request_number=request.number, plan=plan_as_asked(request))
    save(request, "charged_on")
    return request


def resume(*, request_id: int, user: User | None) -> ImageryRequest:
    """Bring a deferred file back; demand and first-come holds move to the current period.

    What the first-come envelopes no longer bear stays a shortfall for the decision to settle.
    """
    request = ImageryRequest.objects.get(pk=request_id)
    check_move(request, "resume", CLOCK if user is None else actor_of(user))
    request.charged_on = timezone.localdate()
    open_envelopes(request, cell_id=request.cell_id, on=timezone.localdate())
    return _resume(request_id=request_id, user=user)


@retried_once
@transaction.atomic
def _resume(*, request_id: int, user: User | None) -> ImageryRequest:
    move = begin(request_id, "resume", user)
    request = move.request
    today = timezone.localdate()
    refuse_if(_not_yet(request, user, today))
    ends_on = request.acquisition_ends_on
    is_open = ends_on is None or ends_on > today
    request.charged_on = today
    request.resume(window_is_open=is_open, due_on=days_from_today("answer-due-days"))
    plan = plan_as_asked(request)
    entry = record(move, changes=figures_to_record(plan))
    quotas.record_demand(request_number=request.number, plan=plan)
    quotas.hold_plan(plan=plan, cause=cause_of(entry, request.number), allotment="first_come")
    request.funding_plan = plan.as_json()
    save(request, "charged_on", "funding_plan")
    return request


def _not_yet(request: ImageryRequest, user: User | None, today: date) -> list[Refusal]:
    if user is not None or request.due_on is None or request.due_on <= today:
        return []
    return [Refusal("not_due", _("This file is deferred to %s.") % day_in_words(request.due_on))]
