from __future__ import annotations

import datetime as dt

from django.contrib.auth.models import AnonymousUser
from django.contrib.gis.db.models import MultiPolygonField
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from eligibility.models.cells import CellMember
from eligibility.models.people import ProgrammeRole, User, running
from eligibility.models.policy import Sensor, UserCategory
from orbitrage.shared.text import validate_one_line


def _officer(user: User) -> Q:
    return Q(ProgrammeRole.held_by(user, "secretariat", "observer")) | Q(CellMember.held_by(user))


class EntityQuerySet(models.QuerySet["Entity"]):
    def visible_to(self, user: User | AnonymousUser) -> EntityQuerySet:
        """One's own entities, those bound to them by a mandate; all of them for officers."""
        if not user.is_authenticated:
            return self.none()
        mine = self.model.objects.affiliated_with(user).values("pk")
        by_mandate = Mandate.objects.filter(Q(contractor__in=mine) | Q(principal__in=mine))
        return self.filter(
            Q(pk__in=mine)
            | Q(pk__in=by_mandate.values("contractor_id"))
            | Q(pk__in=by_mandate.values("principal_id"))
            | _officer(user)
        )

    def affiliated_with(self, user: User | AnonymousUser) -> EntityQuerySet:
        if not user.is_authenticated:
            return self.none()
        running_today = Affiliation.objects.running(timezone.localdate()).filter(user=user)
        return self.filter(pk__in=running_today.values("entity_id"))


