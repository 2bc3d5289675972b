from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eligibility.models import Cell, Entity, ProgrammeRole, Sensor, User
from orbitrage.shared.days import day_in_words
from quotas.amounts import floor_area
from quotas.models.supply import SupplyContract, Unit


class EnvelopeQuerySet(models.QuerySet["Envelope"]):
    def visible_to(self, user: User | AnonymousUser) -> EnvelopeQuerySet:
        """An entity's envelopes to its affiliates, a cell's to its members, all to the programme's
        secretariat and observers."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(
            Q(entity__in=Entity.objects.affiliated_with(user))
            | Q(cell__in=Cell.objects.served_by(user))
            | ProgrammeRole.held_by(user, "secretariat", "observer")
        )

    def current(self, on: dt.date) -> EnvelopeQuerySet:
        return self.filter(period_starts_on__lte=on, period_ends_on__gte=on)

    def made_for(self, *, sensor_id: int, request_kind: str) -> EnvelopeQuerySet:
        kinds = (request_kind, Envelope.RequestKind.ANY)
        return self.filter(sensor_id=sensor_id, request_kind__in=kinds)

    def renewed(self) -> EnvelopeQuerySet:
        """Those that policy opens period by period."""
        return self.filter(scope__in=Envelope.RENEWED)

    def ended(self, on: dt.date) -> EnvelopeQuerySet:
        return self.filter(period_ends_on__lt=on)

    def serving(self, *, sensor_id: int, request_kind: str, on: dt.date) -> EnvelopeQuerySet:
        """Envelopes a request of that kind may draw on, that day."""
        return self.made_for(sensor_id=sensor_id, request_kind=request_kind).current(on)

    def with_owner(self) -> EnvelopeQuerySet:
        return self.select_related("cell", "entity", "sensor", "package")

    def with_asked(self) -> EnvelopeQuerySet:
        """Each row carries `asked`: the demand recorded on it (Decimal, 0 without any)."""
        demands = Demand.objects.filter(envelope=OuterRef("pk")).order_by().values("envelope")
        asked = Subquery(demands.annotate(asked=Sum("amount")).values("asked"))
        return self.annotate(asked=Coalesce(asked, Decimal(0)))


class Envelope(models.Model):
    """What may be spent: by whom, on which sensor and kind of request, when, in which unit.

    `granted`, `held`, `consumed` and `last_sequence` are moved by the insertion of a ledger entry
    and by nothing else: a trigger refuses any other change. `package` is the tariff of a package
    that was bought: its rate says how many km² the euros are worth.
    """

    class Scope(models.TextChoices):
        PROGRAMME = "programme", _("Programme envelope of a cell")
        ENTITY = "entity", _("Allowance of an entity")
        PREFUNDED = "prefunded", _("Prefunded allotment")
        BUDGET = "budget", _("Budget of an entity")

    class RequestKind(models.TextChoices):
        ARCHIVE = "archive", _("Archive")
        TASKING = "tasking", _("Tasking")
        ANY = "any", _("Archive and tasking")

    class Allotment(models.TextChoices):
        ARBITRATED = "arbitrated", _("Decided by the cell")
        FIRST_COME = "first_come", _("Held when the request is submitted")

    RENEWED = (Scope.PROGRAMME, Scope.ENTITY)

    id = models.BigAutoField(primary_key=True)
    scope = models.CharField(_("scope"), max_length=10, choices=Scope)
    cell = models.ForeignKey(Cell, models.PROTECT, null=True, blank=True, related_name="envelopes")
    entity = models.ForeignKey(
        Entity, models.PROTECT, null=True, blank=True, related_name="envelopes"
    )
    sensor = models.ForeignKey(Sensor, models.PROTECT, related_name="envelopes")
    request_kind = models.CharField(_("kind of request"), max_length=10, choices=RequestKind)
    period_starts_on = models.DateField(_("from"))
    period_ends_on = models.DateField(_("to"))
    unit = models.CharField(_("unit"), max_length=10, choices=Unit)
    allotment = models.CharField(_("allotment"), max_length=10, choices=Allotment)
    contract = models.ForeignKey(
        SupplyContract, models.PROTECT, null=True, blank=True, related_name="envelopes"
    )
    package = models.ForeignKey(
        "quotas.Tariff",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="envelopes",
        verbose_name=_("package"),
    )
    granted = models.DecimalField(
        _("granted"), max_digits=14, decimal_places=6, default=Decimal(0), editable=False
    )
    held = models.DecimalField(
        _("held"), max_digits=14, decimal_places=6, default=Decimal(0), editable=False
    )
    consumed = models.DecimalField(
        _("consumed"), max_digits=14, decimal_places=6, default=Decimal(0), editable=False
    )
    last_sequence = models.BigIntegerField(default=0, editable=False)

    objects = EnvelopeQuerySet.as_manager()

    class Meta:
        verbose_name = _("envelope")
        verbose_name_plural = _("envelopes")
        ordering = ["scope", "sensor", "period_starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="envelope_not_overdrawn",
                condition=Q(granted__gte=F("held") + F("consumed")),
            ),
            models.CheckConstraint(
                name="envelope_not_negative",
                condition=Q(granted__gte=0, held__gte=0, consumed__gte=0),
            ),
            models.CheckConstraint(
                name="envelope_belongs_to_its_scope",
                condition=Q(scope="programme", cell__isnull=False, entity__isnull=True)
                | (~Q(scope="programme") & Q(cell__isnull=True, entity__isnull=False)),
            ),
            models.CheckConstraint(
                name="envelope_package_is_prefunded_money",
                condition=Q(package__isnull=True) | Q(scope="prefunded", unit="eur"),
            ),
            models.CheckConstraint(
                name="envelope_period_ordered",
                condition=Q(period_ends_on__gte=F("period_starts_on")),
            ),
            models.UniqueConstraint(
                name="envelope_unique",
                fields=[
                    "scope", "cell", "entity", "sensor", "request_kind", "period_starts_on", "unit",
                    "package",
                ],
                nulls_distinct=False,
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                name="envelope_by_period", fields=["sensor", "period_starts_on", "period_ends_on"]
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def left(self) -> Decimal:
        return self.granted - self.held - self.consumed

    @property
    def indicative_granted_km2(self) -> Decimal | None:
        """Of a package: what its euros are worth at its rate, weather permitting."""
        return self._in_km2(self.granted)

    @property
    def indicative_left_km2(self) -> Decimal | None:
        return self._in_km2(self.left)

    def _in_km2(self, amount_eur: Decimal) -> Decimal | None:
        if self.package is None or not self.package.rate_eur_per_km2:
            return None
        return floor_area(amount_eur / self.package.rate_eur_per_km2)

    @property
    def is_first_come(self) -> bool:
        return self.allotment == self.Allotment.FIRST_COME

    @property
    def percent_used(self) -> int:
        """Held and consumed, of what was granted; whole per cent, rounded down."""
        used = self.held + self.consumed
        return int(100 * used / self.granted) if self.granted else 0

    @property
    def is_renewed(self) -> bool:
        """By policy, period by period; what was paid for is not."""
        return self.scope in self.RENEWED

    @property
    def resets_on(self) -> dt.date | None:
        """When policy opens the next one, if it does."""
        return self.period_ends_on + dt.timedelta(days=1) if self.is_renewed else None

    def has_ended(self, on: dt.date) -> bool:
        return self.period_ends_on < on

    def is_over(self, on: dt.date) -> bool:
        """Another one is drawn on that day: nothing is granted here, what comes back passes on."""
        return self.is_renewed and self.has_ended(on)

    @property
    def owner(self) -> Cell | Entity:
        owner = self.cell or self.entity
        assert owner is not None  # envelope_belongs_to_its_scope
        return owner

    @property
    def label(self) -> str:
        """Whose, on what, until when; loads the owner and the sensor (`with_owner`)."""
        return gettext("%(whose)s, %(sensor)s, until %(ends_on)s") % {
            "whose": self._whose() % {"owner": self.owner},
            "sensor": self.sensor,
            "ends_on": day_in_words(self.period_ends_on),
        }

    def _whose(self) -> str:
        if self.scope == self.Scope.PROGRAMME:
            return gettext("programme envelope of %(owner)s")
        if self.scope == self.Scope.ENTITY:
            return gettext("allowance of %(owner)s")
        if self.scope == self.Scope.PREFUNDED:
            return gettext("prefunded allotment of %(owner)s")
        return gettext("budget of %(owner)s")


class PendingReduction(models.Model):
    """A cut of what an envelope was granted that its files do not leave yet: what comes back to the
    envelope goes to it first. `remaining` is changed under the envelope's lock."""

    id = models.BigAutoField(primary_key=True)
    envelope = models.ForeignKey(Envelope, models.PROTECT, related_name="pending_reductions")
    decision = models.UUIDField(_("decision"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=6)
    remaining = models.DecimalField(_("remaining"), max_digits=14, decimal_places=6)
    author = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("pending reduction")
        verbose_name_plural = _("pending reductions")
        ordering = ["envelope", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "envelope"], name="pending_reduction_once_per_decision"
            ),
            models.CheckConstraint(
                name="pending_reduction_within_its_amount",
                condition=Q(remaining__gte=0, remaining__lte=F("amount"), amount__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.envelope_id}: {self.remaining} / {self.amount}"


class Demand(models.Model):
    """What a request under review asks of an arbitrated envelope: shown as pressure, holds
    nothing, may exceed what is left."""

    id = models.BigAutoField(primary_key=True)
    request_number = models.CharField(_("request"), max_length=30)
    envelope = models.ForeignKey(Envelope, models.PROTECT, related_name="demands")
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=6)
    recorded_at = models.DateTimeField(_("recorded"), auto_now=True)

    class Meta:
        verbose_name = _("demand")
        verbose_name_plural = _("demands")
        ordering = ["envelope", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["request_number", "envelope"], name="demand_once_per_envelope"
            ),
            models.CheckConstraint(name="demand_positive", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.request_number}: {self.amount}"
