"""Two small requests that would join each other, and one whose neighbour ends meanwhile."""

import pytest

from requests_app.arbitration import services as arbitration
from requests_app.intake import services as intake
from requests_app.models import ImageryRequest
from requests_app.supply import services as supply
from requests_app.transitions import TransitionRefused
from tests.concurrency import second_waits_for_first
from tests.requests_app import world
from tests.requests_app.books import again
from tests.requests_app.near import box, joining

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

REQUEST_LOCK = 'SELECT "requests_app_imageryrequest"'


def approve(programme, request, neighbour):
    return lambda: arbitration.approve(
        request_id=request.pk, user=programme.arbitrator, ordered_with=neighbour.number
    )


def refused_at_once(first, second) -> tuple[str, ...]:
    race = second_waits_for_first(first, second, at=REQUEST_LOCK)
    race.assert_second_waited()
    race.winner.result()
    with pytest.raises(TransitionRefused) as caught:
        race.loser.result()
    return caught.value.codes


@pytest.mark.parametrize("is_older_first", [True, False])
def test_two_approvals_at_once_do_not_join_each_other(committed_programme, is_older_first):
    programme = committed_programme
    world.submitted(programme, aoi=box(1.45, 43.5, 1.53, 43.58))
    pair = joining(programme), joining(programme, west=1.36)
    first, second = pair if is_older_first else reversed(pair)

    codes = refused_at_once(approve(programme, first, second), approve(programme, second, first))

    assert codes == ("is_joined",)
    assert [(each.state, each.ordered_with) for each in map(again, (first, second))] == [
        ("approved", second.number),
        ("in_arbitration", ""),
    ]


def test_order_waits_for_its_neighbour_to_end_and_does_not_leave(committed_programme):
    programme = committed_programme
    neighbour = world.approved(programme, aoi=box(1.45, 43.5, 1.53, 43.58))
    request = joining(programme)
    approve(programme, request, neighbour)()

    codes = refused_at_once(
        lambda: intake.cancel(request_id=neighbour.pk, user=programme.requester),
        lambda: supply.order(request_id=request.pk, user=programme.supply_officer),
    )

    assert codes == ("neighbour_ended",)
    assert ImageryRequest.objects.get(pk=request.pk).state == "approved"
