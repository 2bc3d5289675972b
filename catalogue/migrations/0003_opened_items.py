from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0002_archive_scenes")]

    operations = [
        migrations.AddField(
            model_name="item",
            name="opened_by",
            field=models.CharField(
                blank=True,
                default="",
                help_text="the licence that opened it to all",
                max_length=40,
                verbose_name="opened by",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="item",
            name="opened_on",
            field=models.DateField(blank=True, null=True, verbose_name="open since"),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.CheckConstraint(
                condition=Q(opened_by="", opened_on__isnull=True)
                | ~Q(opened_by="") & Q(opened_on__isnull=False, audience__contains=["open"]),
                name="item_opened_says_by_what_and_when",
            ),
        ),
    ]
