"""A revision of one sensor's quota policy: drafted by one of the secretariat, published by another.

New figures are new rows: nothing is done on the day they begin."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext

from eligibility.models import Sensor, User
from orbitrage.shared.days import instant_in_words
from orbitrage.shared.errors import Refusal
from orbitrage.shared.transactions import retried_once
from quotas import rules, selectors
from quotas.amounts import say
from quotas.models import (
    Envelope,
    LedgerEntry,
    PendingReduction,
    PolicyRevision,
    PolicyRevisionLine,
    QuotaPolicy,
    SupplyContract,
)
from quotas.selectors import Change, EnvelopeChange
from quotas.services import ledger
from quotas.services.acts import demand_secretariat
from quotas.services.ledger import Cause, Posting, QuotaRefused

Kind = LedgerEntry.Kind


@dataclass(frozen=True, kw_only=True)
class ProposedFigure:
    """What the row `revises_id` becomes; the same figure as that row's proposes nothing."""

    revises_id: int
    amount: Decimal
    late_return: str
    source: str
    is_example: bool


@retried_once
@transaction.atomic
def draft_revision(
    *,
    sensor_id: int,
    user: User,
    valid_from: dt.date,
    reason: str,
    figures: Sequence[ProposedFigure],
) -> PolicyRevision:
    """
    Raises:
        PermissionDenied: not of the secretariat.
        QuotaRefused: `revision_not_ahead`, `reason_missing`; `amount_too_precise`,
            `amount_too_large` of a figure that could not be granted.
    """
    demand_secretariat(user)
    _check_typed(valid_from, reason)
    revision = PolicyRevision.objects.create(
        sensor_id=sensor_id,
        valid_from=valid_from,
        reason=reason.strip(),
        drafted_by=user,
        changed_by=user,
        changed_at=timezone.now(),
    )
    _write_lines(revision, figures)
    return revision


@retried_once
@transaction.atomic
def change_revision(
    *,
    revision_id: int,
    version: int,
    user: User,
    valid_from: dt.date,
    reason: str,
    figures: Sequence[ProposedFigure],
) -> PolicyRevision:
    """Put what was typed in place of the draft's figures. ``version`` is the one that was read.

    Raises:
        PermissionDenied: not of the secretariat.
        QuotaRefused: `revision_ended`, `revision_changed`, and as `draft_revision`.
    """
    demand_secretariat(user)
    _check_typed(valid_from, reason)
    revision = _lock_draft(revision_id, version)
    revision.valid_from = valid_from
    revision.reason = reason.strip()
    revision.version += 1
    revision.changed_by = user
    revision.changed_at = timezone.now()
    revision.save(update_fields=["valid_from", "reason", "version", "changed_by", "changed_at"])
    PolicyRevisionLine.objects.filter(revision=revision).delete()
    _write_lines(revision, figures)
    return revision


@retried_once
@transaction.atomic
def withdraw_revision(*, revision_id: int, user: User) -> PolicyRevision:
    """Nothing is published.

    Raises:
        PermissionDenied: not of the secretariat.
        QuotaRefused: `revision_ended`.
    """
    demand_secretariat(user)
    revision = _lock_draft(revision_id)
    revision.withdrawn_by = user
    revision.withdrawn_at = timezone.now()
    revision.save(update_fields=["withdrawn_by", "withdrawn_at"])
    return revision


@retried_once
@transaction.atomic
def publish_revision(*, revision_id: int, version: int, user: User) -> PolicyRevision:
    """Write the new rows of policy, and put right the envelopes that are already open for a period
    they govern: granted the difference, or cut by it, what their files leave now and the rest as
    it comes back.

    Locks the sensor against envelopes being opened, the draft, then the contracts behind the
    envelopes and the envelopes, each in id order.

    Raises:
        PermissionDenied: not of the secretariat.
        QuotaRefused: `revision_ended` names who published it and when; `revision_changed`,
            `revision_not_ahead`, `revision_changes_nothing`, `figure_already_published`,
            `same_person`, `amount_too_large`, `supply_ceiling_exceeded`.
    """
    demand_secretariat(user)
    lock_policy_of(revision_id)
    revision = _lock_draft(revision_id, version)
    changes = selectors.changes_of(revision)
    envelopes = _lock_later_envelopes(revision)
    moved = selectors.envelope_changes(revision, changes, envelopes)
    facts = selectors.facts_for_publishing(revision, changes, moved, by=user.pk)
    if refused := rules.revision_refusals(facts):
        raise QuotaRefused(*refused)
    _write_rows(revision, changes)
    _move(moved, revision, second_author_id=user.pk)
    revision.published_by = user
    revision.published_at = timezone.now()
    revision.save(update_fields=["published_by", "published_at"])
    return revision


def lock_policy_of(revision_id: int) -> None:
    """Nobody else publishes figures of the sensor, nor opens its envelopes (`lock_policy`)."""
    sensor = PolicyRevision.objects.filter(pk=revision_id).values("sensor")
    Sensor.objects.select_for_update(no_key=True).get(pk__in=sensor)


def _lock_draft(revision_id: int, version: int | None = None) -> PolicyRevision:
    # Persons are read apart: a row that was waited for is new, what was joined to it is not.
    revision = PolicyRevision.objects.select_for_update(no_key=True).get(pk=revision_id)
    if not revision.is_draft:
        raise QuotaRefused(how_it_ended(revision))
    if version not in (None, revision.version):
        raise QuotaRefused(_changed_meanwhile(revision))
    return revision


