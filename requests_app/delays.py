"""How long a cell takes to decide, and what comes of an order: measured from the records."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import (
    Aggregate,
    Count,
    DateField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
)
from django.db.models.functions import ExtractMonth, TruncDate

from orbitrage.shared.days import midnight
from requests_app.models import AcquisitionShare, AcquisitionState, TransitionRecord
from requests_app.regions import Region, Season

DECISIONS = ("approve", "offer", "refuse")
MEASURED_OVER = timedelta(days=365)
FILES_AT_LEAST = 5
"""Fewer tell more of those files than of the cell."""
ENDED = (AcquisitionState.DELIVERED, AcquisitionState.FAILED)
ORDERS_OF = timedelta(days=3 * 365)
WHOLE_FROM = Decimal("0.9")
"""The share of its area from which an order has succeeded: edges are lost to clouds."""


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


@dataclass(frozen=True)
class UsualSupply:
    """What came of the orders that ended: `whole` brought at least nine tenths of their area and
    `nothing` not a km²; half of those that brought any were complete within `median_days` of the
    order. All but `orders` are None where they are too few to tell."""

    orders: int
    whole: int | None = None
    nothing: int | None = None
    median_days: int | None = None

    @property
    def is_measured(self) -> bool:
        return self.whole is not None

    @property
    def whole_percent(self) -> Decimal | None:
        return None if self.whole is None else Decimal(self.whole * 100) / self.orders

    @property
    def partly(self) -> int:
        return self.orders - (self.whole or 0) - (self.nothing or 0)


def usual_supply(
    *,
    sensor_id: int,
    request_kind: str,
    region: Region | None,
    season: Season | None,
    on: date,
) -> UsualSupply:
    """Of the orders of the three years before ``on``, of whichever cell, that meet the region and
    whose window lay in the season; None: anywhere, at any time. What somebody stopped before
    anything came does not count."""
    measured = _ended_orders(sensor_id, request_kind, region, season, on).aggregate(
        orders=Count("pk"),
        whole=Count("pk", filter=Q(delivered_km2__gte=F("granted_km2") * WHOLE_FROM)),
        nothing=Count("pk", filter=Q(delivered_km2=0)),
        median=_Percentile(F("delay"), fraction="0.5"),
    )
    if measured["orders"] < FILES_AT_LEAST:
        return UsualSupply(orders=measured["orders"])
    median: timedelta | None = measured["median"]
    return UsualSupply(
        orders=measured["orders"],
        whole=measured["whole"],
        nothing=measured["nothing"],
        median_days=median.days if median is not None else None,
    )


def _ended_orders(
    sensor_id: int, request_kind: str, region: Region | None, season: Season | None, on: date
) -> QuerySet[AcquisitionShare]:
    """Each with ``delay``, null where nothing came."""
    days = ExpressionWrapper(
        TruncDate("request__delivered_at") - TruncDate("acquisition__ordered_at"),
        output_field=DurationField(),
    )
    ended = AcquisitionShare.objects.filter(
        acquisition__state__in=ENDED,
        acquisition__sensor_id=sensor_id,
        acquisition__request_kind=request_kind,
        acquisition__ordered_at__gte=midnight(on - ORDERS_OF),
        acquisition__ordered_at__lt=midnight(on + timedelta(days=1)),
    ).annotate(delay=days)
    if region is not None:
        ended = ended.filter(acquisition__area__intersects=region.as_polygon())
    if season is not None:
        ended = ended.alias(month=ExtractMonth(_MIDDLE_OF_WINDOW)).filter(month__in=season.months)
    return ended


class _HalfOfDays(Func):
    """Half the days between two dates, rounded down."""

    arg_joiner = " - "
    template = "((%(expressions)s) / 2)"
    output_field = IntegerField()


_MIDDLE_OF_WINDOW = ExpressionWrapper(
    F("request__window_starts_on")
    + _HalfOfDays(F("request__window_ends_on"), F("request__window_starts_on")),
    output_field=DateField(),
)
