from typing import Self

from django.contrib.gis.db import models
from django.db.models import Q

from eligibility.models import User


class UploadedAreaQuerySet(models.QuerySet["UploadedArea"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(uploaded_by_id=user.pk)


class UploadedArea(models.Model):
    """An area read from a user's file, kept so that a mistake elsewhere in the form loses nothing.

    ``geometry`` is in EPSG:4326, ``area_km2`` geodesic on WGS 84.
    """

    uploaded_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    file_name = models.CharField(max_length=255)
    geometry = models.MultiPolygonField(srid=4326)
    area_km2 = models.DecimalField(max_digits=14, decimal_places=6)
    repaired = models.BooleanField(default=False)
    repair_change_km2 = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    uploaded_at = models.DateTimeField(auto_now_add=True)

    objects = UploadedAreaQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(area_km2__gt=0), name="uploaded_area_positive"),
        )

    def __str__(self) -> str:
        return f"{self.file_name}: {self.area_km2} km²"
