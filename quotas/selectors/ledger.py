from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from orbitrage.shared.days import midnight
from quotas.amounts import ZERO
from quotas.models import Envelope, LedgerEntry, PendingReduction, Unit
from quotas.pricing import FundingPlan, taken_again


@dataclass(frozen=True, kw_only=True)
class Outstanding:
    """What one request has on one envelope, in the envelope's unit."""

    held: Decimal
    consumed: Decimal


@dataclass(frozen=True, kw_only=True)
class Balance:
    granted: Decimal = ZERO
    held: Decimal = ZERO
    consumed: Decimal = ZERO

    @property
    def left(self) -> Decimal:
        return self.granted - self.held - self.consumed


@dataclass(frozen=True, kw_only=True)
class Statement:
    """Entries of an envelope over some days, between two balances. `entries` is one page of them;
    `next_after` is the sequence to ask the next page after, None on the last."""

    envelope: Envelope
    starts_on: dt.date
    ends_on: dt.date
    opening: Balance
    closing: Balance
    entries: tuple[LedgerEntry, ...]
    next_after: int | None


@dataclass(frozen=True, kw_only=True)
class EntryFilter:
    """Which entries of a statement are shown; an empty word shows all of them."""

    kind: str = ""
    request_number: str = ""

    def __bool__(self) -> bool:
        return bool(self.kind or self.request_number)


ALL_ENTRIES = EntryFilter()


def outstanding(request_number: str) -> dict[int, Outstanding]:
    """By envelope id; envelopes where nothing is held or consumed any more are left out."""
    sums = (
        LedgerEntry.objects.filter(request_number=request_number)
        .order_by()
        .values("envelope_id")
        .annotate(held=Sum("d_held"), consumed=Sum("d_consumed"))
    )
    return {
        row["envelope_id"]: Outstanding(held=row["held"], consumed=row["consumed"])
        for row in sums
        if row["held"] or row["consumed"]
    }


def users_of(envelope_id: int) -> list[str]:
    """Numbers of the requests that hold or have consumed something of an envelope."""
    sums = (
        LedgerEntry.objects.filter(envelope_id=envelope_id)
        .exclude(request_number="")
        .order_by()
        .values("request_number")
        .annotate(held=Sum("d_held"), consumed=Sum("d_consumed"))
    )
    used = [row["request_number"] for row in sums if row["held"] or row["consumed"]]
    return sorted(used)


def still_to_reduce(envelope_id: int) -> Decimal:
    """What pending reductions of an envelope still wait for."""
    waiting = PendingReduction.objects.filter(envelope_id=envelope_id)
    return waiting.aggregate(remaining=Sum("remaining"))["remaining"] or ZERO


def charged_km2(request_number: str) -> Decimal:
    """The request's km² in the ledger, held or consumed, each of them once: a free km² stands on
    the entity's allowance too, but is counted on the cell's envelope."""
    scopes = (Envelope.Scope.PROGRAMME, Envelope.Scope.PREFUNDED, Envelope.Scope.BUDGET)
    return _charged(request_number, unit="km2", scopes=scopes)


def consumed_by(request_number: str) -> dict[int, Decimal]:
    """What stands consumed, by envelope id, in the envelope's unit."""
    return {pk: used.consumed for pk, used in outstanding(request_number).items()}


def is_paid_part_refunded(plan: FundingPlan, request_number: str) -> bool:
    """Whether one more order would take money again that was paid and refunded: it is not quoted a
    second time, and `take_again` refuses."""
    again = taken_again(plan, consumed_by(request_number))
    money = Envelope.objects.filter(scope=Envelope.Scope.BUDGET, unit=Unit.EUR)
    return money.filter(pk__in=list(again)).exists()


def allowance_used_km2(request_numbers: Iterable[str]) -> Decimal:
    """Km² that these requests together hold or have consumed of entities' allowances. A queryset
    of numbers becomes a subquery."""
    return _held_or_consumed(_on_allowances(request_numbers))


def allowance_users(request_numbers: Iterable[str]) -> list[str]:
    """Of these requests, in order, those that hold or have consumed some of an allowance."""
    sums = (
        _on_allowances(request_numbers)
        .order_by("request_number")
        .values("request_number")
        .annotate(held=Sum("d_held"), consumed=Sum("d_consumed"))
    )
    return [row["request_number"] for row in sums if row["held"] + row["consumed"]]


def _on_allowances(request_numbers: Iterable[str]) -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(
        request_number__in=request_numbers,
        envelope__scope=Envelope.Scope.ENTITY,
        envelope__unit="km2",
    )


def charged_eur(request_number: str) -> Decimal:
    """What the entity's budget bears for the request, held or consumed."""
    return _charged(request_number, unit="eur", scopes=(Envelope.Scope.BUDGET,))


def _charged(request_number: str, *, unit: str, scopes: Iterable[str]) -> Decimal:
    entries = LedgerEntry.objects.filter(
        request_number=request_number, envelope__unit=unit, envelope__scope__in=tuple(scopes)
    )
    return _held_or_consumed(entries)


