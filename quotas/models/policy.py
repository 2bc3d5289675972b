from __future__ import annotations

from collections.abc import Mapping

from django.db import models
from django.db.models import Q
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _

from eligibility.models import Cell, PolicyRow, PolicyRowQuerySet, Sensor, UserCategory
from eligibility.models.policy import localised
from quotas.models.envelopes import Envelope
from quotas.models.supply import Unit
from quotas.rules import FigureKey


class AcquisitionMode(models.TextChoices):
    MONO = "mono", _("Mono")
    STEREO = "stereo", _("Stereo")
    TRI_STEREO = "tri_stereo", _("Tri-stereo")


class QuotaPolicy(PolicyRow):
    """One figure of quota policy. An empty category, cell or mode means any; the most precise row
    wins."""

    class Measure(models.TextChoices):
        REQUEST_CAP = "request_cap", _("Free volume of one request")
        ENTITY_ALLOWANCE = "entity_allowance", _("Allowance of an entity")
        PROGRAMME_ENVELOPE = "programme_envelope", _("Envelope of a cell")
        QUOTA_MULTIPLIER = "quota_multiplier", _("Multiplier of the area counted")
        PRICE_MULTIPLIER = "price_multiplier", _("Multiplier of the area billed")

    class PeriodKind(models.TextChoices):
        PER_REQUEST = "per_request", _("per request")
        QUARTER = "quarter", _("per quarter")
        YEAR = "year", _("per year")

    class LateReturn(models.TextChoices):
        TRANSFER = "transfer", _("goes to the envelope of the day")
        EXPIRE = "expire", _("expires")

    version_of = (
        "sensor", "category", "cell", "request_kind", "acquisition_mode", "measure", "unit",
    )  # fmt: skip

    sensor = models.ForeignKey(Sensor, models.PROTECT, related_name="quota_policies")
    category = models.ForeignKey(
        UserCategory, models.PROTECT, null=True, blank=True, related_name="quota_policies"
    )
    cell = models.ForeignKey(
        Cell, models.PROTECT, null=True, blank=True, related_name="quota_policies"
    )
    request_kind = models.CharField(
        _("kind of request"),
        max_length=10,
        choices=Envelope.RequestKind,
        default=Envelope.RequestKind.ANY,
    )
    acquisition_mode = models.CharField(
        _("acquisition mode"), max_length=10, choices=AcquisitionMode, null=True, blank=True
    )
    measure = models.CharField(_("measure"), max_length=20, choices=Measure)
    period_kind = models.CharField(_("period"), max_length=12, choices=PeriodKind, blank=True)
    unit = models.CharField(_("unit"), max_length=10, choices=Unit, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=6)
    late_return = models.CharField(
        _("what comes back after the period"),
        max_length=8,
        choices=LateReturn,
        default=LateReturn.EXPIRE,
        db_default=LateReturn.EXPIRE,
    )

    objects = PolicyRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("quota policy")
        verbose_name_plural = _("quota policies")
        ordering = ["sensor", "measure", "-valid_from", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="quota_policy_one_figure_a_day",
                fields=[
                    "sensor", "category", "cell", "request_kind", "acquisition_mode", "measure",
                    "unit", "valid_from",
                ],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="quota_policy_not_negative", condition=Q(amount__gte=0)),
            models.CheckConstraint(
                name="quota_policy_as_fine_as_its_unit",
                condition=~Q(unit__in=["eur", "attempts", "products"])
                | Q(unit="eur", amount=Round("amount", 2))
                | Q(unit__in=["attempts", "products"], amount=Round("amount", 0)),
            ),
            models.CheckConstraint(
                name="quota_policy_envelope_has_a_period",
                condition=~Q(measure__in=["entity_allowance", "programme_envelope"])
                | Q(period_kind__in=["quarter", "year"]),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.sensor}: {self.get_measure_display()} {self.amount} ({self.valid_from})"

    @property
    def key(self) -> FigureKey:
        return FigureKey(
            measure=self.measure,
            unit=self.unit,
            category_id=self.category_id,
            cell_id=self.cell_id,
            request_kind=self.request_kind,
            acquisition_mode=self.acquisition_mode,
        )

    @property
    def opens_envelopes(self) -> bool:
        return self.measure in OPENED_WITH.values()

    @property
    def applies_to(self) -> list[str]:
        """Whom and what the figure is for, beyond its measure; loads the category and the cell."""
        named = [str(each) for each in (self.cell, self.category) if each is not None]
        if self.request_kind != Envelope.RequestKind.ANY:
            named.append(self.get_request_kind_display())
        if self.acquisition_mode:
            named.append(str(AcquisitionMode(self.acquisition_mode).label))
        return named

    @property
    def label(self) -> str:
        named = ", ".join(self.applies_to)
        return f"{self.get_measure_display()} ({named})" if named else self.get_measure_display()