class Entity(models.Model):
    id = models.BigAutoField(primary_key=True)
    name = models.CharField(_("name"), max_length=200, validators=[validate_one_line])
    acronym = models.CharField(
        _("acronym"), max_length=40, blank=True, validators=[validate_one_line]
    )
    category = models.ForeignKey(
        UserCategory, on_delete=models.PROTECT, related_name="entities", verbose_name=_("category")
    )
    siret = models.CharField(_("SIRET number"), max_length=14, blank=True)
    ror_id = models.CharField(_("ROR identifier"), max_length=40, blank=True)
    country = models.CharField(_("country"), max_length=2, default="FR")
    city = models.CharField(_("city"), max_length=100, blank=True, validators=[validate_one_line])
    postal_address = models.TextField(_("postal address"), blank=True)
    website = models.URLField(_("website"), blank=True)
    supervising_bodies = models.ManyToManyField(
        "self",
        symmetrical=False,
        blank=True,
        related_name="supervised_entities",
        verbose_name=_("supervising bodies"),
    )
    territory = MultiPolygonField(_("territory"), srid=4326, null=True, blank=True)
    territory_name = models.CharField(
        _("name of the territory"), max_length=300, blank=True, db_default=""
    )
    territory_set_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    territory_set_at = models.DateTimeField(_("territory set"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = EntityQuerySet.as_manager()

    class Meta:
        verbose_name = _("entity")
        verbose_name_plural = _("entities")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["siret"], condition=~Q(siret=""), name="entity_siret_unique"
            ),
            models.CheckConstraint(
                name="entity_siret_has_14_digits",
                condition=Q(siret="") | Q(siret__regex=r"^[0-9]{14}$"),
            ),
            models.CheckConstraint(
                name="entity_country_has_two_letters", condition=Q(country__regex=r"^[A-Z]{2}$")
            ),
            models.CheckConstraint(
                name="entity_named_territory_is_whole",
                condition=Q(territory_name="", territory_set_at__isnull=True)
                | Q(
                    ~Q(territory_name=""),
                    territory__isnull=False,
                    territory_set_at__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.acronym or self.name


class AffiliationQuerySet(models.QuerySet["Affiliation"]):
    def running(self, on: dt.date) -> AffiliationQuerySet:
        return self.filter(running(on))

    def pending(self) -> AffiliationQuerySet:
        return self.filter(since__isnull=True, until__isnull=True)

    def managed_by(self, user: User, on: dt.date) -> AffiliationQuerySet:
        """The running posts by which this account activates others."""
        return self.running(on).filter(user=user, role__in=Affiliation.MANAGING_ROLES)

    def visible_to(self, user: User | AnonymousUser) -> AffiliationQuerySet:
        """One's own, the running ones of one's entities; all of an entity for its contact."""
        if not user.is_authenticated:
            return self.none()
        today = timezone.localdate()
        mine = Affiliation.objects.running(today).filter(user=user).values("entity_id")
        managed = Affiliation.objects.managed_by(user, today).values("entity_id")
        return self.filter(
            Q(user=user)
            | Q(entity__in=managed)
            | (Q(entity__in=mine) & running(today))
            | ProgrammeRole.held_by(user, "secretariat")
        )


class Affiliation(models.Model):
    """A person's place in an entity. Asked for while `since` is empty; ended from `until` on."""

    class Role(models.TextChoices):
        MEMBER = "member", _("Member")
        ENTITY_CONTACT = "entity_contact", _("Entity contact")
        LEGAL_REPRESENTATIVE = "legal_representative", _("Legal representative")

    MANAGING_ROLES = (Role.ENTITY_CONTACT, Role.LEGAL_REPRESENTATIVE)

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="affiliations")
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="affiliations")
    role = models.CharField(_("role"), max_length=30, choices=Role, default=Role.MEMBER)
    requested_at = models.DateTimeField(_("asked for"), default=timezone.now, editable=False)
    since = models.DateField(_("since"), null=True, blank=True)
    until = models.DateField(_("until"), null=True, blank=True)

    objects = AffiliationQuerySet.as_manager()

    class Meta:
        verbose_name = _("affiliation")
        verbose_name_plural = _("affiliations")
        ordering = ["entity", "user", "role", "pk"]
        constraints = [
            models.CheckConstraint(
                name="affiliation_dates_ordered",
                condition=Q(until__isnull=True) | Q(since__isnull=True) | Q(until__gte=F("since")),
            ),
            models.UniqueConstraint(
                fields=["user", "entity", "role"],
                condition=Q(until__isnull=True),
                name="affiliation_held_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} — {self.get_role_display()}, {self.entity}"

    @property
    def is_pending(self) -> bool:
        return self.since is None and self.until is None


class MembershipQuerySet(models.QuerySet["Membership"]):
    def in_force(self, on: dt.date) -> MembershipQuerySet:
        not_over = Q(ends_on__isnull=True) | Q(ends_on__gte=on)
        return self.filter(not_over, starts_on__lte=on)

    def visible_to(self, user: User | AnonymousUser) -> MembershipQuerySet:
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(entity__in=Entity.objects.affiliated_with(user)) | _officer(user))


class Membership(models.Model):
    """An entity's membership and the sensors it covers; `ends_on` is its last day."""

    id = models.BigAutoField(primary_key=True)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="memberships")
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    sensors = models.ManyToManyField(Sensor, related_name="memberships", verbose_name=_("sensors"))
    suspended_on = models.DateField(_("suspended on"), null=True, blank=True)
    suspension_reason = models.TextField(_("reason of the suspension"), blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["entity", "-starts_on"]
        constraints = [
            models.CheckConstraint(
                name="membership_dates_ordered",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(
                name="membership_suspension_says_why",
                condition=Q(suspended_on__isnull=True) | ~Q(suspension_reason=""),
            ),
            ExclusionConstraint(
                name="membership_one_at_a_time",
                expressions=[
                    ("entity", RangeOperators.EQUAL),
                    (
                        Func(
                            F("starts_on"),
                            F("ends_on"),
                            RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entity}, {self.starts_on}"


class MandateQuerySet(models.QuerySet["Mandate"]):
    def in_force(self, on: dt.date) -> MandateQuerySet:
        return self.filter(starts_on__lte=on, ends_on__gte=on)

    def visible_to(self, user: User | AnonymousUser) -> MandateQuerySet:
        if not user.is_authenticated:
            return self.none()
        mine = Entity.objects.affiliated_with(user).values("pk")
        return self.filter(Q(contractor__in=mine) | Q(principal__in=mine) | _officer(user))


class Mandate(models.Model):
    """A contractor asks for a principal's needs, for these sensors; `ends_on` is its last day."""

    id = models.BigAutoField(primary_key=True)
    contractor = models.ForeignKey(
        Entity, on_delete=models.PROTECT, related_name="mandates_received"
    )
    principal = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="mandates_given")
    sensors = models.ManyToManyField(Sensor, related_name="mandates", verbose_name=_("sensors"))
    contract_reference = models.CharField(_("contract reference"), max_length=120)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))

    objects = MandateQuerySet.as_manager()

    class Meta:
        verbose_name = _("mandate")
        verbose_name_plural = _("mandates")
        ordering = ["principal", "contractor", "-starts_on"]
        constraints = [
            models.CheckConstraint(
                name="mandate_dates_ordered", condition=Q(ends_on__gte=F("starts_on"))
            ),
            models.CheckConstraint(
                name="mandate_binds_two_entities", condition=~Q(contractor=F("principal"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contractor} → {self.principal} ({self.contract_reference})"
