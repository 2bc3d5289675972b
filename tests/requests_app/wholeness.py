"""Is a file wholly before or wholly after a transition? Every table that one writes is asked."""

from decimal import Decimal
from typing import Any

from licences.models import Licence
from quotas.models import Demand
from requests_app.models import ImageryRequest
from tests.requests_app.books import balances, consumed, held
from tests.requests_app.walk import REFUNDED_KM2, Rows, rows_of

OUTBOX = {
    "approve": ["requests.notice", "licences.render"],
    "accept_offer": ["requests.notice", "licences.render"],
    "order": ["requests.notice", "requests.place_order"],
    "retask": ["requests.notice", "requests.place_order"],
}
"""What leaves after a transition; a notice only, after every other."""

ASKED_STATES = ("submitted", "in_review", "in_arbitration")
LICENSED_STATES = ("approved", "ordered", "delivered", "disputed", "closed")


def side(request_id: int, transition: str, before: Rows) -> str:
    """``before`` or ``after`` the transition, wholly; ``before`` is what stood before it.

    Raises:
        AssertionError: the file is in between.
    """
    request = ImageryRequest.objects.get(pk=request_id)
    now = rows_of(request)
    if now == before:
        return "before"
    assert_made(transition, before, now, request)
    assert_agrees(request)
    return "after"


def assert_made(transition: str, before: Rows, now: Rows, request: ImageryRequest) -> None:
    """One record of that transition, and nothing in the ledger and the outbox but what is its."""
    (record,) = added(before, now, "TransitionRecord")
    assert (record["transition"], record["target"]) == (transition, request.state)
    decisions = {entry["decision"] for entry in added(before, now, "LedgerEntry")}
    assert decisions <= {record["decision"]}
    topics = [message["topic"] for message in added(before, now, "OutboxMessage")]
    assert topics == OUTBOX.get(transition, ["requests.notice"])


def added(before: Rows, now: Rows, model: str) -> list[dict[str, Any]]:
    known = len(before[model])
    assert now[model][:known] == before[model]
    return now[model][known:]


def assert_agrees(request: ImageryRequest) -> None:
    """Ledger, demand and licence are those of the state."""
    assert balances(request.number) == expected_balances(request)
    asked = Demand.objects.filter(request_number=request.number).values_list("amount", flat=True)
    assert list(asked) == ([request.area_km2] if request.state in ASKED_STATES else [])
    in_force = Licence.objects.filter(request_number=request.number, state="issued")
    numbers = list(in_force.values_list("number", flat=True))
    assert numbers == ([request.licence_number] if request.state in LICENSED_STATES else [])


def expected_balances(request: ImageryRequest) -> dict[str, tuple[Decimal, Decimal]]:
    if request.state in ASKED_STATES:
        return held(entity=request.area_km2)
    granted = request.granted_area_km2
    if request.state == "offered":
        return held(entity=request.area_km2, programme=granted)
    if request.state == "approved":
        return held(entity=granted, programme=granted)
    if request.state == "ordered":
        return consumed(entity=granted, programme=granted)
    if request.state in ("delivered", "disputed", "closed"):
        # A second order that brought nothing leaves what the first one did.
        kept = max(request.shares.values_list("delivered_km2", flat=True))
        if request.records.filter(transition="refund_part").exists():
            kept -= REFUNDED_KM2
        return consumed(entity=kept, programme=kept)
    return {}
