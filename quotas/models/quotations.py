from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from eligibility.models import Cell, Entity, ProgrammeRole, User
from quotas.models.policy import Tariff


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
        """One's entities' quotations; those of a cell for its members; all of them for the
        secretariat and observers."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(
            Q(entity__in=Entity.objects.affiliated_with(user))
            | Q(cell__in=Cell.objects.served_by(user))
            | ProgrammeRole.held_by(user, "secretariat", "observer")
        )

    def open(self) -> QuotationQuerySet:
        return self.filter(closed_at__isnull=True)

    def unaccepted_packages(self) -> QuotationQuerySet:
        return self.open().filter(package__isnull=False, accepted_at__isnull=True)


class Quotation(models.Model):
    """The price put to an entity, for one request or for a package. `lines` are the priced lines of
    the funding plan as they stood; `record` is all that its document prints (None before documents
    were made). A trigger freezes them with the number and the total."""

    class State(models.TextChoices):
        OPEN = "open", _("Awaiting acceptance")
        ACCEPTED = "accepted", _("Accepted")
        CLOSED = "closed", pgettext_lazy("quotation", "Closed")

    id = models.BigAutoField(primary_key=True)
    number = models.CharField(_("number"), max_length=20, unique=True)
    year = models.PositiveSmallIntegerField(_("year"))
    sequence = models.PositiveIntegerField(_("sequence"))
    request_number = models.CharField(_("request"), max_length=30, blank=True)
    package = models.ForeignKey(
        Tariff,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="quotations",
        verbose_name=_("package"),
    )
    cell = models.ForeignKey(Cell, models.PROTECT, null=True, blank=True, related_name="quotations")
    decision = models.UUIDField(_("decision"), unique=True)
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="quotations")
    lines = models.JSONField(_("lines"))
    record = models.JSONField(_("record"), null=True, blank=True)
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
                condition=Q(closed_at__isnull=True) & ~Q(request_number=""),
                name="quotation_one_open_per_request",
            ),
            models.UniqueConstraint(
                fields=["entity", "package"],
                condition=Q(
                    package__isnull=False, accepted_at__isnull=True, closed_at__isnull=True
                ),
                name="quotation_one_open_per_package",
            ),
            models.CheckConstraint(
                name="quotation_of_a_request_or_a_package",
                condition=(Q(package__isnull=True) & ~Q(request_number=""))
                | Q(package__isnull=False, request_number=""),
            ),
            models.CheckConstraint(name="quotation_not_negative", condition=Q(total_eur__gte=0)),
            models.CheckConstraint(
                name="quotation_accepted_with_reference",
                condition=Q(accepted_at__isnull=True) | ~Q(purchase_reference=""),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("quotas:quotation", args=[self.number])

    @property
    def state(self) -> State:
        if self.closed_at is not None:
            return self.State.CLOSED
        return self.State.ACCEPTED if self.accepted_at is not None else self.State.OPEN

    @property
    def can_be_accepted(self) -> bool:
        """A package, here; the price of a request is accepted on the request's own page."""
        return self.package_id is not None and self.state == "open" and not self.is_out_of_time

    @property
    def is_out_of_time(self) -> bool:
        """Nobody accepted it by its last day."""
        return self.accepted_at is None and self.valid_until < timezone.localdate()


class QuotationReferences(models.Model):
    """What accountants record on a quotation. A journal: each row is the whole after one change,
    the last one holds, and none is altered. `document_version` is that of the document that prints
    its engagement number and service code."""

    id = models.BigAutoField(primary_key=True)
    quotation = models.ForeignKey(Quotation, models.PROTECT, related_name="references")
    engagement_number = models.CharField(_("engagement number"), max_length=50, blank=True)
    service_code = models.CharField(_("service code"), max_length=100, blank=True)
    invoice_number = models.CharField(_("invoice number"), max_length=50, blank=True)
    paid_on = models.DateField(_("paid on"), null=True, blank=True)
    document_version = models.PositiveSmallIntegerField()
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("references of a quotation")
        verbose_name_plural = _("references of quotations")
        ordering = ["quotation", "pk"]
        constraints = [
            models.CheckConstraint(
                name="quotation_payment_names_its_invoice",
                condition=Q(paid_on__isnull=True) | ~Q(invoice_number=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quotation_id}: {self.pk}"


class QuotationFile(models.Model):
    """A document given out for a quotation. The database lets nobody change or remove the row."""

    id = models.BigAutoField(primary_key=True)
    quotation = models.ForeignKey(Quotation, models.PROTECT, related_name="files")
    version = models.PositiveSmallIntegerField()
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()
    storage_name = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("quotation file")
        verbose_name_plural = _("quotation files")
        ordering = ["quotation", "version", "-language"]
        constraints = [
            models.UniqueConstraint(
                fields=["quotation", "version", "language"], name="quotation_file_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.storage_name