def _held_or_consumed(entries: QuerySet[LedgerEntry]) -> Decimal:
    sums = entries.aggregate(held=Sum("d_held"), consumed=Sum("d_consumed"))
    return (sums["held"] or ZERO) + (sums["consumed"] or ZERO)


def balance_at(envelope_id: int, at: dt.datetime) -> Balance:
    """The balances after the last entry at or before that instant."""
    return _balance_after(LedgerEntry.objects.filter(envelope_id=envelope_id, at__lte=at))


def statement(
    envelope: Envelope,
    *,
    starts_on: dt.date | None = None,
    ends_on: dt.date | None = None,
    only: EntryFilter = ALL_ENTRIES,
    after_sequence: int = 0,
    limit: int = 100,
) -> Statement:
    """Days are whole days of the programme's time zone, both included; the envelope's period when
    not given. The balances are those of all entries, whichever are shown."""
    first = starts_on or min(envelope.period_starts_on, ends_on or envelope.period_starts_on)
    last = ends_on or max(envelope.period_ends_on, first)
    entries = entries_between(envelope, first, last, only)
    page = list(entries.filter(sequence__gt=after_sequence)[: limit + 1])
    shown = tuple(page[:limit])
    before = LedgerEntry.objects.filter(envelope=envelope, at__lt=midnight(first))
    until = LedgerEntry.objects.filter(envelope=envelope, at__lt=midnight_after(last))
    return Statement(
        envelope=envelope,
        starts_on=first,
        ends_on=last,
        opening=_balance_after(before),
        closing=_balance_after(until),
        entries=shown,
        next_after=shown[-1].sequence if len(page) > limit else None,
    )


def entries_between(
    envelope: Envelope, starts_on: dt.date, ends_on: dt.date, only: EntryFilter = ALL_ENTRIES
) -> QuerySet[LedgerEntry]:
    """In order of sequence. The days are looked up first, so that a page reads no entry but its
    own, however many the envelope has."""
    entries = LedgerEntry.objects.filter(envelope=envelope)
    shown = entries.filter(
        sequence__gt=_last_sequence(entries.filter(at__lt=midnight(starts_on))),
        sequence__lte=_last_sequence(entries.filter(at__lt=midnight_after(ends_on))),
    )
    return filtered(shown, only).order_by("sequence")


def filtered(entries: QuerySet[LedgerEntry], only: EntryFilter) -> QuerySet[LedgerEntry]:
    if only.kind:
        entries = entries.filter(kind=only.kind)
    if only.request_number:
        entries = entries.filter(request_number=only.request_number)
    return entries


def _last_sequence(entries: QuerySet[LedgerEntry]) -> Coalesce:
    last = entries.order_by("-at", "-sequence").values("sequence")[:1]
    return Coalesce(Subquery(last), 0)


_DAILY = """
SELECT day::date, closing.granted_after, closing.held_after, closing.consumed_after
FROM (
    SELECT min(at) AT TIME ZONE %(zone)s AS first, max(at) AT TIME ZONE %(zone)s AS last
    FROM quotas_ledgerentry
    WHERE envelope_id = %(envelope_id)s AND at >= %(since)s AND at < %(until)s
) AS seen
CROSS JOIN generate_series(date_trunc('day', seen.first), seen.last, '1 day') AS day
CROSS JOIN LATERAL (
    SELECT granted_after, held_after, consumed_after
    FROM quotas_ledgerentry
    WHERE envelope_id = %(envelope_id)s
      AND at >= day AT TIME ZONE %(zone)s AND at < (day + '1 day') AT TIME ZONE %(zone)s
    ORDER BY at DESC, sequence DESC LIMIT 1
) AS closing
ORDER BY day
"""


def daily_balances(
    envelope: Envelope, starts_on: dt.date, ends_on: dt.date
) -> list[tuple[dt.date, Balance]]:
    """The closing balance of each day that saw an entry, the opening one first. A look-up for each
    day between the first and the last entry, however many there are."""
    since, until = midnight(starts_on), midnight_after(ends_on)
    zone = timezone.get_current_timezone_name()
    with connection.cursor() as cursor:
        cursor.execute(
            _DAILY, {"envelope_id": envelope.pk, "since": since, "until": until, "zone": zone}
        )
        closing = [
            (day, Balance(granted=granted, held=held, consumed=consumed))
            for day, granted, held, consumed in cursor.fetchall()
        ]
    before = LedgerEntry.objects.filter(envelope=envelope, at__lt=since)
    return [(starts_on, _balance_after(before)), *closing]


def _balance_after(entries: QuerySet[LedgerEntry]) -> Balance:
    last = entries.order_by("-at", "-sequence").first()
    return Balance() if last is None else balance_of(last)


def balance_of(entry: LedgerEntry) -> Balance:
    return Balance(
        granted=entry.granted_after, held=entry.held_after, consumed=entry.consumed_after
    )


def midnight_after(day: dt.date) -> dt.datetime:
    return midnight(day + dt.timedelta(days=1))
