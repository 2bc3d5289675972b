from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.contrib.gis.db import models
from django.contrib.gis.geos import GEOSGeometry
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db.models import Exists, ExpressionWrapper, F, Func, OuterRef, Q
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalogue.criteria import CoverageCriteria
from eligibility.models import Sensor, User
from licences.models import Licence

if TYPE_CHECKING:
    from licences.selectors import Audience


NUMBERS = ArrayField(models.CharField(max_length=20))


def _edge(function: str) -> Func:
    return Func(F("footprint"), function=function, output_field=models.FloatField())


def _meeting(criteria: CoverageCriteria) -> Q:
    wanted = {
        "sensor_id": criteria.sensor_id,
        "acquired_at__gte": criteria.acquired_at_or_after,
        "acquired_at__lt": criteria.acquired_before,
        "cloud_cover_percent__lte": criteria.maximum_cloud_percent,
    }
    meeting = Q(**{name: value for name, value in wanted.items() if value is not None})
    most_deg = criteria.maximum_incidence_deg
    if most_deg is None:
        return meeting
    within = Q(incidence_angle_deg__range=(-most_deg, most_deg))
    return meeting & (within | Q(incidence_angle_deg__isnull=True))


class ItemQuerySet(models.QuerySet["Item"]):
    def visible_to(self, audience: Audience) -> ItemQuerySet:
        """What the bearer of these keys may find and download: the one answer to what somebody may
        do with an image."""
        theirs = self.filter(audience__overlap=sorted(audience.keys))
        if not audience.withdrawn:
            return theirs
        in_force = Licence.objects.of_requests_in_force(timezone.localdate())
        standing = in_force.filter(entity_id__in=audience.entity_ids).annotate(
            numbers=ExpressionWrapper(OuterRef("request_numbers"), output_field=NUMBERS)
        )
        for_these = standing.filter(numbers__contains=[F("request_number")])  # type: ignore[misc]
        closed = Q(request_numbers__overlap=sorted(audience.withdrawn)) & ~Q(Exists(for_these))
        return theirs.filter(~closed | Q(audience__contains=["open"]))

    def matching(self, criteria: CoverageCriteria) -> ItemQuerySet:
        return self.filter(_meeting(criteria))

    def over(self, area: GEOSGeometry) -> ItemQuerySet:
        """Images that meet the area, be it along an edge only."""
        return self.filter(footprint__intersects=area)

    def newest_first(self) -> ItemQuerySet:
        return self.order_by("-acquired_at", "-pk")


