"""What may be chosen of an order."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RequestKind(models.TextChoices):
    ARCHIVE = "archive", _("Archive image")
    TASKING = "tasking", _("New acquisition")
    OPEN = "open", _("Open data")


class AcquisitionMode(models.TextChoices):
    MONO = "mono", _("Mono")
    STEREO = "stereo", _("Stereo")
    TRI_STEREO = "tri_stereo", _("Tri-stereo")


class OnShortfall(models.TextChoices):
    RELEASE = "release", _("Keep what came and give the rest back")
    EXTEND = "extend", _("Extend the window if the operator can")
    ASK = "ask", _("Ask me")


class SpectralMode(models.TextChoices):
    PANSHARPENED = "pansharpened", _("Pansharpened colour")
    BUNDLE = "bundle", _("Bundle: panchromatic and multispectral")
    PANCHROMATIC = "panchromatic", _("Panchromatic")
    MULTISPECTRAL = "multispectral", _("Multispectral")


class ProcessingLevel(models.TextChoices):
    ORTHO = "ortho", _("Orthorectified")
    PRIMARY = "primary", _("Sensor geometry")


class Radiometry(models.TextChoices):
    REFLECTANCE = "reflectance", _("Reflectance, for measuring")
    DISPLAY = "display", _("Display, for looking")


class BitDepth(models.IntegerChoices):
    TWELVE = 12, _("12 bits")
    EIGHT = 8, _("8 bits")


class FileFormat(models.TextChoices):
    GEOTIFF = "geotiff", _("GeoTIFF")
    JPEG2000 = "jpeg2000", _("JPEG 2000")
