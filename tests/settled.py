"""What the tests of many modules begin from: made once, in a transaction that is undone."""

from collections.abc import Callable, Collection
from contextlib import ExitStack
from typing import Any

import pytest
from django.db import connection, transaction

SETTLED: pytest.StashKey["Settled"] = pytest.StashKey()


class Settled:
    """Open from the first test that asks for it to the first of another module that does not.

    So whoever commits finds it gone. A module's fixture that adds to it undoes that itself.
    """

    def __init__(self, make: Callable[[], Any], blocker: Any) -> None:
        self._make = make
        self._blocker = blocker
        self._open = ExitStack()
        self._made: Any = None
        self._module: object = None

    def get(self) -> Any:
        if self._made is None:
            with self._blocker.unblock():
                self._open.enter_context(transaction.atomic())
                self._open.callback(transaction.set_rollback, True)
                with connection.cursor() as cursor:
                    # It stands idle while a test thinks.
                    cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
                self._made = self._make()
        return self._made

    def close(self) -> None:
        if self._made is not None:
            with self._blocker.unblock():
                self._open.close()
            self._made = None

    def make_way(self, item: pytest.Item) -> None:
        """Before the fixtures of ``item``: close, unless it is among those who share."""
        names = getattr(item, "fixturenames", ())
        module = getattr(item, "module", None)
        if "settled_programme" in names:
            self._module = module
        elif module is not self._module or commits(item, names):
            self.close()


def commits(item: pytest.Item, names: Collection[str]) -> bool:
    marker = item.get_closest_marker("django_db")
    return "transactional_db" in names or bool(marker and marker.kwargs.get("transaction"))
