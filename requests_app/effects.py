"""What follows from a decision, in the transaction that takes it: quota, quotation, licence."""

from datetime import date, timedelta

from django.utils import timezone

from eligibility.selectors import parameter
from licences import services as licences
from quotas import services as quotas
from quotas.pricing import FundingPlan
from quotas.services import Cause
from requests_app.documents import licence_record
from requests_app.models import ImageryRequest, Offer, OfferState, TransitionRecord
from requests_app.transitions import cause_of


def days_from_today(parameter_code: str) -> date:
    """Today plus the delay, in days, that the office has set under ``parameter_code``."""
    today = timezone.localdate()
    return today + timedelta(days=int(parameter(parameter_code, today)))


def open_envelopes(request: ImageryRequest, *, cell_id: int | None, on: date) -> None:
    """Open the envelopes of the day the request is charged on. Before the first lock."""
    where = {
        "sensor_id": request.sensor_id,
        "request_kind": request.request_kind,
        "on": request.charged_on or on,
    }
    quotas.ensure_envelopes(entity_id=request.entity_id, **where)
    if cell_id is not None:
        quotas.ensure_programme_envelope(cell_id=cell_id, **where)


def issue_licence(request: ImageryRequest, entry: TransitionRecord, plan: FundingPlan) -> None:
    """Give the request its licence; takes the counter of its kind, the last lock of all."""
    licence = licences.issue(
        record=licence_record(request, plan),
        decision=entry.decision,
        entity_id=request.entity_id,
        cell_id=request.cell_id,
    )
    request.licence_number = licence.number


def revoke_licence(request: ImageryRequest, entry: TransitionRecord) -> None:
    licences.revoke(
        request_number=request.number, reason=entry.transition, decision=entry.decision
    )


def give_back(request: ImageryRequest, entry: TransitionRecord) -> None:
    """End of a request before its order: every hold, the demand, the offer and the licence."""
    cause = cause_of(entry, request.number)
    quotas.release_request(request_number=request.number, cause=cause)
    quotas.close_quotation(request_number=request.number, cause=cause)
    quotas.clear_demand(request_number=request.number)
    revoke_licence(request, entry)


def undo_decision(request: ImageryRequest, cause: Cause) -> None:
    """Back to arbitration: the decision's holds go back, those of the submission stay."""
    quotas.release_request(
        request_number=request.number, cause=cause, allotment="arbitrated"
    )
    quotas.close_quotation(request_number=request.number, cause=cause)


def answer_offer(request: ImageryRequest, state: OfferState) -> None:
    """Note on the open offer, if there is one, what became of it."""
    open_offers = Offer.objects.filter(request=request, state=OfferState.OPEN)
    open_offers.update(state=state, answered_at=timezone.now())
