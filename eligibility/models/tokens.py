from __future__ import annotations

import datetime as dt

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from eligibility.models.people import User

LIFETIME_MAXIMUM_DAYS = 365


class Scope(models.TextChoices):
    """What a token lets a program do of what its person may do."""

    READ = "read", _("Read what I may see")
    AREAS = "areas", _("Have areas checked and kept")
    REQUESTS = "requests", _("Write, submit and answer requests")
    OFFICE = "office", _("Act in my offices: review, arbitration, supply")


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def visible_to(self, user: User | AnonymousUser) -> ApiTokenQuerySet:
        return self.filter(user_id=user.pk or 0)

    def usable(self) -> ApiTokenQuerySet:
        """Neither ended nor expired, of an account that may sign in."""
        return self.filter(
            revoked_at__isnull=True, expires_at__gt=timezone.now(), user__is_active=True
        )


class ApiToken(models.Model):
    """A secret by which a program acts as a person, kept as its SHA-256: 256 random bits need no
    slower hash. ``prefix`` is the part that pages may show."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=60)
    prefix = models.CharField(max_length=8, unique=True)
    sha256 = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope))
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"))
    last_used_on = models.DateField(_("last used"), null=True)
    revoked_at = models.DateTimeField(_("ended"), null=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="api_token_expires_within_a_year",
                condition=Q(
                    expires_at__gt=F("created_at"),
                    expires_at__lte=F("created_at") + dt.timedelta(days=LIFETIME_MAXIMUM_DAYS + 1),
                ),
            ),
            models.CheckConstraint(
                name="api_token_has_known_scopes",
                condition=Q(scopes__len__gt=0, scopes__contained_by=Scope.values),
            ),
            models.CheckConstraint(
                name="api_token_is_kept_hashed",
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_usable(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()

    @property
    def scopes_in_words(self) -> list[str]:
        return [str(Scope(scope).label) for scope in self.scopes]
