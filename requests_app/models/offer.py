from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from eligibility.models import Sensor
from requests_app.models.choices import AcquisitionMode, ProcessingLevel, RequestKind
from requests_app.models.request import ImageryRequest


class OfferState(models.TextChoices):
    OPEN = "open", _("to be answered")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    REPLIED = "replied", _("replied to")
    WITHDRAWN = "withdrawn", _("withdrawn")
    LAPSED = "lapsed", _("lapsed")
    CANCELLED = "cancelled", _("cancelled with the request")


class Offer(models.Model):
    """What the cell proposes instead of what was asked: another area, other images, or a price.

    What is empty of ``sensor`` to ``window_ends_on`` stays as asked, but with another kind comes
    its own window or none. ``coverage`` and ``missing_aoi`` are of the images offered, as those of
    the request are of the images asked for; null where they are the same.
    """

    request = models.ForeignKey(ImageryRequest, models.PROTECT, related_name="offers")
    decision = models.UUIDField(unique=True)
    aoi = models.MultiPolygonField(srid=4326)
    area_km2 = models.DecimalField(max_digits=14, decimal_places=6)
    plan = models.JSONField()
    priced_eur = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    quotation_number = models.CharField(max_length=30, blank=True)
    valid_until = models.DateField()
    sensor = models.ForeignKey(Sensor, models.PROTECT, null=True)
    request_kind = models.CharField(
        max_length=10, choices=RequestKind, blank=True, default="", db_default=""
    )
    acquisition_mode = models.CharField(
        max_length=10, choices=AcquisitionMode, blank=True, default="", db_default=""
    )
    processing_level = models.CharField(
        max_length=10, choices=ProcessingLevel, blank=True, default="", db_default=""
    )
    window_starts_on = models.DateField(null=True)
    window_ends_on = models.DateField(null=True)
    coverage = models.JSONField(null=True)
    missing_aoi = models.MultiPolygonField(srid=4326, null=True)
    state = models.CharField(max_length=10, choices=OfferState, default=OfferState.OPEN)
    made_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("request",), condition=Q(state=OfferState.OPEN), name="one_open_offer"
            ),
            models.CheckConstraint(condition=Q(area_km2__gt=0), name="offer_area_positive"),
            models.CheckConstraint(
                condition=Q(request_kind__in=("", RequestKind.ARCHIVE))
                | Q(
                    request_kind=RequestKind.TASKING,
                    window_starts_on__isnull=False,
                    window_ends_on__isnull=False,
                ),
                name="offer_tasking_has_a_window",
            ),
            models.CheckConstraint(
                condition=~Q(processing_level=ProcessingLevel.ORTHO)
                | Q(acquisition_mode__in=("", AcquisitionMode.MONO)),
                name="offer_stereo_not_ortho",
            ),
            models.CheckConstraint(
                condition=Q(acquisition_mode__in=("", *AcquisitionMode.values))
                & Q(processing_level__in=("", *ProcessingLevel.values)),
                name="offer_choices_known",
            ),
            models.CheckConstraint(
                condition=Q(window_starts_on__isnull=True)
                | Q(window_ends_on__isnull=True)
                | Q(window_ends_on__gte=models.F("window_starts_on")),
                name="offer_window_ordered",
            ),
        )

    def __str__(self) -> str:
        return f"{self.request_id}: {self.area_km2} km², {self.priced_eur} €"
