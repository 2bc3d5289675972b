from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Unit(models.TextChoices):
    KM2 = "km2", _("km²")
    ATTEMPTS = "attempts", _("tasking attempts")
    PRODUCTS = "products", _("products")
    EUR = "eur", _("€")


class SupplyContract(models.Model):
    """What stands behind programme envelopes: no order cites it after its last day (`ends_on`)."""

    id = models.BigAutoField(primary_key=True)
    operator = models.CharField(_("operator"), max_length=60)
    reference = models.CharField(_("reference"), max_length=80, unique=True)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    source = models.CharField(_("source"), max_length=300)
    is_example = models.BooleanField(_("example value"), default=False)

    class Meta:
        verbose_name = _("supply contract")
        verbose_name_plural = _("supply contracts")
        ordering = ["operator", "starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="supply_contract_dates_ordered", condition=Q(ends_on__gte=F("starts_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operator}, {self.reference}"

    def is_in_force(self, on: dt.date) -> bool:
        return self.starts_on <= on <= self.ends_on


class SupplyCeiling(models.Model):
    """The most that may be granted, in all, under a contract, per unit."""

    id = models.BigAutoField(primary_key=True)
    contract = models.ForeignKey(SupplyContract, models.PROTECT, related_name="ceilings")
    unit = models.CharField(_("unit"), max_length=10, choices=Unit)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=6)

    class Meta:
        verbose_name = _("supply ceiling")
        verbose_name_plural = _("supply ceilings")
        ordering = ["contract", "unit"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "unit"], name="supply_ceiling_unique"),
            models.CheckConstraint(name="supply_ceiling_positive", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.contract}: {self.amount} {self.unit}"
