from django.db import migrations


def agree(apps, _schema_editor):
    """Whoever submitted a repaired area had been told so."""
    requests = apps.get_model("requests_app", "ImageryRequest").objects
    requests.filter(aoi_repaired=True, submitted_at__isnull=False).update(agrees_to_repair=True)


class Migration(migrations.Migration):
    dependencies = [
        ("requests_app", "0004_repair_to_agree_to"),
    ]

    operations = [migrations.RunPython(agree, migrations.RunPython.noop)]
