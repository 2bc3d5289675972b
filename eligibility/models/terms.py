from __future__ import annotations

import hashlib

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from eligibility.models.entities import Affiliation, Entity
from eligibility.models.people import ProgrammeRole, User
from eligibility.models.policy import PolicyRow, PolicyRowQuerySet, localised


class Terms(PolicyRow):
    """A version of a text to accept. Once somebody has, the database lets nobody change it."""

    class Kind(models.TextChoices):
        CHARTER = "charter", _("Charter")
        LICENCES = "licences", _("Licences")
        SITE = "site", _("Terms of use")

    ACCEPTED_BY_ENTITY = (Kind.CHARTER, Kind.LICENCES)

    version_of = ("kind",)

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    version = models.CharField(_("version"), max_length=20)
    title_fr = models.CharField(_("title (French)"), max_length=200)
    title_en = models.CharField(_("title (English)"), max_length=200)
    text_fr = models.TextField(_("text (French)"))
    text_en = models.TextField(_("text (English)"))

    objects = PolicyRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("terms")
        verbose_name_plural = _("terms")
        ordering = ["kind", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="terms_version_unique"),
            models.UniqueConstraint(fields=["kind", "valid_from"], name="terms_one_version_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.version})"

    @property
    def title(self) -> str:
        return localised(self.title_fr, self.title_en)

    @property
    def text(self) -> str:
        return localised(self.text_fr, self.text_en)

    @property
    def text_sha256(self) -> str:
        """Of both languages, titles included: accepting one is accepting the other."""
        parts = (self.kind, self.version, self.title_fr, self.text_fr, self.title_en, self.text_en)
        return hashlib.sha256("\n\n".join(parts).encode()).hexdigest()


class TermsAcceptanceQuerySet(models.QuerySet["TermsAcceptance"]):
    def visible_to(self, user: User | AnonymousUser) -> TermsAcceptanceQuerySet:
        """One's own, those of one's entities; all of them for the secretariat."""
        if not user.is_authenticated:
            return self.none()
        mine = Affiliation.objects.running(timezone.localdate()).filter(user=user)
        return self.filter(
            Q(user=user)
            | Q(entity__in=mine.values("entity_id"))
            | ProgrammeRole.held_by(user, "secretariat")
        )


class TermsAcceptance(models.Model):
    """Append-only in the database. `entity` is empty when a person accepts for themselves."""

    id = models.BigAutoField(primary_key=True)
    terms = models.ForeignKey(Terms, on_delete=models.PROTECT, related_name="acceptances")
    entity = models.ForeignKey(
        Entity, on_delete=models.PROTECT, null=True, blank=True, related_name="terms_acceptances"
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="terms_acceptances")
    accepted_at = models.DateTimeField(_("accepted"), default=timezone.now)
    text_sha256 = models.CharField(max_length=64)

    objects = TermsAcceptanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("acceptance of terms")
        verbose_name_plural = _("acceptances of terms")
        ordering = ["-accepted_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["terms", "entity"],
                condition=Q(entity__isnull=False),
                name="terms_accepted_once_by_an_entity",
            ),
            models.UniqueConstraint(
                fields=["terms", "user"],
                condition=Q(entity__isnull=True),
                name="terms_accepted_once_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.terms} — {self.entity or self.user}"
