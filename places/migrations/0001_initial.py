import django.contrib.gis.db.models.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    # Its first migration creates the extension PostGIS.
    dependencies = [("eligibility", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Place",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("region", "Region"),
                            ("department", "Department"),
                            ("overseas", "Overseas territory"),
                            ("epci", "Intercommunal body (EPCI)"),
                            ("commune", "Commune"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("code", models.CharField(max_length=20, verbose_name="code")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("search_name", models.CharField(editable=False, max_length=600)),
                (
                    "parent_label",
                    models.CharField(blank=True, max_length=200, verbose_name="part of"),
                ),
                (
                    "geometry",
                    django.contrib.gis.db.models.fields.MultiPolygonField(
                        spatial_index=False, srid=4326
                    ),
                ),
                (
                    "area_km2",
                    models.DecimalField(decimal_places=6, max_digits=14, verbose_name="area (km²)"),
                ),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("as_of", models.DateField(verbose_name="as of")),
            ],
            options={
                "verbose_name": "place",
                "verbose_name_plural": "places",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.search.SearchVector(
                            "search_name", "code", config="simple"
                        ),
                        name="place_words",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "code"), name="place_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["region", "department", "overseas", "epci", "commune"])
                        ),
                        name="place_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("area_km2__gt", 0)), name="place_has_an_area"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("search_name", ""), _negated=True),
                        name="place_can_be_found",
                    ),
                ],
            },
        ),
    ]
