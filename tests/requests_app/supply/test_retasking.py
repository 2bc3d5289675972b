"""An acquisition made again: what it takes, and what stays when it brings nothing."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone
from django.utils.translation import override

from licences import life
from licences.models import Licence
from orbitrage.shared.models import OutboxMessage
from quotas.models import Envelope, SupplyContract
from quotas.services import Cause, expire, grant
from requests_app.intake.services import deliveries
from requests_app.models import Acquisition, ImageryRequest
from requests_app.notifications import letter_about, mail_of
from requests_app.states import State
from requests_app.supply import services as supply
from requests_app.supply.services import disputes
from tests.requests_app import after, world
from tests.requests_app.books import (
    ASKED_KM2,
    SHORTFALL_REFUNDED,
    SIXTY_PERCENT,
    SIXTY_PERCENT_KM2,
    balances,
    consumed,
    last_record,
    postings,
    refused,
)

pytestmark = pytest.mark.django_db


def retask(programme, request, *, reason="Under clouds."):
    return disputes.retask(
        request_id=request.pk,
        user=programme.arbitrator,
        window_ends_on=world.in_days(200),
        reason=reason,
    )


def test_retask_takes_again_exactly_what_had_been_refunded(programme):
    request = after.partly_disputed(programme)

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
    deliveries.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")

    retask(programme, request)

    assert postings(request.number, "retask") == []
    assert balances(request.number) == consumed(entity=ASKED_KM2, programme=ASKED_KM2)


def test_retask_that_takes_nothing_asks_and_cites_no_contract(programme):
    request = world.delivered(programme)
    deliveries.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")
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
    deliveries.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")
    budget = Envelope.objects.get(scope="budget", unit="eur")
    grant(envelope_id=budget.pk, amount=Decimal(500), cause=Cause(decision=uuid4()))

    with override("en"), refused("paid_part_refunded") as caught:
        retask(programme, request)

    assert [refusal.message for refusal in caught.value.refusals] == [
        "29.27 km² was paid for and refunded (100 €): ask for it in a new request."
    ]


def test_retask_sends_a_new_order(programme):
    request = after.partly_disputed(programme)
    first = Acquisition.objects.get()

    retask(programme, request)

    second = Acquisition.objects.exclude(pk=first.pk).get()
    assert (second.state, second.area_km2) == ("planned", first.area_km2)
    assert second.shares.get().request == request
    orders = OutboxMessage.objects.filter(topic="requests.place_order").order_by("pk")
    assert [order.payload["acquisition_id"] for order in orders] == [first.pk, second.pk]


def test_delivery_after_a_retask_counts_with_the_first(programme):
    request = after.partly_disputed(programme)
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
    request = after.partly_disputed(programme)
    envelope = Envelope.objects.get(scope="programme", consumed=SIXTY_PERCENT_KM2)
    cause = Cause(decision=last_record(request).decision, reason="test")
    expire(envelope_id=envelope.pk, amount=envelope.left - 5, cause=cause)

    with refused("quota_exhausted"):
        retask(programme, request)


def test_nothing_is_acquired_again_under_a_licence_that_was_revoked(programme):
    request = after.partly_disputed(programme)
    licence = Licence.objects.get(request_number=request.number)
    life.revoke(licence_id=licence.pk, user=programme.chair, reason="Passed on.", decision=uuid4())

    with refused("licence_over"):
        retask(programme, request)


def test_retask_without_a_reason_is_refused(programme):
    request = after.partly_disputed(programme)

    with refused("reason_missing"):
        retask(programme, request, reason="")


def test_retask_without_a_new_window_is_refused(programme):
    request = after.partly_disputed(programme)

    with refused("window_missing"):
        disputes.retask(
            request_id=request.pk, user=programme.arbitrator, window_ends_on=None, reason="Clouds."
        )


def test_retask_in_the_past_is_refused(programme):
    request = after.partly_disputed(programme)

    with refused("window_reversed", "window_in_the_past"):
        disputes.retask(
            request_id=request.pk,
            user=programme.arbitrator,
            window_ends_on=timezone.localdate(),
            reason="Clouds.",
        )


@pytest.mark.parametrize(("days", "code"), [(-1, "window_reversed"), (0, "single_day_window")])
def test_retask_in_no_window_is_refused(programme, days, code):
    request = after.partly_disputed(programme)
    starts_on = world.in_days(40)
    ImageryRequest.objects.filter(pk=request.pk).update(
        window_starts_on=starts_on, window_ends_on=world.in_days(60)
    )

    with refused(code):
        disputes.retask(
            request_id=request.pk,
            user=programme.arbitrator,
            window_ends_on=starts_on + timedelta(days=days),
            reason="Clouds.",
        )


def test_archive_ordered_again_keeps_the_dates_of_its_search(programme):
    request = world.delivered(programme)
    deliveries.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")

    again = retask(programme, request)

    assert (again.window_ends_on, again.due_on) == (None, world.in_days(60))


def test_retask_under_a_contract_that_is_over_is_refused(programme):
    request = after.partly_disputed(programme)
    SupplyContract.objects.update(ends_on=world.in_days(-1))

    with refused("supply_contract_not_in_force"):
        retask(programme, request)


# -- it brings nothing -------------------------------------------------------------------------------


def ordered_again(programme):
    """60 % came, was disputed, and the whole is acquired again."""
    request = retask(programme, after.partly_disputed(programme))
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=world.in_days(-1))
    return request


def close(_programme, request):
    return supply.close_window(request_id=request.pk, user=None)


def stop(programme, request):
    return supply.stop_order(request_id=request.pk, user=programme.supply_officer, reason="Agreed.")


def fail(programme, request):
    return supply.fail(request_id=request.pk, user=programme.supply_officer, reason="No scene.")


@pytest.mark.parametrize(
    ("end", "name", "acquisition"),
    [
        (close, "close_window", "failed"),
        (stop, "stop_order", "cancelled"),
        (fail, "fail", "failed"),
    ],
)
def test_second_order_that_brings_nothing_keeps_what_the_first_brought(
    programme, end, name, acquisition
):
    request = ordered_again(programme)

    ended = end(programme, request)

    assert (ended.state, ended.delivered_at is not None) == (State.DELIVERED, True)
    assert ended.due_on == timezone.localdate() + timedelta(days=30)
    assert postings(request.number, name) == SHORTFALL_REFUNDED
    assert balances(request.number) == SIXTY_PERCENT
    assert Licence.objects.get().state == "issued"
    states = Acquisition.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["delivered", acquisition]


def test_archive_that_was_complete_stays_charged_as_ordered(programme):
    """60 % of it are under the footprint that came."""
    request = world.delivered(programme, footprint=world.strip(width_deg=0.048))
    deliveries.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")
    retask(programme, request)

    ended = fail(programme, request)

    assert ended.state == State.DELIVERED
    assert postings(request.number, "fail") == []
    assert balances(request.number) == consumed(entity=ASKED_KM2, programme=ASKED_KM2)


def test_mail_of_a_second_failure_says_what_stays(programme):
    request = ordered_again(programme)
    fail(programme, request)

    reader = programme.requester
    reader.language = "en"
    record = last_record(request)
    mail = letter_about(record, reader, mail_of(record, "fail"))

    assert (
        "What came before stays charged; the rest has been given back to the quotas." in mail.body
    )
    assert "Everything has been given back" not in mail.body
