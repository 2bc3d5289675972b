from __future__ import annotations

import datetime as dt

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from eligibility.models.people import ProgrammeRole, User, running
from eligibility.models.policy import PolicyRow, PolicyRowQuerySet, Sensor, localised


class CellQuerySet(PolicyRowQuerySet["Cell"]):
    def served_by(self, user: User | AnonymousUser, *roles: str) -> CellQuerySet:
        """Cells where this account holds one of these roles today; any role when none is named."""
        if not user.is_authenticated:
            return self.none()
        posts = CellMember.objects.running(timezone.localdate()).filter(user=user)
        if roles:
            posts = posts.filter(role__in=roles)
        return self.filter(pk__in=posts.values("cell_id"))


class Cell(PolicyRow):
    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_fr = models.CharField(_("name (French)"), max_length=160)
    name_en = models.CharField(_("name (English)"), max_length=160)
    email = models.EmailField(_("e-mail"))
    decision_delay_days = models.PositiveSmallIntegerField(_("usual delay of a decision, days"))

    objects = CellQuerySet.as_manager()

    class Meta:
        verbose_name = _("cell")
        verbose_name_plural = _("cells")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return localised(self.name_fr, self.name_en)


class CellMemberQuerySet(models.QuerySet["CellMember"]):
    def running(self, on: dt.date) -> CellMemberQuerySet:
        return self.filter(running(on))

    def visible_to(self, user: User | AnonymousUser) -> CellMemberQuerySet:
        if not user.is_authenticated:
            return self.none()
        return self.filter(
            Q(cell__in=Cell.objects.served_by(user)) | ProgrammeRole.held_by(user, "secretariat")
        )


class CellMember(models.Model):
    class Role(models.TextChoices):
        REVIEWER = "reviewer", _("Reviewer")
        ARBITRATOR = "arbitrator", _("Arbitrator")
        CHAIR = "chair", _("Chair")
        SUPPLY_OFFICER = "supply_officer", _("Supply officer")

    id = models.BigAutoField(primary_key=True)
    cell = models.ForeignKey(Cell, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="cell_posts")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True, blank=True)

    objects = CellMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("cell member")
        verbose_name_plural = _("cell members")
        ordering = ["cell", "role", "since", "pk"]
        constraints = [
            models.CheckConstraint(
                name="cell_member_dates_ordered",
                condition=Q(until__isnull=True) | Q(until__gte=models.F("since")),
            ),
            models.UniqueConstraint(
                fields=["cell", "user", "role"],
                condition=Q(until__isnull=True),
                name="cell_member_holds_a_role_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} — {self.get_role_display()}, {self.cell}"

    @classmethod
    def held_by(cls, user: User) -> Exists:
        """A condition of any query: this account serves some cell today."""
        return Exists(cls.objects.running(timezone.localdate()).filter(user=user))


class RoutingRule(PolicyRow):
    """Which cell gets a request; the lowest `rank` that matches wins. `is_scientific` empty means
    either purpose."""

    version_of = ("sensor", "is_scientific")

    rank = models.PositiveSmallIntegerField(_("rank"))
    sensor = models.ForeignKey(Sensor, on_delete=models.PROTECT, related_name="routing_rules")
    is_scientific = models.BooleanField(_("scientific purpose"), null=True, blank=True)
    cell = models.ForeignKey(Cell, on_delete=models.PROTECT, related_name="routing_rules")

    objects = PolicyRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("routing rule")
        verbose_name_plural = _("routing rules")
        ordering = ["rank", "sensor", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["sensor", "is_scientific", "valid_from"],
                nulls_distinct=False,
                name="routing_rule_one_cell_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rank}. {self.sensor} → {self.cell}"
