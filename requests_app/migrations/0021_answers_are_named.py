import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("eligibility", "0006_territory_has_a_name"),
        ("requests_app", "0020_joins_a_neighbour"),
    ]

    operations = [
        migrations.AlterField(
            model_name="imageryrequest",
            name="acquisition_dates",
            field=models.PositiveSmallIntegerField(
                db_default=1, default=1, verbose_name="How many dates?"
            ),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="acquisition_mode",
            field=models.CharField(
                choices=[("mono", "Mono"), ("stereo", "Stereo"), ("tri_stereo", "Tri-stereo")],
                default="mono",
                max_length=10,
                verbose_name="Mode",
            ),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="agrees_to_enlargement",
            field=models.BooleanField(
                default=False,
                verbose_name="I agree that the order be enlarged to the operator's minimum",
            ),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="agrees_to_repair",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="I agree to the mended outline"
            ),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="archive_scenes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=80),
                blank=True,
                db_default=[],
                default=list,
                size=None,
                verbose_name="Scenes of the archive",
            ),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="asks_to_join",
            field=models.BooleanField(
                db_default=False,
                default=False,
                verbose_name="Or ask the cell to join a pending request nearby",
            ),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="base_to_height_maximum",
            field=models.DecimalField(
                decimal_places=2, max_digits=3, null=True, verbose_name="Base over height, at most"
            ),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="base_to_height_minimum",
            field=models.DecimalField(
                decimal_places=2, max_digits=3, null=True, verbose_name="Base over height, at least"
            ),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="bit_depth",
            field=models.PositiveSmallIntegerField(
                choices=[(12, "12 bits"), (8, "8 bits")],
                db_default=12,
                default=12,
                verbose_name="Bit depth",
            ),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="contractors",
            field=models.TextField(
                blank=True,
                db_default="",
                max_length=2000,
                verbose_name="Contractors who will use the images",
            ),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="file_format",
            field=models.CharField(
                choices=[("geotiff", "GeoTIFF"), ("jpeg2000", "JPEG 2000")],
                db_default="geotiff",
                default="geotiff",
                max_length=10,
                verbose_name="File format",
            ),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="interval_days",
            field=models.PositiveSmallIntegerField(
                null=True, verbose_name="Days between two dates, at least"
            ),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="maximum_cloud_percent",
            field=models.PositiveSmallIntegerField(default=10, verbose_name="Clouds, at most (%)"),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="maximum_incidence_deg",
            field=models.PositiveSmallIntegerField(
                default=30, verbose_name="Incidence angle, at most (°)"
            ),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="on_shortfall",
            field=models.CharField(
                choices=[
                    ("release", "Keep what came and give the rest back"),
                    ("extend", "Extend the window if the operator can"),
                    ("ask", "Ask me"),
                ],
                default="release",
                max_length=10,
                verbose_name="If the window ends before everything has come",
            ),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="partners",
            field=models.TextField(
                blank=True,
                db_default="",
                max_length=2000,
                verbose_name="Partners who will use the images",
            ),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="processing_level",
            field=models.CharField(
                choices=[("ortho", "Orthorectified"), ("primary", "Sensor geometry")],
                default="ortho",
                max_length=10,
                verbose_name="Processing level",
            ),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="project",
            field=models.CharField(
                blank=True, db_default="", max_length=120, verbose_name="Project"
            ),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="public_service_mission",
            field=models.CharField(
                blank=True,
                max_length=300,
                verbose_name="Public-service mission or research programme",
            ),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="purpose",
            field=models.TextField(max_length=2000, verbose_name="What are the images for?"),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="radiometry",
            field=models.CharField(
                choices=[
                    ("reflectance", "Reflectance, for measuring"),
                    ("display", "Display, for looking"),
                ],
                db_default="reflectance",
                default="reflectance",
                max_length=12,
                verbose_name="Radiometry",
            ),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="request_kind",
            field=models.CharField(
                choices=[
                    ("archive", "Archive image"),
                    ("tasking", "New acquisition"),
                    ("open", "Open data"),
                ],
                max_length=10,
                verbose_name="What do you need?",
            ),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="sensor",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                to="eligibility.sensor",
                verbose_name="Sensor",
            ),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="spectral_mode",
            field=models.CharField(
                choices=[
                    ("pansharpened", "Pansharpened colour"),
                    ("bundle", "Bundle: panchromatic and multispectral"),
                    ("panchromatic", "Panchromatic"),
                    ("multispectral", "Multispectral"),
                ],
                default="pansharpened",
                max_length=20,
                verbose_name="Product",
            ),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="title",
            field=models.CharField(max_length=120, verbose_name="Title"),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="uses_prefunded",
            field=models.BooleanField(
                db_default=False,
                default=False,
                verbose_name="Use our prefunded volumes and packages",
            ),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="window_ends_on",
            field=models.DateField(blank=True, null=True, verbose_name="Taken until"),
        ),
        migrations.AlterField(
            model_name="imageryrequest",
            name="window_starts_on",
            field=models.DateField(blank=True, null=True, verbose_name="Taken from"),
        ),
    ]
