"""What the database is asked that the ORM has no word for."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, F, Func, Q, QuerySet


def is_one_of(column: str, values: "QuerySet[Any, Any]") -> Q:
    """``column = ANY (ARRAY(values))``, ``values`` being one column: read once, before the rows.

    Beside other conditions in an OR, ``IN (SELECT …)`` would keep every index from being used.
    """
    return Q(_EqualsAny(F(column), ArraySubquery(values)))


class _EqualsAny(Func):
    template = "(%(expressions)s))"
    arg_joiner = " = ANY ("
    output_field = BooleanField()
