from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.models import (
    AbstractBaseUser,
    AnonymousUser,
    BaseUserManager,
    PermissionsMixin,
)
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orbitrage.shared.text import validate_one_line


def running(on: dt.date, prefix: str = "") -> Q:
    """Rows whose `since … until` holds that day; `until` is the first day that no longer counts."""
    open_ended = Q(**{f"{prefix}until__isnull": True}) | Q(**{f"{prefix}until__gt": on})
    return Q(**{f"{prefix}since__lte": on}) & open_ended


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: User | AnonymousUser) -> UserQuerySet:
        """Oneself, one's colleagues of a running affiliation; everybody for the secretariat."""
        from eligibility.models.entities import Affiliation

        if not user.is_authenticated:
            return self.none()
        today = timezone.localdate()
        mine = Affiliation.objects.running(today).filter(user=user).values("entity_id")
        contact_of = Affiliation.objects.managed_by(user, today).values("entity_id")
        colleagues = Affiliation.objects.filter(user=OuterRef("pk")).filter(
            Q(entity__in=contact_of) | (Q(entity__in=mine) & running(today))
        )
        return self.filter(
            Q(pk=user.pk) | Exists(colleagues) | ProgrammeRole.held_by(user, "secretariat")
        )


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Accounts are found by e-mail whatever the case it is typed in."""

    use_in_migrations = False

    def get_by_natural_key(self, username: str | None) -> User:
        user: User = self.get(email__iexact=username)
        return user

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = User(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(force_insert=True)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    class Language(models.TextChoices):
        FRENCH = "fr", "Français"
        ENGLISH = "en", "English"

    email = models.EmailField(_("e-mail"), unique=True)
    full_name = models.CharField(_("full name"), max_length=150, validators=[validate_one_line])
    language = models.CharField(
        _("language"), max_length=2, choices=Language.choices, default=Language.FRENCH
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the administration pages"), default=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    suspended_at = models.DateTimeField(_("suspended"), null=True, blank=True)
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["full_name", "pk"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_in_any_case"),
            models.CheckConstraint(
                name="user_suspended_or_erased_is_inactive",
                condition=Q(is_active=False)
                | (Q(suspended_at__isnull=True) & Q(erased_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name


class ProgrammeRoleQuerySet(models.QuerySet["ProgrammeRole"]):
    def running(self, on: dt.date) -> ProgrammeRoleQuerySet:
        return self.filter(running(on))

    def visible_to(self, user: User | AnonymousUser) -> ProgrammeRoleQuerySet:
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(user=user) | ProgrammeRole.held_by(user, "secretariat"))


class ProgrammeRole(models.Model):
    class Role(models.TextChoices):
        SECRETARIAT = "secretariat", _("Secretariat")
        OBSERVER = "observer", _("Observer")

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="programme_roles")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True, blank=True)

    objects = ProgrammeRoleQuerySet.as_manager()

    class Meta:
        verbose_name = _("programme role")
        verbose_name_plural = _("programme roles")
        ordering = ["role", "since", "pk"]
        constraints = [
            models.CheckConstraint(
                name="programme_role_dates_ordered",
                condition=Q(until__isnull=True) | Q(until__gte=models.F("since")),
            ),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(until__isnull=True),
                name="programme_role_held_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} — {self.get_role_display()}"

    @classmethod
    def held_by(cls, user: User, *roles: str) -> Exists:
        """A condition of any query: this account holds one of these roles today."""
        return Exists(cls.objects.running(timezone.localdate()).filter(user=user, role__in=roles))
