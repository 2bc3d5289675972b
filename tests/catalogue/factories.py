"""Valid, boring images. What a test is about is written in the test."""

import datetime as dt

import factory
from django.contrib.gis.geos import MultiPolygon, Polygon
from factory.django import DjangoModelFactory

from catalogue.models import Item
from tests.eligibility.factories import SensorFactory


def box(west: float, south: float, east: float, north: float) -> MultiPolygon:
    return MultiPolygon(Polygon.from_bbox((west, south, east, north)), srid=4326)


class ItemFactory(DjangoModelFactory):
    class Meta:
        model = Item

    identifier = factory.Sequence(lambda n: f"DS_PHR1A_{n:05}_PMS_ORT")
    sensor = factory.SubFactory(SensorFactory)
    mission = "PHR1A"
    footprint = factory.LazyFunction(lambda: box(3.8, 43.5, 4.0, 43.7))
    acquired_at = dt.datetime(2024, 6, 1, 10, 30, tzinfo=dt.UTC)
    cloud_cover_percent = 2.5
    incidence_angle_deg = 12.0
    sun_elevation_deg = 60.0
    processing_level = "ORTHO"
    spectral_mode = "PMS"
    resolution_m = 0.5
    audience = factory.LazyFunction(lambda: ["open"])
    attribution = "© CNES 2024, distribution Airbus DS"
    metadata_sha256 = factory.Sequence(lambda n: f"{n:064x}")
