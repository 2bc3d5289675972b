from __future__ import annotations

import math

import numpy as np
import shapely
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from eligibility.models import PolicyRow, PolicyRowQuerySet, Sensor
from eligibility.models.policy import localised
from orbitrage.shared.geo import WGS84

_BEARINGS_DEG = np.arange(360.0)
_KM_PER_DEGREE = 111.0


class VisibilityCircle(PolicyRow):
    """Where a receiving station sees the satellites of a sensor: what is within `radius_km` of it
    on the ellipsoid. Tasking outside also counts in attempts."""

    code = models.SlugField(_("code"), max_length=40)
    name_fr = models.CharField(_("name (French)"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=120)
    sensor = models.ForeignKey(Sensor, models.PROTECT, related_name="visibility_circles")
    longitude_deg = models.DecimalField(_("longitude, °"), max_digits=9, decimal_places=6)
    latitude_deg = models.DecimalField(_("latitude, °"), max_digits=9, decimal_places=6)
    radius_km = models.DecimalField(_("radius, km"), max_digits=8, decimal_places=3)

    objects = PolicyRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("visibility circle")
        verbose_name_plural = _("visibility circles")
        ordering = ["sensor", "code", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "valid_from"], name="visibility_circle_one_a_day"
            ),
            models.CheckConstraint(
                name="visibility_circle_on_earth",
                condition=Q(
                    longitude_deg__gte=-180,
                    longitude_deg__lte=180,
                    latitude_deg__gte=-90,
                    latitude_deg__lte=90,
                    radius_km__gt=0,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.valid_from})"

    @property
    def name(self) -> str:
        return localised(self.name_fr, self.name_en)

    def clean(self) -> None:
        """The circle is drawn on a map of longitudes and latitudes: it must hold no pole, nor
        cross the antimeridian."""
        longitude_deg, latitude_deg = float(self.longitude_deg), float(self.latitude_deg)
        radius_deg = float(self.radius_km) / _KM_PER_DEGREE
        reach_deg = radius_deg / max(math.cos(math.radians(latitude_deg)), 0.01)
        if abs(latitude_deg) + radius_deg < 89 and abs(longitude_deg) + reach_deg < 179:
            return
        message = _("A circle of %(radius)s km around that place reaches a pole or longitude 180°.")
        raise ValidationError(message, "circle_out_of_map", {"radius": self.radius_km})

    @property
    def outline(self) -> shapely.Polygon:
        """The circle as a polygon of 360 corners, longitude and latitude in degrees (EPSG:4326)."""
        count = len(_BEARINGS_DEG)
        longitudes, latitudes, _back = WGS84.fwd(
            np.full(count, float(self.longitude_deg)),
            np.full(count, float(self.latitude_deg)),
            _BEARINGS_DEG,
            np.full(count, float(self.radius_km) * 1_000),
        )
        return shapely.Polygon(np.column_stack([longitudes, latitudes]))
