"""What the database does for a call: its plans, and the rows and pages that they touch."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection, transaction

Plan = dict[str, Any]


def plans_of(call: Callable[[], Any], *, of_table: str) -> list[Plan]:
    """Of the SELECTs of ``call`` that read a table, run again."""
    heard: list[tuple[str, Any]] = []

    def hear(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if re.search(rf'FROM "?{of_table}\b', sql):
            heard.append((sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(hear):
        call()
    return [plan_of(*statement) for statement in heard]


def plan_of(sql: str, parameters: Any) -> Plan:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", parameters)
        plan: Plan = cursor.fetchone()[0][0]["Plan"]
    return plan


def nodes(plan: Plan) -> Iterator[Plan]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def scanned(plan: Plan) -> set[str]:
    """Tables that are read from end to end."""
    return {node["Relation Name"] for node in nodes(plan) if node["Node Type"] == "Seq Scan"}


def rows_passed_over(plan: Plan) -> int:
    """Read and not wanted."""
    thrown = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    return sum(node.get(name, 0) * node["Actual Loops"] for node in nodes(plan) for name in thrown)


def pages_touched(plan: Plan) -> int:
    """Of tables and indexes, 8 kB each: what a busy machine does not change."""
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
