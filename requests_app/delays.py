"""How long a cell takes to decide, measured from the records."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import (
    Aggregate,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    OuterRef,
    QuerySet,
    Subquery,
)
from django.db.models.functions import TruncDate

from requests_app.models import ImageryRequest, TransitionRecord

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
    """Of the files that the cell decided in the year before ``on``, for one sensor and kind. What
    was cancelled or expired before a decision does not count."""
    measured = _decided(cell_id, sensor_id, request_kind, on).aggregate(
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


def _decided(cell_id: int, sensor_id: int, request_kind: str, on: date) -> QuerySet[ImageryRequest]:
    """Each with ``delay``."""
    first = TransitionRecord.objects.filter(request=OuterRef("pk"), transition__in=DECISIONS)
    days = ExpressionWrapper(
        TruncDate("decided_at") - TruncDate("submitted_at"), output_field=DurationField()
    )
    return (
        ImageryRequest.objects.filter(
            cell_id=cell_id,
            sensor_id=sensor_id,
            request_kind=request_kind,
            submitted_at__isnull=False,
        )
        .annotate(decided_at=Subquery(first.order_by("pk").values("at")[:1]))
        .filter(decided_at__date__gt=on - MEASURED_OVER, decided_at__date__lte=on)
        .annotate(delay=days)
    )
