"""Several scenes of the archive: each counts what it shows of the area, up to the last refund."""

from datetime import UTC, datetime

import pytest

from requests_app.arbitration import services as arbitration
from requests_app.intake import services as intake
from requests_app.selectors import plan_of
from requests_app.supply import services as supply
from tests.requests_app import world
from tests.requests_app.books import ASKED_KM2, balances, consumed, held, refused
from tests.requests_app.supply.series import (
    EAST,
    EAST_KM2,
    SMALL,
    TWO_KM2,
    WEST,
    WEST_KM2,
    box,
    mosaic,
    record_scene,
)

pytestmark = pytest.mark.django_db


# -- scenes of the archive -------------------------------------------------------------------------


def test_mosaic_counts_the_area_once(programme):
    request = world.submitted(programme, **mosaic(programme))

    assert plan_of(request).images_km2 == (WEST_KM2, EAST_KM2)
    assert balances(request.number) == held(entity=ASKED_KM2)


def test_scenes_without_a_footprint_count_the_area_each(programme):
    request = world.submitted(
        programme, archive_scenes=[WEST, EAST], agrees_to_enlargement=True, **SMALL
    )

    assert balances(request.number) == held(entity=TWO_KM2)


def test_one_scene_counts_what_it_shows_of_the_area(programme):
    record_scene(programme.sensor, WEST, box(1.2, 1.348))

    request = world.submitted(programme, archive_scenes=[WEST])

    assert balances(request.number) == held(entity=WEST_KM2)


def test_scenes_that_show_nothing_are_refused(programme):
    record_scene(programme.sensor, WEST, box(1.2, 1.3))
    request = world.draft(programme, archive_scenes=[WEST])

    with refused("scenes_beside_area"):
        intake.submit(request_id=request.pk, user=programme.requester)


def test_offer_of_an_area_that_no_scene_shows_is_refused(programme):
    record_scene(programme.sensor, WEST, box(1.2, 1.34))
    request = world.in_arbitration(programme, archive_scenes=[WEST])

    with refused("scenes_beside_area"):
        arbitration.offer(
            request_id=request.pk,
            user=programme.arbitrator,
            polygon_wkb=bytes(box(1.35, 1.37).wkb),
        )


# -- what comes ------------------------------------------------------------------------------------


FIRST_OF_MAY = datetime(2025, 5, 1, 11, 0, 2, tzinfo=UTC)
FIRST_OF_AUGUST = datetime(2025, 8, 1, 11, tzinfo=UTC)


def scenes_came(programme, request, *days, complete):
    """One product of the whole area of each of these days."""
    products = [
        world.product(world.square(), identifier=f"DS_PHR1A_{n}", acquired_at=day)
        for n, day in enumerate(days)
    ]
    return supply.register_delivery(
        request_id=request.pk,
        user=programme.supply_officer,
        products=products,
        complete=complete,
    )


def test_scene_that_does_not_come_is_refunded_when_the_order_is_stopped(programme):
    request = world.ordered(programme, **mosaic(programme))
    scenes_came(programme, request, FIRST_OF_MAY, complete=False)

    supply.stop_order(request_id=request.pk, user=programme.supply_officer, reason="Lost.")

    assert balances(request.number) == consumed(entity=WEST_KM2, programme=WEST_KM2)


def test_scene_of_another_day_stands_for_one_that_did_not_come(programme):
    request = world.ordered(programme, **mosaic(programme))
    scenes_came(programme, request, FIRST_OF_MAY, FIRST_OF_AUGUST, complete=False)

    supply.stop_order(request_id=request.pk, user=programme.supply_officer, reason="Agreed.")

    assert balances(request.number) == consumed(entity=ASKED_KM2, programme=ASKED_KM2)


def test_archive_of_several_scenes_is_charged_as_ordered(programme):
    request = world.ordered(programme, **mosaic(programme))

    scenes_came(programme, request, FIRST_OF_MAY, complete=True)

    assert balances(request.number) == consumed(entity=ASKED_KM2, programme=ASKED_KM2)
