"""The one door to the ledger: lock, check, post. Everything else here goes through it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model
from django.db.transaction import TransactionManagementError
from django.utils import timezone
from django.utils.translation import gettext

from orbitrage.shared.errors import DomainError, Refusal
from quotas.amounts import ZERO
from quotas.models import Envelope, LedgerEntry
from quotas.rules import Draw, draw_refusals

Kind = LedgerEntry.Kind


class QuotaRefused(DomainError):
    """A rule of the ledger refuses; nothing was written."""


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Why entries are posted. `decision` makes them idempotent; `reason` is a code, never text
    somebody typed: entries are kept for ever. `on` is the day whose periods and contracts are
    asked: today, unless told otherwise."""

    decision: UUID
    request_number: str = ""
    author_id: int | None = None
    second_author_id: int | None = None
    reason: str = ""
    on: dt.date = field(default_factory=timezone.localdate)


@dataclass(frozen=True)
class Amount:
    """In the envelope's unit."""

    envelope_id: int
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Posting:
    envelope_id: int
    kind: str
    granted: Decimal = ZERO
    held: Decimal = ZERO
    consumed: Decimal = ZERO
    corrects_id: int | None = None


def _columns(model: type[Model]) -> str:
    fields = model._meta.concrete_fields  # noqa: SLF001 - Django's documented name
    return ", ".join(str(field.column) for field in fields)


_LOCK = f"""
SELECT {_columns(Envelope)} FROM quotas_envelope
WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE
"""  # noqa: S608 - of the names of columns

_INSERT = f"""
INSERT INTO quotas_ledgerentry (
    envelope_id, kind, d_granted, d_held, d_consumed, corrects_id,
    decision, request_number, reason, author_id, second_author_id
)
SELECT p.envelope_id, p.kind, p.granted, p.held, p.consumed, p.corrects_id, %s, %s, %s, %s, %s
FROM unnest(%s::bigint[], %s::text[], %s::numeric[], %s::numeric[], %s::numeric[], %s::bigint[])
     AS p (envelope_id, kind, granted, held, consumed, corrects_id)
ORDER BY p.envelope_id
RETURNING {_columns(LedgerEntry)}
"""  # noqa: S608 - of the names of columns


def hold(*, amounts: Sequence[Amount], cause: Cause) -> list[LedgerEntry]:
    """Hold every amount or none. Locks the envelopes in id order.

    Raises:
        QuotaRefused: an envelope has less left (`quota_exhausted`), is not there
            (`envelope_missing`), or an amount is not positive.
        TransactionManagementError: no transaction is open.
        IntegrityError: the decision already holds on one of them (a fault above).
    """
    whole = _per_envelope(amounts)
    check_draws(lock_envelopes(whole), whole)
    return post(
        [Posting(envelope_id=pk, kind=Kind.HOLD, held=amount) for pk, amount in whole.items()],
        cause,
    )


def consume_more(*, amounts: Sequence[Amount], cause: Cause) -> list[LedgerEntry]:
    """Take again what had been refunded, for a re-tasking.

    Raises:
        QuotaRefused: as `hold`.
    """
    whole = _per_envelope(amounts)
    check_draws(lock_envelopes(whole), whole)
    return post(
        [
            Posting(envelope_id=pk, kind=Kind.CONSUME_MORE, consumed=amount)
            for pk, amount in whole.items()
        ],
        cause,
    )


def lock_envelopes(envelope_ids: Iterable[int]) -> dict[int, Envelope]:
    """Lock in id order and read again; others may still insert rows that point here.

    Raises:
        QuotaRefused: `envelope_missing`.
        TransactionManagementError: no transaction is open to keep the locks.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("Envelopes are locked inside a transaction.")
    wanted = set(envelope_ids)
    envelopes = {envelope.pk: envelope for envelope in _fetch(Envelope, _LOCK, [list(wanted)])}
    if missing := wanted - envelopes.keys():
        raise QuotaRefused(*(_missing(envelope_id) for envelope_id in sorted(missing)))
    return envelopes


def check_draws(envelopes: dict[int, Envelope], amounts: Mapping[int, Decimal]) -> None:
    """
    Raises:
        QuotaRefused: with every refusal, on every envelope.
    """
    draws = [_draw(envelopes[pk], amounts[pk]) for pk in sorted(amounts)]
    if refused := draw_refusals(draws):
        raise QuotaRefused(*refused)


def post(postings: Sequence[Posting], cause: Cause) -> list[LedgerEntry]:
    """Write entries, in id order of their envelopes, in one statement; the trigger moves the
    envelopes and fills sequence, time and balances. The envelopes are locked by the caller."""
    if not postings:
        return []
    columns = [
        [p.envelope_id for p in postings],
        [str(p.kind) for p in postings],
        [p.granted for p in postings],
        [p.held for p in postings],
        [p.consumed for p in postings],
        [p.corrects_id for p in postings],
    ]
    constants = [
        cause.decision,
        cause.request_number,
        cause.reason,
        cause.author_id,
        cause.second_author_id,
    ]
    return _fetch(LedgerEntry, _INSERT, [*constants, *columns])


M = TypeVar("M", bound=Model)


def _fetch(model: type[M], statement: str, parameters: Sequence[Any]) -> list[M]:
    """Rows with the columns of the model, in its order. Every debit passes here twice: composing
    the same two statements through the ORM each time costs more than half of its time."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [model.from_db(connection.alias, (), row) for row in cursor.fetchall()]


def _per_envelope(amounts: Sequence[Amount]) -> dict[int, Decimal]:
    whole: dict[int, Decimal] = {}
    for asked in amounts:
        whole[asked.envelope_id] = whole.get(asked.envelope_id, ZERO) + asked.amount
    return whole


def _draw(envelope: Envelope, amount: Decimal) -> Draw:
    """The envelope's name costs queries: it is read only for a refusal."""
    refused = amount <= 0 or amount > envelope.left
    return Draw(
        amount=amount,
        left=envelope.left,
        unit=envelope.unit,
        envelope=envelope.label if refused else "",
    )


def _missing(envelope_id: int) -> Refusal:
    message = gettext("The envelope no. %(id)s does not exist: nothing can be taken from it.")
    return Refusal("envelope_missing", message % {"id": envelope_id})
