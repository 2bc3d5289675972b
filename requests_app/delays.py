"""How long a cell takes to decide, measured from the records."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import (
    Aggregate,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    QuerySet,
)
from django.db.models.functions import TruncDate

from orbitrage.shared.days import midnight
from requests_app.models import TransitionRecord

DECISIONS = ("approve", "offer", "refuse")
MEASURED_OVER = timedelta(days=365)
FILES_AT_LEAST = 5
"""Fewer tell more of those files than of the cell."""


@dataclass(frozen=True)
class UsualDelay:
    """Whole days from submission to the first decision, those of the requester's answers included:
    half of the files were decided within `median_days`, four of five within `most_days`. Both are
    None where `files` is too small to tell."""

    files: int
    median_days: int | None = None
    most_days: int | None = None

    @property
    def is_measured(self) -> bool:
        return self.median_days is not None


class _Percentile(Aggregate):
    """A delay that occurred, within which the share ``fraction`` of the files was decided."""

    function = "percentile_disc"
    template = "%(function)s(%(fraction)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def usual_delay(*, cell_id: int, sensor_id: int, request_kind: str, on: date) -> UsualDelay:
    """Of the files that the cell decided in the year before ``on``, that day included, for one
    sensor and kind. What was cancelled or expired before a decision does not count."""
    of_files = _first_decisions(on).filter(
        request__cell_id=cell_id,
        request__sensor_id=sensor_id,
        request__request_kind=request_kind,
    )
    measured = of_files.aggregate(
        files=Count("pk"),
        median=_Percentile(F("delay"), fraction="0.5"),
        most=_Percentile(F("delay"), fraction="0.8"),
    )
    if measured["files"] < FILES_AT_LEAST:
        return UsualDelay(files=measured["files"])
    return UsualDelay(
        files=measured["files"],
        median_days=measured["median"].days,
        most_days=measured["most"].days,
    )


def _first_decisions(on: date) -> QuerySet[TransitionRecord]:
    """Each with ``delay``."""
    decisions = TransitionRecord.objects.filter(transition__in=DECISIONS)
    earlier = decisions.filter(request=OuterRef("request"), pk__lt=OuterRef("pk"))
    days = ExpressionWrapper(
        TruncDate("at") - TruncDate("request__submitted_at"), output_field=DurationField()
    )
    return decisions.filter(
        ~Exists(earlier),
        request__submitted_at__isnull=False,
        at__gte=midnight(on - MEASURED_OVER + timedelta(days=1)),
        at__lt=midnight(on + timedelta(days=1)),
    ).annotate(delay=days)
