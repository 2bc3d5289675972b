"""What scenes show of the area is settled by the decision, whatever the archive says of them since."""

from datetime import UTC, datetime
from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from catalogue.models import ArchiveScene
from requests_app.intake import services as intake
from requests_app.intake.services import deliveries
from requests_app.models import ImageryRequest
from requests_app.selectors import plan_of
from requests_app.supply import services as supply
from requests_app.supply.selectors import refundable_km2
from tests.requests_app import world
from tests.requests_app.books import ASKED_KM2, SMALLER_KM2, balances, consumed, held
from tests.requests_app.supply.series import (
    EAST,
    SMALL,
    WEST,
    WEST_KM2,
    box,
    mosaic,
    record_scene,
)

pytestmark = pytest.mark.django_db

FIRST_OF_MAY = datetime(2025, 5, 1, 11, 0, 2, tzinfo=UTC)


def found_again(name, footprint):
    ArchiveScene.objects.filter(identifier=name).update(footprint=footprint)


def west_alone_came(programme, request):
    supply.register_delivery(
        request_id=request.pk,
        user=programme.supply_officer,
        products=[world.product(world.square(), acquired_at=FIRST_OF_MAY)],
        complete=False,
    )
    return supply.stop_order(request_id=request.pk, user=programme.supply_officer, reason="Lost.")


def test_scene_that_grew_since_keeps_no_charge_for_the_one_that_did_not_come(programme):
    request = world.ordered(programme, **mosaic(programme))
    found_again(WEST, box(1.2, 1.5))

    west_alone_came(programme, request)

    assert balances(request.number) == consumed(entity=WEST_KM2, programme=WEST_KM2)


def test_scenes_recorded_since_the_decision_give_back_no_more_than_did_not_come(programme):
    wanted = {"archive_scenes": [WEST, EAST], "agrees_to_enlargement": True, **SMALL}
    request = world.ordered(programme, **wanted)
    record_scene(programme.sensor, WEST, box(1.2, 1.33))
    record_scene(programme.sensor, EAST, box(1.33, 1.5))

    west_alone_came(programme, request)

    assert balances(request.number) == consumed(entity=SMALLER_KM2, programme=SMALLER_KM2)


def test_scenes_of_an_offer_are_those_of_the_day_it_was_made(programme):
    request = world.offered(programme, polygon=world.strip(width_deg=0.07), **mosaic(programme))
    found_again(WEST, box(1.2, 1.5))
    intake.offers.accept_offer(request_id=request.pk, user=programme.requester)
    supply.order(request_id=request.pk, user=programme.supply_officer)

    request = west_alone_came(programme, request)

    west_km2, _east_km2 = plan_of(request).images_km2
    assert balances(request.number) == consumed(entity=west_km2, programme=west_km2)


def test_disputed_scene_is_refunded_for_what_was_charged(programme):
    request = world.ordered(programme, **mosaic(programme))
    supply.register_delivery(
        request_id=request.pk,
        user=programme.supply_officer,
        products=[world.product(world.square(), acquired_at=FIRST_OF_MAY)],
        complete=True,
    )
    deliveries.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")
    found_again(WEST, box(1.2, 1.5))

    assert refundable_km2(ImageryRequest.objects.get(), ["DS_PHR1A_1"]) == WEST_KM2


def test_decision_taken_back_reads_the_archive_again(programme):
    request = world.approved(programme, **mosaic(programme))
    found_again(EAST, box(1.2, 1.5))

    again = world.rescind(programme, request.pk)

    assert again.scene_footprints is None
    assert plan_of(again).images_km2 == (WEST_KM2, ASKED_KM2)
    assert balances(request.number) == held(entity=WEST_KM2 + ASKED_KM2)


def test_nothing_is_granted_whose_scenes_are_not_frozen(programme):
    request = world.approved(programme, **mosaic(programme))

    with pytest.raises(IntegrityError, match="scenes_frozen"), transaction.atomic():
        ImageryRequest.objects.filter(pk=request.pk).update(scene_footprints=None)


def test_requests_decided_before_are_frozen_as_the_archive_says_by_now(programme):
    request = world.approved(programme, archive_scenes=[WEST])
    undecided = world.submitted(programme, archive_scenes=[WEST])
    record_scene(programme.sensor, WEST, box(1.2, 1.348))
    assert request.scene_footprints == {}

    import_module("requests_app.migrations.0023_scenes_decided_so_far").freeze(apps, None)

    request.refresh_from_db()
    undecided.refresh_from_db()
    frozen = {WEST: bytes(box(1.2, 1.348).wkb).hex()}
    assert (request.scene_footprints, undecided.scene_footprints) == (frozen, None)
