"""The life of a request: its states, and the methods that are the only way from one to the next.

A transition changes ``self`` and nothing else; what follows from it (quota, licence, mail) is in
the services. The database refuses a change of state without its transition record.

One file however long it grows: the whole of a request's life is read here from top to bottom.
"""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib.gis.geos import MultiPolygon
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_fsm import (
    RETURN_VALUE,
    ConcurrentTransitionMixin,
    FSMField,
    can_proceed,
    has_transition_perm,
    transition,
)

from eligibility.permissions import Actor
from requests_app.permissions import by


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    IN_REVIEW = "in_review", _("In review")
    INFORMATION_REQUESTED = "information_requested", _("Information requested")
    IN_ARBITRATION = "in_arbitration", _("In arbitration")
    DEFERRED = "deferred", _("Deferred")
    OFFERED = "offered", _("Offer to accept")
    APPROVED = "approved", _("Approved")
    ORDERED = "ordered", _("Ordered")
    PARTIALLY_DELIVERED = "partially_delivered", _("Partially delivered")
    DELIVERED = "delivered", _("Delivered")
    DISPUTED = "disputed", _("Disputed")
    CLOSED = "closed", _("Closed")
    REFUSED = "refused", _("Refused")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")
    FAILED = "failed", _("Acquisition failed")


# With the requester's cell, or on the way back to it: what is asked is not decided yet.
UNDECIDED_STATES = (
    State.SUBMITTED,
    State.IN_REVIEW,
    State.INFORMATION_REQUESTED,
    State.IN_ARBITRATION,
    State.DEFERRED,
)


# A deferred file waits for its day, not for a meeting.
BEFORE_MEETING = (
    State.SUBMITTED,
    State.IN_REVIEW,
    State.INFORMATION_REQUESTED,
    State.IN_ARBITRATION,
)


class RefusalReason(models.TextChoices):
    NOT_ELIGIBLE = "not_eligible", _("Not eligible")
    INADMISSIBLE = "inadmissible", _("Inadmissible")
    ALREADY_AVAILABLE = "already_available", _("Already available")
    QUOTA_EXHAUSTED = "quota_exhausted", _("Quota exhausted")
    COMPETITION = "competition", _("Competition between requests")
    NOT_FEASIBLE = "not_feasible", _("Not feasible")
    EMERGENCY_OUT_OF_SCOPE = "emergency_out_of_scope", _("Emergency, out of scope")
    LICENCE_INCOMPATIBLE = "licence_incompatible", _("Use not allowed by the licence")
    INVALID_GEOMETRY = "invalid_geometry", _("Area cannot be acquired")
    CLOUD_COVER = "cloud_cover", _("Cloud cover")
    OTHER = "other", _("Other")


class BlockReason(models.TextChoices):
    """Why nobody can go on with a file in the name of its entity: codes of refusals."""

    NOT_A_MEMBER = "not_a_member", _("The entity is not a member")
    MEMBERSHIP_EXPIRED = "membership_expired", _("The membership has ended")
    MEMBERSHIP_SUSPENDED = "membership_suspended", _("The membership is suspended")
    SENSOR_OUTSIDE_MEMBERSHIP = (
        "sensor_outside_membership",
        _("The membership does not cover the sensor"),
    )
    TERMS_NOT_ACCEPTED = "terms_not_accepted", _("The terms in force are not accepted")
    MANDATE_NOT_STARTED = "mandate_not_started", _("The mandate has not begun")
    MANDATE_EXPIRED = "mandate_expired", _("The mandate has ended")
    SENSOR_OUTSIDE_MANDATE = (
        "sensor_outside_mandate",
        _("The mandate does not cover the sensor"),
    )
    REQUESTER_LEFT = "requester_left", _("Who asked no longer asks in the name of the entity")


# Of an order that is out: a request acquired again may have images of its first order.
NOTHING_CAME = _("refund of what did not come; licence revoked when nothing ever came")

