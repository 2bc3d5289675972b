"""Several images of one area: a series of dates, or scenes of the archive."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.contrib.gis.geos import MultiPolygon, Polygon
from django.utils import timezone

from catalogue.models import ArchiveScene, Item
from requests_app.supply import services as supply
from tests.requests_app import world
from tests.requests_app.books import SMALLER_KM2

SERIES = {"acquisition_dates": 3, "interval_days": 20}
SMALL = {"aoi": world.square(size_deg=0.05)}
THREE_KM2 = 3 * SMALLER_KM2
TWO_KM2 = 2 * SMALLER_KM2

# Scenes of the square of 0.08°: the western 60 % of it and the rest, taken on two days.
WEST = "DS_PHR1A_202505011100000_FR1_PX_E001N43_0420_01654"
EAST = "DS_PHR1B_202506021100000_FR1_PX_E001N43_0420_01655"
WEST_KM2 = Decimal("34.482153")  # 0.6 × ASKED_KM2
EAST_KM2 = Decimal("22.988102")  # 0.4 × ASKED_KM2; together ASKED_KM2


def series(programme, **wanted):
    return world.tasking() | SERIES | SMALL | wanted


def came(programme, request, *days, footprint=None, complete=True):
    """One product of the whole area a day, so many days after the first of January."""
    first = datetime(2026, 1, 1, 10, 30, tzinfo=UTC)
    products = [
        world.product(
            footprint or world.square(size_deg=0.05),
            identifier=f"DS_PHR1A_{day}_{Item.objects.count()}",
            acquired_at=first + timedelta(days=day),
        )
        for day in days
    ]
    return supply.register_delivery(
        request_id=request.pk,
        user=programme.supply_officer,
        products=products,
        complete=complete,
    )


def box(west, east):
    return MultiPolygon(Polygon.from_bbox((west, 43.5, east, 43.58)), srid=4326)


def record_scene(sensor, name, footprint):
    ArchiveScene.objects.create(
        identifier=name,
        sensor=sensor,
        mission="PHR1A",
        footprint=footprint,
        acquired_at=timezone.now(),
        found_at=timezone.now(),
    )


def mosaic(programme):
    record_scene(programme.sensor, WEST, box(1.2, 1.348))
    record_scene(programme.sensor, EAST, box(1.348, 1.5))
    return {"archive_scenes": [WEST, EAST]}
