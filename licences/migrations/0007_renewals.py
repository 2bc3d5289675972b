import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("licences", "0006_signatures"),
    ]

    operations = [
        migrations.CreateModel(
            name="Renewals",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("decision", models.UUIDField(unique=True)),
                ("kind", models.CharField(max_length=40, verbose_name="kind")),
                ("ends_by", models.DateField(verbose_name="last day")),
                ("decided_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="renewals",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "renewal of several licences",
                "verbose_name_plural": "renewals of several licences",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Renewal",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("refusal", models.CharField(blank=True, max_length=300)),
                (
                    "licence",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="licences.licence",
                    ),
                ),
                (
                    "renewed",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="licences.licence",
                    ),
                ),
                (
                    "renewals",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="of_licences",
                        to="licences.renewals",
                    ),
                ),
            ],
            options={
                "verbose_name": "renewal of a licence",
                "verbose_name_plural": "renewals of a licence",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("renewals", "licence"), name="renewal_once_together"
                    ),
                    models.CheckConstraint(
                        condition=Q(renewed__isnull=True) | Q(refusal=""),
                        name="renewal_is_done_or_refused",
                    ),
                ],
            },
        ),
    ]
