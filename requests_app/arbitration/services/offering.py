"""What an arbitrator offers instead of what was asked: held, or quoted, until it is answered."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import User
from eligibility.selectors import actor_of
from orbitrage.shared.errors import Refusal, refusals_in
from orbitrage.shared.transactions import retried_once
from quotas import services as quotas
from quotas.pricing import FundingPlan
from requests_app.arbitration import rules
from requests_app.arbitration.selectors import (
    OfferedArea,
    available_as_converted,
    conversion_refusals,
    offered_area,
    offered_plan,
)
from requests_app.conversion import AS_ASKED, Available, Conversion, changes_of, converted
from requests_app.effects import (
    BACK_IN_ARBITRATION,
    ORDER_AREA,
    answer_offer,
    days_from_today,
    figures_to_record,
    open_envelopes,
    undo_decision,
)
from requests_app.images import freeze_scenes, something_is_shown
from requests_app.models import ImageryRequest, Offer, OfferState
from requests_app.selectors import (
    nationality_refusals,
    standing_refusals,
    window_over_refusals,
)
from requests_app.transitions import (
    begin,
    cause_of,
    check_move,
    keep_membership,
    record,
    refuse_if,
    require_text,
    require_unchanged,
    save,
)


@dataclass(frozen=True)
class Terms:
    """What is offered, measured before the first lock. ``available`` is of the images offered."""

    conversion: Conversion
    available: Available | None
    area: OfferedArea
    is_shortfall_priced: bool

    def applied_to(self, request: ImageryRequest) -> ImageryRequest:
        return converted(request, self.conversion, self.available)


def offer(
    *,
    request_id: int,
    user: User,
    polygon_wkb: bytes | None = None,
    conversion: Conversion = AS_ASKED,
    note: str = "",
    is_shortfall_priced: bool = False,
) -> ImageryRequest:
    """Propose a smaller area, other images, or the same with a price; held until the requester
    answers.

    ``polygon_wkb`` (EPSG:4326) is the smaller area itself; None keeps the area asked for.

    Raises:
        TransitionRefused: the polygon leaves the area, the offer changes nothing, the images
            offered could not have been asked for, the nationality review is open, or the entity
            may not ask any more.
        QuotaRefused: an envelope lacks what is offered.
    """
    request = ImageryRequest.objects.select_related("sensor").get(pk=request_id)
    check_move(request, "offer", actor_of(user))
    conversion = conversion.differing_from(request)
    refuse_if(conversion_refusals(request, conversion))
    # Coverage and geometry are slow: they are computed before the first lock.
    available = available_as_converted(request, conversion)
    other = converted(request, conversion, available)
    terms = Terms(conversion, available, offered_area(other, polygon_wkb), is_shortfall_priced)
    if conversion != AS_ASKED:
        open_envelopes(other, cell_id=request.cell_id, on=timezone.localdate())
    return _offer(request_id=request_id, user=user, measured=request, terms=terms, note=note)


@retried_once
@transaction.atomic
def _offer(
    *, request_id: int, user: User, measured: ImageryRequest, terms: Terms, note: str
) -> ImageryRequest:
    keep_membership(request_id)
    move = begin(request_id, "offer", user)
    request, area = move.request, terms.area
    require_unchanged(request, measured)
    freeze_scenes(request)
    other = terms.applied_to(request)
    plan = offered_plan(other, area, is_shortfall_priced=terms.is_shortfall_priced)
    changes = _changes(request, terms, plan)
    refuse_if(_offer_refusals(other, area, plan, is_converted="choices" in changes))
    valid_until = days_from_today("offer-validity-days")
    request.offer(
        aoi=area.aoi, area_km2=area.area_km2, priced_eur=plan.total_eur, valid_until=valid_until
    )
    cause = cause_of(record(move, note=note, changes=changes), request.number)
    issued = _hold_or_quote(other, plan, valid_until, cause)
    quotas.clear_demand(request_number=request.number)
    request.quotation_number, request.funding_plan = issued.number, issued.plan.as_json()
    _write_offer(request, terms, cause.decision, valid_until)
    request.operator_aoi, request.operator_area_km2 = area.operator_aoi, area.operator_area_km2
    request.order_is_enlarged = area.order_is_enlarged
    save(request, "funding_plan", "scene_footprints", "quotation_number", *ORDER_AREA)
    return request


def _changes(request: ImageryRequest, terms: Terms, plan: FundingPlan) -> dict[str, Any]:
    """Figures, and old and new of each choice that is converted."""
    areas = [str(request.area_km2), str(terms.area.area_km2)]
    choices = changes_of(request, terms.conversion)
    return {
        "area_km2": areas,
        **figures_to_record(plan),
        **({"choices": {name: list(each) for name, each in choices.items()}} if choices else {}),
    }


@dataclass(frozen=True)
class _Issued:
    """The plan to freeze: that of a quotation names the entity's budget."""

    plan: FundingPlan
    number: str = ""


def _hold_or_quote(
    other: ImageryRequest, plan: FundingPlan, valid_until: date, cause: quotas.Cause
) -> _Issued:
    if not plan.is_priced:
        quotas.hold_plan(plan=plan, cause=cause, is_offer=True)
        return _Issued(plan)
    issued = quotas.issue_quotation(
        plan=plan,
        entity_id=other.entity_id,
        sensor_id=other.sensor_id,
        valid_until=valid_until,
        on=timezone.localdate(),
        cause=cause,
        cell_id=other.cell_id,
    )
    return _Issued(issued.plan, issued.quotation.number)


def _offer_refusals(
    other: ImageryRequest, area: OfferedArea, plan: FundingPlan, *, is_converted: bool
) -> list[Refusal]:
    """``other``: the request as it would be."""
    found = standing_refusals(other, timezone.localdate()) + window_over_refusals(other)
    return (
        found
        + nationality_refusals(other)
        + refusals_in(
            rules.offer_is_inside(outside_km2=area.outside_km2),
            something_is_shown(asked_km2=plan.area_km2),
            rules.offer_differs(
                is_same_area=area.is_same,
                is_converted=is_converted,
                priced_km2=plan.priced_km2,
                enlarges=other.waits_for_a_neighbour,
            ),
        )
    )


def _write_offer(request: ImageryRequest, terms: Terms, decision: UUID, valid_until: date) -> None:
    available = terms.available
    Offer.objects.create(
        request=request,
        decision=decision,
        aoi=terms.area.aoi,
        area_km2=terms.area.area_km2,
        plan=request.funding_plan,
        priced_eur=request.priced_eur,
        quotation_number=request.quotation_number,
        valid_until=valid_until,
        coverage=available.coverage if available else None,
        missing_aoi=available.missing_aoi if available else None,
        **asdict(terms.conversion),
    )


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
