"""After the delivery: accepted, or disputed and judged by somebody else."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone
from django.utils.translation import override

from orbitrage.shared.models import OutboxMessage
from quotas.models import Envelope, QuotaPolicy, SupplyContract
from quotas.selectors import charged_km2
from quotas.services import Cause, expire, grant
from requests_app.intake.services import offers
from requests_app.models import Acquisition, ImageryRequest
from requests_app.supply import disputes
from requests_app.supply import services as supply
from requests_app.workflow import State
from tests.eligibility.factories import CellMemberFactory, ProgrammeRoleFactory
from tests.requests_app import world
from tests.requests_app.books import (
    ASKED_KM2,
    SIXTY_PERCENT_KM2,
    balances,
    consumed,
    forbidden,
    last_record,
    postings,
    refused,
)

pytestmark = pytest.mark.django_db

SIXTY_PERCENT = consumed(entity=SIXTY_PERCENT_KM2, programme=SIXTY_PERCENT_KM2)


def disputed(programme, **wanted):
    """A tasking of which 60 % came; the rest has been refunded."""
    request = world.delivered(
        programme, footprint=world.strip(width_deg=0.048), **world.tasking() | wanted
    )
    return offers.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")


def test_accepted_delivery_closes_and_keeps_the_charge(programme):
    request = world.delivered(programme)

    closed = offers.accept_delivery(request_id=request.pk, user=programme.requester)

    assert (closed.state, closed.due_on) == (State.CLOSED, None)
    assert balances(request.number) == consumed(entity=ASKED_KM2, programme=ASKED_KM2)
    assert postings(request.number, "accept_delivery") == []


def test_calendar_accepts_once_the_days_are_over(programme):
    request = world.delivered(programme)
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=world.in_days(-1))

    closed = offers.accept_delivery(request_id=request.pk, user=None)

    assert (closed.state, last_record(closed).author) == (State.CLOSED, None)


def test_calendar_does_not_accept_before(programme):
    request = world.delivered(programme)
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=timezone.localdate())

    with refused("not_due"):
        offers.accept_delivery(request_id=request.pk, user=None)


@pytest.mark.parametrize("role", ["colleague", "entity_contact", "supply_officer"])
def test_others_do_not_accept(programme, role):
    request = world.delivered(programme)

    with forbidden():
        offers.accept_delivery(request_id=request.pk, user=programme.people[role])


@pytest.mark.parametrize("role", ["requester", "entity_contact"])
def test_dispute_moves_no_quota(programme, role):
    request = world.delivered(programme)

    contested = offers.dispute(
        request_id=request.pk, user=programme.people[role], reason="Clouds over the port."
    )

    assert (contested.state, contested.due_on) == (State.DISPUTED, None)
    assert last_record(contested).note.content == "Clouds over the port."
    assert balances(request.number) == consumed(entity=ASKED_KM2, programme=ASKED_KM2)


def test_dispute_without_a_reason_is_refused(programme):
    request = world.delivered(programme)

    with refused("reason_missing"):
        offers.dispute(request_id=request.pk, user=programme.requester, reason=" ")


def test_dispute_too_late_is_refused(programme):
    request = world.delivered(programme)
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=world.in_days(-1))

    with refused("dispute_too_late"):
        offers.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")


def test_closed_request_is_not_disputed(programme):
    request = world.closed(programme)

    with refused("already_decided"):
        offers.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")


def test_colleague_does_not_dispute(programme):
    request = world.delivered(programme)

    with forbidden():
        offers.dispute(request_id=request.pk, user=programme.colleague, reason="Clouds.")


@pytest.mark.parametrize("role", ["arbitrator", "secretariat"])
def test_upheld_delivery_keeps_the_charge(programme, role):
    request = disputed(programme)

    upheld = disputes.uphold_delivery(
        request_id=request.pk, user=programme.people[role], reason="2 % of clouds."
    )

    assert upheld.state == State.CLOSED
    assert balances(request.number) == SIXTY_PERCENT
    assert postings(request.number, "uphold_delivery") == []


def test_upholding_without_a_reason_is_refused(programme):
    request = disputed(programme)

    with refused("reason_missing"):
        disputes.uphold_delivery(request_id=request.pk, user=programme.arbitrator, reason="")


@pytest.mark.parametrize("role", ["requester", "reviewer", "chair", "supply_officer"])
def test_others_do_not_judge(programme, role):
    request = disputed(programme)

    with forbidden():
        disputes.uphold_delivery(request_id=request.pk, user=programme.people[role], reason="Fine.")


@pytest.mark.parametrize("post", ["arbitrator", "secretariat"])
def test_who_registered_the_delivery_does_not_judge_it(programme, post):
    request = disputed(programme)
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
    request = disputed(programme)

    over = refund(programme, request, "10.5")

    rest = Decimal("23.982155")  # 34.482155 − 10.5
    assert over.state == State.CLOSED
    assert postings(request.number, "refund_part") == [
        ("refund", "entity km2", Decimal("-10.5")),
        ("refund", "programme km2", Decimal("-10.5")),
    ]
    assert balances(request.number) == consumed(entity=rest, programme=rest)
    assert charged_km2(request.number) == rest
    assert last_record(over).changes == {"refunded_km2": "10.5"}


def test_everything_that_stands_charged_may_be_refunded(programme):
    request = disputed(programme)

    refund(programme, request, SIXTY_PERCENT_KM2)

    assert balances(request.number) == {}


@pytest.mark.parametrize("km2", ["0", "-1", "34.482156"])
def test_refund_of_nothing_or_of_more_is_refused(programme, km2):
    request = disputed(programme)

    with refused("refund_out_of_range"):
        refund(programme, request, km2)


def test_refund_without_a_reason_is_refused(programme):
    request = disputed(programme)

    with refused("reason_missing"):
        refund(programme, request, 1, reason="")


def retask(programme, request, *, reason="Under clouds."):
    return disputes.retask(
        request_id=request.pk,
        user=programme.arbitrator,
        window_ends_on=world.in_days(200),
        reason=reason,
    )


def test_retask_takes_again_exactly_what_had_been_refunded(programme):
    request = disputed(programme)

    again = retask(programme, request)

    refunded = Decimal("22.988100")  # 57.470255 − 34.482155
    assert (again.state, again.delivered_at) == (State.ORDERED, None)
    assert again.due_on == again.window_ends_on == world.in_days(200)
    assert postings(request.number, "retask") == [
        ("consume_more", "entity km2", refunded),
        ("consume_more", "programme km2", refunded),
    ]
    assert balances(request.number) == consumed(entity=ASKED_KM2, programme=ASKED_KM2)


def test_retask_of_a_full_delivery_takes_nothing(programme):
    request = world.delivered(programme)
    offers.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")

    retask(programme, request)

    assert postings(request.number, "retask") == []
    assert balances(request.number) == consumed(entity=ASKED_KM2, programme=ASKED_KM2)


def test_retask_that_takes_nothing_asks_and_cites_no_contract(programme):
    request = world.delivered(programme)
    offers.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")
    SupplyContract.objects.update(ends_on=world.in_days(-1))

    retask(programme, request)

    cited = Acquisition.objects.order_by("pk").values_list("supply_contract", flat=True)
    assert list(cited) == ["EXAMPLE-PLEIADES", ""]


def test_retask_of_a_paid_part_that_was_refunded_is_refused(programme):
    """129.27 km² ordered, 100 of them free and 29.27 for 100 €; 34.48 came. Somebody grants 500 €
    for something else."""
    request = world.priced_offer(programme, **world.tasking_window())
    world.accepted_price(programme, request)
    supply.order(request_id=request.pk, user=programme.supply_officer)
    supply.register_delivery(
        request_id=request.pk,
        user=programme.supply_officer,
        products=[world.product(world.strip(width_deg=0.048))],
        complete=True,
    )
    offers.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")
    budget = Envelope.objects.get(scope="budget", unit="eur")
    grant(envelope_id=budget.pk, amount=Decimal(500), cause=Cause(decision=uuid4()))

    with override("en"), refused("paid_part_refunded") as caught:
        retask(programme, request)

    assert [refusal.message for refusal in caught.value.refusals] == [
        "29.27 km² was paid for and refunded (100 €): ask for it in a new request."
    ]


def test_retask_sends_a_new_order(programme):
    request = disputed(programme)
    first = Acquisition.objects.get()

    retask(programme, request)

    second = Acquisition.objects.exclude(pk=first.pk).get()
    assert (second.state, second.area_km2) == ("planned", first.area_km2)
    assert second.shares.get().request == request
    orders = OutboxMessage.objects.filter(topic="requests.place_order").order_by("pk")
    assert [order.payload["acquisition_id"] for order in orders] == [first.pk, second.pk]


def test_delivery_after_a_retask_counts_with_the_first(programme):
    request = disputed(programme)
    retask(programme, request)

    supply.register_delivery(
        request_id=request.pk,
        user=programme.supply_officer,
        products=[world.product(world.square(), identifier="DS_PHR1A_2")],
        complete=True,
    )

    assert request.shares.latest("pk").delivered_km2 == ASKED_KM2
    assert balances(request.number) == consumed(entity=ASKED_KM2, programme=ASKED_KM2)


def test_retask_beyond_the_envelope_is_refused(programme):
    request = disputed(programme)
    envelope = Envelope.objects.get(scope="programme", consumed=SIXTY_PERCENT_KM2)
    cause = Cause(decision=last_record(request).decision, reason="test")
    expire(envelope_id=envelope.pk, amount=envelope.left - 5, cause=cause)

    with refused("quota_exhausted"):
        retask(programme, request)


def test_retask_without_a_reason_is_refused(programme):
    request = disputed(programme)

    with refused("reason_missing"):
        retask(programme, request, reason="")


def test_retask_without_a_new_window_is_refused(programme):
    request = disputed(programme)

    with refused("window_missing"):
        disputes.retask(
            request_id=request.pk, user=programme.arbitrator, window_ends_on=None, reason="Clouds."
        )


def test_retask_in_the_past_is_refused(programme):
    request = disputed(programme)

    with refused("window_in_the_past"):
        disputes.retask(
            request_id=request.pk,
            user=programme.arbitrator,
            window_ends_on=timezone.localdate(),
            reason="Clouds.",
        )


def test_archive_ordered_again_keeps_the_dates_of_its_search(programme):
    request = world.delivered(programme)
    offers.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")

    again = retask(programme, request)

    assert (again.window_ends_on, again.due_on) == (None, world.in_days(60))


def test_retask_under_a_contract_that_is_over_is_refused(programme):
    request = disputed(programme)
    SupplyContract.objects.update(ends_on=world.in_days(-1))

    with refused("supply_contract_not_in_force"):
        retask(programme, request)


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
    request = disputed(programme, acquisition_mode="stereo", aoi=world.square(size_deg=0.05))
    before = charged_km2(request.number)

    disputes.refund_part(
        request_id=request.pk, user=programme.arbitrator, refunded_km2=Decimal(10), reason="Cloud."
    )

    assert before == 2 * request.shares.get().delivered_km2
    assert charged_km2(request.number) == before - 10
