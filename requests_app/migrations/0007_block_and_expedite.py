from django.db import migrations, models
from django.db.models import Q

REASONS = [
    ("not_a_member", "The entity is not a member"),
    ("membership_expired", "The membership has ended"),
    ("membership_suspended", "The membership is suspended"),
    ("sensor_outside_membership", "The membership does not cover the sensor"),
    ("terms_not_accepted", "The terms in force are not accepted"),
    ("mandate_not_started", "The mandate has not begun"),
    ("mandate_expired", "The mandate has ended"),
    ("sensor_outside_mandate", "The mandate does not cover the sensor"),
    ("requester_left", "Who asked no longer asks in the name of the entity"),
]
BLOCKABLE = [
    "submitted",
    "in_review",
    "information_requested",
    "in_arbitration",
    "deferred",
    "offered",
    "approved",
]


class Migration(migrations.Migration):
    dependencies = [
        ("requests_app", "0006_repair_is_agreed_to"),
    ]

    operations = [
        migrations.AddField(
            model_name="imageryrequest",
            name="is_expedited",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="blocked_reason",
            field=models.CharField(blank=True, choices=REASONS, max_length=60),
        ),
        migrations.AddConstraint(
            model_name="imageryrequest",
            constraint=models.CheckConstraint(
                condition=Q(blocked_reason="") | Q(state__in=BLOCKABLE),
                name="request_blocked_before_its_order",
            ),
        ),
    ]
