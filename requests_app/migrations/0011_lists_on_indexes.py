"""What a list of requests is sorted and searched by. Written beside the table's readers and writers."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

SORTED_BY = {
    "request_by_title": "title",
    "request_by_area": "area_km2",
    "request_by_submission": "submitted_at",
    "request_by_due_day": "due_on",
}
# As `icontains` asks: UPPER(column::text) LIKE UPPER('%…%').
SEARCHED_IN = {"request_number_holds": "number", "request_title_holds": "title"}


def trigrams(name: str, column: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE INDEX CONCURRENTLY {name} ON requests_app_imageryrequest "
        f"USING gin (upper({column}::text) gin_trgm_ops)",
        f"DROP INDEX CONCURRENTLY {name}",
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("requests_app", "0010_trigrams")]

    operations = [
        *(
            AddIndexConcurrently("imageryrequest", models.Index(fields=(column, "id"), name=name))
            for name, column in SORTED_BY.items()
        ),
        *(trigrams(name, column) for name, column in SEARCHED_IN.items()),
    ]