OPENED_WITH: Mapping[str, QuotaPolicy.Measure] = {
    Envelope.Scope.PROGRAMME: QuotaPolicy.Measure.PROGRAMME_ENVELOPE,
    Envelope.Scope.ENTITY: QuotaPolicy.Measure.ENTITY_ALLOWANCE,
}
"""The figure that policy opens the envelopes with that it renews (`Envelope.RENEWED`)."""


class QuotationIssuer(PolicyRow):
    """Who puts prices to entities, as its quotations print it, and who sends the invoice: the
    programme collects no money."""

    code = models.SlugField(_("code"), max_length=60)
    name = models.CharField(_("name"), max_length=200)
    address = models.TextField(_("postal address"), blank=True)
    siret = models.CharField(_("SIRET number"), max_length=14, blank=True)
    legal_mention_fr = models.CharField(_("legal mention (French)"), max_length=400, blank=True)
    legal_mention_en = models.CharField(_("legal mention (English)"), max_length=400, blank=True)
    invoiced_by = models.CharField(_("invoices are sent by"), max_length=200)

    objects = PolicyRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("quotation issuer")
        verbose_name_plural = _("quotation issuers")
        ordering = ["code", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "valid_from"], name="quotation_issuer_one_row_a_day"
            ),
            models.CheckConstraint(
                name="quotation_issuer_siret_has_14_digits",
                condition=Q(siret="") | Q(siret__regex=r"^[0-9]{14}$"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.valid_from})"


class Tariff(PolicyRow):
    """A price beyond the quota. `is_scientific` empty means either purpose; a scientific one is
    co-funded, and `programme_rate_eur_per_km2` is then the programme's share beside the user's."""

    code = models.SlugField(_("code"), max_length=60)
    name_fr = models.CharField(_("name (French)"), max_length=160)
    name_en = models.CharField(_("name (English)"), max_length=160)
    sensor = models.ForeignKey(Sensor, models.PROTECT, related_name="tariffs")
    is_scientific = models.BooleanField(_("scientific purpose"), null=True, blank=True)
    request_kind = models.CharField(
        _("kind of request"),
        max_length=10,
        choices=Envelope.RequestKind,
        default=Envelope.RequestKind.ANY,
    )
    acquisition_mode = models.CharField(
        _("acquisition mode"), max_length=10, choices=AcquisitionMode, null=True, blank=True
    )
    rate_eur_per_km2 = models.DecimalField(_("€ per km²"), max_digits=10, decimal_places=4)
    programme_rate_eur_per_km2 = models.DecimalField(
        _("programme's share, € per km²"), max_digits=10, decimal_places=4, null=True, blank=True
    )
    minimum_billed_area_km2 = models.DecimalField(
        _("minimum billed area, km²"), max_digits=14, decimal_places=6, null=True, blank=True
    )
    package_eur = models.DecimalField(
        _("package, €"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    package_area_km2 = models.DecimalField(
        _("package, indicative km²"), max_digits=14, decimal_places=6, null=True, blank=True
    )

    objects = PolicyRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("tariff")
        verbose_name_plural = _("tariffs")
        ordering = ["sensor", "code", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="tariff_one_price_a_day"),
            models.CheckConstraint(
                name="tariff_not_negative", condition=Q(rate_eur_per_km2__gte=0)
            ),
            models.CheckConstraint(
                name="tariff_package_is_whole",
                condition=Q(package_eur__isnull=True, package_area_km2__isnull=True)
                | Q(package_eur__isnull=False, package_area_km2__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.valid_from})"

    @property
    def name(self) -> str:
        return localised(self.name_fr, self.name_en)
