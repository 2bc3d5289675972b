from django.db import migrations, models

# What was given out before was not sealed: printed as it is kept.
COPY = """
ALTER TABLE licences_licencefile DISABLE TRIGGER licence_file_is_append_only;
UPDATE licences_licencefile SET printed_sha256 = sha256;
ALTER TABLE licences_licencefile ENABLE TRIGGER licence_file_is_append_only;
"""


class Migration(migrations.Migration):
    dependencies = [("licences", "0003_membership_documents")]

    operations = [
        migrations.AddField(
            model_name="licencefile",
            name="printed_sha256",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="licencefile",
            name="seal_level",
            field=models.CharField(blank=True, default="", max_length=5),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="licencefile",
            name="sha256",
            field=models.CharField(max_length=64, unique=True),
        ),
        migrations.RunSQL(COPY, migrations.RunSQL.noop),
    ]
