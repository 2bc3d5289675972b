from typing import Self

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from places.rules import search_query

WORDS = SearchVector("search_name", "code", config="simple")


class PlaceKind(models.TextChoices):
    """From the largest to the smallest: the order in which answers are given."""

    REGION = "region", _("Region")
    DEPARTMENT = "department", _("Department")
    OVERSEAS = "overseas", _("Overseas territory")
    EPCI = "epci", _("Intercommunal body (EPCI)")
    COMMUNE = "commune", _("Commune")


class PlaceQuerySet(models.QuerySet["Place"]):
    def named(self, typed: str) -> Self:
        """Whose name or code holds words that begin as those ``typed``, in any order."""
        query = search_query(typed)
        if not query:
            return self.none()
        found = SearchQuery(query, config="simple", search_type="raw")
        return self.alias(words=WORDS).filter(words=found)


class Place(models.Model):
    """A territory by which an area may be named. Everybody may read it.

    ``code`` is the official one of its kind (INSEE, SIREN of an EPCI); ``geometry`` in EPSG:4326,
    ``area_km2`` geodesic on WGS 84; ``as_of`` is the date of the source.
    """

    kind = models.CharField(_("kind"), max_length=12, choices=PlaceKind)
    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=200)
    search_name = models.CharField(max_length=600, editable=False)
    parent_label = models.CharField(_("part of"), max_length=200, blank=True)
    geometry = models.MultiPolygonField(srid=4326, spatial_index=False)
    area_km2 = models.DecimalField(_("area (km²)"), max_digits=14, decimal_places=6)
    source = models.CharField(_("source"), max_length=200)
    as_of = models.DateField(_("as of"))

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        constraints = (
            models.UniqueConstraint(fields=("kind", "code"), name="place_once"),
            models.CheckConstraint(condition=Q(kind__in=PlaceKind.values), name="place_kind_known"),
            models.CheckConstraint(condition=Q(area_km2__gt=0), name="place_has_an_area"),
            models.CheckConstraint(condition=~Q(search_name=""), name="place_can_be_found"),
        )
        indexes = (GinIndex(WORDS, name="place_words"),)

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"
