from __future__ import annotations

from typing import TYPE_CHECKING, Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.text import Truncator

from eligibility.models import User
from requests_app.models.area import UploadedArea
from requests_app.models.request import ImageryRequest

TITLE_CHARACTERS = 80


class UnfinishedFormQuerySet(models.QuerySet["UnfinishedForm"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(owner_id=user.pk)


class UnfinishedForm(models.Model):
    """What somebody has typed of a request and not sent: as typed, right or wrong.

    ``answers`` has a list of strings by field; ``area`` is what was read of the area; ``request``
    the request that is being changed, or None where it is a first one. ``version`` grows with
    every change, so that a second tab does not overwrite the first.
    """

    key = models.UUIDField(unique=True, default=uuid4, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="unfinished_forms")
    request = models.ForeignKey(
        ImageryRequest, models.CASCADE, null=True, blank=True, related_name="+"
    )
    answers = models.JSONField(default=dict)
    area = models.ForeignKey(UploadedArea, models.SET_NULL, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    begun_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField()

    objects = UnfinishedFormQuerySet.as_manager()

    if TYPE_CHECKING:
        area_id: int | None
        owner_id: int
        request_id: int | None

    class Meta:
        ordering = ("-saved_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(version__gte=1), name="unfinished_form_version"),
        )

    def __str__(self) -> str:
        return f"{self.title or self.key} ({self.version})"

    def get_absolute_url(self) -> str:
        if self.request is not None:
            return f"{reverse('requests:edit', args=[self.request.number])}?form={self.key}"
        return f"{reverse('requests:new')}?form={self.key}"

    @property
    def title(self) -> str:
        """What was typed as the title, else how the purpose begins; empty when nothing was."""
        typed = (next(iter(self.answers.get(name, [])), "") for name in ("title", "purpose"))
        return Truncator(next(filter(None, typed), "")).chars(TITLE_CHARACTERS)
