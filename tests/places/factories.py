"""Valid, boring places. What a test is about is written in the test."""

import datetime as dt
from decimal import Decimal

import factory
from django.contrib.gis.geos import MultiPolygon, Polygon
from factory.django import DjangoModelFactory

from places.models import Place
from places.rules import plain_words


class PlaceFactory(DjangoModelFactory):
    class Meta:
        model = Place

    kind = "commune"
    code = factory.Sequence(lambda n: f"{n:05d}")
    name = factory.Sequence(lambda n: f"Commune {n}")
    search_name = factory.LazyAttribute(lambda place: " ".join(plain_words(place.name)))
    geometry = factory.LazyFunction(
        lambda: MultiPolygon(Polygon.from_bbox((1.3, 43.5, 1.38, 43.58)), srid=4326)
    )
    area_km2 = Decimal("57.47")
    source = "Register"
    as_of = dt.date(2026, 1, 1)
