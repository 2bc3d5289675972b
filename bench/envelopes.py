"""A database with many envelopes that cannot be spent, made for one benchmark and dropped."""

# ruff: noqa: E402 - Django is set up before its models are imported

import datetime as dt
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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

YEAR = (dt.date(2026, 1, 1), dt.date(2026, 12, 31))
AMPLE_KM2 = Decimal(90_000_000)


@contextmanager
def opened_envelopes(count: int) -> Iterator[list[int]]:
    """One programme envelope for each of as many cells."""
    connection.creation.create_test_db(verbosity=0, serialize=False)
    try:
        yield [_open(cell) for cell in _cells(count)]
    finally:
        connection.close()
        connection.creation.destroy_test_db("", verbosity=0)


def _cells(count: int) -> list[Cell]:
    return Cell.objects.bulk_create(
        Cell(
            code=f"bench-{n}",
            name_fr="bench",
            name_en="bench",
            decision_delay_days=1,
            valid_from=YEAR[0],
            source="bench",
        )
        for n in range(count)
    )


def _open(cell: Cell) -> int:
    sensor, _ = Sensor.objects.get_or_create(
        code="bench",
        name="bench",
        operator="bench",
        attribution_pattern="{year}",
        valid_from=YEAR[0],
        source="bench",
    )
    with transaction.atomic():
        envelope = services.open_envelope(
            scope=Envelope.Scope.PROGRAMME,
            sensor_id=sensor.pk,
            cell_id=cell.pk,
            starts_on=YEAR[0],
            ends_on=YEAR[1],
        )
        cause = services.Cause(decision=uuid4(), reason="bench")
        services.grant(envelope_id=envelope.pk, amount=AMPLE_KM2, cause=cause)
    return envelope.pk


def hold(envelope_ids: list[int], amount: Decimal) -> None:
    """A debit, as a service makes it."""
    cause = services.Cause(decision=uuid4(), request_number="R2026-000001")
    amounts = [services.Amount(envelope_id, amount) for envelope_id in envelope_ids]
    with transaction.atomic():
        services.hold(amounts=amounts, cause=cause)
