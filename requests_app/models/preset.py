from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from eligibility.models import PolicyRow, PolicyRowQuerySet, Sensor
from eligibility.models.policy import localised
from requests_app.models.choices import AcquisitionMode, ProcessingLevel, SpectralMode


class OrderPreset(PolicyRow):
    """What an office proposes for a use: the choices that the simple form does not ask about.
    Presets are shown in the order of `rank`."""

    code = models.SlugField(_("code"), max_length=40)
    rank = models.PositiveSmallIntegerField(_("rank"), default=0)
    name_fr = models.CharField(_("name (French)"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=120)
    hint_fr = models.CharField(_("hint (French)"), max_length=200, blank=True)
    hint_en = models.CharField(_("hint (English)"), max_length=200, blank=True)
    sensor = models.ForeignKey(Sensor, models.PROTECT, related_name="+")
    acquisition_mode = models.CharField(
        _("mode"), max_length=10, choices=AcquisitionMode, default=AcquisitionMode.MONO
    )
    spectral_mode = models.CharField(
        _("product"), max_length=20, choices=SpectralMode, default=SpectralMode.PANSHARPENED
    )
    processing_level = models.CharField(
        _("processing level"),
        max_length=10,
        choices=ProcessingLevel,
        default=ProcessingLevel.ORTHO,
    )
    maximum_incidence_deg = models.PositiveSmallIntegerField(_("incidence angle, at most (°)"))

    objects = PolicyRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("order preset")
        verbose_name_plural = _("order presets")
        ordering = ["rank", "code", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "valid_from"], name="order_preset_one_version_a_day"
            ),
            models.CheckConstraint(
                condition=Q(maximum_incidence_deg__lte=60), name="order_preset_incidence"
            ),
            models.CheckConstraint(
                condition=Q(acquisition_mode=AcquisitionMode.MONO)
                | Q(processing_level=ProcessingLevel.PRIMARY),
                name="order_preset_stereo_not_ortho",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.valid_from})"

    @property
    def name(self) -> str:
        return localised(self.name_fr, self.name_en)

    @property
    def hint(self) -> str:
        return localised(self.hint_fr, self.hint_en)


class CloudAdvice(PolicyRow):
    """The least share of clouds that it is wise to accept between two latitudes (degrees, north or
    south alike), the first included: where the sky is seldom clear, asking for less is asking in
    vain. A row with a box (degrees) is of that region, whatever the rows of latitudes say."""

    code = models.SlugField(_("code"), max_length=40)
    name_fr = models.CharField(_("name (French)"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=120)
    latitude_from_deg = models.PositiveSmallIntegerField(_("from latitude (°)"), default=0)
    latitude_to_deg = models.PositiveSmallIntegerField(_("to latitude (°)"), default=90)
    west_deg = models.SmallIntegerField(_("west (°)"), null=True, blank=True)
    south_deg = models.SmallIntegerField(_("south (°)"), null=True, blank=True)
    east_deg = models.SmallIntegerField(_("east (°)"), null=True, blank=True)
    north_deg = models.SmallIntegerField(_("north (°)"), null=True, blank=True)
    cloud_percent = models.PositiveSmallIntegerField(_("clouds to accept (%)"))

    objects = PolicyRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("advice on clouds")
        verbose_name_plural = _("advice on clouds")
        ordering = ["latitude_from_deg", "code", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "valid_from"], name="cloud_advice_one_version_a_day"
            ),
            models.CheckConstraint(
                condition=Q(latitude_from_deg__lt=F("latitude_to_deg"), latitude_to_deg__lte=90),
                name="cloud_advice_latitudes_ordered",
            ),
            models.CheckConstraint(
                condition=Q(cloud_percent__lte=100), name="cloud_advice_is_percent"
            ),
            models.CheckConstraint(
                condition=Q(
                    west_deg__isnull=True,
                    south_deg__isnull=True,
                    east_deg__isnull=True,
                    north_deg__isnull=True,
                )
                | Q(
                    south_deg__isnull=False,
                    east_deg__isnull=False,
                    north_deg__isnull=False,
                    west_deg__gte=-180,
                    east_deg__gt=F("west_deg"),
                    east_deg__lte=180,
                    south_deg__gte=-90,
                    north_deg__gt=F("south_deg"),
                    north_deg__lte=90,
                ),
                name="cloud_advice_box_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.valid_from})"

    @property
    def name(self) -> str:
        return localised(self.name_fr, self.name_en)
