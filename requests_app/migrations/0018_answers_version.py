from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0017_offers_convert")]

    operations = [
        migrations.AddField(
            model_name="imageryrequest",
            name="answers_version",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name="sentform",
            name="answers_version",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
    ]
