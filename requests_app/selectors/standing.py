"""Why a request cannot go forward, whatever its state."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.selectors import actor_of, mandate_refusals, membership_refusals
from orbitrage.shared.days import day_in_words
from orbitrage.shared.errors import Refusal
from requests_app.models import (
    ImageryRequest,
    RequestKind,
)


def entity_refusals(request: ImageryRequest, on: date) -> list[Refusal]:
    """Why the entity, or its mandate, cannot ask on that day. Open data needs no membership."""
    if request.request_kind == RequestKind.OPEN:
        return []
    found = list(membership_refusals(request.entity_id, request.sensor_id, on))
    if request.mandate_id is not None:
        found += mandate_refusals(request.mandate_id, request.sensor_id, on)
    return found


def standing_refusals(request: ImageryRequest, on: date) -> list[Refusal]:
    """Why the request cannot go forward in the name of its entity that day, by whoever asks it:
    what blocks a file until its order."""
    return entity_refusals(request, on) + _requester_refusals(request)


def _requester_refusals(request: ImageryRequest) -> list[Refusal]:
    """Whoever left the entity, or its contractor, asks no longer in its name."""
    asks_from = request.mandate.contractor_id if request.mandate else request.entity_id
    if actor_of(request.requester).belongs_to(asks_from):
        return []
    message = _("%(person)s no longer asks in the name of %(entity)s.")
    names = {"person": request.requester.full_name, "entity": request.entity.name}
    return [Refusal("requester_left", message % names)]


def window_over_refusals(request: ImageryRequest) -> list[Refusal]:
    """Why nothing can be acquired any more for a request that was submitted in time."""
    ends_on = request.acquisition_ends_on
    if ends_on is None or ends_on > timezone.localdate():
        return []
    message = _("The window ended on %s: nothing can be acquired in it any more.")
    return [Refusal("window_over", message % day_in_words(ends_on))]


def nationality_refusals(request: ImageryRequest) -> list[Refusal]:
    """Whoever joins a file or takes it over has its review opened again, whatever its state."""
    if request.nationality_reviewed or not request.sensor.needs_nationality_review:
        return []
    message = _("The review of nationality that %(sensor)s asks for is not closed.")
    return [Refusal("nationality_review_open", message % {"sensor": request.sensor.name})]