def how_it_ended(revision: PolicyRevision) -> Refusal:
    at = revision.published_at or revision.withdrawn_at
    assert at is not None  # policy_revision_says_who_ended_it
    if revision.published_at:
        message = gettext("%(name)s published this revision already, on %(at)s.")
    else:
        message = gettext("%(name)s withdrew this revision, on %(at)s.")
    name = revision.published_by or revision.withdrawn_by
    return Refusal("revision_ended", message % {"name": name, "at": instant_in_words(at)})


def _changed_meanwhile(revision: PolicyRevision) -> Refusal:
    message = gettext(
        "%(name)s changed this draft on %(at)s, after you opened it: look at its figures again "
        "before you go on."
    )
    figures = {"name": revision.changed_by, "at": instant_in_words(revision.changed_at)}
    return Refusal("revision_changed", message % figures)


def _check_typed(valid_from: dt.date, reason: str) -> None:
    refused = rules.day_is_ahead(valid_from, today=timezone.localdate())
    refusals = [] if refused is None else [refused]
    if not reason.strip():
        message = gettext("Say why, for whoever reads it later.")
        refusals.append(Refusal("reason_missing", message))
    if refusals:
        raise QuotaRefused(*refusals)


def _write_lines(revision: PolicyRevision, figures: Iterable[ProposedFigure]) -> None:
    """Those that differ from the row they were typed against; a figure of another sensor is not of
    this revision."""
    proposed = {figure.revises_id: figure for figure in figures}
    rows = QuotaPolicy.objects.filter(pk__in=proposed, sensor=revision.sensor_id).order_by("pk")
    if refused := [r for row in rows for r in _cannot_be_granted(row, proposed[row.pk].amount)]:
        raise QuotaRefused(*refused)
    lines = [(_line(revision, proposed[row.pk]), row) for row in rows]
    PolicyRevisionLine.objects.bulk_create(
        line for line, row in lines if not selectors.is_same(line, row)
    )


def _cannot_be_granted(row: QuotaPolicy, amount: Decimal) -> list[Refusal]:
    refused = rules.figure_can_be_granted(amount, row.unit)
    if refused is None:
        return []
    figure = say(amount, row.unit, places=6)
    return [Refusal(refused.code, f"{row.label}, {figure}: {refused.message}")]


def _line(revision: PolicyRevision, figure: ProposedFigure) -> PolicyRevisionLine:
    return PolicyRevisionLine(
        revision=revision,
        revises_id=figure.revises_id,
        amount=figure.amount,
        late_return=figure.late_return,
        source=figure.source,
        is_example=figure.is_example,
    )


def _lock_later_envelopes(revision: PolicyRevision) -> list[Envelope]:
    """The contracts behind them first, by key, as a grant does."""
    later = selectors.later_envelopes(revision)
    behind = list(later.order_by().values_list("contract_id", flat=True).distinct())
    contracts = SupplyContract.objects.select_for_update(no_key=True).filter(pk__in=behind)
    list(contracts.order_by("pk"))
    locked = list(ledger.lock_envelopes(later.values_list("pk", flat=True)).values())
    prefetch_related_objects(locked, "entity")
    return locked


def _write_rows(revision: PolicyRevision, changes: Iterable[Change]) -> None:
    """A row for each figure that changes; a line that proposes what has since come to be is
    dropped."""
    for change in changes:
        line = change.line
        if line is None:
            continue
        if not change.changes_something:
            line.delete()
            continue
        line.row = _new_row(revision, change.present, line)
        line.revises = change.present
        line.save(update_fields=["row", "revises"])


def _new_row(
    revision: PolicyRevision, present: QuotaPolicy, line: PolicyRevisionLine
) -> QuotaPolicy:
    return QuotaPolicy.objects.create(
        sensor_id=present.sensor_id,
        category_id=present.category_id,
        cell_id=present.cell_id,
        request_kind=present.request_kind,
        acquisition_mode=present.acquisition_mode,
        measure=present.measure,
        period_kind=present.period_kind,
        unit=present.unit,
        amount=line.amount,
        late_return=line.late_return,
        valid_from=revision.valid_from,
        source=line.source,
        is_example=line.is_example,
    )


def _move(
    moved: Iterable[EnvelopeChange], revision: PolicyRevision, *, second_author_id: int
) -> None:
    """Takes back first: what is freed under a contract may be granted under it."""
    cause = Cause(
        decision=revision.decision,
        author_id=revision.changed_by_id,
        second_author_id=second_author_id,
        reason="policy_revision",
    )
    moved = list(moved)
    ledger.post([_posting(Kind.EXPIRE, change) for change in moved if change.now < 0], cause)
    ledger.post([_posting(Kind.GRANT, change) for change in moved if change.now > 0], cause)
    PendingReduction.objects.bulk_create(
        PendingReduction(
            envelope=change.envelope,
            decision=cause.decision,
            amount=change.pending,
            remaining=change.pending,
            author_id=cause.author_id,
        )
        for change in moved
        if change.pending
    )


def _posting(kind: str, change: EnvelopeChange) -> Posting:
    return Posting(envelope_id=change.envelope.pk, kind=kind, granted=change.now)
