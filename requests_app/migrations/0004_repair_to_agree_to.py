import django.contrib.gis.db.models.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("requests_app", "0003_uses_prefunded"),
    ]

    operations = [
        migrations.AddField(
            model_name="imageryrequest",
            name="agrees_to_repair",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="uploadedarea",
            name="drawn",
            field=django.contrib.gis.db.models.fields.MultiPolygonField(null=True, srid=4326),
        ),
        migrations.AddField(
            model_name="uploadedarea",
            name="faults",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="uploadedarea",
            name="looks_swapped",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
