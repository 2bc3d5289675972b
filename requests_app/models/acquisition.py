from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalogue.models import Item
from eligibility.models import Sensor, User
from requests_app.models.choices import RequestKind
from requests_app.models.request import ImageryRequest


class AcquisitionState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    PLACED = "placed", _("Placed with the operator")
    IN_PROGRESS = "in_progress", _("In progress")
    PARTIALLY_DELIVERED = "partially_delivered", _("Partially delivered")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class Acquisition(models.Model):
    """What is ordered from the operator: archive scenes, or the tasking of one area."""

    sensor = models.ForeignKey(Sensor, models.PROTECT)
    request_kind = models.CharField(max_length=10, choices=RequestKind)
    area = models.MultiPolygonField(srid=4326)
    area_km2 = models.DecimalField(max_digits=14, decimal_places=6)
    state = models.CharField(
        max_length=20, choices=AcquisitionState, default=AcquisitionState.PLANNED
    )
    supply_contract = models.CharField(max_length=60)
    operator_reference = models.CharField(max_length=60, blank=True)
    operator_status = models.CharField(max_length=60, blank=True)
    ordered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField(auto_now_add=True)
    placed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.sensor_id} {self.area_km2} km² {self.state}"


class AcquisitionShare(models.Model):
    """The part of an acquisition that one request asked for. Areas in km², inside its AOI."""

    acquisition = models.ForeignKey(Acquisition, models.PROTECT, related_name="shares")
    request = models.ForeignKey(ImageryRequest, models.PROTECT, related_name="shares")
    granted_km2 = models.DecimalField(max_digits=14, decimal_places=6)
    delivered_km2 = models.DecimalField(max_digits=14, decimal_places=6, default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("acquisition", "request"), name="share_once_per_request"
            ),
            models.CheckConstraint(
                condition=Q(delivered_km2__gte=0) & Q(granted_km2__gt=0),
                name="share_area_not_negative",
            ),
        )

    def __str__(self) -> str:
        return f"{self.request_id}: {self.delivered_km2}/{self.granted_km2} km²"


class Delivery(models.Model):
    """A product that came for an acquisition."""

    acquisition = models.ForeignKey(Acquisition, models.PROTECT, related_name="deliveries")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    registered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    registered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = (
            models.UniqueConstraint(fields=("acquisition", "item"), name="delivered_once"),
        )

    def __str__(self) -> str:
        return f"{self.acquisition_id}: {self.item_id}"
