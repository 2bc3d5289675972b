from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone

from eligibility.models import User
from requests_app.models.request import ImageryRequest


class SentForm(models.Model):
    """A form that became a request: sent again, it becomes no second one.

    ``key`` is that of the page it was typed on. Whoever sends the key of somebody else's page sends
    a form of their own. ``answers_version`` is what the request had when this form last wrote it.
    """

    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.UUIDField(editable=False)
    request = models.ForeignKey(ImageryRequest, models.CASCADE, related_name="+")
    answers_version = models.PositiveIntegerField(default=0, db_default=0)
    sent_at = models.DateTimeField(default=timezone.now)

    if TYPE_CHECKING:
        owner_id: int
        request_id: int

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("owner", "key"), name="form_becomes_one_request"),
        )

    def __str__(self) -> str:
        return f"{self.key} {self.request_id}"
