"""The whole database in one value: equal before and after means that nothing was written."""

from django.db import connection

# Whoever opens a page may be given a session; nothing else may change.
APART = frozenset({"django_session", "spatial_ref_sys"})


def fingerprint() -> dict[str, str]:
    """By table, a hash of all its rows."""
    with connection.cursor() as cursor:
        tables = sorted(set(connection.introspection.table_names(cursor)) - APART)
        parts = [
            f"SELECT '{table}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"
            f' FROM "{table}" t'
            for table in tables
        ]
        cursor.execute(" UNION ALL ".join(parts))
        return dict(cursor.fetchall())


def changed_tables(before: dict[str, str]) -> list[str]:
    now = fingerprint()
    return sorted(table for table in now if now[table] != before.get(table))
