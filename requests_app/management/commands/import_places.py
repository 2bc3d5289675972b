"""Bring the places by which areas are named up to what an official file says."""

import contextlib
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import shapely
from django.core.management.base import BaseCommand, CommandError

from orbitrage.shared.areas import area_refusal
from orbitrage.shared.errors import DomainError
from orbitrage.shared.geo import geodesic_area_km2, to_geos_multipolygon
from places.attributes import PlaceFacts, facts_of
from places.models import Place, PlaceKind
from places.services import Edition, ImportReport, PlaceRow, import_places
from requests_app.aoi.limits import MAXIMUM_PLACES_BYTES
from requests_app.aoi.place_files import FoundPlace, read_places
from requests_app.aoi.refusals import printable

_CODE_CHARACTERS = 20
_LABEL_CHARACTERS = 200


class Command(BaseCommand):
    help = (
        "Reads places (communes, EPCI, departments, regions, overseas territories) from a GeoJSON"
        " or GeoPackage file as published; adds, changes, says what changed. A second run of the"
        " same file changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--kind", required=True, choices=PlaceKind.values)
        parser.add_argument("--source", required=True, help="who publishes it, and as what")
        parser.add_argument(
            "--as-of", required=True, type=date.fromisoformat, metavar="YYYY-MM-DD",
            help="the day of which the file is",
        )  # fmt: skip
        parser.add_argument("--layer", help="which layer, where a GeoPackage has several")

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if len(options["source"]) > _LABEL_CHARACTERS:
            raise CommandError(f"--source: at most {_LABEL_CHARACTERS} characters.")
        reading = _Reading(PlaceKind(options["kind"]), _names_of_parents())
        edition = Edition(options["source"], options["as_of"])
        places = read_places(_bytes_of(path), path.name, layer=options["layer"])
        try:
            with contextlib.closing(places):
                report = import_places(rows=reading.rows(places), edition=edition)
        except DomainError as refused:
            codes = ", ".join(refused.codes)
            raise CommandError(f"{path}: {codes}: {refused} Nothing was imported.") from refused
        self._print(report, reading.left_out, options["verbosity"])

    def _print(self, report: ImportReport, left_out: list[str], verbosity: int) -> None:
        if verbosity > 1:
            for label in report.added:
                self.stdout.write(f"added     {label}")
        for label in report.changed:
            self.stdout.write(f"changed   {label}")
        for label in left_out:
            self.stderr.write(f"left out  {label}")
        if not verbosity:
            return
        self.stdout.write(
            f"Places: {len(report.added)} added, {len(report.changed)} changed,"
            f" {report.renewed} confirmed at the new date, {report.unchanged} unchanged,"
            f" {report.older} known from a later date left alone, {len(left_out)} left out."
        )


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAXIMUM_PLACES_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror or error}") from error


@dataclass
class _Reading:
    """The places of a file as rows; ``left_out`` says what was none, and why."""

    kind: PlaceKind
    parents: dict[tuple[str, str], str]
    left_out: list[str] = field(default_factory=list)

    def rows(self, places: Iterable[FoundPlace]) -> Iterator[PlaceRow]:
        for number, place in enumerate(places, start=1):
            facts = facts_of(self.kind, place.said)
            if facts is None or len(facts.code) > _CODE_CHARACTERS:
                named = ", ".join(sorted(place.said))
                self._leave_out(f"feature {number}", f"no code or no name among: {named}")
                continue
            area_km2 = geodesic_area_km2(place.area) if place.area else Decimal(0)
            refusal = place.refusal or area_refusal(area_km2)
            if place.area is None or refusal is not None:
                self._leave_out(f"{facts.name} ({facts.code})", str(refusal and refusal.message))
            else:
                yield self._row(facts, place.area, area_km2)

    def _leave_out(self, which: str, why: str) -> None:
        self.left_out.append(f"{printable(which)}: {printable(why)}")

    def _row(self, facts: PlaceFacts, area: shapely.MultiPolygon, area_km2: Decimal) -> PlaceRow:
        keys = [(kind, facts.parent_code) for kind in facts.parent_kinds]
        labels = [self.parents[key] for key in keys if key in self.parents]
        label = labels[0] if labels else facts.parent_code
        return PlaceRow(
            kind=self.kind,
            code=facts.code,
            name=facts.name,
            parent_label=label[:_LABEL_CHARACTERS],
            geometry=to_geos_multipolygon(area),
            area_km2=area_km2,
        )


def _names_of_parents() -> dict[tuple[str, str], str]:
    known = Place.objects.exclude(kind=PlaceKind.COMMUNE).defer("geometry")
    return {(place.kind, place.code): str(place) for place in known}
