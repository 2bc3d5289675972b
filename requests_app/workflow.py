"""The life of a request: the methods that are the only way from one of its states to the next.

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
from django.utils.functional import Promise
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
from requests_app.states import (
    BEFORE_MEETING,
    BEFORE_ORDER,
    BLOCKABLE_STATES,
    HANDED_IN,
    NATIONALITY_IN_REVIEW,
    UNDECIDED_STATES,
    UNDER_WAY,
    WITH_OPERATOR,
    State,
)

Words = dict[str, Promise | str]

# Of an order that is out: a request acquired again may have images of its first order.
NOTHING_CAME = _("refund of what did not come; licence revoked when nothing ever came")


def words(
    label: Promise, sentence: Promise, *, effect: Promise | str = "", tone: str = ""
) -> Words:
    """``label`` is the button's, ``sentence`` and ``tone`` its story's; ``effect``, on quotas and
    licences, stands in `docs/workflow.md`."""
    return {"label": label, "sentence": sentence, "effect": effect, "tone": tone}


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

    def wait_for_signature(self, *, due_on: date | None) -> None:
        """Approved, until its licence is signed; with None, it is."""
        self._wait_until(due_on)

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
        custom=words(
            _("Submit"),
            _("The request was submitted"),
            effect=_("demand recorded, first-come envelopes held"),
        ),
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
        custom=words(
            _("Get open data"),
            _("Open data: notice and links were given at once"),
            effect=_("nothing charged"),
        ),
    )
    def submit_open_data(self) -> None:
        self.submitted_at = timezone.now()
        self._wait_until(None)

    @transition(
        state,
        source=State.SUBMITTED,
        target=State.DRAFT,
        permission=by("requester"),
        custom=words(
            _("Take back"),
            _("The request was taken back to be changed"),
            effect=_("demand and holds undone"),
        ),
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
        custom=words(
            _("Cancel the request"),
            _("The request was cancelled"),
            effect=_("release; licence revoked"),
            tone="negative",
        ),
    )
    def cancel(self) -> None:
        self._leave()

    @transition(
        state,
        source=(State.DRAFT, State.INFORMATION_REQUESTED, State.OFFERED, State.APPROVED),
        target=State.EXPIRED,
        permission=by("clock"),
        custom=words(
            _("Lapse"),
            _("The request expired: nobody acted by the date"),
            effect=_("release; licence revoked"),
            tone="negative",
        ),
    )
    def lapse(self) -> None:
        self._leave()

    # -- the cell reviews ---------------------------------------------------------------------

    @transition(
        state,
        source=State.SUBMITTED,
        target=State.IN_REVIEW,
        permission=by("reviewer"),
        custom=words(_("Take the file"), _("A reviewer took the file")),
    )
    def take(self, *, reviewer_id: int) -> None:
        self.reviewer_id = reviewer_id

    @transition(
        state,
        source=State.IN_REVIEW,
        target=State.SUBMITTED,
        permission=by("assigned_reviewer", "chair"),
        custom=words(_("Put the file back"), _("The file went back to the queue")),
    )
    def release_file(self) -> None:
        self.reviewer_id = None
        self.inadmissible_proposed = False

    @transition(
        state,
        source=State.IN_REVIEW,
        target=State.INFORMATION_REQUESTED,
        permission=by("assigned_reviewer"),
        custom=words(
            _("Ask for information"),
            _("The cell asked a question"),
            effect=_("mail; clock stopped"),
        ),
    )
    def request_information(self, *, due_on: date) -> None:
        self.inadmissible_proposed = False
        self._wait_until(due_on)

    @transition(
        state,
        source=State.INFORMATION_REQUESTED,
        target=State.IN_REVIEW,
        permission=by("requester", "co_requester", "entity_contact"),
        custom=words(
            _("Answer"),
            _("The question was answered"),
            effect=_("demand and holds follow the new area"),
        ),
    )
    def answer(self) -> None:
        self._wait_until(None)

    @transition(
        state,
        source=State.IN_REVIEW,
        target=State.IN_ARBITRATION,
        permission=by("assigned_reviewer"),
        custom=words(
            _("Send to arbitration"), _("The review is done; the file went to arbitration")
        ),
    )
    def recommend(self) -> None:
        self.inadmissible_proposed = False

    # -- the cell decides ---------------------------------------------------------------------

    @transition(
        state,
        source=State.IN_ARBITRATION,
        target=State.IN_REVIEW,
        permission=by("arbitrator"),
        custom=words(_("Return to review"), _("The file went back to review")),
    )
    def return_to_review(self) -> None:
        pass

    @transition(
        state,
        source=State.IN_ARBITRATION,
        target=State.APPROVED,
        permission=by("arbitrator"),
        custom=words(
            _("Approve"),
            _("The request was approved as asked"),
            effect=_("hold; licence issued"),
            tone="positive",
        ),
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
        custom=words(
            _("Make an offer"), _("The cell made an offer"), effect=_("hold; quotation frozen")
        ),
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
        custom=words(
            _("Accept the offer"),
            _("The offer was accepted"),
            effect=_("licence issued"),
            tone="positive",
        ),
    )
    def accept_offer(self, *, purchase_reference: str) -> None:
        self.purchase_reference = purchase_reference
        self._wait_until(None)

    @transition(
        state,
        source=State.OFFERED,
        target=State.IN_ARBITRATION,
        permission=by("requester"),
        custom=words(
            _("Reply to the offer"),
            _("The offer was replied to"),
            effect=_("the offer's hold is released"),
        ),
    )
    def reply_to_offer(self) -> None:
        self._drop_decision()

    @transition(
        state,
        source=State.OFFERED,
        target=State.CANCELLED,
        permission=by("requester"),
        custom=words(
            _("Decline the offer"),
            _("The offer was declined"),
            effect=_("release"),
            tone="negative",
        ),
    )
    def decline_offer(self) -> None:
        self._leave()

    @transition(
        state,
        source=State.OFFERED,
        target=State.IN_ARBITRATION,
        permission=by("arbitrator", "chair"),
        custom=words(
            _("Withdraw the offer"),
            _("The offer was withdrawn"),
            effect=_("the offer's hold is released"),
        ),
    )
    def withdraw_offer(self) -> None:
        self._drop_decision()

    @transition(
        state,
        source=State.APPROVED,
        target=State.IN_ARBITRATION,
        permission=by("chair", "arbitrator", "disinterested_secretariat"),
        custom=words(
            _("Rescind the decision"),
            _("The decision was rescinded"),
            effect=_("the decision's hold is released; licence revoked"),
            tone="negative",
        ),
    )
    def rescind(self) -> None:
        """Proposed by one person and confirmed by another, one of them the chair."""
        self._drop_decision()

    @transition(
        state,
        source=State.IN_ARBITRATION,
        target=State.DEFERRED,
        permission=by("arbitrator"),
        custom=words(
            _("Defer"),
            _("The file was deferred"),
            effect=_("first-come holds released; demand moves"),
        ),
    )
    def defer(self, *, until: date) -> None:
        self._wait_until(until)

    @transition(
        state,
        source=State.DEFERRED,
        target=RETURN_VALUE(State.IN_ARBITRATION, State.INFORMATION_REQUESTED),
        permission=by("clock", "arbitrator"),
        custom=words(
            _("Resume"),
            _("The file came back to arbitration"),
            effect=_("demand on the current period; first-come envelopes held again"),
        ),
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
        custom=words(
            _("Refuse"), _("The request was refused"), effect=_("release"), tone="negative"
        ),
    )
    def refuse(self) -> None:
        self._leave()

    # -- supply -------------------------------------------------------------------------------

    @transition(
        state,
        source=State.APPROVED,
        target=State.ORDERED,
        permission=by("supply_officer"),
        custom=words(
            _("Order"), _("The images were ordered from the operator"), effect=_("hold → consumed")
        ),
    )
    def order(self, *, window_ends_on: date | None) -> None:
        self._leave()
        self._wait_until(window_ends_on)

    @transition(
        state,
        source=WITH_OPERATOR,
        target=RETURN_VALUE(State.PARTIALLY_DELIVERED, State.DELIVERED),
        permission=by("supply_officer"),
        custom=words(
            _("Register a delivery"),
            _("Images were delivered"),
            effect=_("refund of the shortfall once delivered"),
            tone="positive",
        ),
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
        custom=words(
            _("Close the window"),
            _("The acquisition window ended"),
            effect=_("refund of what did not come"),
        ),
    )
    @transition(
        state,
        source=State.ORDERED,
        target=RETURN_VALUE(State.FAILED, State.DELIVERED),
        permission=by("clock", "supply_officer"),
        custom=words(_("Close the window"), _("The acquisition window ended"), effect=NOTHING_CAME),
    )
    def close_window(self, *, has_images: bool, due_on: date | None) -> str:
        return self._end_supply(State.FAILED, has_images=has_images, due_on=due_on)

    @transition(
        state,
        source=State.PARTIALLY_DELIVERED,
        target=State.DELIVERED,
        permission=by("supply_officer"),
        custom=words(
            _("Stop the order"), _("The order was stopped"), effect=_("refund of the rest")
        ),
    )
    @transition(
        state,
        source=State.ORDERED,
        target=RETURN_VALUE(State.CANCELLED, State.DELIVERED),
        permission=by("supply_officer"),
        custom=words(_("Stop the order"), _("The order was stopped"), effect=NOTHING_CAME),
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
        custom=words(
            _("Declare a failure"),
            _("The operator could not acquire the images"),
            effect=NOTHING_CAME,
            tone="negative",
        ),
    )
    def fail(self, *, has_images: bool, due_on: date | None) -> str:
        return self._end_supply(State.FAILED, has_images=has_images, due_on=due_on)

    # -- after delivery -----------------------------------------------------------------------

    @transition(
        state,
        source=State.DELIVERED,
        target=State.CLOSED,
        permission=by("requester", "clock"),
        custom=words(_("Accept the delivery"), _("The delivery was accepted"), tone="positive"),
    )
    def accept_delivery(self) -> None:
        self._wait_until(None)

    @transition(
        state,
        source=State.DELIVERED,
        target=State.DISPUTED,
        permission=by("requester", "entity_contact"),
        custom=words(_("Dispute the delivery"), _("The delivery was disputed")),
    )
    def dispute(self) -> None:
        self._wait_until(None)

    @transition(
        state,
        source=State.DISPUTED,
        target=State.CLOSED,
        permission=by("arbitrator_of_delivery", "secretariat_of_delivery"),
        custom=words(_("Uphold the delivery"), _("The delivery was upheld")),
    )
    def uphold_delivery(self) -> None:
        self._wait_until(None)

    @transition(
        state,
        source=State.DISPUTED,
        target=State.CLOSED,
        permission=by("arbitrator_of_delivery", "secretariat_of_delivery"),
        custom=words(_("Refund a part"), _("A part was refunded"), effect=_("refund of that part")),
    )
    def refund_part(self) -> None:
        self._wait_until(None)

    @transition(
        state,
        source=State.DISPUTED,
        target=State.ORDERED,
        permission=by("arbitrator_of_delivery", "secretariat_of_delivery"),
        custom=words(
            _("Acquire again"),
            _("The acquisition is made again"),
            effect=_("what was refunded is taken again"),
        ),
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
        custom=words(_("Give the file to a reviewer"), _("The chair gave the file to a reviewer")),
    )
    def assign(self, *, reviewer_id: int) -> None:
        self.reviewer_id = reviewer_id
        self.inadmissible_proposed = False

    @transition(
        state,
        source=UNDECIDED_STATES,
        target=None,
        permission=by("chair", "disinterested_secretariat"),
        custom=words(
            _("Move to another cell"),
            _("The file moved to another cell"),
            effect=_("the demand moves to the other cell's envelope"),
        ),
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
        custom=words(
            _("Transfer to another person"), _("The request was transferred to another person")
        ),
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
        custom=words(_("Add a co-requester"), _("A co-requester was added")),
    )
    def add_co_requester(self) -> None:
        self.nationality_reviewed = False

    @transition(
        state,
        source=UNDER_WAY,
        target=None,
        permission=by("requester"),
        custom=words(_("Remove a co-requester"), _("A co-requester was removed")),
    )
    def remove_co_requester(self) -> None:
        pass

    @transition(
        state,
        source=UNDER_WAY,
        target=None,
        permission=by("co_requester"),
        custom=words(_("Ask no longer with others"), _("A co-requester asks no longer")),
    )
    def leave_request(self) -> None:
        pass

    @transition(
        state,
        source=BEFORE_MEETING,
        target=None,
        permission=by("chair", "disinterested_secretariat"),
        custom=words(
            _("Expedite"),
            _("The file is decided outside a meeting"),
            effect=_("decided outside a meeting, counted in the annual figures"),
        ),
    )
    def expedite(self) -> None:
        self.is_expedited = True

    @transition(
        state,
        source=BLOCKABLE_STATES,
        target=None,
        permission=by("clock"),
        custom=words(
            _("Block"),
            _("The file was blocked"),
            effect=_("what is held stays held; the clocks run"),
            tone="negative",
        ),
    )
    def block(self, *, reason: str) -> None:
        self.blocked_reason = reason

    @transition(
        state,
        source=BLOCKABLE_STATES,
        target=None,
        permission=by("clock"),
        custom=words(_("Unblock"), _("The file is no longer blocked"), tone="positive"),
    )
    def unblock(self) -> None:
        self.blocked_reason = ""

    @transition(
        state,
        source=State.IN_REVIEW,
        target=None,
        permission=by("assigned_reviewer"),
        custom=words(
            _("Propose to refuse as inadmissible"), _("The reviewer proposed to refuse the file")
        ),
    )
    def propose_inadmissible(self) -> None:
        self.inadmissible_proposed = True

    @transition(
        state,
        source=NATIONALITY_IN_REVIEW,
        target=None,
        permission=by("assigned_reviewer", "chair"),
        custom=words(
            _("Close the review of nationality"), _("The review of nationality was closed")
        ),
    )
    def close_nationality_review(self) -> None:
        self.nationality_reviewed = True

    @transition(
        state,
        source=State.APPROVED,
        target=None,
        permission=by("chair", "arbitrator", "disinterested_secretariat"),
        custom=words(
            _("Propose to rescind the decision"),
            _("It was proposed to rescind the decision"),
            effect=_("the order waits"),
        ),
    )
    def propose_rescission(self) -> None:
        pass

    @transition(
        state,
        source=State.APPROVED,
        target=None,
        permission=by("chair", "arbitrator", "disinterested_secretariat"),
        custom=words(_("Keep the decision"), _("The decision was kept")),
    )
    def reject_rescission(self) -> None:
        pass

    @transition(
        state,
        source=WITH_OPERATOR,
        target=None,
        permission=by("supply_officer"),
        custom=words(
            _("Propose to amend the order"), _("The requester was asked to agree to an amendment")
        ),
    )
    def propose_amendment(self) -> None:
        pass

    @transition(
        state,
        source=WITH_OPERATOR,
        target=None,
        permission=by("requester"),
        custom=words(_("Agree to the amendment"), _("The order was amended")),
    )
    def amend_order(self, *, window_ends_on: date | None) -> None:
        if window_ends_on is not None:
            self.window_ends_on = window_ends_on
            self._wait_until(window_ends_on)

    @transition(
        state,
        source=WITH_OPERATOR,
        target=None,
        permission=by("requester"),
        custom=words(_("Decline the amendment"), _("The amendment was declined")),
    )
    def decline_amendment(self) -> None:
        pass

    @transition(
        state,
        source=WITH_OPERATOR,
        target=None,
        permission=by("clock"),
        custom=words(
            _("Ask what to do at the end of the window"),
            _("The window ended before everything came"),
            effect=_("the order stays open for some days"),
        ),
    )
    def warn_of_shortfall(self, *, due_on: date) -> None:
        self._wait_until(due_on)

    @transition(
        state,
        source=WITH_OPERATOR,
        target=None,
        permission=by("requester", "co_requester"),
        custom=words(
            _("Say what to do at the end of the window"),
            _("It was said what to do with what has not come"),
        ),
    )
    def choose_on_shortfall(self, *, choice: str, due_on: date) -> None:
        self.on_shortfall = choice
        self._wait_until(due_on)

    @transition(
        state,
        source=WITH_OPERATOR,
        target=None,
        permission=by("supply_officer"),
        custom=words(_("Extend the window"), _("The window was extended")),
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
        custom=words(
            _("Import"),
            _("The request was taken over from elsewhere"),
            effect=_("entries posted as stated"),
        ),
    )
    def import_request(self, *, state: str) -> str:
        return state


def is_possible(request: RequestWorkflow, name: str) -> bool:
    """Whether the state of ``request`` allows the transition ``name``, to somebody."""
    return bool(can_proceed(getattr(request, name)))


def is_allowed(request: RequestWorkflow, name: str, actor: Actor) -> bool:
    """Whether ``actor`` may make the transition ``name`` now; False when the state forbids it."""
    return bool(has_transition_perm(getattr(request, name), actor))