class Item(models.Model):
    """An image that somebody may download. Angles in degrees, at the scene's centre."""

    identifier = models.CharField(_("identifier"), max_length=200, unique=True)
    sensor = models.ForeignKey(
        Sensor, on_delete=models.PROTECT, related_name="items", verbose_name=_("sensor")
    )
    mission = models.CharField(_("satellite"), max_length=20)
    footprint = models.MultiPolygonField(_("footprint"), srid=4326, spatial_index=True)
    acquired_at = models.DateTimeField(_("acquired"))
    cloud_cover_percent = models.FloatField(_("cloud cover (%)"), null=True, blank=True)
    incidence_angle_deg = models.FloatField(_("incidence angle (°)"), null=True, blank=True)
    sun_elevation_deg = models.FloatField(_("sun elevation (°)"), null=True, blank=True)
    processing_level = models.CharField(_("processing level"), max_length=30, blank=True)
    spectral_mode = models.CharField(_("spectral mode"), max_length=30, blank=True)
    resolution_m = models.FloatField(_("pixel (m)"), null=True, blank=True)
    audience = ArrayField(
        models.CharField(max_length=100),
        verbose_name=_("audience"),
        help_text=_("who may download"),
    )
    request_numbers = ArrayField(
        models.CharField(max_length=20),
        verbose_name=_("requests"),
        default=list,
        blank=True,
        help_text=_("for which it came"),
    )
    attribution = models.CharField(_("attribution"), max_length=200)
    opened_by = models.CharField(
        _("opened by"),
        max_length=40,
        blank=True,
        help_text=_("the licence that opened it to all"),
    )
    opened_on = models.DateField(_("open since"), null=True, blank=True)
    metadata_sha256 = models.CharField(_("SHA-256 of the metadata"), max_length=64)
    source_name = models.CharField(_("file of metadata"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("catalogued"), auto_now_add=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("image")
        verbose_name_plural = _("images")
        ordering = ["-acquired_at", "-pk"]
        indexes = [
            GinIndex(fields=["audience"], name="item_audience_gin"),
            models.Index(F("acquired_at").desc(), F("id").desc(), name="item_newest_first"),
            GinIndex(fields=["request_numbers"], name="item_requests_gin"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(audience__len__gt=0), name="item_audience_not_empty"
            ),
            models.CheckConstraint(
                condition=Q(opened_by="", opened_on__isnull=True)
                | ~Q(opened_by="") & Q(opened_on__isnull=False, audience__contains=["open"]),
                name="item_opened_says_by_what_and_when",
            ),
            models.CheckConstraint(
                condition=Q(footprint__isvalid=True), name="item_footprint_valid"
            ),
            models.CheckConstraint(
                condition=Q(GreaterThanOrEqual(_edge("ST_XMin"), -180.0))
                & Q(LessThanOrEqual(_edge("ST_XMax"), 180.0)),
                name="item_footprint_within_180",
            ),
            models.CheckConstraint(
                condition=Q(cloud_cover_percent__isnull=True)
                | Q(cloud_cover_percent__range=(0, 100)),
                name="item_cloud_is_percent",
            ),
            models.CheckConstraint(
                condition=(
                    Q(incidence_angle_deg__isnull=True) | Q(incidence_angle_deg__range=(-90, 90))
                )
                & (Q(sun_elevation_deg__isnull=True) | Q(sun_elevation_deg__range=(-90, 90))),
                name="item_angles_are_degrees",
            ),
            models.CheckConstraint(
                condition=Q(metadata_sha256__regex=r"^[0-9a-f]{64}$"),
                name="item_metadata_sha256_is_hex",
            ),
        ]

    def __str__(self) -> str:
        return self.identifier

    def get_absolute_url(self) -> str:
        return reverse("catalogue:detail", args=[self.pk])


class ArchiveSceneQuerySet(models.QuerySet["ArchiveScene"]):
    def visible_to(self, user: User | AnonymousUser) -> ArchiveSceneQuerySet:
        """What the operator has in its archive is no secret among those who may ask for it."""
        return self.all() if user.is_authenticated else self.none()

    def matching(self, criteria: CoverageCriteria) -> ArchiveSceneQuerySet:
        return self.filter(_meeting(criteria))

    def over(self, area: GEOSGeometry) -> ArchiveSceneQuerySet:
        return self.filter(footprint__intersects=area)


class ArchiveScene(models.Model):
    """A scene that the operator has and that nobody here has yet: what an archive request may name.
    Angles in degrees, at the scene's centre."""

    identifier = models.CharField(_("identifier"), max_length=80, unique=True)
    sensor = models.ForeignKey(Sensor, on_delete=models.PROTECT, related_name="archive_scenes")
    mission = models.CharField(_("satellite"), max_length=20)
    footprint = models.MultiPolygonField(_("footprint"), srid=4326, spatial_index=True)
    acquired_at = models.DateTimeField(_("acquired"))
    cloud_cover_percent = models.FloatField(_("cloud cover (%)"), null=True, blank=True)
    incidence_angle_deg = models.FloatField(_("incidence angle (°)"), null=True, blank=True)
    resolution_m = models.FloatField(_("pixel (m)"), null=True, blank=True)
    acquisition_mode = models.CharField(_("mode"), max_length=10, default="mono")
    found_at = models.DateTimeField(_("last found"))

    objects = ArchiveSceneQuerySet.as_manager()

    class Meta:
        verbose_name = _("scene of the archive")
        verbose_name_plural = _("scenes of the archive")
        ordering = ["-acquired_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(footprint__isvalid=True), name="archive_scene_footprint_valid"
            ),
            models.CheckConstraint(
                condition=Q(cloud_cover_percent__isnull=True)
                | Q(cloud_cover_percent__range=(0, 100)),
                name="archive_scene_cloud_is_percent",
            ),
        ]

    def __str__(self) -> str:
        return self.identifier