FINAL_STATES = frozenset(
    {State.CLOSED, State.REFUSED, State.CANCELLED, State.EXPIRED, State.FAILED}
)
BEFORE_ORDER = (
    State.DRAFT,
    State.SUBMITTED,
    State.IN_REVIEW,
    State.INFORMATION_REQUESTED,
    State.IN_ARBITRATION,
    State.DEFERRED,
    State.OFFERED,
    State.APPROVED,
)
# With the cell or with the requester since its submission: it can be blocked.
BLOCKABLE_STATES = tuple(state for state in BEFORE_ORDER if state != State.DRAFT)
UNDER_WAY = tuple(state for state in State if state not in FINAL_STATES)
HANDED_IN = tuple(state for state in UNDER_WAY if state != State.DRAFT)
# What a cell has to do, by the states of the file meanwhile: its delay runs once for each.
DUTIES_OF_CELL: tuple[tuple[str, ...], ...] = (
    (State.SUBMITTED, State.IN_REVIEW, State.IN_ARBITRATION),
    (State.APPROVED,),
    (State.DISPUTED,),
)
WITH_OPERATOR = (State.ORDERED, State.PARTIALLY_DELIVERED)

WHO_MUST_ACT: dict[str, str] = {
    State.DRAFT: "requester",
    State.SUBMITTED: "cell",
    State.IN_REVIEW: "cell",
    State.INFORMATION_REQUESTED: "requester",
    State.IN_ARBITRATION: "cell",
    State.DEFERRED: "clock",
    State.OFFERED: "requester",
    State.APPROVED: "cell",
    State.ORDERED: "operator",
    State.PARTIALLY_DELIVERED: "operator",
    State.DELIVERED: "requester",
    State.DISPUTED: "cell",
}


