from collections.abc import Collection

from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db.models import Case, IntegerField, Q, Value, When

from places.models import Place, PlaceKind
from places.rules import plain_words

MOST_ANSWERS = 20
_NAMED_OF_AN_AREA = (PlaceKind.DEPARTMENT, PlaceKind.OVERSEAS)
_MOST_NAMED = 6
_KINDS = [When(kind=kind, then=Value(rank)) for rank, kind in enumerate(PlaceKind.values)]


def find_places(typed: str) -> list[Place]:
    """At most :data:`MOST_ANSWERS`, without their geometry: what is called exactly so, then what
    begins so; the larger kind before the smaller."""
    name = " ".join(plain_words(typed))
    exactly = Q(search_name=name) | Q(code__iexact=typed.strip())
    found = (
        Place.objects.named(typed)
        .annotate(
            nearness=Case(
                When(exactly, then=Value(0)),
                When(search_name__startswith=name, then=Value(1)),
                default=Value(2),
                output_field=IntegerField(),
            ),
            rank=Case(*_KINDS, output_field=IntegerField()),
        )
        .order_by("nearness", "rank", "search_name", "code")
        .defer("geometry")
    )
    return list(found[:MOST_ANSWERS])


def places_named(keys: Collection[int]) -> list[Place]:
    """Those of the register, without their geometry."""
    if not keys:
        return []
    return list(Place.objects.filter(pk__in=keys).order_by("name", "code").defer("geometry"))


def places_meeting(geometry: MultiPolygon) -> str:
    """Names of the departments and overseas territories that it meets, in their order; a few."""
    known = Place.objects.filter(kind__in=_NAMED_OF_AN_AREA, geometry__intersects=geometry)
    names = list(known.order_by("name").values_list("name", flat=True)[: _MOST_NAMED + 1])
    return ", ".join([*names[:_MOST_NAMED], *(["…"] if len(names) > _MOST_NAMED else [])])


def regions_within(area: Polygon) -> tuple[str, ...]:
    """Names of the regions and overseas territories that meet ``area`` (EPSG:4326)."""
    regions = Place.objects.filter(kind__in=(PlaceKind.REGION, PlaceKind.OVERSEAS))
    met = regions.filter(geometry__intersects=area).order_by("name")
    return tuple(met.values_list("name", flat=True)[:_MOST_NAMED])
