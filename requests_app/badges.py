"""Under which badge the state of a request is shown, on pages and on maps."""

from requests_app.states import State

BADGES: dict[str, tuple[State, ...]] = {
    "draft": (State.DRAFT,),
    "waiting": (
        State.SUBMITTED,
        State.IN_REVIEW,
        State.IN_ARBITRATION,
        State.DEFERRED,
        State.ORDERED,
        State.PARTIALLY_DELIVERED,
        State.DISPUTED,
    ),
    "action": (State.INFORMATION_REQUESTED, State.OFFERED),
    "positive": (State.APPROVED, State.DELIVERED),
    "negative": (State.REFUSED, State.FAILED),
    "neutral": (State.CLOSED, State.CANCELLED, State.EXPIRED),
}
BADGE_OF_STATE = {str(state): badge for badge, states in BADGES.items() for state in states}
