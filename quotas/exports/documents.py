"""Statements for programs. The shape is written down in `docs/statements.md`: codes, not labels;
decimals as strings; instants with their offset."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils import timezone

from eligibility.models import Cell, Entity
from quotas.models import Envelope, LedgerEntry
from quotas.selectors import Balance, EnvelopeLine, RequestUse, Statement
from quotas.selectors.ledger import EntryFilter

STATEMENT, OWNER_STATEMENT = "orbitrage-statement/1", "orbitrage-owner-statement/1"
Document = dict[str, Any]


def statement_document(
    statement: Statement,
    entries: Iterable[LedgerEntry],
    uses: Iterable[RequestUse],
    only: EntryFilter,
    as_of: tuple[dt.datetime, Balance] | None = None,
) -> Document:
    """One envelope over some days and, where asked for, its balances at an instant."""
    document: Document = {
        "format": STATEMENT,
        "made_at": timezone.localtime().isoformat(timespec="seconds"),
        "envelope": _envelope(statement.envelope),
        "starts_on": statement.starts_on.isoformat(),
        "ends_on": statement.ends_on.isoformat(),
        "filter": {"kind": only.kind, "request": only.request_number},
        "opening": _balance(statement.opening),
        "entries": [_entry(entry) for entry in entries],
        "closing": _balance(statement.closing),
        "requests": [
            {
                "request": use.request_number,
                "held": exact(use.held),
                "consumed": exact(use.consumed),
            }
            for use in uses
        ],
    }
    if as_of is not None:
        at, balance = as_of
        document["as_of"] = {"at": timezone.localtime(at).isoformat(), **_balance(balance)}
    return document


def owner_document(
    owner: Entity | Cell,
    lines: Iterable[EnvelopeLine],
    entries: Iterable[LedgerEntry],
    days: tuple[dt.date, dt.date],
    only: EntryFilter,
) -> Document:
    """All envelopes of an entity or a cell over some days."""
    return {
        "format": OWNER_STATEMENT,
        "made_at": timezone.localtime().isoformat(timespec="seconds"),
        "owner": str(owner),
        "starts_on": days[0].isoformat(),
        "ends_on": days[1].isoformat(),
        "filter": {"kind": only.kind, "request": only.request_number},
        "envelopes": [
            {
                "envelope": _envelope(line.envelope),
                "opening": _balance(line.opening),
                "granted": exact(line.granted),
                "held": exact(line.held),
                "consumed": exact(line.consumed),
                "closing": _balance(line.closing),
            }
            for line in lines
        ],
        "entries": [{"envelope": entry.envelope_id, **_entry(entry)} for entry in entries],
    }


def exact(amount: Decimal) -> str:
    return f"{amount:.6f}"


def _envelope(envelope: Envelope) -> Document:
    return {
        "id": envelope.pk,
        "scope": envelope.scope,
        "owner": str(envelope.owner),
        "sensor": envelope.sensor.code,
        "request_kind": envelope.request_kind,
        "unit": envelope.unit,
        "period_starts_on": envelope.period_starts_on.isoformat(),
        "period_ends_on": envelope.period_ends_on.isoformat(),
    }


def _balance(balance: Balance) -> Document:
    return {
        "granted": exact(balance.granted),
        "held": exact(balance.held),
        "consumed": exact(balance.consumed),
        "left": exact(balance.left),
    }


def _entry(entry: LedgerEntry) -> Document:
    return {
        "sequence": entry.sequence,
        "at": timezone.localtime(entry.at).isoformat(timespec="seconds"),
        "kind": entry.kind,
        "request": entry.request_number,
        "reason": entry.reason,
        "granted": exact(entry.d_granted),
        "held": exact(entry.d_held),
        "consumed": exact(entry.d_consumed),
        "after": _balance(
            Balance(
                granted=entry.granted_after, held=entry.held_after, consumed=entry.consumed_after
            )
        ),
        "decision": str(entry.decision),
    }
