from django.db.models import Case, IntegerField, Q, Value, When

from places.models import Place, PlaceKind
from places.rules import plain_words

MOST_ANSWERS = 20
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
