from django.db import migrations

DECIDED = (
    "offered",
    "approved",
    "ordered",
    "partially_delivered",
    "delivered",
    "disputed",
    "closed",
)


def freeze(apps, _schema_editor):
    """What the archive says today is nearest to what was said at the decision."""
    scenes = apps.get_model("catalogue", "ArchiveScene").objects
    requests = apps.get_model("requests_app", "ImageryRequest").objects
    named = requests.filter(state__in=DECIDED).exclude(archive_scenes=[])
    for pk, names in named.values_list("pk", "archive_scenes"):
        recorded = scenes.filter(identifier__in=names).values_list("identifier", "footprint")
        footprints = {name: bytes(footprint.wkb).hex() for name, footprint in recorded}
        requests.filter(pk=pk).update(scene_footprints=footprints)


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0002_archive_scenes"),
        ("requests_app", "0022_scenes_of_a_decision"),
    ]

    operations = [migrations.RunPython(freeze, migrations.RunPython.noop)]
