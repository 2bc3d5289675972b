"""Revisions of policy: what they change, side by side, and what they would do to the books."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, QuerySet

from eligibility.models import Sensor, User
from quotas.models import (
    PolicyRevision,
    PolicyRevisionLine,
    QuotaPolicy,
)
from quotas.models.revisions import PolicyRevisionQuerySet
from quotas.rules import (
    percent_change,
    period_of,
    takes_effect_on,
)

Measure = QuotaPolicy.Measure
ORDER = (
    Measure.REQUEST_CAP,
    Measure.ENTITY_ALLOWANCE,
    Measure.PROGRAMME_ENVELOPE,
    Measure.QUOTA_MULTIPLIER,
    Measure.PRICE_MULTIPLIER,
)
"""In which a person reads the figures."""


def revision_list(user: User | AnonymousUser) -> PolicyRevisionQuerySet:
    """The latest to take effect first, with the sensor, the persons and `figures`: how many it
    changes (int)."""
    visible = PolicyRevision.objects.visible_to(user).annotate(figures=Count("lines"))
    named = visible.select_related("sensor", "changed_by", "published_by", "withdrawn_by")
    return named.order_by("-valid_from", "-pk")


@dataclass(frozen=True)
class Announcement:
    """A published revision with those of its figures that are not yet in effect."""

    revision: PolicyRevision
    lines: list[PolicyRevisionLine]


def announced(on: dt.date) -> list[Announcement]:
    """What changes after that day, the next first. An amount of the year that was revised within
    this one waits for the next: nothing older does."""
    since = period_of("year", on).starts_on
    recent = PolicyRevision.objects.published().filter(valid_from__gt=since)
    ordered = recent.select_related("sensor").order_by("valid_from", "pk")
    found = ordered.prefetch_related("lines__revises__cell", "lines__revises__category")
    coming = [
        Announcement(each, [line for line in each.lines.all() if line.takes_effect_on > on])
        for each in found
    ]
    return [announcement for announcement in coming if announcement.lines]


def revisable_sensors() -> QuerySet[Sensor]:
    """Those with figures of quota policy."""
    return Sensor.objects.filter(pk__in=QuotaPolicy.objects.values("sensor")).order_by("pk")


def figures_in_force(sensor_id: int, on: dt.date) -> list[QuotaPolicy]:
    """A sensor's rows of that day, in the order a person reads them."""
    rows = QuotaPolicy.objects.in_force(on).filter(sensor_id=sensor_id)
    named = rows.select_related("category", "cell")
    return sorted(named, key=lambda row: (ORDER.index(Measure(row.measure)), row.pk))


# --- Side by side ---------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Change:
    """One figure, now and then; `line` is None where it stays."""

    present: QuotaPolicy
    line: PolicyRevisionLine | None
    takes_effect_on: dt.date

    @property
    def amount(self) -> Decimal:
        return self.present.amount if self.line is None else self.line.amount

    @property
    def difference(self) -> Decimal:
        return self.amount - self.present.amount

    @property
    def percent(self) -> Decimal | None:
        return percent_change(self.present.amount, self.amount)

    @property
    def changes_late_return(self) -> bool:
        return self.line is not None and self.line.late_return != self.present.late_return

    @property
    def changes_something(self) -> bool:
        return self.line is not None and not is_same(self.line, self.present)


def is_same(line: PolicyRevisionLine, present: QuotaPolicy) -> bool:
    def figure(of: PolicyRevisionLine | QuotaPolicy) -> tuple[Decimal, str, str, bool]:
        return of.amount, of.late_return, of.source, of.is_example

    return figure(line) == figure(present)


def changes_of(revision: PolicyRevision) -> list[Change]:
    """Of a draft, every figure of the sensor; of one that is over, what it was about."""
    lines = list(revision.lines.select_related("revises__cell", "revises__category"))
    if revision.is_draft:
        proposed = {line.revises.key: line for line in lines}
        pairs = [
            (row, proposed.get(row.key))
            for row in figures_in_force(revision.sensor_id, revision.valid_from)
        ]
    else:
        pairs = [(line.revises, line) for line in lines]
    return [
        Change(
            present=present,
            line=line,
            takes_effect_on=takes_effect_on(present.period_kind, revision.valid_from),
        )
        for present, line in pairs
    ]
