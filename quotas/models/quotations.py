from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from eligibility.models import Entity, ProgrammeRole, User


class QuotationCounter(models.Model):
    """The last number given in a year; its row is the last lock of a transaction."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("quotation counter")
        verbose_name_plural = _("quotation counters")

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


class QuotationQuerySet(models.QuerySet["Quotation"]):
    def visible_to(self, user: User | AnonymousUser) -> QuotationQuerySet:
        """One's entities' quotations; all of them for the secretariat and observers."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(
            Q(entity__in=Entity.objects.affiliated_with(user))
            | ProgrammeRole.held_by(user, "secretariat", "observer")
        )

    def open(self) -> QuotationQuerySet:
        return self.filter(closed_at__isnull=True)


class Quotation(models.Model):
    """The price put to an entity for one request. `lines` are the priced lines of the funding plan
    as they stood; a trigger freezes them with the number and the total."""

    id = models.BigAutoField(primary_key=True)
    number = models.CharField(_("number"), max_length=20, unique=True)
    year = models.PositiveSmallIntegerField(_("year"))
    sequence = models.PositiveIntegerField(_("sequence"))
    request_number = models.CharField(_("request"), max_length=30)
    decision = models.UUIDField(_("decision"), unique=True)
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="quotations")
    lines = models.JSONField(_("lines"))
    total_eur = models.DecimalField(_("total, €"), max_digits=12, decimal_places=2)
    valid_until = models.DateField(_("valid until"))
    purchase_reference = models.CharField(_("purchase reference"), max_length=80, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects = QuotationQuerySet.as_manager()

    class Meta:
        verbose_name = _("quotation")
        verbose_name_plural = _("quotations")
        ordering = ["-year", "-sequence"]
        constraints = [
            models.UniqueConstraint(fields=["year", "sequence"], name="quotation_sequence_unique"),
            models.UniqueConstraint(
                fields=["request_number"],
                condition=Q(closed_at__isnull=True),
                name="quotation_one_open_per_request",
            ),
            models.CheckConstraint(name="quotation_not_negative", condition=Q(total_eur__gte=0)),
            models.CheckConstraint(
                name="quotation_accepted_with_reference",
                condition=Q(accepted_at__isnull=True) | ~Q(purchase_reference=""),
            ),
        ]

    def __str__(self) -> str:
        return self.number
