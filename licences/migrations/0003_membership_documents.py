from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("eligibility", "0006_territory_has_a_name"),
        ("licences", "0002_issued_is_frozen"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="licence", name="one_licence_in_force_per_request"),
        migrations.AddField(
            model_name="licence",
            name="subject",
            field=models.CharField(
                choices=[
                    ("request", "Request"),
                    ("region", "Region"),
                    ("membership", "Membership"),
                ],
                default="request",
                max_length=10,
                verbose_name="subject",
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="licence",
            name="area_km2",
            field=models.DecimalField(
                decimal_places=6, max_digits=14, null=True, verbose_name="area"
            ),
        ),
        migrations.AlterField(
            model_name="licence",
            name="request_number",
            field=models.CharField(
                blank=True, db_index=True, max_length=40, verbose_name="request"
            ),
        ),
        migrations.AlterField(
            model_name="licence",
            name="sensor_code",
            field=models.CharField(blank=True, max_length=30),
        ),
        migrations.AddConstraint(
            model_name="licence",
            constraint=models.UniqueConstraint(
                fields=["request_number"],
                condition=Q(state="issued", subject="request"),
                name="one_licence_in_force_per_request",
            ),
        ),
        migrations.AddConstraint(
            model_name="licence",
            constraint=models.UniqueConstraint(
                fields=["entity", "kind"],
                condition=Q(state="issued", subject="membership"),
                name="one_membership_document_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="licence",
            constraint=models.CheckConstraint(
                name="licence_says_what_its_subject_has",
                condition=Q(subject="request", area_km2__isnull=False)
                & ~Q(request_number="")
                & ~Q(sensor_code="")
                | Q(subject="region", request_number="", area_km2__isnull=False)
                & ~Q(sensor_code="")
                | Q(subject="membership", request_number="", sensor_code="", area_km2=None),
            ),
        ),
    ]
