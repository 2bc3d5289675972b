"""How long a debit, the balance of some day and a page of a statement take as the ledger grows.

Half of the entries are on one envelope, over the year, the rest on the others. They are written as
the trigger writes them, in one statement with the triggers off; `discrepancies()` then proves the
books. Every line gives the median of many calls at each size, and how many times that of the
smallest ledger it is, and the pages it touches. A plan that reads the whole ledger ends the
benchmark; so does, all being printed, a call that is to stay flat and touches more than twice the
pages in the largest ledger. Milliseconds are a busy machine's own: nothing hangs on them.

    .venv/bin/python bench/ledger_growth.py --sizes 10000 100000
"""

import argparse
import datetime as dt
import json
import random
import statistics
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from envelopes import hold, opened_envelopes

from quotas import selectors
from quotas.models import Envelope

ENVELOPES = 100
SIZES = (10_000, 100_000, 1_000_000)
CALLS = 300
FLAT = ("debit", "balance as of some instant", "first page of the year")
PAGES_AT_MOST_TIMES = 2
SEPTEMBER = (dt.date(2026, 9, 1), dt.date(2026, 9, 30))

FILL = """
SET LOCAL session_replication_role = replica;
SET LOCAL statement_timeout = 0;
UPDATE quotas_ledgerentry SET at = '2026-01-01';
INSERT INTO quotas_ledgerentry (
    envelope_id, kind, d_granted, d_held, d_consumed, sequence,
    granted_after, held_after, consumed_after, decision, request_number, reason, at
)
SELECT id, 'hold', 0, 1, 0, last_sequence + i, granted, held + i, consumed,
       gen_random_uuid(), 'R2026-' || n / 4, 'bench',
       timestamptz '2026-01-02' + interval '300 days' * n / {size}
FROM (
    SELECT *, row_number() OVER (PARTITION BY envelope_id ORDER BY n) AS i
    FROM (
        SELECT n, CASE WHEN n % 2 = 0 THEN {hot} ELSE {first} + n / 2 % {others} END AS envelope_id
        FROM generate_series(1, {size}) AS n
    ) AS spread
) AS numbered
JOIN quotas_envelope ON id = envelope_id;
UPDATE quotas_envelope SET held = held_after, last_sequence = sequence
FROM (
    SELECT DISTINCT ON (envelope_id) envelope_id, held_after, sequence
    FROM quotas_ledgerentry ORDER BY envelope_id, sequence DESC
) AS last
WHERE envelope_id = id;
"""


def fill(envelopes: list[int], size: int) -> None:
    hot, *others = envelopes
    assert others == list(range(others[0], others[0] + len(others)))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FILL.format(size=size, hot=hot, first=others[0], others=len(others)))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE quotas_ledgerentry, quotas_envelope")
        cursor.execute("SET statement_timeout = 0")
    assert selectors.discrepancies() == []


def calls_on(envelope: Envelope, size: int) -> dict[str, Callable[[], Any]]:
    chance = random.Random(11)

    def some_instant() -> dt.datetime:
        return dt.datetime(2026, 1, 2, tzinfo=dt.UTC) + dt.timedelta(days=300 * chance.random())

    def some_request() -> str:
        return f"R2026-{chance.randrange(size // 4)}"

    return {
        "debit": lambda: hold([envelope.pk], Decimal(1)),
        "balance as of some instant": lambda: selectors.balance_at(envelope.pk, some_instant()),
        "first page of the year": lambda: selectors.statement(envelope),
        "first page of a month": lambda: selectors.statement(
            envelope, starts_on=SEPTEMBER[0], ends_on=SEPTEMBER[1]
        ),
        "chart of a month": lambda: selectors.daily_balances(envelope, *SEPTEMBER),
        "what a request holds": lambda: selectors.outstanding(some_request()),
    }


def median_ms(call: Callable[[], Any]) -> float:
    taken = []
    for _ in range(CALLS):
        began = time.perf_counter()
        call()
        taken.append((time.perf_counter() - began) * 1_000)
    return statistics.median(taken)


def pages_touched(name: str, call: Callable[[], Any]) -> int:
    """Of tables and indexes, 8 kB each: what a busy machine does not change.

    Raises:
        SystemExit: the plan of a statement of this call reads the whole ledger.
    """
    pages = 0
    for sql, parameters in statements_of(call):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", parameters)
            plan = cursor.fetchone()[0][0]["Plan"]
            transaction.set_rollback(True)
        if "quotas_ledgerentry" in scanned(plan):
            raise SystemExit(f"{name} reads the whole ledger:\n{json.dumps(plan, indent=1)}")
        pages += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return pages


def statements_of(call: Callable[[], Any]) -> list[tuple[str, Any]]:
    """What it sends; what it writes is undone."""
    heard: list[tuple[str, Any]] = []

    def hear(execute, sql, parameters, many, context):
        if sql.lstrip().startswith(("SELECT", "INSERT")):
            heard.append((sql, parameters))
        return execute(sql, parameters, many, context)

    with transaction.atomic(), connection.execute_wrapper(hear):
        call()
        transaction.set_rollback(True)
    return heard


def scanned(node: dict[str, Any]) -> Iterator[str]:
    """Tables that the plan reads from end to end."""
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    for child in node.get("Plans", ()):
        yield from scanned(child)


def not_flat(seen: dict[str, list[tuple[float, int]]]) -> list[str]:
    pages = {name: (figures[0][1], figures[-1][1]) for name, figures in seen.items()}
    return [name for name in FLAT if pages[name][1] > PAGES_AT_MOST_TIMES * pages[name][0]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    sizes = parser.parse_args().sizes
    seen: dict[str, list[tuple[float, int]]] = {}
    for size in sizes:
        with opened_envelopes(ENVELOPES) as envelopes:
            fill(envelopes, size)
            for name, call in calls_on(Envelope.objects.get(pk=envelopes[0]), size).items():
                seen.setdefault(name, []).append((median_ms(call), pages_touched(name, call)))
    for name, figures in seen.items():
        smallest_ms = figures[0][0]
        print(f"{name}:")
        for size, (ms, pages) in zip(sizes, figures, strict=True):
            print(f"  {size:9,} entries: {ms:.2f} ms (x{ms / smallest_ms:.2f}), {pages} pages")
    print(f"flat in pages, x{PAGES_AT_MOST_TIMES} at most: {', '.join(FLAT)}", flush=True)
    if grown := not_flat(seen):
        raise SystemExit(f"Not flat: {', '.join(grown)}.")


if __name__ == "__main__":
    main()
