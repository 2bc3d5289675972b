from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("requests_app", "0023_scenes_decided_so_far"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="imageryrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("archive_scenes", []),
                    models.Q(
                        (
                            "state__in",
                            (
                                "offered",
                                "approved",
                                "ordered",
                                "partially_delivered",
                                "delivered",
                                "disputed",
                                "closed",
                            ),
                        ),
                        _negated=True,
                    ),
                    ("scene_footprints__isnull", False),
                    _connector="OR",
                ),
                name="request_scenes_frozen_by_the_decision",
            ),
        ),
    ]
