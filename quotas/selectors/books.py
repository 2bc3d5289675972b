"""The proof of the books: every envelope equals the sum of its entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

_ENVELOPES = """
WITH sums AS (
    SELECT envelope_id, count(*) AS entries, max(sequence) AS last_sequence,
           sum(d_granted) AS granted, sum(d_held) AS held, sum(d_consumed) AS consumed
    FROM quotas_ledgerentry GROUP BY envelope_id
)
SELECT e.id,
       e.granted, e.held, e.consumed, e.last_sequence,
       coalesce(s.granted, 0), coalesce(s.held, 0), coalesce(s.consumed, 0),
       coalesce(s.last_sequence, 0), coalesce(s.entries, 0),
       coalesce(l.granted_after, 0), coalesce(l.held_after, 0), coalesce(l.consumed_after, 0)
FROM quotas_envelope e
LEFT JOIN sums s ON s.envelope_id = e.id
LEFT JOIN quotas_ledgerentry l ON l.envelope_id = e.id AND l.sequence = s.last_sequence
WHERE (e.granted, e.held, e.consumed)
      IS DISTINCT FROM (coalesce(s.granted, 0), coalesce(s.held, 0), coalesce(s.consumed, 0))
   OR (e.granted, e.held, e.consumed) IS DISTINCT FROM
      (coalesce(l.granted_after, 0), coalesce(l.held_after, 0), coalesce(l.consumed_after, 0))
   OR e.last_sequence <> coalesce(s.last_sequence, 0)
   OR e.last_sequence <> coalesce(s.entries, 0)
ORDER BY e.id
"""

_RUNNING = """
SELECT envelope_id, sequence FROM (
    SELECT envelope_id, sequence, granted_after, held_after, consumed_after,
           sum(d_granted) OVER w AS granted, sum(d_held) OVER w AS held,
           sum(d_consumed) OVER w AS consumed
    FROM quotas_ledgerentry
    WINDOW w AS (PARTITION BY envelope_id ORDER BY sequence)
) replayed
WHERE (granted_after, held_after, consumed_after) IS DISTINCT FROM (granted, held, consumed)
ORDER BY envelope_id, sequence
"""

_REQUESTS = """
SELECT request_number, envelope_id, sum(d_held), sum(d_consumed)
FROM quotas_ledgerentry
WHERE request_number <> ''
GROUP BY request_number, envelope_id
HAVING sum(d_held) < 0 OR sum(d_consumed) < 0
ORDER BY request_number, envelope_id
"""


@dataclass(frozen=True)
class Discrepancy:
    """A place where the books do not agree with themselves; never translated: it is a fault."""

    envelope_id: int
    message: str


def discrepancies() -> list[Discrepancy]:
    """Where an envelope differs from the sum of its entries or from the last balances written,
    where a balance differs from the replay up to it, and requests that gave back more than they
    had. Empty when the books are right."""
    return [*_wrong_envelopes(), *_wrong_balances(), *_wrong_requests()]


def _wrong_envelopes() -> list[Discrepancy]:
    return [
        Discrepancy(
            row[0],
            f"envelope says granted {row[1]}, held {row[2]}, consumed {row[3]}, sequence {row[4]};"
            f" its entries sum to {row[5]}, {row[6]}, {row[7]}, last {row[8]} of {row[9]};"
            f" the last one leaves {row[10]}, {row[11]}, {row[12]}",
        )
        for row in _rows(_ENVELOPES)
    ]


def _wrong_balances() -> list[Discrepancy]:
    return [
        Discrepancy(envelope_id, f"balances after entry {sequence} are not those of the replay")
        for envelope_id, sequence in _rows(_RUNNING)
    ]


def _wrong_requests() -> list[Discrepancy]:
    return [
        Discrepancy(envelope_id, f"request {number} holds {held} and consumed {consumed}")
        for number, envelope_id, held, consumed in _rows(_REQUESTS)
    ]


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
