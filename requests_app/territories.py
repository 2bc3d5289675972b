"""Where those who ask are at work: against it swapped axes are recognised."""

from collections.abc import Iterable

from django.contrib.gis.db.models.functions import Envelope
from shapely.geometry.base import BaseGeometry

from eligibility.models import Entity
from orbitrage.shared.geo import to_shapely
from places.models import Place, PlaceKind

_OF_THE_PROGRAMME = (PlaceKind.REGION, PlaceKind.OVERSEAS)
_PROGRAMME_COUNTRY = "FR"


def territories_of(entities: Iterable[Entity]) -> list[BaseGeometry]:
    """Their own; of French entities that have said none, that of the whole programme."""
    known = list(entities)
    own = [to_shapely(each.territory) for each in known if each.territory is not None]
    has_none = any(each.territory is None and each.country == _PROGRAMME_COUNTRY for each in known)
    return [*own, *_programme_territory()] if has_none else own


def _programme_territory() -> list[BaseGeometry]:
    """The regions and overseas territories known by name: their surrounding boxes."""
    known = Place.objects.filter(kind__in=_OF_THE_PROGRAMME).annotate(box=Envelope("geometry"))
    return [to_shapely(box) for box in known.order_by("pk").values_list("box", flat=True)]
