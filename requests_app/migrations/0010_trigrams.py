"""Texts are searched by what they contain: `pg_trgm` comes with PostgreSQL and is trusted."""

from django.db import migrations

MAKE = "CREATE EXTENSION IF NOT EXISTS pg_trgm"


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0009_written_for_ever")]

    # Another part of the database may use it: it stays.
    operations = [migrations.RunSQL(MAKE, migrations.RunSQL.noop)]
