import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

FROZEN = """
CREATE OR REPLACE FUNCTION licences_licence_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'licence_is_frozen: % was issued and keeps its number', OLD.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.state NOT IN ('awaiting', 'issued') OR NEW.state IN ('awaiting', OLD.state) THEN
        RAISE EXCEPTION 'licence_is_frozen: % is % and cannot change', OLD.number, OLD.state
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    {signed_first}
    IF to_jsonb(NEW) - ARRAY['state', 'revoked_at', 'revocation_reason', 'revocation_decision',
                             'revoked_by_id', 'superseded_by_id']
       <> to_jsonb(OLD) - ARRAY['state', 'revoked_at', 'revocation_reason', 'revocation_decision',
                                'revoked_by_id', 'superseded_by_id'] THEN
        RAISE EXCEPTION 'licence_is_frozen: only the state of % may change', OLD.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""

SIGNED_FIRST = """
    IF NEW.state = 'issued'
       AND NOT EXISTS (SELECT FROM licences_signature WHERE licence_id = OLD.id) THEN
        RAISE EXCEPTION 'licence_is_signed_first: % has no signature', OLD.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
"""

KEEP = """
CREATE FUNCTION licences_signature_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'signature_is_append_only: % was given', OLD.id
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER signature_is_append_only BEFORE UPDATE OR DELETE ON licences_signature
    FOR EACH ROW EXECUTE FUNCTION licences_signature_is_append_only();
"""

LOSE = """
DROP TRIGGER signature_is_append_only ON licences_signature;
DROP FUNCTION licences_signature_is_append_only();
"""

STATES = [
    ("awaiting", "Awaiting signature"),
    ("issued", "Issued"),
    ("revoked", "Revoked"),
    ("superseded", "Superseded"),
]


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("licences", "0005_annexes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="licence",
            name="state",
            field=models.CharField(
                choices=STATES, default="issued", max_length=10, verbose_name="state"
            ),
        ),
        migrations.AddField(
            model_name="licence",
            name="requester",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="licences_asked_for",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="licence",
            name="revoked_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="licences_revoked",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RemoveConstraint(model_name="licence", name="licence_revoked_says_when_and_why"),
        migrations.AddConstraint(
            model_name="licence",
            constraint=models.CheckConstraint(
                name="licence_revoked_says_when_and_why",
                condition=Q(state="revoked", revoked_at__isnull=False)
                & ~Q(revocation_reason="")
                & Q(revocation_decision__isnull=False)
                | ~Q(state="revoked")
                & Q(
                    revoked_at__isnull=True,
                    revocation_reason="",
                    revocation_decision__isnull=True,
                    revoked_by__isnull=True,
                ),
            ),
        ),
        migrations.RemoveConstraint(model_name="licence", name="one_licence_in_force_per_request"),
        migrations.AddConstraint(
            model_name="licence",
            constraint=models.UniqueConstraint(
                fields=["request_number"],
                condition=Q(state__in=("awaiting", "issued"), subject="request"),
                name="one_licence_in_force_per_request",
            ),
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=200)),
                ("role", models.CharField(max_length=30)),
                ("signed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("text_sha256", models.CharField(max_length=64)),
                (
                    "licence",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signature",
                        to="licences.licence",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "signature",
                "verbose_name_plural": "signatures",
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(text_sha256__regex="^[0-9a-f]{64}$"),
                        name="signature_is_of_a_text",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FROZEN.format(signed_first=SIGNED_FIRST), FROZEN.format(signed_first="")),
        migrations.RunSQL(KEEP, LOSE),
    ]