class RequestWorkflow(ConcurrentTransitionMixin, models.Model):
    # Declared by ImageryRequest; named here because transitions and permissions use them.
    requester_id: int
    entity_id: int
    cell_id: int | None
    reviewer_id: int | None
    submitted_at: Any
    delivered_at: Any
    due_on: date | None
    reminders_sent: int
    granted_aoi: MultiPolygon | None
    granted_area_km2: Decimal | None
    priced_eur: Decimal
    purchase_reference: str
    reviewer: Any
    inadmissible_proposed: bool
    nationality_reviewed: bool
    is_expedited: bool
    blocked_reason: str
    mandate_id: int | None
    on_shortfall: str
    window_ends_on: date | None

    if TYPE_CHECKING:

        @property
        def co_requester_ids(self) -> frozenset[int]: ...
        @property
        def registrar_ids(self) -> frozenset[int]: ...
        @property
        def opinion_giver_ids(self) -> frozenset[int]: ...

    state = FSMField(
        _("state"), max_length=30, default=State.DRAFT, choices=State, protected=True, db_index=True
    )

    class Meta:
        abstract = True

    @property
    def is_priced(self) -> bool:
        return self.priced_eur > 0

    def _wait_until(self, due_on: date | None) -> None:
        self.due_on = due_on
        self.reminders_sent = 0

    def _leave(self) -> None:
        """For good, back to the requester, or to the operator: neither waits nor is blocked."""
        self.blocked_reason = ""
        self._wait_until(None)

    def _drop_decision(self) -> None:
        self.granted_aoi = None
        self.granted_area_km2 = None
        self.priced_eur = Decimal(0)
        self.purchase_reference = ""
        self._wait_until(None)

    # -- the requester asks -------------------------------------------------------------------

    @transition(
        state,
        source=State.DRAFT,
        target=State.SUBMITTED,
        permission=by("requester", "co_requester"),
        custom={"label": _("Submit"), "effect": _("demand recorded, first-come envelopes held")},
    )
    def submit(self, *, cell_id: int) -> None:
        self.cell_id = cell_id
        self.submitted_at = timezone.now()
        self._wait_until(None)

    @transition(
        state,
        source=State.DRAFT,
        target=State.CLOSED,
        permission=by("requester", "co_requester"),
        custom={"label": _("Get open data"), "effect": _("nothing charged")},
    )
    def submit_open_data(self) -> None:
        self.submitted_at = timezone.now()
        self._wait_until(None)

    @transition(
        state,
        source=State.SUBMITTED,
        target=State.DRAFT,
        permission=by("requester"),
        custom={"label": _("Take back"), "effect": _("demand and holds undone")},
    )
    def recall(self, *, due_on: date) -> None:
        self.cell_id = None
        self.reviewer_id = None
        self.submitted_at = None
        self.is_expedited = False
        self.nationality_reviewed = False
        self._leave()
        self._wait_until(due_on)

    @transition(
        state,
        source=BEFORE_ORDER,
        target=State.CANCELLED,
        permission=by("requester", "co_requester", "entity_contact", "chair", "secretariat"),
        custom={"label": _("Cancel the request"), "effect": _("release; licence revoked")},
    )
    def cancel(self) -> None:
        self._leave()

    @transition(
        state,
        source=(State.DRAFT, State.INFORMATION_REQUESTED, State.OFFERED, State.APPROVED),
        target=State.EXPIRED,
        permission=by("clock"),
        custom={"label": _("Lapse"), "effect": _("release; licence revoked")},
    )
    def lapse(self) -> None:
        self._leave()

    # -- the cell reviews ---------------------------------------------------------------------

    @transition(
        state,
        source=State.SUBMITTED,
        target=State.IN_REVIEW,
        permission=by("reviewer"),
        custom={"label": _("Take the file"), "effect": ""},
    )
    def take(self, *, reviewer_id: int) -> None:
        self.reviewer_id = reviewer_id

    @transition(
        state,
        source=State.IN_REVIEW,
        target=State.SUBMITTED,
        permission=by("assigned_reviewer", "chair"),
        custom={"label": _("Put the file back"), "effect": ""},
    )
    def release_file(self) -> None:
        self.reviewer_id = None
        self.inadmissible_proposed = False

    @transition(
        state,
        source=State.IN_REVIEW,
        target=State.INFORMATION_REQUESTED,
        permission=by("assigned_reviewer"),
        custom={"label": _("Ask for information"), "effect": _("mail; clock stopped")},
    )
    def request_information(self, *, due_on: date) -> None:
        self.inadmissible_proposed = False
        self._wait_until(due_on)

    @transition(
        state,
        source=State.INFORMATION_REQUESTED,
        target=State.IN_REVIEW,
        permission=by("requester", "co_requester", "entity_contact"),
        custom={"label": _("Answer"), "effect": _("demand and holds follow the new area")},
    )
    def answer(self) -> None:
        self._wait_until(None)

    @transition(
        state,
        source=State.IN_REVIEW,
        target=State.IN_ARBITRATION,
        permission=by("assigned_reviewer"),
        custom={"label": _("Send to arbitration"), "effect": ""},
    )
    def recommend(self) -> None:
        self.inadmissible_proposed = False

    # -- the cell decides ---------------------------------------------------------------------

    @transition(
        state,
        source=State.IN_ARBITRATION,
        target=State.IN_REVIEW,
        permission=by("arbitrator"),
        custom={"label": _("Return to review"), "effect": ""},
    )
    def return_to_review(self) -> None:
        pass

    @transition(
        state,
        source=State.IN_ARBITRATION,
        target=State.APPROVED,
        permission=by("arbitrator"),
        custom={"label": _("Approve"), "effect": _("hold; licence issued")},
    )
    def approve(self, *, aoi: MultiPolygon, area_km2: Decimal) -> None:
        """Grant ``area_km2`` (km²): exactly what the requester last agreed to, nothing to pay."""
        self.granted_aoi = aoi
        self.granted_area_km2 = area_km2
        self._wait_until(None)

    @transition(
        state,
        source=State.IN_ARBITRATION,
        target=State.OFFERED,
        permission=by("arbitrator"),
        custom={"label": _("Make an offer"), "effect": _("hold; quotation frozen")},
    )
    def offer(
        self, *, aoi: MultiPolygon, area_km2: Decimal, priced_eur: Decimal, valid_until: date
    ) -> None:
        self.granted_aoi = aoi
        self.granted_area_km2 = area_km2
        self.priced_eur = priced_eur
        self._wait_until(valid_until)

    @transition(
        state,
        source=State.OFFERED,
        target=State.APPROVED,
        permission=by("requester_of_free_offer", "contact_of_priced_offer"),
        custom={"label": _("Accept the offer"), "effect": _("licence issued")},
    )
    def accept_offer(self, *, purchase_reference: str) -> None:
        self.purchase_reference = purchase_reference
        self._wait_until(None)

    @transition(
        state,
        source=State.OFFERED,
        target=State.IN_ARBITRATION,
        permission=by("requester"),
        custom={"label": _("Reply to the offer"), "effect": _("the offer's hold is released")},
    )
    def reply_to_offer(self) -> None:
        self._drop_decision()

    @transition(
        state,
        source=State.OFFERED,
        target=State.CANCELLED,
        permission=by("requester"),
        custom={"label": _("Decline the offer"), "effect": _("release")},
    )
    def decline_offer(self) -> None:
        self._leave()

    @transition(
        state,
        source=State.OFFERED,
        target=State.IN_ARBITRATION,
        permission=by("arbitrator", "chair"),
        custom={"label": _("Withdraw the offer"), "effect": _("the offer's hold is released")},
    )
    def withdraw_offer(self) -> None:
        self._drop_decision()

    @transition(
        state,
        source=State.APPROVED,
        target=State.IN_ARBITRATION,
        permission=by("chair", "arbitrator", "disinterested_secretariat"),
        custom={
            "label": _("Rescind the decision"),
            "effect": _("the decision's hold is released; licence revoked"),
        },
    )
    def rescind(self) -> None:
        """Proposed by one person and confirmed by another, one of them the chair."""
        self._drop_decision()

    @transition(
        state,
        source=State.IN_ARBITRATION,
        target=State.DEFERRED,
        permission=by("arbitrator"),
        custom={"label": _("Defer"), "effect": _("first-come holds released; demand moves")},
    )
    def defer(self, *, until: date) -> None:
        self._wait_until(until)

    @transition(
        state,
        source=State.DEFERRED,
        target=RETURN_VALUE(State.IN_ARBITRATION, State.INFORMATION_REQUESTED),
        permission=by("clock", "arbitrator"),
        custom={
            "label": _("Resume"),
            "effect": _("demand on the current period; first-come envelopes held again"),
        },
    )
    def resume(self, *, window_is_open: bool, due_on: date) -> str:
        """Back to arbitration, or to the requester when the acquisition window has passed."""
        self._wait_until(None if window_is_open else due_on)
        return State.IN_ARBITRATION if window_is_open else State.INFORMATION_REQUESTED

    @transition(
        state,
        source=(State.IN_ARBITRATION, State.IN_REVIEW),
        target=State.REFUSED,
        permission=by("arbitrator"),
        custom={"label": _("Refuse"), "effect": _("release")},
    )
    def refuse(self) -> None:
        self._leave()

    # -- supply -------------------------------------------------------------------------------

    @transition(
        state,
        source=State.APPROVED,
        target=State.ORDERED,
        permission=by("supply_officer"),
        custom={"label": _("Order"), "effect": _("hold → consumed")},
    )
    def order(self, *, window_ends_on: date | None) -> None:
        self._leave()
        self._wait_until(window_ends_on)

    @transition(
        state,
        source=WITH_OPERATOR,
        target=RETURN_VALUE(State.PARTIALLY_DELIVERED, State.DELIVERED),
        permission=by("supply_officer"),
        custom={
            "label": _("Register a delivery"),
            "effect": _("refund of the shortfall once delivered"),
        },
    )
    def register_delivery(self, *, complete: bool, due_on: date | None) -> str:
        if not complete:
            return State.PARTIALLY_DELIVERED
        self._deliver(due_on)
        return State.DELIVERED

    def _deliver(self, due_on: date | None) -> None:
        self.delivered_at = timezone.now()
        self._wait_until(due_on)

    @transition(
        state,
        source=State.PARTIALLY_DELIVERED,
        target=State.DELIVERED,
        permission=by("clock", "supply_officer"),
        custom={"label": _("Close the window"), "effect": _("refund of what did not come")},
    )
    @transition(
        state,
        source=State.ORDERED,
        target=RETURN_VALUE(State.FAILED, State.DELIVERED),
        permission=by("clock", "supply_officer"),
        custom={"label": _("Close the window"), "effect": NOTHING_CAME},
    )
    def close_window(self, *, has_images: bool, due_on: date | None) -> str:
        return self._end_supply(State.FAILED, has_images=has_images, due_on=due_on)

    @transition(
        state,
        source=State.PARTIALLY_DELIVERED,
        target=State.DELIVERED,
        permission=by("supply_officer"),
        custom={"label": _("Stop the order"), "effect": _("refund of the rest")},
    )
    @transition(
        state,
        source=State.ORDERED,
        target=RETURN_VALUE(State.CANCELLED, State.DELIVERED),
        permission=by("supply_officer"),
        custom={"label": _("Stop the order"), "effect": NOTHING_CAME},
    )
    def stop_order(self, *, has_images: bool, due_on: date | None) -> str:
        return self._end_supply(State.CANCELLED, has_images=has_images, due_on=due_on)

    def _end_supply(self, without_images: str, *, has_images: bool, due_on: date | None) -> str:
        """What came stays, by whichever order: a second one that brings nothing takes none away."""
        if not has_images:
            self._wait_until(None)
            return without_images
        self._deliver(due_on)
        return State.DELIVERED

    @transition(
        state,
        source=State.ORDERED,
        target=RETURN_VALUE(State.FAILED, State.DELIVERED),
        permission=by("supply_officer"),
        custom={"label": _("Declare a failure"), "effect": NOTHING_CAME},
    )
    def fail(self, *, has_images: bool, due_on: date | None) -> str:
        return self._end_supply(State.FAILED, has_images=has_images, due_on=due_on)

    # -- after delivery -----------------------------------------------------------------------

    @transition(
        state,
        source=State.DELIVERED,
        target=State.CLOSED,
        permission=by("requester", "clock"),
        custom={"label": _("Accept the delivery"), "effect": ""},
    )
    def accept_delivery(self) -> None:
        self._wait_until(None)

    @transition(
        state,
        source=State.DELIVERED,
        target=State.DISPUTED,
        permission=by("requester", "entity_contact"),
        custom={"label": _("Dispute the delivery"), "effect": ""},
    )
    def dispute(self) -> None:
        self._wait_until(None)

    @transition(
        state,
        source=State.DISPUTED,
        target=State.CLOSED,
        permission=by("arbitrator_of_delivery", "secretariat_of_delivery"),
        custom={"label": _("Uphold the delivery"), "effect": ""},
    )
    def uphold_delivery(self) -> None:
        self._wait_until(None)

    @transition(
        state,
        source=State.DISPUTED,
        target=State.CLOSED,
        permission=by("arbitrator_of_delivery", "secretariat_of_delivery"),
        custom={"label": _("Refund a part"), "effect": _("refund of that part")},
    )
    def refund_part(self) -> None:
        self._wait_until(None)

    @transition(
        state,
        source=State.DISPUTED,
        target=State.ORDERED,
        permission=by("arbitrator_of_delivery", "secretariat_of_delivery"),
        custom={"label": _("Acquire again"), "effect": _("what was refunded is taken again")},
    )
    def retask(self, *, window_ends_on: date | None) -> None:
        self.delivered_at = None
        self._wait_until(window_ends_on)

    # -- recorded, without a change of state -----------------------------------------------------

    @transition(
        state,
        source=UNDECIDED_STATES,
        target=None,
        permission=by("chair"),
        custom={"label": _("Give the file to a reviewer"), "effect": ""},
    )
    def assign(self, *, reviewer_id: int) -> None:
        self.reviewer_id = reviewer_id
        self.inadmissible_proposed = False

    @transition(
        state,
        source=UNDECIDED_STATES,
        target=None,
        permission=by("chair", "disinterested_secretariat"),
        custom={
            "label": _("Move to another cell"),
            "effect": _("the demand moves to the other cell's envelope"),
        },
    )
    def reroute(self, *, cell_id: int) -> None:
        """Whoever has begun the review stays named, as one of the cell it came from: the other
        one's chair gives the file to somebody of theirs."""
        self.cell_id = cell_id
        if self.state == State.SUBMITTED:
            self.reviewer_id = None
        self.inadmissible_proposed = False

    @transition(
        state,
        source=HANDED_IN,
        target=None,
        permission=by("entity_contact", "chair", "secretariat"),
        custom={"label": _("Transfer to another person"), "effect": ""},
    )
    def transfer_request(self, *, to_id: int, mandate_id: int | None) -> None:
        self.requester_id = to_id
        self.mandate_id = mandate_id
        self.nationality_reviewed = False

    @transition(
        state,
        source=UNDER_WAY,
        target=None,
        permission=by("requester"),
        custom={"label": _("Add a co-requester"), "effect": ""},
    )
    def add_co_requester(self) -> None:
        self.nationality_reviewed = False

    @transition(
        state,
        source=UNDER_WAY,
        target=None,
        permission=by("requester"),
        custom={"label": _("Remove a co-requester"), "effect": ""},
    )
    def remove_co_requester(self) -> None:
        pass

    @transition(
        state,
        source=BEFORE_MEETING,
        target=None,
        permission=by("chair", "disinterested_secretariat"),
        custom={
            "label": _("Expedite"),
            "effect": _("decided outside a meeting, counted in the annual figures"),
        },
    )
    def expedite(self) -> None:
        self.is_expedited = True

    @transition(
        state,
        source=BLOCKABLE_STATES,
        target=None,
        permission=by("clock"),
        custom={"label": _("Block"), "effect": _("what is held stays held; the clocks run")},
    )
    def block(self, *, reason: str) -> None:
        self.blocked_reason = reason

    @transition(
        state,
        source=BLOCKABLE_STATES,
        target=None,
        permission=by("clock"),
        custom={"label": _("Unblock"), "effect": ""},
    )
    def unblock(self) -> None:
        self.blocked_reason = ""

    @transition(
        state,
        source=State.IN_REVIEW,
        target=None,
        permission=by("assigned_reviewer"),
        custom={"label": _("Propose to refuse as inadmissible"), "effect": ""},
    )
    def propose_inadmissible(self) -> None:
        self.inadmissible_proposed = True

    @transition(
        state,
        source=(State.IN_REVIEW, State.IN_ARBITRATION),
        target=None,
        permission=by("assigned_reviewer"),
        custom={"label": _("Close the review of nationality"), "effect": ""},
    )
    def close_nationality_review(self) -> None:
        self.nationality_reviewed = True

    @transition(
        state,
        source=State.APPROVED,
        target=None,
        permission=by("chair", "arbitrator", "disinterested_secretariat"),
        custom={"label": _("Propose to rescind the decision"), "effect": _("the order waits")},
    )
    def propose_rescission(self) -> None:
        pass

    @transition(
        state,
        source=State.APPROVED,
        target=None,
        permission=by("chair", "arbitrator", "disinterested_secretariat"),
        custom={"label": _("Keep the decision"), "effect": ""},
    )
    def reject_rescission(self) -> None:
        pass

    @transition(
        state,
        source=WITH_OPERATOR,
        target=None,
        permission=by("supply_officer"),
        custom={"label": _("Propose to amend the order"), "effect": ""},
    )
    def propose_amendment(self) -> None:
        pass

    @transition(
        state,
        source=WITH_OPERATOR,
        target=None,
        permission=by("requester"),
        custom={"label": _("Agree to the amendment"), "effect": ""},
    )
    def amend_order(self) -> None:
        pass

    @transition(
        state,
        source=WITH_OPERATOR,
        target=None,
        permission=by("requester"),
        custom={"label": _("Decline the amendment"), "effect": ""},
    )
    def decline_amendment(self) -> None:
        pass

    @transition(
        state,
        source=WITH_OPERATOR,
        target=None,
        permission=by("clock"),
        custom={
            "label": _("Ask what to do at the end of the window"),
            "effect": _("the order stays open for some days"),
        },
    )
    def warn_of_shortfall(self, *, due_on: date) -> None:
        self._wait_until(due_on)

    @transition(
        state,
        source=WITH_OPERATOR,
        target=None,
        permission=by("requester", "co_requester"),
        custom={"label": _("Say what to do at the end of the window"), "effect": ""},
    )
    def choose_on_shortfall(self, *, choice: str, due_on: date) -> None:
        self.on_shortfall = choice
        self._wait_until(due_on)

    @transition(
        state,
        source=WITH_OPERATOR,
        target=None,
        permission=by("supply_officer"),
        custom={"label": _("Extend the window"), "effect": ""},
    )
    def extend_window(self, *, ends_on: date) -> None:
        self.window_ends_on = ends_on
        self._wait_until(ends_on)

    # -- take-over from another system, demonstration data --------------------------------------

    @transition(
        state,
        source=State.DRAFT,
        target=RETURN_VALUE(*State.values),
        permission=by("secretariat"),
        custom={"label": _("Import"), "effect": _("entries posted as stated")},
    )
    def import_request(self, *, state: str) -> str:
        return state


def is_possible(request: RequestWorkflow, name: str) -> bool:
    """Whether the state of ``request`` allows the transition ``name``, to somebody."""
    return bool(can_proceed(getattr(request, name)))


def is_allowed(request: RequestWorkflow, name: str, actor: Actor) -> bool:
    """Whether ``actor`` may make the transition ``name`` now; False when the state forbids it."""
    return bool(has_transition_perm(getattr(request, name), actor))
