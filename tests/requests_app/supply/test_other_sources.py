"""Requests paid from prefunded volumes and packages, and taskings that count as attempts."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.utils.translation import override

from eligibility.models import Sensor
from quotas.models import Envelope, Tariff
from quotas.services import Cause, expire
from requests_app.features import areas_of
from requests_app.intake import services as intake
from requests_app.intake.services import deliveries
from requests_app.supply import services as supply
from requests_app.supply.services import disputes
from tests.quotas.factories import EnvelopeFactory
from tests.requests_app import world
from tests.requests_app.books import (
    ASKED_KM2,
    LARGE_KM2,
    NOTHING,
    SIXTY_PERCENT_KM2,
    balances,
    demand,
    held,
    postings,
    refused,
)

pytestmark = pytest.mark.django_db
SANTIAGO = MultiPolygon(Polygon.from_bbox((-70.20, -33.60, -69.99, -33.45)), srid=4326)


def prefunded(programme, granted, **fields) -> Envelope:
    return EnvelopeFactory(
        scope="prefunded",
        cell=None,
        entity=programme.entity,
        sensor=programme.sensor,
        allotment="first_come",
        period_starts_on=world.in_days(-10),
        period_ends_on=world.in_days(400),
        granted=granted,
        **fields,
    )


@pytest.fixture
def package(programme) -> Envelope:
    """5,000 € at 0.50 €/km², which a tariff of packages says."""
    tariff = Tariff.objects.create(
        code="test-package", name_fr="Forfait", name_en="Package", sensor=programme.sensor,
        rate_eur_per_km2=Decimal("0.50"), package_eur=5_000, package_area_km2=10_000,
        valid_from=world.in_days(-30), source="test",
    )  # fmt: skip
    return prefunded(programme, 5_000, unit="eur", package=tariff)


def test_prefunded_volume_is_held_when_the_request_is_submitted(programme):
    prefunded(programme, 40)

    request = world.submitted(programme, uses_prefunded=True)

    assert balances(request.number) == held(prefunded=Decimal(40), entity=ASKED_KM2 - 40)
    assert demand(request.number) == {"programme": ASKED_KM2 - 40}


def test_prefunded_volume_is_left_alone_unless_asked_for(programme):
    prefunded(programme, 40)

    request = world.submitted(programme)

    assert balances(request.number) == held(entity=ASKED_KM2)


def test_package_pays_for_what_is_beyond_the_quota(programme, package):
    """129.27 km², 100 of them free: 29.265754 × 0.50 = 14.63 € of the package, nothing to pay."""
    request = world.ordered(programme, aoi=world.square(size_deg=0.12), uses_prefunded=True)

    assert request.area_km2 == LARGE_KM2
    assert balances(request.number) == {
        "entity km2": (NOTHING, Decimal(100)),
        "programme km2": (NOTHING, Decimal(100)),
        "prefunded eur": (NOTHING, Decimal("14.63")),
    }
    assert (request.priced_eur, request.quotation_number) == (0, "")


def test_what_is_not_delivered_comes_back_to_the_package(programme, package):
    """60 % of 57.47 km² come: all within the free part, so the package gets everything back."""
    request = world.ordered(
        programme, aoi=world.square(size_deg=0.12), uses_prefunded=True, **world.tasking()
    )

    supply.register_delivery(
        request_id=request.pk,
        user=programme.supply_officer,
        products=[world.product(world.strip(width_deg=0.048))],
        complete=True,
    )

    assert ("refund", "prefunded eur", Decimal("-14.63")) in postings(
        request.number, "register_delivery"
    )
    package.refresh_from_db()
    assert (package.granted, package.held, package.consumed) == (5_000, 0, 0)
    assert balances(request.number)["entity km2"] == (NOTHING, SIXTY_PERCENT_KM2)


def test_recall_gives_a_package_back(programme, package):
    request = world.submitted(programme, aoi=world.square(size_deg=0.12), uses_prefunded=True)
    assert balances(request.number)["prefunded eur"] == (Decimal("14.63"), NOTHING)

    intake.recall(request_id=request.pk, user=programme.requester)

    assert balances(request.number) == {}


def test_attempt_is_asked_held_and_used_by_the_order(spot):
    request = world.in_arbitration(spot, aoi=SANTIAGO, **world.tasking())
    assert demand(request.number)["programme attempts"] == 1
    assert request.simulation["attempts"]["outside_km2"] == str(request.area_km2)

    request = world.ordered(spot, aoi=SANTIAGO, **world.tasking())

    assert balances(request.number)["programme attempts"] == (NOTHING, Decimal(1))


def test_archive_outside_the_circle_is_no_attempt(spot):
    request = world.submitted(spot, aoi=SANTIAGO)

    assert demand(request.number) == {"programme": request.area_km2}


def test_attempt_is_given_back_before_the_order(spot):
    request = world.approved(spot, aoi=SANTIAGO, **world.tasking())
    assert balances(request.number)["programme attempts"] == (Decimal(1), NOTHING)

    intake.cancel(request_id=request.pk, user=spot.requester)

    assert balances(request.number) == {}


def test_attempt_that_failed_was_made(spot):
    request = world.ordered(spot, aoi=SANTIAGO, **world.tasking())

    supply.fail(request_id=request.pk, user=spot.supply_officer, reason="Clouds all along.")

    assert balances(request.number) == {"programme attempts": (NOTHING, Decimal(1))}


def disputed_outside_the_circle(spot):
    request = world.ordered(spot, aoi=SANTIAGO, **world.tasking())
    supply.register_delivery(
        request_id=request.pk,
        user=spot.supply_officer,
        products=[world.product(SANTIAGO, identifier="DS_SPOT6_1", mission="SPOT6")],
        complete=True,
    )
    return deliveries.dispute(request_id=request.pk, user=spot.requester, reason="Clouds.")


def retask(spot, request):
    return disputes.retask(
        request_id=request.pk,
        user=spot.arbitrator,
        window_ends_on=world.in_days(200),
        reason="Clouds.",
    )


def test_second_order_outside_the_circle_is_a_second_attempt(spot):
    request = disputed_outside_the_circle(spot)

    retask(spot, request)

    assert postings(request.number, "retask") == [("consume_more", "programme attempts", 1)]
    assert balances(request.number)["programme attempts"] == (NOTHING, Decimal(2))


def test_second_attempt_that_is_not_left_is_refused(spot):
    request = disputed_outside_the_circle(spot)
    attempts = Envelope.objects.get(unit="attempts", cell=spot.cell)
    expire(envelope_id=attempts.pk, amount=attempts.left, cause=Cause(decision=uuid4()))

    with override("en"), refused("quota_exhausted") as caught:
        retask(spot, request)

    assert "1 attempt asked, 0 attempts left" in str(caught.value)


def test_policy_opens_the_attempts_of_both_cells_and_the_share_of_the_programme(programme):
    spot67 = Sensor.objects.get(code="spot67")

    envelopes = Envelope.objects.exclude(unit="km2").order_by("sensor__code", "cell__code")

    assert [(e.sensor.code, e.cell.code, e.unit, int(e.granted)) for e in envelopes] == [
        ("pleiades", "pleiades-science", "eur", 250_000),
        ("spot67", "institutional", "attempts", 80),
        ("spot67", "spot-science", "attempts", 120),
    ]
    assert {e.contract.reference for e in envelopes if e.sensor == spot67} == {"EXAMPLE-SPOT"}


def test_map_shows_the_part_outside_the_circle(spot):
    request = world.draft(spot, aoi=SANTIAGO, **world.tasking())

    areas = {area.role: area for area in areas_of(request)}

    assert areas["outside"].area_km2 == request.area_km2
    assert areas["outside"].geometry.equals(request.aoi)


def test_map_of_what_the_station_sees_has_no_such_part(spot):
    request = world.draft(spot, **world.tasking())

    assert "outside" not in {area.role for area in areas_of(request)}


def test_dispute_refunds_a_package_before_what_is_free(programme, package):
    """129.27 km² on 100 free and 29.27 of the package; 10 km² are given back: 10 × 0.50 €, or
    9.63 € kept for the 19.265754 km² left."""
    request = world.delivered(
        programme,
        aoi=world.square(size_deg=0.12),
        footprint=world.square(size_deg=0.12),
        uses_prefunded=True,
    )
    deliveries.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")

    disputes.refund_part(
        request_id=request.pk, user=programme.secretariat, refunded_km2=Decimal(10), reason="So."
    )

    assert balances(request.number) == {
        "entity km2": (NOTHING, Decimal(100)),
        "programme km2": (NOTHING, Decimal(100)),
        "prefunded eur": (NOTHING, Decimal("9.63")),
    }


def test_package_that_ends_meanwhile_still_bears_what_was_held_on_it(programme, package):
    """The decision is taken back a year later: the euros held in time are held again there."""
    request = world.approved(programme, aoi=world.square(size_deg=0.12), uses_prefunded=True)
    Envelope.objects.filter(pk=package.pk).update(period_ends_on=world.in_days(-1))

    world.rescind(programme, request.pk, second="secretariat")

    assert balances(request.number)["prefunded eur"] == (Decimal("14.63"), NOTHING)
