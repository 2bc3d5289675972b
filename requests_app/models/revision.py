from django.contrib.gis.db import models
from django.db.models import Q

from requests_app.models.erasure import Erasable
from requests_app.models.record import TransitionRecord
from requests_app.models.request import ImageryRequest


class AnswersHandedIn(models.Model):
    """The answers as the cell last got them, while the requester changes them; gone once the
    changes are handed in too.

    ``answers`` has the values of the fields as JSON; ``aoi`` is in EPSG:4326.
    """

    request = models.OneToOneField(
        ImageryRequest, models.CASCADE, primary_key=True, related_name="answers_handed_in"
    )
    answers = models.JSONField()
    aoi = models.MultiPolygonField(srid=4326, spatial_index=False)
    area_km2 = models.DecimalField(max_digits=14, decimal_places=6)

    class Meta:
        verbose_name_plural = "answers handed in"

    def __str__(self) -> str:
        return f"{self.request_id}: {self.area_km2} km²"


class RequestRevision(models.Model):
    """What one move changed in the answers of a submitted request, for ever.

    Who and when stand in its ``record``. The areas (EPSG:4326, km²) are there when the area is
    another; the other fields are in the content.
    """

    request = models.ForeignKey(ImageryRequest, models.PROTECT, related_name="revisions")
    record = models.OneToOneField(TransitionRecord, models.PROTECT, related_name="revision")
    number = models.PositiveSmallIntegerField()
    aoi_before = models.MultiPolygonField(srid=4326, null=True, spatial_index=False)
    aoi_after = models.MultiPolygonField(srid=4326, null=True, spatial_index=False)
    area_before_km2 = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    area_after_km2 = models.DecimalField(max_digits=14, decimal_places=6, null=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("request", "number"), name="revision_numbered_once"),
            models.CheckConstraint(
                condition=Q(
                    aoi_before__isnull=True,
                    aoi_after__isnull=True,
                    area_before_km2__isnull=True,
                    area_after_km2__isnull=True,
                )
                | Q(
                    aoi_before__isnull=False,
                    aoi_after__isnull=False,
                    area_before_km2__gt=0,
                    area_after_km2__gt=0,
                ),
                name="revision_has_both_areas_or_none",
            ),
        )

    def __str__(self) -> str:
        return f"{self.request_id} revision {self.number}"


class RevisionContent(Erasable):
    """``content`` maps the name of each field that changed to its values before and after."""

    revision = models.OneToOneField(
        RequestRevision, models.PROTECT, primary_key=True, related_name="content"
    )
    content = models.JSONField(null=True)  # null: erased

    def __str__(self) -> str:
        return f"{self.revision_id}: {', '.join(self.content or ())}"
