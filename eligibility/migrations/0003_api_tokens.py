import datetime as dt

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("eligibility", "0002_terms_are_frozen")]

    operations = [
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("prefix", models.CharField(max_length=8, unique=True)),
                ("sha256", models.CharField(max_length=64, unique=True)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("read", "Read what I may see"),
                                ("areas", "Have areas checked and kept"),
                                ("requests", "Write, submit and answer requests"),
                                ("office", "Act in my offices: review, arbitration, supply"),
                            ],
                            max_length=20,
                        ),
                        size=None,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                ("expires_at", models.DateTimeField(verbose_name="expires")),
                ("last_used_on", models.DateField(null=True, verbose_name="last used")),
                ("revoked_at", models.DateTimeField(null=True, verbose_name="ended")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="api_tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "access token",
                "verbose_name_plural": "access tokens",
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(
                            expires_at__gt=F("created_at"),
                            expires_at__lte=F("created_at") + dt.timedelta(days=366),
                        ),
                        name="api_token_expires_within_a_year",
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            scopes__len__gt=0,
                            scopes__contained_by=["read", "areas", "requests", "office"],
                        ),
                        name="api_token_has_known_scopes",
                    ),
                    models.CheckConstraint(
                        condition=Q(sha256__regex=r"^[0-9a-f]{64}$"),
                        name="api_token_is_kept_hashed",
                    ),
                ],
            },
        ),
    ]
