"""The revisions of a request, as its page shows them: old and new, and both areas on a map."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.gis.geos import MultiPolygon
from django.utils.translation import gettext as _

from eligibility.permissions import Actor
from requests_app.declarations import WORDS
from requests_app.features import NamedArea, feature
from requests_app.models import ImageryRequest, RequestRevision, TransitionRecord
from requests_app.revisions import Difference, answers_of, differences, handed_in
from requests_app.story import is_inside, signed_by


@dataclass(frozen=True)
class AreaChange:
    """Areas in km²."""

    areas: tuple[NamedArea, NamedArea]

    @property
    def before_km2(self) -> Decimal:
        return self.areas[0].area_km2

    @property
    def after_km2(self) -> Decimal:
        return self.areas[1].area_km2

    @property
    def features(self) -> dict[str, Any]:
        drawn = [feature(area.geometry, area.role, area.label) for area in self.areas]
        return {"type": "FeatureCollection", "features": drawn}


@dataclass(frozen=True)
class Changes:
    """``is_erased``: somebody had the values erased; the areas stay."""

    differences: tuple[Difference, ...]
    area: AreaChange | None
    is_erased: bool = False


@dataclass(frozen=True)
class Revision:
    """Changes, with the move that made them and who did."""

    number: int
    at: datetime
    by: str
    sentence: str
    changes: Changes

    @property
    def map_id(self) -> str:
        return f"revision-{self.number}"


def revisions_of(request: ImageryRequest, actor: Actor) -> list[Revision]:
    """The latest first. Uses the prefetched records and revisions."""
    records = {record.pk: record for record in request.records.all()}
    inside = is_inside(request, actor)
    return [
        _revision(revision, records[revision.record_id], request, inside=inside)
        for revision in [*request.revisions.all()][::-1]
    ]


def _revision(
    revision: RequestRevision, record: TransitionRecord, request: ImageryRequest, *, inside: bool
) -> Revision:
    content = revision.content.content
    return Revision(
        number=revision.number,
        at=record.at,
        by=signed_by(record, request, inside=inside),
        sentence=str(WORDS[record.transition]["sentence"]),
        changes=Changes(
            differences=differences(content or {}),
            area=_area_of(revision),
            is_erased=content is None,
        ),
    )


def changes_not_handed_in(request: ImageryRequest) -> Changes | None:
    """What the requester has changed since the cell asked, and not sent with an answer."""
    before = handed_in(request)
    if before is None:
        return None
    after = answers_of(request)
    area = None
    if not before.has_area_of(after):
        area = _area_change(before.aoi, before.area_km2, after.aoi, after.area_km2)
    changes = before.changes_to(after)
    return Changes(differences(changes), area) if changes or area else None


def _area_of(revision: RequestRevision) -> AreaChange | None:
    if (
        revision.aoi_before is None
        or revision.aoi_after is None
        or revision.area_before_km2 is None
        or revision.area_after_km2 is None
    ):
        return None
    return _area_change(
        revision.aoi_before,
        revision.area_before_km2,
        revision.aoi_after,
        revision.area_after_km2,
    )


def _area_change(
    before: MultiPolygon, before_km2: Decimal, after: MultiPolygon, after_km2: Decimal
) -> AreaChange:
    return AreaChange(
        (
            NamedArea("before", _("Area before"), before, before_km2),
            NamedArea("after", _("Area after"), after, after_km2),
        )
    )
