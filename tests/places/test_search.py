"""Places by the names that people type."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import IntegrityError, connection, transaction

from places.models import Place
from places.selectors import find_places
from tests.places.factories import PlaceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def known():
    for kind, code, name in (
        ("commune", "34172", "Montpellier"),
        ("commune", "34270", "Saint-Jean-de-Védas"),
        ("commune", "94038", "L'Haÿ-les-Roses"),
        ("commune", "97411", "Saint-Denis"),
        ("commune", "17323", "Saint-Denis-d'Oléron"),
        ("commune", "67482", "Strasbourg"),
        ("commune", "13001", "Aix-en-Provence"),
        ("epci", "243400017", "Montpellier Méditerranée Métropole"),
        ("department", "34", "Hérault"),
        ("department", "974", "La Réunion"),
        ("region", "04", "La Réunion"),
    ):
        PlaceFactory(kind=kind, code=code, name=name)


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("montpellier", ["34172", "243400017"]),
        ("MONTPELLIER mét", ["243400017"]),
        ("herault", ["34"]),
        ("Hérault", ["34"]),
        ("st jean de vedas", ["34270"]),
        ("Saint-Jean", ["34270"]),
        ("vedas", ["34270"]),
        ("l'hay", ["94038"]),
        ("hay les roses", ["94038"]),
        ("saint denis", ["97411", "17323"]),
        ("provence", ["13001"]),
        ("la réunion", ["04", "974"]),
        ("97411", ["97411"]),
        ("34", ["34", "34172", "34270"]),
        ("nowhere", []),
        ("", []),
        ("' & | !", []),
    ],
)
def test_places_are_found_by_what_people_type(known, typed, codes):
    assert [place.code for place in find_places(typed)] == codes


def test_half_a_word_may_become_saint_or_strasbourg(known):
    assert {place.code for place in find_places("st")} == {"34270", "97411", "17323", "67482"}


def test_answers_are_twenty_at_most(known):
    PlaceFactory.create_batch(21, name="Villeneuve")

    assert len(find_places("villeneuve")) == 20


def test_search_reads_no_outline(known, django_assert_num_queries):
    with django_assert_num_queries(1):
        (found,) = find_places("herault")

    assert "geometry" in found.get_deferred_fields()


def test_search_uses_its_index(known):
    square = MultiPolygon(Polygon.from_bbox((1, 43, 2, 44)), srid=4326)
    Place.objects.bulk_create(
        Place(
            kind="commune", code=f"X{number}", name=f"Ville {number}", search_name=f"ville {number}",
            geometry=square, area_km2=Decimal(1), source="test", as_of=dt.date(2026, 1, 1),
        )
        for number in range(5_000)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE places_place")

    plan = Place.objects.named("saint-jean").defer("geometry").explain()

    assert "place_words" in plan, plan


# --- What is never false --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("constraint", "facts"),
    [
        ("place_once", {"code": "34172"}),
        ("place_kind_known", {"kind": "canton"}),
        ("place_has_an_area", {"area_km2": Decimal(0)}),
        ("place_can_be_found", {"search_name": ""}),
    ],
)
def test_database_refuses(known, constraint, facts):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        PlaceFactory(**facts)
