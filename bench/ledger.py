"""How many quota debits a second the service makes, beside the smallest debit there is.

The floor, run by `make bench` just before in the same cluster (fsync on), is one row lock, one
UPDATE and one INSERT through the same Django. Ours finds the envelope, locks it, refuses with
numbers when it must, and posts an entry whose trigger moves the envelope and numbers the entry.

    .venv/bin/python bench/ledger.py --seconds 5
"""

# ruff: noqa: E402 - Django is set up before its models are imported

import argparse
import datetime as dt
import os
import random
import sys
import threading
import time
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orbitrage.settings.test")
os.environ["ORBITRAGE_TEST_DB_SUFFIX"] = f"_bench_{os.getpid()}"

import django

django.setup()

from django.db import connection, transaction

from eligibility.models import Cell, Sensor
from quotas import services
from quotas.models import Envelope

ENVELOPES = 1_000
THREADS = (1, 8)
AMPLE_KM2 = Decimal(9_000_000)


def fill() -> list[int]:
    """One programme envelope for each of many cells, with more in it than can be spent."""
    common = {"valid_from": dt.date(2020, 1, 1), "source": "bench"}
    sensor = Sensor.objects.create(
        code="bench", name="bench", operator="bench", attribution_pattern="{year}", **common
    )
    envelopes = []
    for n in range(ENVELOPES):
        cell = Cell.objects.create(
            code=f"bench-{n}", name_fr="bench", name_en="bench", decision_delay_days=1, **common
        )
        with transaction.atomic():
            envelope = services.open_envelope(
                scope=Envelope.Scope.PROGRAMME,
                sensor_id=sensor.pk,
                cell_id=cell.pk,
                starts_on=dt.date(2026, 1, 1),
                ends_on=dt.date(2026, 12, 31),
            )
            cause = services.Cause(decision=uuid4(), reason="bench")
            services.grant(envelope_id=envelope.pk, amount=AMPLE_KM2, cause=cause)
        envelopes.append(envelope.pk)
    return envelopes


def debit(envelope_id: int, amount: int) -> None:
    cause = services.Cause(decision=uuid4(), request_number="R2026-000001")
    with transaction.atomic():
        services.hold(amounts=[services.Amount(envelope_id, Decimal(amount))], cause=cause)


def measure(envelopes: list[int], threads: int, seconds: float) -> list[float]:
    """Milliseconds of every debit, sorted."""
    taken: list[float] = []

    def work(seed: int) -> None:
        chance = random.Random(seed)
        mine = []
        debit(chance.choice(envelopes), 1)
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            began = time.perf_counter()
            debit(chance.choice(envelopes), chance.randint(1, 50))
            mine.append((time.perf_counter() - began) * 1_000)
        taken.extend(mine)
        connection.close()

    workers = [threading.Thread(target=work, args=(seed,)) for seed in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sorted(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    seconds = parser.parse_args().seconds
    connection.creation.create_test_db(verbosity=0, serialize=False)
    try:
        envelopes = fill()
        for name, used in (("hot", envelopes[:1]), ("spread", envelopes)):
            for threads in THREADS:
                times = measure(used, threads, seconds)
                print(
                    f"hold() {name} threads={threads} tps={len(times) / seconds:.0f}"
                    f" p50={times[len(times) // 2]:.2f}ms p95={times[int(len(times) * 0.95)]:.2f}ms"
                )
    finally:
        connection.creation.destroy_test_db("", verbosity=0)


if __name__ == "__main__":
    main()
