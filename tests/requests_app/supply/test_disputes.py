"""After the delivery: accepted, or disputed and judged by somebody else."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from quotas.models import LedgerEntry, QuotaPolicy
from quotas.selectors import charged_km2
from quotas.services import Cause, correct
from requests_app.intake.services import deliveries
from requests_app.models import ImageryRequest
from requests_app.states import State
from requests_app.supply.services import disputes
from tests.eligibility.factories import CellMemberFactory, ProgrammeRoleFactory
from tests.requests_app import after, world
from tests.requests_app.books import (
    ASKED_KM2,
    SIXTY_PERCENT,
    SIXTY_PERCENT_KM2,
    balances,
    consumed,
    forbidden,
    last_record,
    postings,
    refused,
)

pytestmark = pytest.mark.django_db


def test_accepted_delivery_closes_and_keeps_the_charge(programme):
    request = world.delivered(programme)

    closed = deliveries.accept_delivery(request_id=request.pk, user=programme.requester)

    assert (closed.state, closed.due_on) == (State.CLOSED, None)
    assert balances(request.number) == consumed(entity=ASKED_KM2, programme=ASKED_KM2)
    assert postings(request.number, "accept_delivery") == []


def test_calendar_accepts_once_the_days_are_over(programme):
    request = world.delivered(programme)
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=world.in_days(-1))

    closed = deliveries.accept_delivery(request_id=request.pk, user=None)

    assert (closed.state, last_record(closed).author) == (State.CLOSED, None)


def test_calendar_does_not_accept_before(programme):
    request = world.delivered(programme)
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=timezone.localdate())

    with refused("not_due"):
        deliveries.accept_delivery(request_id=request.pk, user=None)


@pytest.mark.parametrize("role", ["colleague", "entity_contact", "supply_officer"])
def test_others_do_not_accept(programme, role):
    request = world.delivered(programme)

    with forbidden():
        deliveries.accept_delivery(request_id=request.pk, user=programme.people[role])


@pytest.mark.parametrize("role", ["requester", "entity_contact"])
def test_dispute_moves_no_quota(programme, role):
    request = world.delivered(programme)

    contested = deliveries.dispute(
        request_id=request.pk, user=programme.people[role], reason="Clouds over the port."
    )

    assert (contested.state, contested.due_on) == (State.DISPUTED, None)
    assert last_record(contested).note.content == "Clouds over the port."
    assert balances(request.number) == consumed(entity=ASKED_KM2, programme=ASKED_KM2)


def test_dispute_without_a_reason_is_refused(programme):
    request = world.delivered(programme)

    with refused("reason_missing"):
        deliveries.dispute(request_id=request.pk, user=programme.requester, reason=" ")


def test_dispute_too_late_is_refused(programme):
    request = world.delivered(programme)
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=world.in_days(-1))

    with refused("dispute_too_late"):
        deliveries.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")


def test_closed_request_is_not_disputed(programme):
    request = world.closed(programme)

    with refused("already_decided"):
        deliveries.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")


def test_colleague_does_not_dispute(programme):
    request = world.delivered(programme)

    with forbidden():
        deliveries.dispute(request_id=request.pk, user=programme.colleague, reason="Clouds.")


@pytest.mark.parametrize("role", ["arbitrator", "secretariat"])
def test_upheld_delivery_keeps_the_charge(programme, role):
    request = after.partly_disputed(programme)

    upheld = disputes.uphold_delivery(
        request_id=request.pk, user=programme.people[role], reason="2 % of clouds."
    )

    assert upheld.state == State.CLOSED
    assert balances(request.number) == SIXTY_PERCENT
    assert postings(request.number, "uphold_delivery") == []


def test_upholding_without_a_reason_is_refused(programme):
    request = after.partly_disputed(programme)

    with refused("reason_missing"):
        disputes.uphold_delivery(request_id=request.pk, user=programme.arbitrator, reason="")


@pytest.mark.parametrize("role", ["requester", "reviewer", "chair", "supply_officer"])
def test_others_do_not_judge(programme, role):
    request = after.partly_disputed(programme)

    with forbidden():
        disputes.uphold_delivery(request_id=request.pk, user=programme.people[role], reason="Fine.")


@pytest.mark.parametrize("post", ["arbitrator", "secretariat"])
def test_who_registered_the_delivery_does_not_judge_it(programme, post):
    request = after.partly_disputed(programme)
    if post == "arbitrator":
        CellMemberFactory(cell=programme.cell, user=programme.supply_officer, role="arbitrator")
    else:
        ProgrammeRoleFactory(user=programme.supply_officer)

    with forbidden():
        disputes.uphold_delivery(
            request_id=request.pk, user=programme.supply_officer, reason="Fine."
        )


def refund(programme, request, km2, *, reason="Clouds over the north."):
    return disputes.refund_part(
        request_id=request.pk,
        user=programme.arbitrator,
        refunded_km2=Decimal(km2),
        reason=reason,
    )


def test_refunded_part_leaves_exactly_the_rest(programme):
    request = after.partly_disputed(programme)

    over = refund(programme, request, "10.5")

    rest = Decimal("23.982155")  # 34.482155 − 10.5
    assert over.state == State.CLOSED
    assert postings(request.number, "refund_part") == [
        ("refund", "entity km2", Decimal("-10.5")),
        ("refund", "programme km2", Decimal("-10.5")),
    ]
    assert balances(request.number) == consumed(entity=rest, programme=rest)
    assert charged_km2(request.number) == rest
    assert last_record(over).changes == {
        "refunded_km2": "10.5",
        "proposed_km2": str(SIXTY_PERCENT_KM2),
        "identifiers": ["DS_PHR1A_1"],
    }


def test_everything_that_stands_charged_may_be_refunded(programme):
    request = after.partly_disputed(programme)

    refund(programme, request, SIXTY_PERCENT_KM2)

    assert balances(request.number) == {}


def test_refund_after_a_correction_beyond_the_plan_keeps_the_plan(programme):
    """57.47 km² delivered, corrected to 62.47 on the cell's envelope: 1 is given back."""
    request = world.delivered(programme)
    entry = LedgerEntry.objects.get(
        request_number=request.number, kind="consume", envelope__scope="programme"
    )
    confirmed = Cause(
        decision=uuid4(),
        reason="correction",
        author_id=programme.secretariat.pk,
        second_author_id=programme.arbitrator.pk,
    )
    correct(entry_id=entry.pk, consumed=Decimal(5), cause=confirmed)
    deliveries.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")

    refund(programme, request, 1)

    assert balances(request.number) == consumed(entity=ASKED_KM2, programme=ASKED_KM2)


@pytest.mark.parametrize("km2", ["0", "-1", "34.482156"])
def test_refund_of_nothing_or_of_more_is_refused(programme, km2):
    request = after.partly_disputed(programme)

    with refused("refund_out_of_range"):
        refund(programme, request, km2)


def test_refund_without_a_reason_is_refused(programme):
    request = after.partly_disputed(programme)

    with refused("reason_missing"):
        refund(programme, request, 1, reason="")


def test_refund_is_in_km2_as_counted(programme):
    """Stereo counts twice: 22.45 km² of which most came are 44.91 counted; 10 of them go back."""
    QuotaPolicy.objects.create(
        sensor=programme.sensor,
        measure="quota_multiplier",
        acquisition_mode="stereo",
        amount=2,
        valid_from=timezone.localdate(),
        source="test",
    )
    request = after.partly_disputed(
        programme, acquisition_mode="stereo", aoi=world.square(size_deg=0.05)
    )
    before = charged_km2(request.number)

    disputes.refund_part(
        request_id=request.pk, user=programme.arbitrator, refunded_km2=Decimal(10), reason="Cloud."
    )

    assert before == 2 * request.shares.get().delivered_km2
    assert charged_km2(request.number) == before - 10
