"""What an arbitrator decides between files: each decision holds quota or gives it back."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import User
from eligibility.selectors import actor_of
from orbitrage.shared.days import day_in_words
from orbitrage.shared.errors import Refusal
from orbitrage.shared.transactions import retried_once
from quotas import services as quotas
from quotas.pricing import FundingPlan
from requests_app.arbitration import rules
from requests_app.arbitration.selectors import OfferedArea, offered_area, offered_plan
from requests_app.effects import (
    BACK_IN_ARBITRATION,
    ORDER_AREA,
    answer_offer,
    days_from_today,
    give_back,
    issue_licence,
    open_envelopes,
    undo_decision,
)
from requests_app.models import ImageryRequest, Offer, OfferState
from requests_app.permissions import CLOCK
from requests_app.selectors import (
    nationality_refusals,
    plan_as_asked,
    standing_refusals,
    window_refusals,
)
from requests_app.transitions import (
    TransitionRefused,
    begin,
    cause_of,
    check_move,
    keep_membership,
    record,
    refuse_if,
    require_text,
    save,
)
from requests_app.workflow import RefusalReason


def _present(*refusals: Refusal | None) -> list[Refusal]:
    return [refusal for refusal in refusals if refusal is not None]


@retried_once
@transaction.atomic
def approve(*, request_id: int, user: User, note: str = "") -> ImageryRequest:
    """Grant exactly what was asked for: quota held, licence issued.

    Raises:
        TransitionRefused: a part would be paid for, the nationality review is open, or the entity
            may not ask any more.
        QuotaRefused: an envelope lacks what is asked; says how much is left.
    """
    keep_membership(request_id)
    move = begin(request_id, "approve", user)
    request = move.request
    plan = plan_as_asked(request)
    refuse_if(_approval_refusals(request, plan))
    request.approve(aoi=request.aoi, area_km2=request.area_km2)
    entry = record(move, note=note, changes=_in_numbers(plan))
    quotas.hold_plan(plan=plan, cause=cause_of(entry, request.number))
    quotas.clear_demand(request_number=request.number)
    request.funding_plan = plan.as_json()
    issue_licence(request, entry, plan)
    save(request, "funding_plan", "licence_number")
    return request


def _approval_refusals(request: ImageryRequest, plan: FundingPlan) -> list[Refusal]:
    found = standing_refusals(request, timezone.localdate()) + window_refusals(request)
    return (
        found
        + nationality_refusals(request)
        + _present(
            rules.approval_has_nothing_to_pay(priced_km2=plan.priced_km2, total_eur=plan.total_eur),
        )
    )


def _in_numbers(plan: FundingPlan) -> dict[str, str]:
    return {
        "counted_km2": str(plan.counted_km2),
        "free_km2": str(plan.free_km2),
        "priced_km2": str(plan.priced_km2),
        "total_eur": str(plan.total_eur),
    }


def offer(
    *,
    request_id: int,
    user: User,
    polygon_wkb: bytes | None = None,
    note: str = "",
    is_shortfall_priced: bool = False,
) -> ImageryRequest:
    """Propose a smaller area, or the same with a price; held until the requester answers.

    ``polygon_wkb`` (EPSG:4326) is the smaller area itself; None keeps the area asked for.

    Raises:
        TransitionRefused: the polygon leaves the area, the offer changes nothing, the nationality
            review is open, or the entity may not ask any more.
        QuotaRefused: an envelope lacks what is offered.
    """
    request = ImageryRequest.objects.select_related("sensor").get(pk=request_id)
    check_move(request, "offer", actor_of(user))
    area = offered_area(request, polygon_wkb)
    return _offer(
        request_id=request_id,
        user=user,
        measured=request,
        area=area,
        note=note,
        is_shortfall_priced=is_shortfall_priced,
    )


@retried_once
@transaction.atomic
def _offer(
    *,
    request_id: int,
    user: User,
    measured: ImageryRequest,
    area: OfferedArea,
    note: str,
    is_shortfall_priced: bool,
) -> ImageryRequest:
    keep_membership(request_id)
    move = begin(request_id, "offer", user)
    request = move.request
    _require_same_area(request, measured)
    plan = offered_plan(request, area, is_shortfall_priced=is_shortfall_priced)
    refuse_if(_offer_refusals(request, area, plan))
    valid_until = days_from_today("offer-validity-days")
    request.offer(
        aoi=area.aoi, area_km2=area.area_km2, priced_eur=plan.total_eur, valid_until=valid_until
    )
    changes = {"area_km2": [str(request.area_km2), str(area.area_km2)], **_in_numbers(plan)}
    entry = record(move, note=note, changes=changes)
    cause = cause_of(entry, request.number)
    plan = _hold_or_quote(request, plan, valid_until, cause)
    quotas.clear_demand(request_number=request.number)
    _write_offer(request, area, plan, cause.decision, valid_until)
    request.funding_plan = plan.as_json()
    request.operator_aoi, request.operator_area_km2 = area.operator_aoi, area.operator_area_km2
    request.order_is_enlarged = area.order_is_enlarged
    save(request, "funding_plan", "quotation_number", *ORDER_AREA)
    return request


def _hold_or_quote(
    request: ImageryRequest, plan: FundingPlan, valid_until: date, cause: quotas.Cause
) -> FundingPlan:
    """The plan to freeze: that of a quotation names the entity's budget."""
    if not plan.is_priced:
        quotas.hold_plan(plan=plan, cause=cause, is_offer=True)
        return plan
    issued = quotas.issue_quotation(
        plan=plan,
        entity_id=request.entity_id,
        sensor_id=request.sensor_id,
        valid_until=valid_until,
        on=timezone.localdate(),
        cause=cause,
        cell_id=request.cell_id,
    )
    request.quotation_number = issued.quotation.number
    return issued.plan


