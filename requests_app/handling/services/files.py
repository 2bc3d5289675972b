"""Who in which cell has a file: given to a reviewer, moved to another cell, decided outside a
meeting."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import Cell, User
from eligibility.selectors import actor_of
from orbitrage.shared.transactions import retried_once
from quotas import services as quotas
from requests_app.effects import open_envelopes
from requests_app.handling import rules
from requests_app.handling.selectors import cells_for
from requests_app.joining import joined_officers
from requests_app.models import ImageryRequest
from requests_app.permissions import is_reviewer
from requests_app.selectors import plan_as_asked
from requests_app.states import State
from requests_app.transitions import (
    begin,
    cause_of,
    check_move,
    record,
    refuse_any,
    refuse_if,
    require_text,
    save,
)


@retried_once
@transaction.atomic
def assign(*, request_id: int, user: User, reviewer_id: int) -> ImageryRequest:
    """Give the file to a reviewer of the cell; recorded, no change of state. A proposal to refuse
    it was the other reviewer's, and goes.

    Raises:
        TransitionRefused: that person has the file, does not review for the cell, or has an
            interest in it.
    """
    move = begin(request_id, "assign", user)
    request = move.request
    reviewer = User.objects.get(pk=reviewer_id)
    _require_reviewer(request, reviewer)
    changes = {"reviewer": [request.reviewer_id, reviewer.pk]}
    request.assign(reviewer_id=reviewer.pk)
    record(move, changes=changes)
    save(request)
    return request


def _require_reviewer(request: ImageryRequest, reviewer: User) -> None:
    refuse_any(
        rules.is_given_anew(
            is_holder=request.reviewer_id == reviewer.pk, person=reviewer.full_name
        ),
        rules.reviews_for_cell(
            is_reviewer=is_reviewer(request, actor_of(reviewer)),
            person=reviewer.full_name,
            cell=request.cell.name if request.cell else "",
        ),
    )


def reroute(*, request_id: int, user: User, cell_id: int, reason: str) -> ImageryRequest:
    """Move the file to another cell; recorded, no change of state. The demand moves to that cell's
    envelopes, and what is held of the entity's own follows the plan that they give.

    Raises:
        TransitionRefused: no reason is given, or that cell has the file already or takes no
            requests for its sensor.
        QuotaRefused: a first-come envelope no longer bears what is asked.
    """
    require_text(reason, "reason_missing", _("Say why the file moves to another cell."))
    request = ImageryRequest.objects.select_related("entity__category", "sensor").get(pk=request_id)
    check_move(request, "reroute", actor_of(user))
    _require_other_cell(request, cell_id)
    open_envelopes(request, cell_id=cell_id, on=timezone.localdate())
    return _reroute(request_id=request_id, user=user, cell_id=cell_id, reason=reason)


def _require_other_cell(request: ImageryRequest, cell_id: int) -> None:
    cell = Cell.objects.get(pk=cell_id)
    is_present = request.cell_id == cell_id
    takes = is_present or cells_for(request).filter(pk=cell_id).exists()
    refuse_any(
        rules.is_another_cell(is_present=is_present, cell=cell.name),
        rules.cell_takes_sensor(takes=takes, cell=cell.name, sensor=request.sensor.name),
    )
    refuse_if(joined_officers(request, cell))


@retried_once
@transaction.atomic
def _reroute(*, request_id: int, user: User, cell_id: int, reason: str) -> ImageryRequest:
    move = begin(request_id, "reroute", user)
    request = move.request
    _require_other_cell(request, cell_id)
    changes = {"cell": [request.cell_id, cell_id]}
    request.reroute(cell_id=cell_id)
    entry = record(move, note=reason, changes=changes)
    plan = plan_as_asked(request)
    quotas.record_demand(request_number=request.number, plan=plan)
    if request.state != State.DEFERRED:  # which holds nothing until its day
        quotas.hold_plan(plan=plan, cause=cause_of(entry, request.number), allotment="first_come")
        request.funding_plan = plan.as_json()
    save(request, "funding_plan")
    return request


@retried_once
@transaction.atomic
def expedite(*, request_id: int, user: User, reason: str) -> ImageryRequest:
    """Have the file decided without waiting for a meeting; recorded, no change of state.

    Raises:
        TransitionRefused: no reason is given, or the file is expedited already.
    """
    require_text(reason, "reason_missing", _("Say why the file does not wait for a meeting."))
    move = begin(request_id, "expedite", user)
    request = move.request
    refuse_any(rules.is_not_expedited(is_expedited=request.is_expedited))
    request.expedite()
    record(move, note=reason)
    save(request)
    return request
