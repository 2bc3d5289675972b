from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class OutboxState(models.TextChoices):
    PENDING = "pending", _("waiting")
    LEASED = "leased", _("being done")
    DONE = "done", _("done")
    DEAD = "dead", _("given up")


class OutboxMessage(models.Model):
    """An effect to bring about after the commit that wrote this row: a mail, a PDF, an order."""

    topic = models.CharField(max_length=60)
    key = models.CharField(max_length=200, unique=True)
    stream = models.CharField(max_length=60, blank=True)
    payload = models.JSONField()
    state = models.CharField(
        max_length=10, choices=OutboxState, default=OutboxState.PENDING, db_index=True
    )
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    not_before = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    finished_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("effect after a commit")
        verbose_name_plural = _("effects after commits")
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(state=OutboxState.LEASED)
                | Q(lease_until__isnull=False, lease_token__isnull=False),
                name="outbox_lease_is_complete",
            ),
        )
        indexes = (
            models.Index(
                F("id"),
                condition=Q(state__in=(OutboxState.PENDING, OutboxState.LEASED)),
                name="outbox_waiting",
            ),
            models.Index(
                F("stream"),
                F("id"),
                condition=Q(state__in=(OutboxState.PENDING, OutboxState.LEASED)),
                name="outbox_waiting_by_stream",
            ),
        )

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"


class IdempotentAnswer(models.Model):
    """What a call of the API was answered, for whoever sends it again with the same key.

    ``account_id`` is the person's number: nothing here knows accounts. ``fingerprint`` is the
    SHA-256 of method, address and body. Without a ``status``, the call is under way in the
    transaction that wrote the row, which nobody else sees.
    """

    account_id = models.BigIntegerField()
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("answer kept for a call sent again")
        verbose_name_plural = _("answers kept for calls sent again")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("account_id", "key"), name="idempotency_key_used_once"),
        )

    def __str__(self) -> str:
        return f"{self.account_id} {self.key}"
