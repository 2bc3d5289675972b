"""What publishing a revision would do, and what it has done, beside the figures themselves."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, Sum
from django.utils import timezone

from eligibility.models import User
from orbitrage.shared.errors import Refusal
from quotas.amounts import AMOUNT_LIMIT, ZERO
from quotas.models import (
    OPENED_WITH,
    Demand,
    Envelope,
    LedgerEntry,
    PendingReduction,
    PolicyRevision,
    SupplyCeiling,
)
from quotas.models.envelopes import EnvelopeQuerySet
from quotas.rules import (
    FigureKey,
    GrantedAfter,
    PolicyFacts,
    RevisionFacts,
    Subject,
    UnderContract,
    figure_for,
    period_of,
    revised,
    revision_refusals,
)
from quotas.selectors.policy import policy_facts
from quotas.selectors.revisions import Change, changes_of


@dataclass(frozen=True, kw_only=True)
class EnvelopeChange:
    """An envelope that is open for a period which begins on or after the day: what publishing
    grants it or takes back, at once (`now`) and as it comes back (`pending`, from `files`)."""

    envelope: Envelope
    difference: Decimal
    still_to_reduce: Decimal
    files: tuple[str, ...] = ()

    @property
    def cut(self) -> Decimal:
        """Never more than is granted and not yet promised to a reduction that waits."""
        reducible = max(self.envelope.granted - self.still_to_reduce, ZERO)
        return min(-self.difference, reducible) if self.difference < 0 else ZERO

    @property
    def grant(self) -> Decimal:
        return max(self.difference, ZERO)

    @property
    def now(self) -> Decimal:
        return self.grant - min(self.cut, self.envelope.left)

    @property
    def pending(self) -> Decimal:
        return self.cut - min(self.cut, self.envelope.left)

    @property
    def granted_after(self) -> Decimal:
        return self.envelope.granted + self.now


def later_envelopes(revision: PolicyRevision) -> EnvelopeQuerySet:
    """Those that policy opens and that are open for a period to come, in id order."""
    later = Envelope.objects.renewed().filter(
        sensor_id=revision.sensor_id, period_starts_on__gte=revision.valid_from
    )
    return later.order_by("pk")


def envelope_changes(
    revision: PolicyRevision, changes: Iterable[Change], envelopes: Iterable[Envelope]
) -> list[EnvelopeChange]:
    """Of these envelopes, those that the new amounts touch, with the files behind a cut that has
    to wait. Reads policy once per period."""
    amounts = {change.present.key: change.amount for change in changes if change.line is not None}
    periods: dict[dt.date, list[PolicyFacts]] = {}
    found = []
    for envelope in envelopes:
        starts_on = envelope.period_starts_on
        rows = periods.get(starts_on)
        if rows is None:
            rows = periods[starts_on] = policy_facts(revision.sensor_id, starts_on)
        if difference := _difference(envelope, rows, amounts, revision.valid_from):
            found.append((envelope, difference))
    return _with_what_waits(found)


def _difference(
    envelope: Envelope,
    rows: list[PolicyFacts],
    amounts: Mapping[FigureKey, Decimal],
    valid_from: dt.date,
) -> Decimal:
    measure = OPENED_WITH[envelope.scope]
    subject = Subject(
        category_id=envelope.entity.category_id if envelope.entity else None,
        cell_id=envelope.cell_id,
        request_kind=envelope.request_kind,
        acquisition_mode=None,
    )
    before = figure_for(rows, measure, subject, unit=envelope.unit)
    after = figure_for(revised(rows, amounts, valid_from), measure, subject, unit=envelope.unit)
    if before is None or after is None or not _is_opened_by(before, envelope):
        return ZERO
    return after.amount - before.amount


def _is_opened_by(figure: PolicyFacts, envelope: Envelope) -> bool:
    """A figure that fits an envelope has not opened it: one of archive alone, or of other days, was
    opened by hand beside it, and what it was granted is nobody's figure."""
    period = period_of(figure.period_kind, envelope.period_starts_on)
    return (figure.request_kind, period.starts_on, period.ends_on) == (
        envelope.request_kind,
        envelope.period_starts_on,
        envelope.period_ends_on,
    )


def _with_what_waits(found: list[tuple[Envelope, Decimal]]) -> list[EnvelopeChange]:
    pks = [envelope.pk for envelope, _difference in found]
    waiting = PendingReduction.objects.filter(envelope__in=pks).order_by().values("envelope")
    sums = dict(waiting.annotate(sum=Sum("remaining")).values_list("envelope", "sum"))
    files = _users_by_envelope(pks)
    return [
        EnvelopeChange(
            envelope=envelope,
            difference=difference,
            still_to_reduce=sums.get(envelope.pk, ZERO),
            files=tuple(files[envelope.pk]),
        )
        for envelope, difference in found
    ]


def _users_by_envelope(envelope_ids: list[int]) -> Mapping[int, list[str]]:
    """As `users_of`, of several envelopes at once."""
    sums = (
        LedgerEntry.objects.filter(envelope__in=envelope_ids)
        .exclude(request_number="")
        .order_by("request_number")
        .values_list("envelope_id", "request_number")
        .annotate(held=Sum("d_held"), consumed=Sum("d_consumed"))
    )
    files: defaultdict[int, list[str]] = defaultdict(list)
    for envelope_id, number, held, consumed in sums:
        if held or consumed:
            files[envelope_id].append(number)
    return files


