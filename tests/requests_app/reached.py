"""How a request comes into a state."""

from requests_app.states import State
from tests.requests_app import after, world

REACH = {
    State.DRAFT: world.draft,
    State.SUBMITTED: world.submitted,
    State.IN_REVIEW: world.in_review,
    State.INFORMATION_REQUESTED: after.asked,
    State.IN_ARBITRATION: world.in_arbitration,
    State.DEFERRED: after.deferred,
    State.OFFERED: world.offered,
    State.APPROVED: world.approved,
    State.ORDERED: world.ordered,
    State.PARTIALLY_DELIVERED: world.partly_delivered,
    State.DELIVERED: world.delivered,
    State.DISPUTED: after.disputed,
}
"""Of every state that is not final."""

HANDED_IN = [
    world.submitted, world.in_review, after.asked, world.in_arbitration, after.deferred,
    world.offered, world.approved, world.ordered, world.partly_delivered, world.delivered,
    after.disputed,
]  # fmt: skip
"""Of the states between the submission and the end."""
