import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Func
from django.db.models.lookups import Exact

ABOUT = ("request", "affiliation", "membership", "envelope")


def about_one_of(*names: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Exact(
            Func(*names, function="num_nonnulls", output_field=models.IntegerField()), 1
        ),
        name="notice_is_about_one_thing",
    )


class Migration(migrations.Migration):
    dependencies = [("licences", "0006_signatures"), ("notices", "0001_initial")]

    operations = [
        migrations.RemoveConstraint(model_name="notice", name="notice_is_about_one_thing"),
        migrations.AddField(
            model_name="notice",
            name="licence",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="licences.licence",
            ),
        ),
        migrations.AddConstraint(model_name="notice", constraint=about_one_of(*ABOUT, "licence")),
    ]
