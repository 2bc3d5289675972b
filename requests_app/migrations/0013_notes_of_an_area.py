from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("requests_app", "0012_forms_and_presets"),
    ]

    operations = [
        migrations.AddField(
            model_name="uploadedarea",
            name="notes",
            field=models.JSONField(null=True),
        ),
    ]
