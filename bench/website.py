"""A programme at work on a database made for one benchmark, its pages asked as a browser asks."""

# ruff: noqa: E402 - Django is set up before its models are imported

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orbitrage.settings.test")
os.environ["ORBITRAGE_TEST_DB_SUFFIX"] = f"_bench_{os.getpid()}"

import django

django.setup()

from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from tests.requests_app import world

WARM_UP = 5
Statement = tuple[str, Any]


@contextmanager
def programme() -> Iterator[world.Programme]:
    """With its policy and one person per role."""
    connection.creation.create_test_db(verbosity=0, serialize=False)
    try:
        with transaction.atomic():
            found = world.programme()
        yield found
    finally:
        connection.close()
        connection.creation.destroy_test_db("", verbosity=0)


def client_of(person: Any) -> Client:
    client = Client(headers={"accept-language": "fr"})
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@dataclass(frozen=True)
class Times:
    median_ms: float
    p95_ms: float

    def __str__(self) -> str:
        return f"p50 {self.median_ms:.1f} ms, p95 {self.p95_ms:.1f} ms"


def times_of(call: Callable[[], Any], calls: int) -> Times:
    taken = []
    for n in range(-WARM_UP, calls):
        began = time.perf_counter()
        call()
        if n >= 0:
            taken.append((time.perf_counter() - began) * 1_000)
    taken.sort()
    return Times(statistics.median(taken), taken[int(len(taken) * 0.95)])


def statements_of(call: Callable[[], Any]) -> list[Statement]:
    """The reads that a call sends."""
    heard: list[Statement] = []

    def hear(execute, sql, parameters, many, context):
        if sql.lstrip().startswith(("SELECT", "WITH")):
            heard.append((sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(hear):
        call()
    return heard


def send_bare(statements: list[Statement]) -> None:
    """The floor of whatever sends them: no rule, no model, no template."""
    with connection.cursor() as cursor:
        for sql, parameters in statements:
            cursor.execute(sql, parameters)
            cursor.fetchall()
