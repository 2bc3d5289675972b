"""Bringing the register of places up to what an official file says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice

from django.contrib.gis.geos import MultiPolygon
from django.db import transaction
from django.utils.translation import gettext as _

from orbitrage.shared.errors import DomainError, Refusal
from places.models import Place
from places.rules import plain_words

_AT_ONCE = 200
_OF_THE_PLACE = ("name", "search_name", "parent_label", "geometry", "area_km2", "source", "as_of")


@dataclass(frozen=True)
class PlaceRow:
    """A place as a file says it. ``geometry`` in EPSG:4326."""

    kind: str
    code: str
    name: str
    parent_label: str
    geometry: MultiPolygon
    area_km2: Decimal


@dataclass(frozen=True)
class Edition:
    """Who publishes a file of places, under which name, and of which day it is."""

    source: str
    as_of: date


@dataclass
class ImportReport:
    """``renewed``: as before, but of a later day or another source; ``older``: known of a later
    day already, and left alone."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    renewed: int = 0
    unchanged: int = 0
    older: int = 0


@transaction.atomic
def import_places(*, rows: Iterable[PlaceRow], edition: Edition) -> ImportReport:
    """Add the places that are new, change those that differ; what the file does not name stays.

    All of the rows or none. Raises DomainError `place_twice`, and what reading ``rows`` raises.
    """
    report = ImportReport()
    seen: set[tuple[str, str]] = set()
    waiting = iter(rows)
    while some := list(islice(waiting, _AT_ONCE)):
        for row in some:
            _demand_new(row, seen)
        _import_some(some, edition, report)
    return report


def _demand_new(row: PlaceRow, seen: set[tuple[str, str]]) -> None:
    key = (row.kind, row.code)
    if key in seen:
        message = _("%(code)s, %(name)s, is there twice: one outline for each code.")
        refusal = Refusal("place_twice", message % {"code": row.code, "name": row.name})
        raise DomainError(refusal)
    seen.add(key)


def _import_some(rows: Sequence[PlaceRow], edition: Edition, report: ImportReport) -> None:
    locked = Place.objects.select_for_update().filter(
        kind__in={row.kind for row in rows}, code__in={row.code for row in rows}
    )
    known = {(place.kind, place.code): place for place in locked}
    new: list[Place] = []
    renewed: list[int] = []
    for row in rows:
        place = known.get((row.kind, row.code))
        if place is None:
            new.append(_placed(Place(kind=row.kind, code=row.code), row, edition))
        elif place.as_of > edition.as_of:
            report.older += 1
        elif differing := _differing(place, row):
            _placed(place, row, edition).save(update_fields=_OF_THE_PLACE)
            report.changed.append(f"{place}: {', '.join(differing)}")
        elif (place.source, place.as_of) != (edition.source, edition.as_of):
            renewed.append(place.pk)
        else:
            report.unchanged += 1
    Place.objects.bulk_create(new)
    Place.objects.filter(pk__in=renewed).update(source=edition.source, as_of=edition.as_of)
    report.added += [str(place) for place in new]
    report.renewed += len(renewed)


def _differing(place: Place, row: PlaceRow) -> list[str]:
    differs = {
        _("name"): place.name != row.name,
        _("part of"): place.parent_label != row.parent_label,
        _("outline"): not place.geometry.equals_exact(row.geometry),
    }
    return [name for name, is_other in differs.items() if is_other]


def _placed(place: Place, row: PlaceRow, edition: Edition) -> Place:
    place.name = row.name
    place.search_name = " ".join(plain_words(row.name))
    place.parent_label = row.parent_label
    place.geometry = row.geometry
    place.area_km2 = row.area_km2
    place.source = edition.source
    place.as_of = edition.as_of
    return place
