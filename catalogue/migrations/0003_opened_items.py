import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0002_archive_scenes"),
        ("licences", "0007_renewals"),
    ]

    operations = [
        migrations.AddField(
            model_name="item",
            name="request_numbers",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20),
                blank=True,
                default=list,
                help_text="for which it came",
                size=None,
                verbose_name="requests",
            ),
        ),
        migrations.RunSQL(
            "UPDATE catalogue_item SET request_numbers = ARRAY[request_number]"
            " WHERE request_number <> ''",
            "UPDATE catalogue_item SET request_number = request_numbers[1]"
            " WHERE cardinality(request_numbers) > 0",
        ),
        migrations.RemoveIndex(model_name="item", name="item_request"),
        migrations.RemoveField(model_name="item", name="request_number"),
        migrations.AddIndex(
            model_name="item",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["request_numbers"], name="item_requests_gin"
            ),
        ),
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
