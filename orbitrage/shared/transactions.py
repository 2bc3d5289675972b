"""What every service wraps its transaction in."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection
from psycopg.errors import DeadlockDetected, SerializationFailure

P = ParamSpec("P")
R = TypeVar("R")


def retried_once(service: Callable[P, R]) -> Callable[P, R]:
    """Run ``service`` a second time when the database undid the first as a deadlock.

    Goes outside ``transaction.atomic``. Inside a wider transaction nothing is retried: the
    database has undone all of it, and only its owner can begin again.
    """

    @wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        outermost = not connection.in_atomic_block
        try:
            return service(*args, **kwargs)
        except OperationalError as error:
            undone = isinstance(error.__cause__, DeadlockDetected | SerializationFailure)
            if not (outermost and undone):
                raise
        return service(*args, **kwargs)

    return run
