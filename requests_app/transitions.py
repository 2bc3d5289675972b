"""How every service moves a request: lock, re-read, check, record, save.

The order of locks is account (of who sets something of their own), membership, requests by pk,
sensor (its quota policy), supply contracts by pk, envelopes by pk, counters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import User
from eligibility.permissions import Actor
from eligibility.selectors import actor_of
from eligibility.services import share_membership
from orbitrage.shared import outbox
from orbitrage.shared.days import instant_in_words
from orbitrage.shared.errors import DomainError, Refusal, refusals_in
from quotas.services import Cause
from requests_app.models import DRAFT_FIELDS, ImageryRequest, TransitionNote, TransitionRecord
from requests_app.permissions import CLOCK
from requests_app.story import is_inside, signed_by
from requests_app.workflow import is_allowed, is_possible

NOTICE_TOPIC = "requests.notice"


class TransitionRefused(DomainError):
    """The request cannot make this move now."""


@dataclass(frozen=True)
class Move:
    """A transition in progress: its locked request, who moves it, and the state it leaves."""

    request: ImageryRequest
    transition: str
    actor: Actor
    source: str

    @property
    def author_id(self) -> int | None:
        return None if self.actor is CLOCK else self.actor.user_id


def keep_membership(request_id: int) -> None:
    """The memberships behind the request stay as they are until the caller's transaction ends. The
    first lock of whoever takes several."""
    entity_id = ImageryRequest.objects.values_list("entity_id", flat=True).get(pk=request_id)
    share_membership(entity_id=entity_id)


def lock_request(request_id: int) -> ImageryRequest:
    """Lock and read again. Others may meanwhile add rows that refer to the request."""
    locking = ImageryRequest.objects.select_for_update(no_key=True, of=("self",))
    locked: ImageryRequest = locking.get(pk=request_id)
    return locked


def begin(request_id: int, transition: str, user: User | None) -> Move:
    """Lock the request and check that ``user`` (None: the calendar) may make this move now.

    Raises:
        TransitionRefused: the state forbids the move; says who moved the request, and when.
        PermissionDenied: the state allows it, to somebody else.
    """
    request = lock_request(request_id)
    actor = CLOCK if user is None else actor_of(user)
    check_move(request, transition, actor)
    return Move(request, transition, actor, request.state)


def check_move(request: ImageryRequest, transition: str, actor: Actor) -> None:
    """What :func:`begin` checks under the lock, for a service that has slow work to do before it.

    Raises:
        TransitionRefused, PermissionDenied: as :func:`begin`.
    """
    if not is_possible(request, transition):
        raise TransitionRefused(wrong_state(request, actor))
    # Asked second: django-fsm answers no to everybody when the state forbids the move.
    if not is_allowed(request, transition, actor):
        raise PermissionDenied


def wrong_state(request: ImageryRequest, actor: Actor) -> Refusal:
    """Say what has become of the request, by whom, as ``actor`` may read it, and when."""
    state = str(request.get_state_display()).lower()
    moves = request.records.exclude(source=F("target"))
    last = moves.select_related("author").last()
    if last is None:
        return Refusal(
            "wrong_state", _("This request is now in state “%(state)s”.") % {"state": state}
        )
    by = signed_by(last, request, inside=is_inside(request, actor))
    at = instant_in_words(last.at)
    return Refusal(
        "already_decided",
        _("This request is now in state “%(state)s”: already decided by %(by)s on %(at)s.")
        % {"state": state, "by": by, "at": at},
    )


def record(
    move: Move,
    *,
    reason: str = "",
    note: str = "",
    changes: Mapping[str, Any] | None = None,
) -> TransitionRecord:
    """Write the immutable record of ``move`` and the notice that leaves after the commit.

    Called after the transition method and before :func:`save`: the database accepts the new
    state only beside its record.
    """
    entry = TransitionRecord.objects.create(
        request=move.request,
        transition=move.transition,
        source=move.source,
        target=move.request.state,
        author_id=move.author_id,
        reason=reason,
        changes=dict(changes or {}),
    )
    if note:
        TransitionNote.objects.create(record=entry, content=note)
    outbox.write(
        topic=NOTICE_TOPIC,
        key=f"notice:{entry.pk}",
        payload={"record_id": entry.pk},
        stream=move.request.number,
    )
    return entry


WORKFLOW_FIELDS = (
    "state",
    "cell",
    "reviewer",
    "submitted_at",
    "due_on",
    "reminders_sent",
    "inadmissible_proposed",
    "nationality_reviewed",
    "is_expedited",
    "blocked_reason",
    "granted_aoi",
    "granted_area_km2",
    "priced_eur",
    "purchase_reference",
    "delivered_at",
)


def save(request: ImageryRequest, *more: str) -> None:
    request.save(update_fields=[*WORKFLOW_FIELDS, *more])


def cause_of(entry: TransitionRecord, number: str) -> Cause:
    """What the ledger notes beside the entries of this decision."""
    return Cause(
        decision=entry.decision,
        request_number=number,
        author_id=entry.author_id,
        reason=entry.transition,
    )


def require_text(value: str, code: str, message: str) -> None:
    if not value.strip():
        raise TransitionRefused(Refusal(code, message))


def refuse_if(refusals: Sequence[Refusal]) -> None:
    """Raise all of ``refusals`` at once.

    Raises:
        TransitionRefused: there is at least one.
    """
    if refusals:
        raise TransitionRefused(*refusals)


def refuse_any(*answers: Refusal | None) -> None:
    """Raise at once those answers of rules that are refusals.

    Raises:
        TransitionRefused: there is at least one.
    """
    refuse_if(refusals_in(*answers))


WORKED_OUT_FROM = (
    *DRAFT_FIELDS, "aoi", "area_km2", "requester_id", "entity_id", "sensor_id", "mandate_id"
)  # fmt: skip
"""What coverage, price and refusals of a request depend on."""


def require_unchanged(request: ImageryRequest, checked: ImageryRequest) -> None:
    """That the locked ``request`` is as ``checked``, from which something slow was worked out
    before the lock.

    Raises:
        TransitionRefused: it is not.
    """
    if any(getattr(request, name) != getattr(checked, name) for name in WORKED_OUT_FROM):
        message = _("The request was changed while this was being worked out; look at it again.")
        raise TransitionRefused(Refusal("changed_meanwhile", message))


def remind(request_id: int, *, state: str, due_on: date) -> bool:
    """Record and send a reminder of the date by which somebody must act, one a day at most.

    False when the request is no longer as it was read, or another run has reminded of it today.
    """
    request = lock_request(request_id)
    today = request.records.filter(transition="remind", at__date=timezone.localdate())
    if (request.state, request.due_on) != (state, due_on) or today.exists():
        return False
    request.reminders_sent += 1
    changes = {"reminder": request.reminders_sent, "due_on": due_on.isoformat()}
    record(Move(request, "remind", CLOCK, request.state), changes=changes)
    request.save(update_fields=["reminders_sent"])
    return True
