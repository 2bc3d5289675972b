"""What follows from a decision, in the transaction that takes it: quota, quotation, licence."""

from datetime import date, timedelta

import shapely
from django.utils import timezone

from catalogue.models import Item
from catalogue.selectors import Coverage
from eligibility.selectors import parameter
from licences import services as licences
from licences.models import Licence
from orbitrage.shared.geo import to_geos_multipolygon
from quotas import services as quotas
from quotas.pricing import FundingPlan
from quotas.services import Cause
from requests_app.aoi.operator_area import OperatorArea
from requests_app.documents import delivered_image, licence_record
from requests_app.models import ImageryRequest, Offer, OfferState, TransitionRecord
from requests_app.selectors import order_area, order_area_within, plan_as_asked
from requests_app.states import State
from requests_app.transitions import cause_of


def days_from_today(parameter_code: str) -> date:
    """Today plus the delay, in days, that the office has set under ``parameter_code``."""
    today = timezone.localdate()
    return today + timedelta(days=int(parameter(parameter_code, today)))


def open_envelopes(request: ImageryRequest, *, cell_id: int | None, on: date) -> None:
    """Open the envelopes of the day the request is charged on. Before the first lock."""
    sensor_id, kind, on = request.sensor_id, request.request_kind, request.charged_on or on
    quotas.ensure_envelopes(
        entity_id=request.entity_id, sensor_id=sensor_id, request_kind=kind, on=on
    )
    if cell_id is not None:
        quotas.ensure_programme_envelopes(
            cell_id=cell_id, sensor_id=sensor_id, request_kind=kind, on=on
        )


def figures_to_record(plan: FundingPlan) -> dict[str, str]:
    """What the record of a decision says of its plan."""
    return {
        "counted_km2": str(plan.counted_km2),
        "free_km2": str(plan.free_km2),
        "priced_km2": str(plan.priced_km2),
        "total_eur": str(plan.total_eur),
    }


def issue_licence(request: ImageryRequest, entry: TransitionRecord, plan: FundingPlan) -> None:
    """Give the request its licence; takes the counter of its kind, the last lock of all."""
    licence = licences.issue(
        record=licence_record(request, plan),
        decision=entry.decision,
        entity_id=request.entity_id,
        cell_id=request.cell_id,
        requester_id=request.requester_id,
    )
    request.licence_number = licence.number
    if request.state == State.APPROVED and licence.state == Licence.State.AWAITING:
        request.wait_for_signature(due_on=days_from_today("signature-due-days"))


def annex_delivery(request: ImageryRequest, entry: TransitionRecord, items: list[Item]) -> None:
    """Number what came as an annex to the licence; nothing where nothing new came."""
    if items:
        images = [delivered_image(item) for item in items]
        licences.add_annex(request_number=request.number, images=images, decision=entry.decision)


def revoke_licence(request: ImageryRequest, entry: TransitionRecord) -> None:
    licences.revoke(request_number=request.number, reason=entry.transition, decision=entry.decision)


def give_back(request: ImageryRequest, entry: TransitionRecord) -> None:
    """End of a request before its order: every hold, the demand, the offer and the licence."""
    cause = cause_of(entry, request.number)
    quotas.release_request(request_number=request.number, cause=cause)
    quotas.close_quotation(request_number=request.number, cause=cause)
    quotas.clear_demand(request_number=request.number)
    revoke_licence(request, entry)


ORDER_AREA = ("operator_aoi", "operator_area_km2", "order_is_enlarged")
BACK_IN_ARBITRATION = (
    "charged_on", "funding_plan", "quotation_number", "ordered_with", "scene_footprints",
    *ORDER_AREA,
)  # fmt: skip


def undo_decision(request: ImageryRequest, cause: Cause) -> None:
    """Back to arbitration with what was asked: the decision's holds go back, the first-come ones
    are those of the submission again as far as the envelopes bear it, the demand shows again. All
    on the envelopes of the day: a period may have ended since. Changes the fields
    ``BACK_IN_ARBITRATION``."""
    set_order_area(request)  # slow: before the first lock of an envelope
    request.charged_on = timezone.localdate()
    request.scene_footprints = None
    open_envelopes(request, cell_id=request.cell_id, on=request.charged_on)
    quotas.release_decision(request_number=request.number, cause=cause)
    quotas.close_quotation(request_number=request.number, cause=cause)
    plan = plan_as_asked(request)
    quotas.hold_plan(plan=plan, cause=cause, allotment="first_come")
    quotas.record_demand(request_number=request.number, plan=plan)
    request.funding_plan = plan.as_json()
    request.quotation_number = ""
    request.ordered_with = ""


def frozen_coverage(found: Coverage) -> dict[str, object]:
    """What was available of an area at that moment, as JSON; km² as text."""
    return {
        "covered_km2": str(found.covered_km2),
        "remaining_km2": str(found.remaining_km2),
        "items": found.items,
    }


def set_order_area(request: ImageryRequest) -> None:
    """The polygon for the operator follows the area asked for."""
    _take(request, order_area(request, bytes(request.aoi.wkb)))


def join_order(request: ImageryRequest, number: str) -> None:
    """Its order leaves within that of the request ``number``. Slow, as :func:`set_order_area`."""
    request.ordered_with = number
    _take(request, order_area_within(request))


def _take(request: ImageryRequest, order: OperatorArea) -> None:
    request.operator_aoi = to_geos_multipolygon(shapely.from_wkb(order.wkb))
    request.operator_area_km2 = order.area_km2
    request.order_is_enlarged = order.enlarged


def answer_offer(request: ImageryRequest, state: OfferState) -> None:
    """Note on the open offer, if there is one, what became of it."""
    open_offers = Offer.objects.filter(request=request, state=OfferState.OPEN)
    open_offers.update(state=state, answered_at=timezone.now())
