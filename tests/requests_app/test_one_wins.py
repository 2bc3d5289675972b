"""Two who end or carry on one file at the same instant: one wins, the other is told, and the books
reconcile (after each of these tests every envelope is compared with the sum of its entries)."""

from functools import partial

import pytest

from licences.models import Licence
from requests_app import transitions
from requests_app.arbitration import services as arbitration
from requests_app.intake import services as intake
from requests_app.intake.services import deliveries, offers
from requests_app.models import ImageryRequest
from requests_app.states import State
from requests_app.supply import services as supply
from requests_app.supply.services import disputes
from requests_app.transitions import TransitionRefused
from tests.concurrency import second_waits_for_first
from tests.requests_app import after, world
from tests.requests_app.books import ASKED_KM2, WHOLE, again, balances, demand, held

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

REQUEST_LOCK = 'SELECT "requests_app_imageryrequest"'


def due(request):
    """Its day has passed, and both reminders have left."""
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=world.in_days(-1), reminders_sent=2)
    return request


def late_answer(programme):
    return due(after.asked(programme))


def late_offer(programme):
    return due(world.offered(programme))


def delivered_long_ago(programme):
    return due(world.delivered(programme))


def cancel(programme, request):
    return partial(intake.cancel, request_id=request.pk, user=programme.requester)


def approve(programme, request):
    return partial(arbitration.approve, request_id=request.pk, user=programme.arbitrator)


def refuse(programme, request):
    return partial(
        arbitration.refuse,
        request_id=request.pk,
        user=programme.arbitrator,
        reason="competition",
        text="Others first.",
    )


def order(programme, request):
    return partial(supply.order, request_id=request.pk, user=programme.supply_officer)


def answer(programme, request):
    return partial(intake.answer, request_id=request.pk, user=programme.requester, text="Because.")


def lapse(_programme, request):
    return partial(intake.lapse, request_id=request.pk)


def accept_offer(programme, request):
    return partial(offers.accept_offer, request_id=request.pk, user=programme.requester)


def accept_delivery(programme, request):
    return partial(deliveries.accept_delivery, request_id=request.pk, user=programme.requester)


def accept_by_calendar(_programme, request):
    return partial(deliveries.accept_delivery, request_id=request.pk, user=None)


def dispute(programme, request):
    user = programme.entity_contact
    return partial(deliveries.dispute, request_id=request.pk, user=user, reason="Clouds.")


def retask(programme, request):
    return partial(
        disputes.retask,
        request_id=request.pk,
        user=programme.arbitrator,
        window_ends_on=world.in_days(90),
        reason="Clouds.",
    )


def refund(programme, request):
    return partial(
        disputes.refund_part,
        request_id=request.pk,
        user=programme.secretariat,
        refunded_km2=world.km2("1.5"),
        reason="One cloud.",
    )


# Where the file is, who comes first and who second, what it becomes, and what it holds then.
RACES = [
    (world.in_arbitration, cancel, approve, State.CANCELLED, {}),
    (world.in_arbitration, refuse, cancel, State.REFUSED, {}),
    (world.in_arbitration, cancel, refuse, State.CANCELLED, {}),
    (late_answer, answer, lapse, State.IN_REVIEW, held(entity=ASKED_KM2)),
    (late_answer, lapse, answer, State.EXPIRED, {}),
    (world.approved, order, cancel, State.ORDERED, WHOLE),
    (world.approved, cancel, order, State.CANCELLED, {}),
    (late_offer, lapse, accept_offer, State.EXPIRED, {}),
    (world.delivered, dispute, accept_delivery, State.DISPUTED, WHOLE),
    (world.delivered, accept_delivery, dispute, State.CLOSED, WHOLE),
    (delivered_long_ago, accept_by_calendar, dispute, State.CLOSED, WHOLE),
    (after.disputed, retask, refund, State.ORDERED, WHOLE),
]


def name_of(race):
    _reach, first, second, *_outcome = race
    return f"{first.__name__} against {second.__name__}"


@pytest.mark.parametrize(
    ("reach", "first", "second", "becomes", "books"), RACES, ids=map(name_of, RACES)
)
def test_first_wins_and_second_is_told(committed_programme, reach, first, second, becomes, books):
    programme = committed_programme
    request = reach(programme)
    before = request.records.count()

    race = second_waits_for_first(
        first(programme, request), second(programme, request), at=REQUEST_LOCK
    )

    race.assert_second_waited()
    race.winner.result()
    with pytest.raises(TransitionRefused) as refused:
        race.loser.result()
    assert refused.value.codes == ("already_decided",)
    assert (again(request).state, request.records.count()) == (becomes, before + 1)
    assert balances(request.number) == books


def test_request_that_is_approved_meanwhile_is_cancelled_with_its_licence(committed_programme):
    """Approved can still be cancelled: the second is not too late, and undoes what the first held."""
    programme = committed_programme
    request = world.in_arbitration(programme)

    race = second_waits_for_first(
        approve(programme, request), cancel(programme, request), at=REQUEST_LOCK
    )

    race.assert_second_waited()
    assert race.winner.result().state == State.APPROVED
    assert race.loser.result().state == State.CANCELLED
    assert (balances(request.number), demand(request.number)) == ({}, {})
    assert Licence.objects.get().state == "revoked"


def test_without_the_lock_an_answer_does_not_wait_for_the_calendar(
    committed_programme, monkeypatch
):
    """Control: the assertion of the tests above is about this lock and about nothing else."""
    programme = committed_programme
    request = late_answer(programme)
    monkeypatch.setattr(
        transitions, "lock_request", lambda request_id: ImageryRequest.objects.get(pk=request_id)
    )

    race = second_waits_for_first(
        lapse(programme, request), answer(programme, request), at=REQUEST_LOCK, timeout_s=1
    )

    with pytest.raises(AssertionError, match="does not wait for"):
        race.assert_second_waited()
