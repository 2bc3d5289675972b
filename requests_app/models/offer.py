from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

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
    """What the cell proposes instead of what was asked: another area, or a price."""

    request = models.ForeignKey(ImageryRequest, models.PROTECT, related_name="offers")
    decision = models.UUIDField(unique=True)
    aoi = models.MultiPolygonField(srid=4326)
    area_km2 = models.DecimalField(max_digits=14, decimal_places=6)
    plan = models.JSONField()
    priced_eur = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    quotation_number = models.CharField(max_length=30, blank=True)
    valid_until = models.DateField()
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
        )

    def __str__(self) -> str:
        return f"{self.request_id}: {self.area_km2} km², {self.priced_eur} €"
