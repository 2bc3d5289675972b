"""What the upload form would say of each file."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import shapely
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from eligibility.models import Entity, Sensor
from orbitrage.shared.areas import NO_MAXIMUM_KM2
from orbitrage.shared.errors import Refusal
from orbitrage.shared.geo import minimum_width_km
from requests_app.aoi.axes import SwappedAxes, swapped_axes
from requests_app.aoi.limits import MAXIMUM_FILE_BYTES
from requests_app.aoi.operator_area import OperatorArea, OrderTooLarge, operator_area
from requests_app.aoi.reading import AreaOfInterest, AreaRefused, read_area
from requests_app.aoi.refusals import printable
from requests_app.aoi.repair import Repair
from requests_app.aoi.size_rules import SizeLimits, size_refusals
from requests_app.territories import territories_of

_KINDS = ("archive", "tasking")


@dataclass(frozen=True)
class Report:
    file: str
    area: AreaOfInterest | None
    refusals: tuple[Refusal, ...]
    swapped: SwappedAxes | None = None
    order: OperatorArea | None = None

    @property
    def ok(self) -> bool:
        return self.area is not None and not self.refusals

    def as_json(self) -> dict[str, Any]:
        area = self.area
        return {
            "file": self.file,
            "ok": self.ok,
            "area_km2": None if area is None else float(area.area_km2),
            "bbox": None if area is None else list(area.bbox),
            "parts": None if area is None else area.parts,
            "vertices": None if area is None else area.vertices,
            "repaired": None if area is None else area.repaired,
            "repair": None if area is None or area.repair is None else _repair(area.repair),
            "swapped": None if self.swapped is None else _swapped(self.swapped),
            "order": None if self.order is None else _order(self.order),
            "layer": None if area is None else area.layer,
            "notes": [] if area is None else list(area.notes),
            "refusals": [
                {"code": refusal.code, "message": refusal.message} for refusal in self.refusals
            ],
        }


def _repair(repair: Repair) -> dict[str, Any]:
    """What the form asks the requester to agree to."""
    percent = repair.change_percent
    return {
        "polygons": repair.polygons,
        "faults": [
            {"reason": fault.reason, "longitude": fault.longitude, "latitude": fault.latitude}
            for fault in repair.faults
        ],
        "before_km2": float(repair.before_km2),
        "after_km2": float(repair.after_km2),
        "change_km2": float(repair.change_km2),
        "change_percent": None if percent is None else float(percent),
    }


def _swapped(swapped: SwappedAxes) -> dict[str, Any]:
    """What the form offers instead."""
    return {"area_km2": float(swapped.area_km2), "bbox": list(swapped.bbox)}


def _order(order: OperatorArea) -> dict[str, Any]:
    """What the operator would take in the place of the area."""
    return {
        "area_km2": float(order.area_km2),
        "vertices": order.vertices,
        "enlarged": order.enlarged,
        "simplified": order.simplified,
    }


class Command(BaseCommand):
    help = "Says of each file what the upload form would say: usable or not, and why."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--layer", help="which layer, where a file has several")
        parser.add_argument("--sensor", help="code of a sensor, for its minimum order")
        parser.add_argument("--kind", choices=_KINDS, default="tasking")
        parser.add_argument("--entity", type=int, help="number of an entity, for its territory")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *_args: object, **options: Any) -> None:
        limits = _limits(options["sensor"], options["kind"])
        territories = _territories(options["entity"])
        usable = True
        for file in options["files"]:
            report = _report(file, options["layer"], limits, territories)
            usable = usable and report.ok
            if options["as_json"]:
                self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
            else:
                self.stdout.write("\n".join(_lines(report)))
        if not usable:
            # Every sentence has been printed: only the exit code is left to say it.
            raise SystemExit(1)


def _limits(sensor_code: str | None, kind: str) -> SizeLimits:
    if sensor_code is None:
        return SizeLimits()
    sensor = Sensor.objects.filter(code=sensor_code).first()
    if sensor is None:
        known = ", ".join(Sensor.objects.order_by("code").values_list("code", flat=True))
        raise CommandError(f"No sensor {sensor_code}; there are: {known}.")
    return SizeLimits(
        minimum_area_km2=getattr(sensor, f"{kind}_minimum_area_km2"),
        minimum_width_km=getattr(sensor, f"{kind}_minimum_width_km"),
        maximum_vertices=sensor.maximum_vertices,
    )


def _territories(entity_id: int | None) -> list[BaseGeometry]:
    if entity_id is None:
        return []
    entity = Entity.objects.filter(pk=entity_id).first()
    territories = [] if entity is None else territories_of([entity])
    if not territories:
        raise CommandError(f"No entity {entity_id} with a territory, nor regions in its stead.")
    return territories


def _report(
    file: str, layer: str | None, limits: SizeLimits, territories: list[BaseGeometry]
) -> Report:
    try:
        with Path(file).open("rb") as opened:
            data = opened.read(MAXIMUM_FILE_BYTES + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        message = _("The file cannot be opened: %(reason)s.") % {"reason": reason}
        return Report(file, None, (Refusal("file_not_opened", message),))
    try:
        area = read_area(data, Path(file).name, layer=layer, maximum_km2=NO_MAXIMUM_KM2)
    except AreaRefused as refused:
        return Report(file, None, refused.refusals)
    # Too many vertices is no refusal: the area sent to the operator is simplified.
    found = size_refusals(
        area_km2=area.area_km2,
        width_km=_width_km(area) if limits.minimum_width_km is not None else Decimal(0),
        vertices=area.vertices,
        limits=limits,
        agrees_to_simplify=True,
    )
    too_large = area.too_large()
    refusals = found if too_large is None else [too_large, *found]
    order: OperatorArea | None = None
    if too_large is None and limits != SizeLimits():
        order, unorderable = _order_of(area, limits)
        refusals = [*refusals, *unorderable]
    return Report(file, area, tuple(refusals), swapped_axes(area.wkb, territories), order)


def _width_km(area: AreaOfInterest) -> Decimal:
    return minimum_width_km(shapely.from_wkb(area.wkb))


def _order_of(
    area: AreaOfInterest, limits: SizeLimits
) -> tuple[OperatorArea | None, tuple[Refusal, ...]]:
    try:
        return operator_area(
            area.wkb,
            minimum_area_km2=limits.minimum_area_km2,
            minimum_width_km=limits.minimum_width_km,
            maximum_vertices=limits.maximum_vertices,
        ), ()
    except OrderTooLarge as error:
        return None, error.refusals


def _lines(report: Report) -> Iterator[str]:
    verdict = _("usable") if report.ok else _("not usable")
    yield f"{printable(report.file)}: {verdict}"
    if report.area is not None:
        area = report.area
        west, south, east, north = area.bbox
        yield f"  {area.area_km2:.6f} km²  [{west:.6f}, {south:.6f}, {east:.6f}, {north:.6f}]"
        yield "  " + _("layer %(layer)s; %(parts)s parts, %(vertices)s vertices") % {
            "layer": printable(area.layer),
            "parts": area.parts,
            "vertices": area.vertices,
        }
        for note in (*area.notes, *([area.repair.in_words] if area.repair else [])):
            yield f"  - {note}"
    if report.swapped is not None:
        yield "  - " + _(
            "The area lies far from your territory; with its axes the other way round it would "
            "lie in it."
        )
    if report.order is not None and (report.order.enlarged or report.order.simplified):
        yield "  - " + _(
            "The operator would take %(area)s km² around it, of %(vertices)s vertices."
        ) % {"area": f"{report.order.area_km2:.6f}", "vertices": report.order.vertices}
    for refusal in report.refusals:
        yield f"  {refusal.code}: {refusal.message}"
