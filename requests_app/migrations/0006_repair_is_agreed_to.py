from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("requests_app", "0005_repairs_agreed_so_far"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="imageryrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("aoi_repaired", False),
                    ("agrees_to_repair", True),
                    ("state__in", ("draft", "information_requested", "cancelled", "expired")),
                    _connector="OR",
                ),
                name="request_repair_agreed_to",
            ),
        ),
        migrations.AddConstraint(
            model_name="uploadedarea",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("repaired", False), ("repair_change_km2__isnull", False), _connector="OR"
                ),
                name="uploaded_area_repaired_by_so_much",
            ),
        ),
    ]
