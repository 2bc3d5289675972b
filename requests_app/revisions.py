"""What changes in the answers of a request after its submission, kept with its areas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.gis.geos import MultiPolygon
from django.utils.translation import gettext

from eligibility.models import Sensor
from orbitrage.shared.days import day_in_words
from orbitrage.shared.plain import plain
from requests_app.models import (
    DRAFT_FIELDS,
    AnswersHandedIn,
    ImageryRequest,
    RequestRevision,
    RevisionContent,
    TransitionRecord,
    label_of,
)

FIELD_LABELS = {name: label_of(name) for name in ("sensor", *DRAFT_FIELDS)}
"""The answers of the form, in its order; the area is apart."""

Change = tuple[Any, Any]

NOTHING = "—"


@dataclass(frozen=True)
class Answers:
    """All that was asked for at some moment. ``values`` as JSON; ``aoi`` in EPSG:4326, km²."""

    values: dict[str, Any]
    aoi: MultiPolygon
    area_km2: Decimal

    def changes_to(self, after: Answers) -> dict[str, Change]:
        """Of what both say: answers kept long ago may lack a name."""
        return {
            name: (self.values[name], after.values[name])
            for name in FIELD_LABELS
            if name in self.values
            and name in after.values
            and self.values[name] != after.values[name]
        }

    def has_area_of(self, other: Answers) -> bool:
        return bool(self.aoi == other.aoi)


def answers_of(request: ImageryRequest) -> Answers:
    values = {name: _as_json(getattr(request, name)) for name in FIELD_LABELS}
    return Answers(values=values, aoi=request.aoi, area_km2=request.area_km2)


def _as_json(value: object) -> object:
    return value.name if isinstance(value, Sensor) else plain(value)


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


def revise_as_granted(request: ImageryRequest, entry: TransitionRecord, *, before: Answers) -> None:
    """The requester has agreed to an offer: to its area, to what it converts, and to its
    enlargement where the request found no other to join."""
    if request.granted_aoi is not None and request.granted_area_km2 is not None:
        granted: dict[str, Any] = {"aoi": request.granted_aoi, "area_km2": request.granted_area_km2}
        write_revision(entry, before=before, after=replace(answers_of(request), **granted))


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


@dataclass(frozen=True)
class Difference:
    """One field: its label and both values, in the reader's words."""

    label: str
    before: str
    after: str


def differences(changes: Mapping[str, Change]) -> tuple[Difference, ...]:
    return tuple(
        Difference(str(label), in_words(name, changes[name][0]), in_words(name, changes[name][1]))
        for name, label in FIELD_LABELS.items()
        if name in changes
    )


def in_words(name: str, value: Any) -> str:
    """A value as it is kept, of the field ``name`` of a request."""
    if value in (None, "", []):
        return NOTHING
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    column = ImageryRequest._meta.get_field(name)  # noqa: SLF001 - documented
    if column.choices:
        return str(dict(column.flatchoices).get(value, value))
    if column.get_internal_type() == "DateField":
        return day_in_words(date.fromisoformat(value))
    return str(value)
