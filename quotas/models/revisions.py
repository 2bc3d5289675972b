from __future__ import annotations

import datetime as dt
from uuid import uuid4

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from eligibility.models import ProgrammeRole, Sensor, User
from quotas.models.policy import QuotaPolicy
from quotas.rules import takes_effect_on


class PolicyRevisionQuerySet(models.QuerySet["PolicyRevision"]):
    def visible_to(self, user: User | AnonymousUser) -> PolicyRevisionQuerySet:
        """A published one to whoever is signed in: policy is public. Drafts, and what became of
        them, to the secretariat and the observers."""
        if not user.is_authenticated:
            return self.none()
        prepares = ProgrammeRole.held_by(user, "secretariat", "observer")
        return self.filter(Q(published_at__isnull=False) | prepares)

    def published(self) -> PolicyRevisionQuerySet:
        return self.filter(published_at__isnull=False)


class PolicyRevision(models.Model):
    """New figures of one sensor's quota policy, from a day on. A draft is changed by whoever of the
    secretariat, each time under the next `version`, and published by another than the last to
    change it. Once published or withdrawn it is frozen by a trigger; its reason may be emptied.
    """

    id = models.BigAutoField(primary_key=True)
    decision = models.UUIDField(_("decision"), unique=True, default=uuid4, editable=False)
    sensor = models.ForeignKey(Sensor, models.PROTECT, related_name="policy_revisions")
    valid_from = models.DateField(_("valid from"))
    reason = models.TextField(_("reason"), max_length=2000, null=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    drafted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField(_("drafted"), auto_now_add=True)
    changed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(_("changed"))
    published_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = PolicyRevisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("policy revision")
        verbose_name_plural = _("policy revisions")
        ordering = ["-valid_from", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="policy_revision_published_by_another",
                condition=Q(published_by__isnull=True) | ~Q(published_by=F("changed_by")),
            ),
            models.CheckConstraint(
                name="policy_revision_says_who_ended_it",
                condition=Q(
                    published_by__isnull=True,
                    published_at__isnull=True,
                    withdrawn_by__isnull=True,
                    withdrawn_at__isnull=True,
                )
                | Q(
                    published_by__isnull=False,
                    published_at__isnull=False,
                    withdrawn_by__isnull=True,
                    withdrawn_at__isnull=True,
                )
                | Q(
                    published_by__isnull=True,
                    published_at__isnull=True,
                    withdrawn_by__isnull=False,
                    withdrawn_at__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sensor} ({self.valid_from})"

    @property
    def is_draft(self) -> bool:
        return self.published_at is None and self.withdrawn_at is None


class PolicyRevisionLine(models.Model):
    """What one figure becomes. `revises` is the row it was typed against and, once published, the
    row it replaced; `row` is then the new one."""

    id = models.BigAutoField(primary_key=True)
    revision = models.ForeignKey(PolicyRevision, models.PROTECT, related_name="lines")
    revises = models.ForeignKey(QuotaPolicy, models.PROTECT, related_name="revised_by")
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=6)
    late_return = models.CharField(
        _("what comes back after the period"), max_length=8, choices=QuotaPolicy.LateReturn
    )
    source = models.CharField(_("source"), max_length=300)
    is_example = models.BooleanField(_("example value"), default=False)
    row = models.OneToOneField(
        QuotaPolicy, models.PROTECT, null=True, blank=True, related_name="revision_line"
    )

    class Meta:
        verbose_name = _("line of a policy revision")
        verbose_name_plural = _("lines of policy revisions")
        ordering = ["revision", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "revises"], name="policy_revision_line_once_per_figure"
            ),
            models.CheckConstraint(
                name="policy_revision_line_not_negative", condition=Q(amount__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.revises_id}: {self.amount}"

    @property
    def takes_effect_on(self) -> dt.date:
        """Loads the revision and the row it revises."""
        return takes_effect_on(self.revises.period_kind, self.revision.valid_from)
