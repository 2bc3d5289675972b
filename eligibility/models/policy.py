from __future__ import annotations

import datetime as dt
from typing import ClassVar, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from eligibility.models.people import User

Row_co = TypeVar("Row_co", bound="PolicyRow", covariant=True)


def localised(french: str, english: str) -> str:
    return french if (get_language() or "fr").startswith("fr") else english


class PolicyRowQuerySet(models.QuerySet[Row_co]):
    def visible_to(self, _user: User | AnonymousUser) -> PolicyRowQuerySet[Row_co]:
        """Policy is public: whoever asks may read by which rule they are answered."""
        return self.all()

    def in_force(self, on: dt.date) -> PolicyRowQuerySet[Row_co]:
        """The latest row of each subject (`version_of`) that has begun by that day."""
        columns = {column.name: column.attname for column in self.model._meta.concrete_fields}  # noqa: SLF001 — documented
        subject = [columns[name] for name in self.model.version_of]
        begun = self.model._default_manager.filter(valid_from__lte=on)  # noqa: SLF001 — documented
        latest = begun.order_by(*subject, "-valid_from").distinct(*subject)
        return self.filter(pk__in=latest.values("pk"))


class PolicyRow(models.Model):
    """A figure or a name that an office decides. A row in force is never edited: a change is a new
    row with a later `valid_from`. `is_example` marks what nobody published."""

    version_of: ClassVar[tuple[str, ...]] = ("code",)

    id = models.BigAutoField(primary_key=True)
    valid_from = models.DateField(_("valid from"))
    source = models.CharField(_("source"), max_length=300)
    is_example = models.BooleanField(_("example value"), default=False)

    class Meta:
        abstract = True


class SensorQuerySet(PolicyRowQuerySet["Sensor"]):
    def offered(self) -> SensorQuerySet:
        """Those that may be asked for."""
        return self.filter(is_offered=True)


class Sensor(PolicyRow):
    class Policy(models.TextChoices):
        MANAGED = "managed", _("Ordered through a cell")
        OPEN = "open", _("Open data")

    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=60)
    operator = models.CharField(_("operator"), max_length=60)
    policy = models.CharField(_("access"), max_length=10, choices=Policy.choices)
    is_offered = models.BooleanField(_("offered"), default=True)
    archive_minimum_area_km2 = models.DecimalField(
        max_digits=14, decimal_places=6, null=True, blank=True
    )
    tasking_minimum_area_km2 = models.DecimalField(
        max_digits=14, decimal_places=6, null=True, blank=True
    )
    archive_minimum_width_km = models.DecimalField(
        max_digits=9, decimal_places=3, null=True, blank=True
    )
    tasking_minimum_width_km = models.DecimalField(
        max_digits=9, decimal_places=3, null=True, blank=True
    )
    maximum_vertices = models.PositiveIntegerField(null=True, blank=True)
    needs_nationality_review = models.BooleanField(default=False)
    attribution_pattern = models.CharField(max_length=200)
    mission_codes = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    open_data_links = models.JSONField(default=list, blank=True)

    objects = SensorQuerySet.as_manager()

    class Meta:
        verbose_name = _("sensor")
        verbose_name_plural = _("sensors")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open_data(self) -> bool:
        return self.policy == self.Policy.OPEN

    def attribution(self, year: int) -> str:
        """`year` is that of the acquisition."""
        return self.attribution_pattern.format(year=year)


class UserCategory(PolicyRow):
    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_fr = models.CharField(_("name (French)"), max_length=160)
    name_en = models.CharField(_("name (English)"), max_length=160)
    is_scientific = models.BooleanField(_("scientific"), default=False)

    objects = PolicyRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("user category")
        verbose_name_plural = _("user categories")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return localised(self.name_fr, self.name_en)


class EligibilityRule(PolicyRow):
    class RequestKind(models.TextChoices):
        ARCHIVE = "archive", _("Archive")
        TASKING = "tasking", _("Tasking")
        OPEN = "open", _("Open data")

    class Answer(models.TextChoices):
        YES = "yes", _("Yes")
        NO = "no", _("No")
        AFTER_AGREEMENT = "after_agreement", _("After agreement")

    version_of = ("category", "sensor", "request_kind")

    code = models.SlugField(_("code"), max_length=80)
    category = models.ForeignKey(
        UserCategory, on_delete=models.PROTECT, related_name="eligibility_rules"
    )
    sensor = models.ForeignKey(Sensor, on_delete=models.PROTECT, related_name="eligibility_rules")
    request_kind = models.CharField(_("kind of request"), max_length=10, choices=RequestKind)
    answer = models.CharField(_("answer"), max_length=20, choices=Answer)
    condition_fr = models.CharField(_("condition (French)"), max_length=400, blank=True)
    condition_en = models.CharField(_("condition (English)"), max_length=400, blank=True)
    agreement_by = models.CharField(_("agreement given by"), max_length=80, blank=True)

    objects = PolicyRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("eligibility rule")
        verbose_name_plural = _("eligibility rules")
        ordering = ["category", "sensor", "request_kind", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["category", "sensor", "request_kind", "valid_from"],
                name="eligibility_rule_one_answer_a_day",
            ),
            models.CheckConstraint(
                name="eligibility_agreement_names_who",
                condition=~Q(answer="after_agreement") | ~Q(agreement_by=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.valid_from})"

    @property
    def condition(self) -> str:
        return localised(self.condition_fr, self.condition_en)


class Parameter(PolicyRow):
    """A single figure of the office: a delay in days, a limit. Read through
    `selectors.parameter(code, on)`."""

    RANGES: ClassVar[dict[str, tuple[int, int]]] = {
        "days": (1, 3_660),
        "requests": (1, 10_000),
        "choice": (0, 1),
        "percent": (0, 100),
    }
    ANY_RANGE: ClassVar[tuple[int, int]] = (0, 99_999_999)

    code = models.SlugField(_("code"), max_length=60)
    name_fr = models.CharField(_("name (French)"), max_length=160)
    name_en = models.CharField(_("name (English)"), max_length=160)
    unit = models.CharField(_("unit"), max_length=20)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=6)

    objects = PolicyRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("parameter")
        verbose_name_plural = _("parameters")
        ordering = ["code", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "valid_from"], name="parameter_one_amount_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.valid_from})"

    def clean(self) -> None:
        """A typing error would stop the service: a delay of -30 days, a limit of 0 requests."""
        least, most = self.RANGES.get(self.unit, self.ANY_RANGE)
        if self.amount is None or least <= self.amount <= most:
            return
        numbers = {"amount": self.amount, "unit": self.unit, "least": least, "most": most}
        message = _("%(amount)s %(unit)s: it must be %(least)s at least and %(most)s at most.")
        raise ValidationError({"amount": ValidationError(message, "out_of_range", numbers)})

    @property
    def name(self) -> str:
        return localised(self.name_fr, self.name_en)
