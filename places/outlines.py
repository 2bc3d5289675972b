"""Several places as one outline, and how it is called."""

from collections.abc import Sequence

import shapely
from django.contrib.gis.db.models.functions import Envelope
from django.utils.translation import ngettext
from shapely.geometry.base import BaseGeometry

from orbitrage.shared.geo import to_shapely
from places.models import Place

_NAMED = 3


def union_of(places: Sequence[Place]) -> BaseGeometry:
    return shapely.union_all([to_shapely(place.geometry) for place in places])


def boxes_around(places: Sequence[Place]) -> BaseGeometry:
    """Of each the box around it: outlines of regions have too many corners to be loaded often."""
    known = Place.objects.filter(pk__in=[place.pk for place in places])
    boxes = known.annotate(box=Envelope("geometry")).values_list("box", flat=True)
    return shapely.union_all([to_shapely(box) for box in boxes])


def names_of(places: Sequence[Place]) -> str:
    """Montpellier (34172), Lunel (34145): the first three, and how many more."""
    named = ", ".join(str(place) for place in places[:_NAMED])
    more = len(places) - _NAMED
    if more <= 0:
        return named
    words = ngettext("%(names)s and %(count)s more", "%(names)s and %(count)s more", more)
    return words % {"names": named, "count": more}
