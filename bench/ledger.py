"""How many quota debits a second the service makes, beside the same statements sent bare.

The service finds the envelopes, locks them, refuses with figures when it must, and posts an entry
for each, whose trigger moves the envelope and numbers the entry. The floor is psycopg alone: the
two statements that the service was heard to send, in a transaction, on the same tables with the
same triggers, in the same cluster (fsync on), over a connection with the same options: it too
prepares nothing on the server (`prepare_threshold` of the settings). Its cursor is psycopg's own,
which sends the parameters apart; Django's writes them into the statement.

Floor and service take turns; of the three ratios of each line the median is printed, with its
figures. Beside it, for information, stands the floor as psycopg would have it when left alone:
prepared after five calls. A ratio under the one wanted ends the benchmark with 1, all being
printed.

    .venv/bin/python bench/ledger.py --seconds 3
"""

import argparse
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from uuid import uuid4

import psycopg
from django.db import connection
from envelopes import hold, opened_envelopes

ENVELOPES = 1_000
TURNS = 3
WANTED_RATIO = 0.6
PSYCOPG_PREPARE_THRESHOLD = 5
ZERO = Decimal(0)

Debit = Callable[[list[int], Decimal], None]


def statements_of_a_debit(envelope_ids: list[int]) -> list[str]:
    """What the service sends between BEGIN and COMMIT: the lock and the entries."""
    heard: list[str] = []

    def hear(execute, sql, parameters, many, context):
        heard.append(sql)
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(hear):
        hold(envelope_ids, Decimal(1))
    return heard


class Service:
    def open(self) -> tuple[Debit, Callable[[], None]]:
        return hold, connection.close


@dataclass(frozen=True)
class Floor:
    lock: str
    insert: str
    is_prepared: bool = False

    def open(self) -> tuple[Debit, Callable[[], None]]:
        options = connection.get_connection_params()
        names = ("dbname", "user", "password", "host", "port", "options", "prepare_threshold")
        bare = psycopg.connect(**{name: options[name] for name in names if name in options})
        if self.is_prepared:
            bare.prepare_threshold = PSYCOPG_PREPARE_THRESHOLD

        def debit(envelope_ids: list[int], amount: Decimal) -> None:
            n = len(envelope_ids)
            entry = [uuid4(), "R2026-000001", "", None, None]
            columns = [envelope_ids, ["hold"] * n, [ZERO] * n, [amount] * n, [ZERO] * n, [None] * n]
            with bare.transaction():
                bare.execute(self.lock, [envelope_ids]).fetchall()
                bare.execute(self.insert, [*entry, *columns]).fetchall()

        return debit, bare.close


def debits_per_second(
    contender: Service | Floor, envelopes: list[int], *, width: int, threads: int, seconds: float
) -> float:
    counts: list[int] = []

    def work(seed: int) -> None:
        chance, count = random.Random(seed), 0
        debit, close = contender.open()
        debit(chance.sample(envelopes, width), Decimal(1))
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            debit(chance.sample(envelopes, width), Decimal(chance.randint(1, 50)))
            count += 1
        counts.append(count)
        close()

    workers = [threading.Thread(target=work, args=(seed,)) for seed in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(counts) / seconds


def compare(envelopes: list[int], *, width: int, threads: int, seconds: float) -> float:
    """The median ratio of service to floor, in turns; prints it."""
    statements = statements_of_a_debit(envelopes[:width])
    contenders = Floor(*statements), Floor(*statements, is_prepared=True), Service()
    turns = []
    for _ in range(TURNS):
        bare, prepared, served = (
            debits_per_second(each, envelopes, width=width, threads=threads, seconds=seconds)
            for each in contenders
        )
        turns.append((served / bare, bare, prepared, served))
    ratio, bare, prepared, served = sorted(turns)[TURNS // 2]
    spread = "hot" if len(envelopes) == width else f"of {len(envelopes)}"
    print(
        f"{width} envelope{'s' if width > 1 else ''} {spread}, threads={threads}:"
        f" bare {bare:.0f}/s, service {served:.0f}/s, ratio {ratio:.2f}"
        f" (bare and prepared {prepared:.0f}/s)",
        flush=True,
    )
    return ratio


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3)
    seconds = parser.parse_args().seconds
    with opened_envelopes(ENVELOPES) as envelopes:
        ratios = [
            compare(used, width=width, threads=threads, seconds=seconds)
            for width in (1, 2)
            for used in (envelopes[:width], envelopes)
            for threads in (1, 8)
        ]
    print(f"lowest ratio {min(ratios):.2f}, {WANTED_RATIO} wanted", flush=True)
    if min(ratios) < WANTED_RATIO:
        raise SystemExit("The service makes too few debits a second beside its floor.")


if __name__ == "__main__":
    main()
