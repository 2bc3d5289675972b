from __future__ import annotations

import hashlib

from django.db import models
from django.utils import timezone

from eligibility.models.people import User


def hash_of(token: str) -> str:
    """A token is long and random: a plain hash of it cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


class CalendarAddressQuerySet(models.QuerySet["CalendarAddress"]):
    def opened_by(self, token: str) -> CalendarAddressQuerySet:
        """That of the token, while its account is active."""
        return self.filter(token_sha256=hash_of(token), user__is_active=True)


class CalendarAddress(models.Model):
    """The secret address of a person's calendar, of which only the hash is known here."""

    id = models.BigAutoField(primary_key=True)
    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="calendar_address")
    token_sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)

    objects = CalendarAddressQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="calendar_address_is_a_hash",
                condition=models.Q(token_sha256__regex=r"^[0-9a-f]{64}$"),  # noqa: S106 - a hash
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}, {self.made_at}"
