"""More requests than services would make in an afternoon, for what must stay fast with them."""

from django.db import connection, transaction

from requests_app.models import ImageryRequest

STATES = ("submitted", "information_requested", "in_arbitration", "refused", "expired", "closed")
OTHERWISE = {
    "number": "'R2025-' || lpad(({first} + n)::text, 6, '0')",
    "title": "'Survey of ' || md5(n::text)",
    "state": f"(ARRAY{list(STATES)})[1 + n % {len(STATES)}]",
    "area_km2": "1 + (n * 7919 % 100000) / 100.0",
    "submitted_at": "timestamptz '2025-01-01' + interval '1 minute' * n",
    "created_at": "timestamptz '2025-01-01' + interval '1 minute' * n",
    "due_on": "CASE WHEN n % 3 = 0 THEN date '2027-01-01' + n % 300 END",
    "window_starts_on": "date '2025-01-01' + n % 500",
    "window_ends_on": "date '2025-02-01' + n % 500",
    "aoi": "ST_Translate(aoi, n % 97 * 0.05, n % 89 * 0.05)",
    "operator_aoi": "ST_Translate(operator_aoi, n % 97 * 0.05, n % 89 * 0.05)",
}
"""What is not as in the request that is copied."""


def add_copies(of: ImageryRequest, count: int) -> None:
    """As they would stand after years of work, in states that need no decision beside them; without
    the moves that led there."""
    fields = [field for field in ImageryRequest._meta.concrete_fields if not field.primary_key]
    first = 900_000 - ImageryRequest.objects.count() - count
    values = [
        OTHERWISE.get(field.name, f'"{field.column}"').format(first=first) for field in fields
    ]
    names = ", ".join(f'"{field.column}"' for field in fields)
    table = ImageryRequest._meta.db_table
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        # A table with checks that wait cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {', '.join(values)}"
            f" FROM {table}, generate_series(1, {count}) AS n WHERE id = {of.pk} ORDER BY n"
        )
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        # As vacuum does in time: what waits to be sorted in makes an index look dear.
        cursor.execute(
            "SELECT gin_clean_pending_list(indexrelid) FROM pg_index JOIN pg_class"
            " ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam"
            f" WHERE indrelid = '{table}'::regclass AND amname = 'gin'"
        )
        cursor.execute(f"ANALYZE {table}")
