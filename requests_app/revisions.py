"""What changes in the answers of a request after its submission, kept with its areas."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.gis.geos import MultiPolygon
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app.models import (
    AnswersHandedIn,
    ImageryRequest,
    RequestRevision,
    RevisionContent,
    TransitionRecord,
)

FIELD_LABELS: dict[str, Promise] = {
    "title": _("Title"),
    "project": _("Project"),
    "purpose": _("What are the images for?"),
    "public_service_mission": _("Public-service mission or research programme"),
    "partners": _("Partners who will use the images"),
    "contractors": _("Contractors who will use the images"),
    "request_kind": _("What do you need?"),
    "archive_scenes": _("Scenes of the archive"),
    "acquisition_mode": _("Mode"),
    "base_to_height_minimum": _("Base over height, at least"),
    "base_to_height_maximum": _("Base over height, at most"),
    "window_starts_on": _("Taken from"),
    "window_ends_on": _("Taken until"),
    "acquisition_dates": _("How many dates?"),
    "interval_days": _("Days between two dates, at least"),
    "maximum_cloud_percent": _("Clouds, at most (%)"),
    "maximum_incidence_deg": _("Incidence angle, at most (°)"),
    "spectral_mode": _("Product"),
    "processing_level": _("Processing level"),
    "radiometry": _("Radiometry"),
    "bit_depth": _("Bit depth"),
    "file_format": _("File format"),
    "on_shortfall": _("If the window ends before everything has come"),
    "uses_prefunded": _("Use our prefunded volumes and packages"),
    "agrees_to_enlargement": _("I agree that the order be enlarged to the operator's minimum"),
    "agrees_to_repair": _("I agree to the mended outline"),
}
"""The answers of the form, in its order; the area is apart."""

Change = tuple[Any, Any]


@dataclass(frozen=True)
class Answers:
    """All that was asked for at some moment. ``values`` as JSON; ``aoi`` in EPSG:4326, km²."""

    values: dict[str, Any]
    aoi: MultiPolygon
    area_km2: Decimal

    def changes_to(self, after: Answers) -> dict[str, Change]:
        return {
            name: (self.values.get(name), after.values.get(name))
            for name in FIELD_LABELS
            if self.values.get(name) != after.values.get(name)
        }

    def has_area_of(self, other: Answers) -> bool:
        return bool(self.aoi == other.aoi)


def answers_of(request: ImageryRequest) -> Answers:
    values = {name: _as_json(getattr(request, name)) for name in FIELD_LABELS}
    return Answers(values=values, aoi=request.aoi, area_km2=request.area_km2)


def _as_json(value: object) -> object:
    match value:
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
    return value


def keep_answers(request: ImageryRequest) -> None:
    """Of a locked request that is about to be changed: what the cell has, unless it is kept."""
    had = answers_of(request)
    AnswersHandedIn.objects.get_or_create(
        request=request,
        defaults={"answers": had.values, "aoi": had.aoi, "area_km2": had.area_km2},
    )


def handed_in(request: ImageryRequest) -> Answers | None:
    """What the cell has, where the requester has changed it since."""
    kept: AnswersHandedIn | None = getattr(request, "answers_handed_in", None)
    if kept is None:
        return None
    return Answers(values=kept.answers, aoi=kept.aoi, area_km2=kept.area_km2)


def revise_as_answered(request: ImageryRequest, entry: TransitionRecord) -> None:
    """The changes are handed in with the answer: one revision, however often they were made."""
    before = handed_in(request)
    if before is not None:
        write_revision(entry, before=before, after=answers_of(request))
        AnswersHandedIn.objects.filter(request=request).delete()


def revise_as_granted(request: ImageryRequest, entry: TransitionRecord) -> None:
    """The requester has agreed to the area of an offer."""
    before = answers_of(request)
    if request.granted_aoi is not None and request.granted_area_km2 is not None:
        after = replace(before, aoi=request.granted_aoi, area_km2=request.granted_area_km2)
        write_revision(entry, before=before, after=after)


def write_revision(entry: TransitionRecord, *, before: Answers, after: Answers) -> None:
    """In the transaction of a move, on its locked request: nothing where nothing has changed."""
    changes = before.changes_to(after)
    is_same_area = before.has_area_of(after)
    if not changes and is_same_area:
        return
    areas: dict[str, Any] = {} if is_same_area else {
        "aoi_before": before.aoi,
        "aoi_after": after.aoi,
        "area_before_km2": before.area_km2,
        "area_after_km2": after.area_km2,
    }  # fmt: skip
    number = RequestRevision.objects.filter(request_id=entry.request_id).count() + 1
    revision = RequestRevision.objects.create(
        request_id=entry.request_id, record=entry, number=number, **areas
    )
    RevisionContent.objects.create(revision=revision, content=changes)
