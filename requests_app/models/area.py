from decimal import Decimal
from hashlib import sha256
from typing import Self

from django.contrib.gis.db import models
from django.db.models import Q

from eligibility.models import User
from requests_app.aoi.repair import Fault, faults_of, percent_of_change


class UploadedAreaQuerySet(models.QuerySet["UploadedArea"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(uploaded_by_id=user.pk)


class UploadedArea(models.Model):
    """An area read from a user's file, kept so that a mistake elsewhere in the form loses nothing.

    ``geometry`` is in EPSG:4326, ``area_km2`` geodesic on WGS 84. Where the outline crossed itself
    and is ``repaired``: ``drawn``, not valid, and the ``faults`` as :func:`faults_of` reads them.
    ``looks_swapped``: with latitude and longitude the other way round it would lie in the territory
    of whom it is asked for. ``notes``: the sentences of what was done to it unasked.
    """

    uploaded_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    file_name = models.CharField(max_length=255)
    geometry = models.MultiPolygonField(srid=4326)
    area_km2 = models.DecimalField(max_digits=14, decimal_places=6)
    repaired = models.BooleanField(default=False)
    repair_change_km2 = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    drawn = models.MultiPolygonField(srid=4326, null=True)
    faults = models.JSONField(null=True)
    looks_swapped = models.BooleanField(default=False, db_default=False)
    notes = models.JSONField(null=True)
    uploaded_at = models.DateTimeField(auto_now_add=True)

    objects = UploadedAreaQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(area_km2__gt=0), name="uploaded_area_positive"),
            models.CheckConstraint(
                condition=Q(repaired=False) | Q(repair_change_km2__isnull=False),
                name="uploaded_area_repaired_by_so_much",
            ),
        )

    @property
    def outline_digest(self) -> str:
        """Of what was given, before any repair: the same when the same is read again."""
        return sha256((self.drawn or self.geometry).wkb).hexdigest()[:16]

    @property
    def drawn_km2(self) -> Decimal:
        """Before the repair."""
        return max(self.area_km2 - (self.repair_change_km2 or Decimal(0)), Decimal(0))

    @property
    def repair_change_percent(self) -> Decimal | None:
        return percent_of_change(self.repair_change_km2 or Decimal(0), self.area_km2)

    @property
    def first_fault(self) -> Fault | None:
        return next(iter(faults_of(self.faults or [])), None)

    def __str__(self) -> str:
        return f"{self.file_name}: {self.area_km2} km²"
