import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

KEEP = """
CREATE FUNCTION licences_annex_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'annex_is_append_only: % was issued', OLD.number
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER annex_is_append_only BEFORE UPDATE OR DELETE ON licences_annex
    FOR EACH ROW EXECUTE FUNCTION licences_annex_is_append_only();
"""

LOSE = """
DROP TRIGGER annex_is_append_only ON licences_annex;
DROP FUNCTION licences_annex_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("licences", "0004_sealed_files")]

    operations = [
        migrations.CreateModel(
            name="Annex",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("sequence", models.PositiveSmallIntegerField()),
                ("number", models.CharField(max_length=46, unique=True, verbose_name="number")),
                ("decision", models.UUIDField(unique=True)),
                ("record", models.JSONField()),
                ("record_sha256", models.CharField(max_length=64)),
                ("check_code", models.CharField(max_length=32)),
                ("issued_at", models.DateTimeField(verbose_name="issued")),
                (
                    "licence",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="annexes",
                        to="licences.licence",
                    ),
                ),
            ],
            options={
                "verbose_name": "annex",
                "verbose_name_plural": "annexes",
                "ordering": ["licence", "sequence"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("licence", "sequence"), name="annex_sequence_unique"
                    ),
                    models.CheckConstraint(
                        condition=Q(sequence__gte=1), name="annex_sequence_begins_at_1"
                    ),
                    models.CheckConstraint(
                        condition=Q(record_sha256__regex="^[0-9a-f]{64}$")
                        & Q(check_code__regex="^[0-9a-f]{32}$"),
                        name="annex_hash_and_code_are_whole",
                    ),
                ],
            },
        ),
        migrations.RemoveConstraint(model_name="licencefile", name="licence_file_unique"),
        migrations.AddField(
            model_name="licencefile",
            name="annex",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="files",
                to="licences.annex",
            ),
        ),
        migrations.AddConstraint(
            model_name="licencefile",
            constraint=models.UniqueConstraint(
                fields=["licence", "version", "language"],
                condition=Q(annex=None),
                name="licence_file_unique",
            ),
        ),
        migrations.AddConstraint(
            model_name="licencefile",
            constraint=models.UniqueConstraint(
                fields=["annex", "language"],
                condition=Q(annex__isnull=False),
                name="annex_file_unique",
            ),
        ),
        migrations.RunSQL(KEEP, LOSE),
    ]