def grants_under_contract(changes: Iterable[EnvelopeChange]) -> tuple[UnderContract, ...]:
    """What each supply contract would have to bear, per unit, once what is taken back is."""
    asked: defaultdict[tuple[int, str], Decimal] = defaultdict(Decimal)
    freed: defaultdict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for change in changes:
        contract_id, unit = change.envelope.contract_id, change.envelope.unit
        if contract_id is not None:
            asked[contract_id, unit] += change.grant
            freed[contract_id, unit] += change.grant - change.now
    raised = {contract_id for (contract_id, _unit), amount in asked.items() if amount}
    ceilings = SupplyCeiling.objects.filter(contract__in=raised).select_related("contract")
    return tuple(
        UnderContract(
            amount=asked[key],
            granted=_granted_under(ceiling) - freed[key],
            ceiling=ceiling.amount,
            unit=ceiling.unit,
            contract=ceiling.contract.reference,
        )
        for ceiling in ceilings.order_by("contract", "unit")
        if asked[key := (ceiling.contract_id, ceiling.unit)]
    )


def _granted_under(ceiling: SupplyCeiling) -> Decimal:
    under = Envelope.objects.filter(contract=ceiling.contract_id, unit=ceiling.unit)
    return under.aggregate(granted=Sum("granted"))["granted"] or ZERO


def requests_under_way(sensor_id: int) -> int:
    """How many requests ask for quota of a sensor or hold some: each keeps the figures of the day
    it was submitted."""
    asking = Demand.objects.filter(envelope__sensor=sensor_id).order_by().values("request_number")
    holding = (
        LedgerEntry.objects.filter(envelope__sensor=sensor_id, envelope__held__gt=0)
        .exclude(request_number="")
        .order_by()
        .values("request_number")
        .annotate(held=Sum("d_held"))
        .filter(held__gt=0)
        .values("request_number")
    )
    return asking.union(holding).count()


def facts_for_publishing(
    revision: PolicyRevision,
    changes: Iterable[Change],
    envelope_changes: Iterable[EnvelopeChange],
    *,
    by: int,
) -> RevisionFacts:
    """What the rules look at when `by` would publish it today."""
    changes, envelope_changes = list(changes), list(envelope_changes)
    changed = [change.present for change in changes if change.changes_something]
    return RevisionFacts(
        valid_from=revision.valid_from,
        today=timezone.localdate(),
        changes=len(changed),
        figures=len(changes),
        changed_by=revision.changed_by_id,
        changed_by_name=str(revision.changed_by),
        by=by,
        taken=tuple(row.label for row in changed if row.valid_from == revision.valid_from),
        granted=tuple(_granted_after(change) for change in envelope_changes if change.grant),
        grants=grants_under_contract(envelope_changes),
    )


def _granted_after(change: EnvelopeChange) -> GrantedAfter:
    """The envelope's name costs queries: it is read only for a refusal."""
    refused = change.granted_after >= AMOUNT_LIMIT
    return GrantedAfter(
        envelope=change.envelope.label if refused else "",
        amount=change.granted_after,
        unit=change.envelope.unit,
    )


@dataclass(frozen=True, kw_only=True)
class Prospect:
    """A draft as somebody of the programme reads it: what it changes, what publishing would do,
    and why `by` could not publish it now. Reads only."""

    changes: list[Change]
    envelopes: list[EnvelopeChange]
    requests_under_way: int
    refusals: list[Refusal]


def prospect_of(revision: PolicyRevision, *, by: int) -> Prospect:
    changes = changes_of(revision)
    envelopes = envelope_changes(revision, changes, later_envelopes(revision).with_owner())
    facts = facts_for_publishing(revision, changes, envelopes, by=by)
    return Prospect(
        changes=changes,
        envelopes=envelopes,
        requests_under_way=requests_under_way(revision.sensor_id),
        refusals=revision_refusals(facts),
    )


# --- What it did ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Adjustment:
    """What publishing did to one envelope; `remaining` still waits for what comes back."""

    envelope: Envelope
    granted: Decimal
    granted_after: Decimal
    remaining: Decimal


def adjustments_of(revision: PolicyRevision, user: User | AnonymousUser) -> list[Adjustment]:
    """On the envelopes that `user` may see."""
    mine = Envelope.objects.visible_to(user)
    touched = Q(entries__decision=revision.decision) | Q(
        pending_reductions__decision=revision.decision
    )
    envelopes = list(mine.filter(touched).distinct().with_owner().order_by("pk"))
    of_it = {"decision": revision.decision, "envelope__in": envelopes}
    entries = {entry.envelope_id: entry for entry in LedgerEntry.objects.filter(**of_it)}
    waiting = dict(PendingReduction.objects.filter(**of_it).values_list("envelope", "remaining"))
    return [
        Adjustment(
            envelope=envelope,
            granted=entry.d_granted if (entry := entries.get(envelope.pk)) else ZERO,
            granted_after=entry.granted_after if entry else envelope.granted,
            remaining=waiting.get(envelope.pk, ZERO),
        )
        for envelope in envelopes
    ]