def _require_same_area(request: ImageryRequest, measured: ImageryRequest) -> None:
    if request.aoi != measured.aoi:
        message = _("The area was changed while the offer was being prepared; look at it again.")
        raise TransitionRefused(Refusal("changed_meanwhile", message))


def _offer_refusals(request: ImageryRequest, area: OfferedArea, plan: FundingPlan) -> list[Refusal]:
    found = standing_refusals(request, timezone.localdate()) + window_refusals(request)
    return (
        found
        + nationality_refusals(request)
        + _present(
            rules.offer_is_inside(outside_km2=area.outside_km2),
            rules.offer_differs(is_same_area=area.is_same, priced_km2=plan.priced_km2),
        )
    )


def _write_offer(
    request: ImageryRequest,
    area: OfferedArea,
    plan: FundingPlan,
    decision: UUID,
    valid_until: date,
) -> None:
    Offer.objects.create(
        request=request,
        decision=decision,
        aoi=area.aoi,
        area_km2=area.area_km2,
        plan=plan.as_json(),
        priced_eur=plan.total_eur,
        quotation_number=request.quotation_number,
        valid_until=valid_until,
    )


@retried_once
@transaction.atomic
def refuse(*, request_id: int, user: User, reason: str, text: str) -> ImageryRequest:
    """Refuse, with a reason code and a text a person can act on; everything held goes back. The
    record says until when one may appeal."""
    require_text(text, "text_missing", _("Explain the refusal to the requester."))
    move = begin(request_id, "refuse", user)
    request = move.request
    refuse_if(
        _present(
            rules.refusal_reason_is_known(reason, RefusalReason.values),
            rules.inadmissible_was_proposed(
                state=move.source, reason=reason, proposed=request.inadmissible_proposed
            ),
        )
    )
    request.refuse()
    appeal_until = days_from_today("appeal-days").isoformat()
    entry = record(move, reason=reason, note=text, changes={"appeal_until": appeal_until})
    give_back(request, entry)
    save(request)
    return request


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


@retried_once
@transaction.atomic
def withdraw_offer(*, request_id: int, user: User, reason: str) -> ImageryRequest:
    """Take an open offer back; the hold of the offer goes back with it."""
    require_text(reason, "reason_missing", _("Say why the offer is withdrawn."))
    move = begin(request_id, "withdraw_offer", user)
    request = move.request
    request.withdraw_offer()
    entry = record(move, note=reason)
    undo_decision(request, cause_of(entry, request.number))
    answer_offer(request, OfferState.WITHDRAWN)
    save(request, *BACK_IN_ARBITRATION)
    return request


def defer(*, request_id: int, user: User, until: date, reason: str) -> ImageryRequest:
    """Put the file off to a day, when quota comes back: first-come holds are released and the
    demand moves to the period of that day."""
    require_text(reason, "reason_missing", _("Say why the file is deferred."))
    request = ImageryRequest.objects.get(pk=request_id)
    check_move(request, "defer", actor_of(user))
    refuse_if(_deferral_refusals(until))
    request.charged_on = until
    open_envelopes(request, cell_id=request.cell_id, on=until)
    return _defer(request_id=request_id, user=user, until=until, reason=reason)


def _deferral_refusals(until: date) -> list[Refusal]:
    latest = days_from_today("deferral-maximum-days")
    return _present(
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
    entry = record(move, changes=_in_numbers(plan))
    quotas.record_demand(request_number=request.number, plan=plan)
    quotas.hold_plan(plan=plan, cause=cause_of(entry, request.number), allotment="first_come")
    request.funding_plan = plan.as_json()
    save(request, "charged_on", "funding_plan")
    return request


def _not_yet(request: ImageryRequest, user: User | None, today: date) -> list[Refusal]:
    if user is not None or request.due_on is None or request.due_on <= today:
        return []
    return [Refusal("not_due", _("This file is deferred to %s.") % day_in_words(request.due_on))]
