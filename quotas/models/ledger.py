from __future__ import annotations

from decimal import Decimal

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

from eligibility.models import User
from quotas.models.envelopes import Envelope


def _delta(label: StrPromise) -> models.DecimalField[Decimal, Decimal]:
    return models.DecimalField(label, max_digits=14, decimal_places=6, default=Decimal(0))


def _balance(label: StrPromise) -> models.DecimalField[Decimal, Decimal]:
    return models.DecimalField(label, max_digits=14, decimal_places=6, editable=False)


def _signs(kind: str, *, granted: str = "", held: str = "", consumed: str = "") -> Q:
    """The signs of one kind: "+", "-", "±" (not zero), or nothing for zero."""
    lookups = {"+": "__gt", "-": "__lt"}
    condition = Q(kind=kind)
    for column, sign in (("d_granted", granted), ("d_held", held), ("d_consumed", consumed)):
        if sign == "±":
            condition &= ~Q(**{column: 0})
        else:
            condition &= Q(**{column + lookups.get(sign, ""): 0})
    return condition


_SIGNS_OF_EACH_KIND = (
    _signs("grant", granted="+")
    | _signs("expire", granted="-")
    | _signs("transfer", granted="±")
    | _signs("convert", granted="±")
    | _signs("hold", held="+")
    | _signs("adjust", held="±")
    | _signs("release", held="-")
    | (_signs("consume", held="-", consumed="+") & Q(d_consumed=F("d_held") * -1))
    | _signs("consume_more", consumed="+")
    | _signs("refund", consumed="-")
    | (Q(kind="correct") & ~Q(d_granted=0, d_held=0, d_consumed=0))
)


class LedgerEntryQuerySet(models.QuerySet["LedgerEntry"]):
    def visible_to(self, user: User | AnonymousUser) -> LedgerEntryQuerySet:
        return self.filter(envelope__in=Envelope.objects.visible_to(user))


class LedgerEntry(models.Model):
    """One movement of one envelope. Only ever added: a trigger fills `sequence`, `at` and the
    balances after it, moves the envelope, and refuses every later change."""

    class Kind(models.TextChoices):
        GRANT = "grant", _("Grant")
        EXPIRE = "expire", _("Expiry")
        TRANSFER = "transfer", _("Transfer")
        CONVERT = "convert", _("Conversion")
        HOLD = "hold", _("Hold")
        ADJUST = "adjust", _("Adjustment")
        RELEASE = "release", _("Release")
        CONSUME = "consume", _("Consumption")
        CONSUME_MORE = "consume_more", _("Consumption, again")
        REFUND = "refund", _("Refund")
        CORRECT = "correct", _("Correction")

    id = models.BigAutoField(primary_key=True)
    envelope = models.ForeignKey(Envelope, models.PROTECT, related_name="entries")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    d_granted = _delta(_("granted"))
    d_held = _delta(_("held"))
    d_consumed = _delta(_("consumed"))
    sequence = models.BigIntegerField(_("no."), editable=False)
    granted_after = _balance(_("granted after"))
    held_after = _balance(_("held after"))
    consumed_after = _balance(_("consumed after"))
    decision = models.UUIDField(_("decision"))
    request_number = models.CharField(_("request"), max_length=30, blank=True)
    reason = models.CharField(_("reason"), max_length=60, blank=True)
    author = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    second_author = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrections"
    )
    at = models.DateTimeField(_("at"), editable=False)

    objects = LedgerEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ["envelope", "sequence"]
        constraints = [
            models.CheckConstraint(name="entry_signs_follow_kind", condition=_SIGNS_OF_EACH_KIND),
            models.CheckConstraint(
                name="entry_correction_by_two_persons",
                condition=~Q(kind="correct")
                | (
                    Q(corrects__isnull=False, author__isnull=False, second_author__isnull=False)
                    & ~Q(author=F("second_author"))
                ),
            ),
            models.UniqueConstraint(
                fields=["decision", "envelope", "kind"], name="entry_once_per_decision"
            ),
            models.UniqueConstraint(fields=["envelope", "sequence"], name="entry_sequence_unique"),
        ]
        indexes = [
            models.Index(name="entry_as_of", fields=["envelope", "at"]),
            models.Index(name="entry_of_request", fields=["request_number", "envelope"]),
        ]

    def __str__(self) -> str:
        return f"{self.envelope_id}/{self.sequence} {self.kind}"

    @property
    def left_after(self) -> Decimal:
        return self.granted_after - self.held_after - self.consumed_after
