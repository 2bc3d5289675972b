from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("requests_app", "0021_answers_are_named"),
    ]

    operations = [
        migrations.AddField(
            model_name="imageryrequest",
            name="scene_footprints",
            field=models.JSONField(null=True),
        ),
    ]
