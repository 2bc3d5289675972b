"""Whose order a small area might join, and how little is told of those that one may not see."""

import pytest

from eligibility.models import Sensor
from requests_app.intake import services as intake
from requests_app.models import ImageryRequest
from requests_app.neighbours import Neighbour, Neighbours, neighbours_of
from tests.requests_app import world
from tests.requests_app.books import refused
from tests.requests_app.near import box, small

pytestmark = pytest.mark.django_db


def test_nobody_asks_nearby(programme):
    world.submitted(programme, aoi=box(3, 45, 3.08, 45.08))
    world.draft(programme)

    assert neighbours_of(small(programme), programme.requester) is None


def test_those_one_may_see_are_named_the_nearest_first(programme):
    far = world.submitted(programme, aoi=box(1.45, 43.5, 1.53, 43.58))
    near = world.submitted(programme)

    found = neighbours_of(small(programme), programme.requester)

    # From 1.35° to 1.45° at 43.5°: 8 km.
    assert found == Neighbours(
        seen=(
            Neighbour(near.number, near.title, 0),
            Neighbour(far.number, far.title, 8),
        ),
        has_hidden=False,
    )


def test_those_of_others_are_not_named(programme, elsewhere):
    elsewhere(world.square())

    found = neighbours_of(small(programme), programme.requester)

    assert found == Neighbours(seen=(), has_hidden=True)


def test_other_sensors_kinds_and_what_is_no_longer_pending_are_no_neighbours(programme, elsewhere):
    request = elsewhere(world.square())
    asked = small(programme)
    assert neighbours_of(asked, programme.requester) is not None

    asked.sensor = Sensor.objects.get(code="spot67")
    assert neighbours_of(asked, programme.requester) is None
    asked.sensor, asked.request_kind = programme.sensor, "tasking"
    assert neighbours_of(asked, programme.requester) is None
    asked.request_kind = "archive"
    intake.cancel(request_id=request.pk, user=programme.chair, reason="A mistake.")
    assert neighbours_of(asked, programme.requester) is None


def test_a_hidden_neighbour_cannot_be_found_by_asking_with_many_areas(programme, elsewhere):
    """Wherever in a square one asks, the answer is that of the square, so that its edge is never
    seen: 100 areas tell no more than one."""
    elsewhere(box(1.73, 43.51, 1.75, 43.53))  # in the square from 1.6° to 2.0°, 43.4° to 43.6°
    asked = small(programme)

    def is_told(west, south):
        asked.aoi = box(west, south, west + 0.001, south + 0.001)
        return neighbours_of(asked, programme.requester) is not None

    def answers(west, south):
        """All over a square of the grid, by its corner."""
        return {
            is_told(west + 0.4 * east / 10 + 0.01, south + 0.2 * north / 10 + 0.01)
            for east in range(10)
            for north in range(10)
        }

    assert answers(1.2, 43.4) == {True}
    assert answers(0.8, 43.4) == {False}


def test_the_refusal_offers_to_join_and_names_nobody(programme, elsewhere):
    elsewhere(world.square())
    request = small(programme)

    with refused("below_minimum_order") as caught:
        intake.submit(request_id=request.pk, user=programme.requester)

    told = str(caught.value)
    ImageryRequest.objects.exclude(pk=request.pk).update(sensor=Sensor.objects.get(code="spot67"))
    with refused("below_minimum_order") as caught:
        intake.submit(request_id=request.pk, user=programme.requester)
    assert told.startswith(f"{caught.value} ")
    assert "Secret" not in told
