"""Handing a request to its cell, answering it, and ending it before its order."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import User
from eligibility.selectors import actor_of, eligibility_answer
from eligibility.services import lock_entity, share_membership
from licences.selectors import is_signed
from orbitrage.shared.errors import Refusal
from orbitrage.shared.transactions import retried_once
from quotas import services as quotas
from requests_app.attachments.checking import Upload, check_files
from requests_app.attachments.storing import StoredFile, store
from requests_app.effects import (
    ORDER_AREA,
    answer_offer,
    days_from_today,
    frozen_coverage,
    give_back,
    issue_licence,
    open_envelopes,
    set_order_area,
)
from requests_app.intake.rules.submission import free_part_is_as_seen, repair_refusal
from requests_app.intake.selectors.preview import Preview, holding_refusals, preview
from requests_app.joining import joined_officers
from requests_app.message_writing import attach_to_move
from requests_app.models import (
    DRAFT_FIELDS,
    ImageryRequest,
    OfferState,
    RequestKind,
    TransitionRecord,
)
from requests_app.permissions import is_asking, is_entity_contact
from requests_app.revisions import answers_of, revise_as_answered, write_revision
from requests_app.rules.relevance import idle_answers
from requests_app.selectors import plan_for, standing_refusals
from requests_app.transitions import (
    Move,
    TransitionRefused,
    begin,
    cause_of,
    check_move,
    record,
    refuse_any,
    refuse_if,
    require_text,
    require_unchanged,
    save,
)


def submit(*, request_id: int, user: User) -> ImageryRequest:
    """Hand the request to the cell: demand recorded, first-come envelopes held, receipt sent.

    Raises:
        TransitionRefused: with every reason at once; nothing is written.
        QuotaRefused: a first-come envelope does not bear it.
        PermissionDenied: somebody else's request.
    """
    today = timezone.localdate()
    draft = ImageryRequest.objects.select_related("entity__category", "sensor").get(pk=request_id)
    if draft.sensor.is_open_data:
        return submit_open_data(request_id=request_id, user=user)
    check_move(draft, "submit", actor_of(user))
    # Coverage and geometry are slow: they are computed before the first lock.
    seen = preview(draft, user=user, on=today)
    if seen.cell is not None and seen.is_accepted:
        open_envelopes(draft, cell_id=seen.cell.pk, on=today)
    return _submit(request_id=request_id, user=user, draft=draft, seen=seen)


@retried_once
@transaction.atomic
def _submit(*, request_id: int, user: User, draft: ImageryRequest, seen: Preview) -> ImageryRequest:
    lock_entity(entity_id=draft.entity_id)
    share_membership(entity_id=draft.entity_id)
    move = begin(request_id, "submit", user)
    request = move.request
    _require_accepted(request, seen)
    require_unchanged(request, draft)
    cell = seen.cell
    assert cell is not None  # else preview refused
    refuse_if(joined_officers(request, cell))
    request.policy_on = request.charged_on = timezone.localdate()
    request.submit(cell_id=cell.pk)
    entry = record(move, changes={"area_km2": str(request.area_km2), "cell": cell.code})
    _ask_quota(request, entry, seen)
    save(request, *SUBMISSION_FIELDS)
    return request


QUOTA_FIELDS = ("coverage", "missing_aoi", "simulation", "funding_plan")
SUBMISSION_FIELDS = ("policy_on", "charged_on", "eligibility_rule", *QUOTA_FIELDS)


def _require_accepted(request: ImageryRequest, seen: Preview) -> None:
    """What the preview found, and what may have changed since, read again under the locks."""
    today = timezone.localdate()
    again = standing_refusals(request, today) + holding_refusals(request, today)
    refuse_if(list(dict.fromkeys([*seen.refusals, *again])))


def _ask_quota(request: ImageryRequest, entry: TransitionRecord, seen: Preview) -> None:
    plan = plan_for(
        request,
        aoi=request.aoi,
        area_km2=request.area_km2,
        covered_km2=seen.coverage.covered_km2,
        cell_id=request.cell_id,
        on=timezone.localdate(),
    )
    refuse_any(free_part_is_as_seen(seen_km2=seen.plan.free_km2, free_km2=plan.free_km2))
    request.eligibility_rule = seen.eligibility.rule_code
    request.coverage = frozen_coverage(seen.coverage)
    request.missing_aoi = seen.coverage.remaining
    request.simulation = request.funding_plan = plan.as_json()
    quotas.record_demand(request_number=request.number, plan=plan)
    quotas.hold_plan(plan=plan, cause=cause_of(entry, request.number), allotment="first_come")


@retried_once
@transaction.atomic
def submit_open_data(*, request_id: int, user: User) -> ImageryRequest:
    """Open data: closed at once with its notice and links; nothing is charged.

    Raises:
        TransitionRefused: the sensor is not open data, the request is no longer a draft, or
            nobody agreed to how its outline was mended.
    """
    move = begin(request_id, "submit_open_data", user)
    request = move.request
    if not request.sensor.is_open_data:
        refusal = Refusal("not_open_data", _("%s is not open data.") % request.sensor.name)
        raise TransitionRefused(refusal)
    asked = answers_of(request)
    _become_open(request)
    answer_of_policy = eligibility_answer(
        request.entity, request.sensor, request.request_kind, timezone.localdate()
    )
    repair = repair_refusal(is_repaired=request.aoi_repaired, agreed=request.agrees_to_repair)
    refuse_any(*answer_of_policy.refusals, repair)
    request.policy_on = request.charged_on = timezone.localdate()
    request.submit_open_data()
    entry = record(move, changes={"area_km2": str(request.area_km2), "charged_km2": "0"})
    write_revision(entry, before=asked, after=answers_of(request))
    plan = plan_for(
        request,
        aoi=request.aoi,
        area_km2=request.area_km2,
        covered_km2=request.area_km2 * 0,
        cell_id=None,
        on=timezone.localdate(),
    )
    request.funding_plan = plan.as_json()
    issue_licence(request, entry, plan)
    save(request, *OPEN_DATA_FIELDS)
    return request


OPEN_DATA_FIELDS = (
    "policy_on", "charged_on", "funding_plan", "licence_number", *DRAFT_FIELDS, *ORDER_AREA
)  # fmt: skip


def _become_open(request: ImageryRequest) -> None:
    """A draft may be older than the day on which the images of its sensor became open data."""
    if request.request_kind == RequestKind.OPEN:
        return
    request.request_kind = RequestKind.OPEN
    for name, value in idle_answers({"request_kind": request.request_kind}).items():
        setattr(request, name, value)
    set_order_area(request)


@retried_once
@transaction.atomic
def recall(*, request_id: int, user: User) -> ImageryRequest:
    """Take a request back to change it, as long as no reviewer has taken it."""
    move = begin(request_id, "recall", user)
    request = move.request
    request.recall(due_on=days_from_today("draft-life-days"))
    entry = record(move)
    give_back(request, entry)
    request.policy_on = request.charged_on = None
    request.eligibility_rule = ""
    request.coverage = request.missing_aoi = request.simulation = request.funding_plan = None
    save(request, *SUBMISSION_FIELDS)
    return request


def answer(
    *, request_id: int, user: User, text: str, attachments: Sequence[Upload] = ()
) -> ImageryRequest:
    """Answer the cell's question; the demand follows the area as it is now.

    Raises:
        TransitionRefused: as for :func:`submit`, when ``text`` is empty, and when a file cannot be
            kept.
    """
    draft = ImageryRequest.objects.select_related("entity__category", "sensor").get(pk=request_id)
    check_move(draft, "answer", actor_of(user))
    require_text(text, "answer_missing", _("Write the answer to the cell's question."))
    checked, refused = check_files(attachments)
    refuse_if(refused)
    # The answer may ask for the other kind, which policy may give envelopes of its own.
    open_envelopes(draft, cell_id=draft.cell_id, on=timezone.localdate())
    seen = preview(draft, user=draft.requester, on=timezone.localdate())
    stored = store(checked if seen.is_accepted else [])  # else it is refused below
    return _answer(
        request_id=request_id, user=user, text=text, draft=draft, seen=seen, stored=stored
    )


@retried_once
@transaction.atomic
def _answer(
    *,
    request_id: int,
    user: User,
    text: str,
    draft: ImageryRequest,
    seen: Preview,
    stored: Sequence[StoredFile],
) -> ImageryRequest:
    lock_entity(entity_id=draft.entity_id)
    share_membership(entity_id=draft.entity_id)
    move = begin(request_id, "answer", user)
    request = move.request
    _require_accepted(request, seen)
    require_unchanged(request, draft)
    before = request.simulation["area_km2"] if request.simulation else None
    request.answer()
    changes = {"area_km2": [before, str(request.area_km2)]}
    entry = record(move, note=text, changes=changes)
    revise_as_answered(request, entry)
    attach_to_move(request, entry, stored)
    _ask_quota(request, entry, seen)
    save(request, "eligibility_rule", *QUOTA_FIELDS)
    return request


@retried_once
@transaction.atomic
def cancel(*, request_id: int, user: User, reason: str = "") -> ImageryRequest:
    """End a request before its order; everything held goes back.

    Raises:
        TransitionRefused: the chair or the secretariat gives no reason.
    """
    move = begin(request_id, "cancel", user)
    request = move.request
    if not _asks(move):
        require_text(reason, "reason_missing", _("Say why the request is cancelled."))
    request.cancel()
    entry = record(move, note=reason)
    give_back(request, entry)
    answer_offer(request, OfferState.CANCELLED)
    save(request)
    return request


def _asks(move: Move) -> bool:
    request, actor = move.request, move.actor
    return is_asking(request, actor) or is_entity_contact(request, actor)


@retried_once
@transaction.atomic
def lapse(*, request_id: int) -> ImageryRequest:
    """The calendar's end of a request that waited past its date, two reminders sent.

    Raises:
        TransitionRefused: the date has not passed, a reminder is missing, or the signature that it
            waited for has come.
    """
    move = begin(request_id, "lapse", None)
    request = move.request
    if not request.is_overdue or request.reminders_sent < 2 or is_signed(request.number):
        raise TransitionRefused(
            Refusal("not_due", _("%s may still be acted upon.") % request.number)
        )
    request.lapse()
    entry = record(move)
    give_back(request, entry)
    answer_offer(request, OfferState.LAPSED)
    save(request)
    return request
