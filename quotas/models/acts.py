from __future__ import annotations

from uuid import uuid4

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from eligibility.models import ProgrammeRole, User


class QuotaActQuerySet(models.QuerySet["QuotaAct"]):
    def visible_to(self, user: User | AnonymousUser) -> QuotaActQuerySet:
        """To the secretariat, who acts, and to the observers."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(ProgrammeRole.held_by(user, "secretariat", "observer"))

    def waiting(self) -> QuotaActQuerySet:
        return self.filter(done_at__isnull=True, withdrawn_at__isnull=True)


class QuotaAct(models.Model):
    """What the secretariat does to the ledger by hand, and why. Above a threshold it waits until a
    second person confirms it; a trigger freezes what was proposed, and lets the reason be emptied.
    """

    class Kind(models.TextChoices):
        GRANT = "grant", _("Grant")
        REDUCE = "reduce", _("Reduction")
        TRANSFER = "transfer", _("Transfer")
        CONVERT = "convert", _("Conversion")
        CORRECT = "correct", _("Correction")
        GRANT_FILE = "grant_file", _("Grants from a file")

    id = models.BigAutoField(primary_key=True)
    decision = models.UUIDField(_("decision"), unique=True, default=uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    facts = models.JSONField(_("what is moved"))
    reason = models.TextField(_("reason"), max_length=2000, null=True)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed"), auto_now_add=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = QuotaActQuerySet.as_manager()

    class Meta:
        verbose_name = _("act on the quotas")
        verbose_name_plural = _("acts on the quotas")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="quota_act_confirmed_by_another",
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="quota_act_correction_by_two_persons",
                condition=~Q(kind="correct", done_at__isnull=False) | Q(confirmed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="quota_act_ends_once",
                condition=Q(done_at__isnull=True) | Q(withdrawn_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind}"

    @property
    def is_waiting(self) -> bool:
        return self.done_at is None and self.withdrawn_at is None
