"""The states of a request, and the groups of them that rules, lists and pages speak of."""

from django.db import models
from django.utils.translation import gettext_lazy as _


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
# Somebody may join, or take the request over, after its review: it is looked at before the order.
NATIONALITY_IN_REVIEW = (State.IN_REVIEW, State.IN_ARBITRATION, State.OFFERED, State.APPROVED)
WITH_OPERATOR = (State.ORDERED, State.PARTIALLY_DELIVERED)


class WhoActs(models.TextChoices):
    REQUESTER = "requester", _("The requester")
    CELL = "cell", _("The cell")
    OPERATOR = "operator", _("The operator")
    SIGNATORY = "signatory", _("The signatory of the licence")
    CLOCK = "clock", _("A date")


WHO_MUST_ACT: dict[str, WhoActs] = {
    State.DRAFT: WhoActs.REQUESTER,
    State.SUBMITTED: WhoActs.CELL,
    State.IN_REVIEW: WhoActs.CELL,
    State.INFORMATION_REQUESTED: WhoActs.REQUESTER,
    State.IN_ARBITRATION: WhoActs.CELL,
    State.DEFERRED: WhoActs.CLOCK,
    State.OFFERED: WhoActs.REQUESTER,
    State.APPROVED: WhoActs.CELL,
    State.ORDERED: WhoActs.OPERATOR,
    State.PARTIALLY_DELIVERED: WhoActs.OPERATOR,
    State.DELIVERED: WhoActs.REQUESTER,
    State.DISPUTED: WhoActs.CELL,
}

ROLE_ON_DUTY: dict[str, str] = {
    State.SUBMITTED: "reviewer",
    State.IN_REVIEW: "reviewer",
    State.INFORMATION_REQUESTED: "reviewer",
    State.IN_ARBITRATION: "arbitrator",
    State.DEFERRED: "arbitrator",
    State.OFFERED: "arbitrator",
    State.DISPUTED: "arbitrator",
    State.APPROVED: "supply_officer",
    State.ORDERED: "supply_officer",
    State.PARTIALLY_DELIVERED: "supply_officer",
    State.DELIVERED: "supply_officer",
    **dict.fromkeys(FINAL_STATES, "chair"),
}
"""Whom of its cell a file concerns, whoever must act; a draft has no cell."""
