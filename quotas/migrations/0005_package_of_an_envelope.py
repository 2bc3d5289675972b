import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("eligibility", "0002_terms_are_frozen"),
        ("quotas", "0004_acts_are_frozen"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="envelope",
            name="envelope_unique",
        ),
        migrations.AddField(
            model_name="envelope",
            name="package",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="envelopes",
                to="quotas.tariff",
                verbose_name="package",
            ),
        ),
        migrations.AddConstraint(
            model_name="envelope",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("package__isnull", True),
                    models.Q(("scope", "prefunded"), ("unit", "eur")),
                    _connector="OR",
                ),
                name="envelope_package_is_prefunded_money",
            ),
        ),
        migrations.AddConstraint(
            model_name="envelope",
            constraint=models.UniqueConstraint(
                fields=(
                    "scope",
                    "cell",
                    "entity",
                    "sensor",
                    "request_kind",
                    "period_starts_on",
                    "unit",
                    "package",
                ),
                name="envelope_unique",
                nulls_distinct=False,
            ),
        ),
    ]
