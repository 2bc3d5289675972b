"""Statements of an owner, over all its envelopes, and what each request stands for on one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum

from eligibility.models import Cell, Entity, ProgrammeRole, User
from orbitrage.shared.days import midnight
from quotas.models import Envelope, LedgerEntry
from quotas.models.envelopes import EnvelopeQuerySet
from quotas.selectors.ledger import (
    ALL_ENTRIES,
    Balance,
    EntryFilter,
    balance_of,
    filtered,
    midnight_after,
)

USES_OF_AT_MOST_ENTRIES = 5_000
"""What each request stands for is a sum over all entries: beyond these, only the files have it."""


@dataclass(frozen=True, kw_only=True)
class RequestUse:
    """What one request holds and has consumed of an envelope at the end of a day. The number is
    empty for what stands for no request."""

    request_number: str
    held: Decimal
    consumed: Decimal


def uses_of(envelope: Envelope, ends_on: dt.date) -> list[RequestUse]:
    """At the end of that day, the largest first; together they are the balance of that day."""
    sums = (
        LedgerEntry.objects.filter(envelope=envelope, at__lt=midnight_after(ends_on))
        .order_by()
        .values("request_number")
        .annotate(held=Sum("d_held"), consumed=Sum("d_consumed"))
        .exclude(held=0, consumed=0)
        .order_by(-(F("held") + F("consumed")), "request_number")
    )
    return [RequestUse(**row) for row in sums]


def uses_shown(envelope: Envelope, ends_on: dt.date) -> list[RequestUse] | None:
    """As `uses_of`; None where a page should not wait for it."""
    if envelope.last_sequence > USES_OF_AT_MOST_ENTRIES:
        return None
    return uses_of(envelope, ends_on)


@dataclass(frozen=True, kw_only=True)
class EnvelopeLine:
    """One envelope of an owner over some days. What is left in the end is what was left at first,
    plus what was granted, less what was held and consumed."""

    envelope: Envelope
    opening: Balance
    closing: Balance

    @property
    def granted(self) -> Decimal:
        return self.closing.granted - self.opening.granted

    @property
    def held(self) -> Decimal:
        return self.closing.held - self.opening.held

    @property
    def consumed(self) -> Decimal:
        return self.closing.consumed - self.opening.consumed


def entities_with_statement(user: User | AnonymousUser) -> QuerySet[Entity]:
    """Whose statement this account reads: as their envelopes, opened or not."""
    if not user.is_authenticated:
        return Entity.objects.none()
    mine = Entity.objects.affiliated_with(user).values("pk")
    return Entity.objects.filter(
        Q(pk__in=mine) | ProgrammeRole.held_by(user, "secretariat", "observer")
    )


def cells_with_statement(user: User | AnonymousUser) -> QuerySet[Cell]:
    if not user.is_authenticated:
        return Cell.objects.none()
    mine = Cell.objects.served_by(user).values("pk")
    return Cell.objects.filter(
        Q(pk__in=mine) | ProgrammeRole.held_by(user, "secretariat", "observer")
    )


def envelopes_of(owner: Entity | Cell, starts_on: dt.date, ends_on: dt.date) -> EnvelopeQuerySet:
    """Those whose period meets the days, and those of other periods on which something moved."""
    moved = LedgerEntry.objects.filter(
        envelope=OuterRef("pk"), at__gte=midnight(starts_on), at__lt=midnight_after(ends_on)
    )
    column = "entity" if isinstance(owner, Entity) else "cell"
    return (
        Envelope.objects.filter(**{column: owner})
        .filter(
            Q(period_starts_on__lte=ends_on, period_ends_on__gte=starts_on) | Q(Exists(moved)),
        )
        .with_owner()
    )


def envelope_lines(
    envelopes: EnvelopeQuerySet, starts_on: dt.date, ends_on: dt.date
) -> list[EnvelopeLine]:
    """Three queries for all of them."""
    last_entries = envelopes.order_by().annotate(
        opening=_last_entry_before(midnight(starts_on)),
        closing=_last_entry_before(midnight_after(ends_on)),
    )
    pairs = {pk: pair for pk, *pair in last_entries.values_list("pk", "opening", "closing")}
    entries = LedgerEntry.objects.in_bulk({pk for pair in pairs.values() for pk in pair if pk})
    balances = {pk: balance_of(entry) for pk, entry in entries.items()}
    lines = []
    for envelope in envelopes:
        opening, closing = (balances.get(pk, Balance()) for pk in pairs[envelope.pk])
        lines.append(EnvelopeLine(envelope=envelope, opening=opening, closing=closing))
    return lines


def _last_entry_before(at: dt.datetime) -> Subquery:
    before = LedgerEntry.objects.filter(envelope=OuterRef("pk"), at__lt=at)
    return Subquery(before.order_by("-at", "-sequence").values("pk")[:1])


def owner_entries(
    owner: Entity | Cell,
    starts_on: dt.date,
    ends_on: dt.date,
    only: EntryFilter = ALL_ENTRIES,
) -> QuerySet[LedgerEntry]:
    """All entries of those days on the owner's envelopes, in order of time, envelopes loaded."""
    column = "envelope__entity" if isinstance(owner, Entity) else "envelope__cell"
    entries = LedgerEntry.objects.filter(
        **{column: owner}, at__gte=midnight(starts_on), at__lt=midnight_after(ends_on)
    )
    related = ("envelope__sensor", "envelope__cell", "envelope__entity")
    return filtered(entries, only).select_related(*related).order_by("at", "pk")
