import uuid
from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from eligibility.models import User
from requests_app.models.erasure import Erasable
from requests_app.models.request import ImageryRequest
from requests_app.reasons import BlockReason, RefusalReason
from requests_app.states import State


class TransitionRecord(models.Model):
    """What happened to a request, for ever: ids, codes, numbers and dates only.

    The database refuses a change of a request's state unless a record of the same transaction
    says so, and refuses to change or delete a record. ``decision`` names the decision in the
    ledger and in the licence. A null ``author`` is the calendar.
    """

    request = models.ForeignKey(ImageryRequest, models.PROTECT, related_name="records")
    transition = models.CharField(max_length=40)
    source = models.CharField(max_length=30, choices=State)
    target = models.CharField(max_length=30, choices=State)
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decision = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reason = models.CharField(_("reason"), max_length=60, blank=True)
    changes = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("request", "id"), name="record_request"),)

    def __str__(self) -> str:
        return f"{self.request_id} {self.transition} {self.source} → {self.target}"

    @property
    def appeal_until(self) -> date | None:
        """The last day to contest a refusal; None for other records."""
        day = self.changes.get("appeal_until")
        return date.fromisoformat(day) if day else None

    @property
    def reason_label(self) -> str:
        """The reason of a refusal, or of a block, in words; empty for a record without one."""
        if self.reason in RefusalReason.values:
            return str(RefusalReason(self.reason).label)
        known = self.reason in BlockReason.values
        return str(BlockReason(self.reason).label) if known else ""


class TransitionNote(Erasable):
    """The free text beside a record."""

    record = models.OneToOneField(
        TransitionRecord, models.PROTECT, primary_key=True, related_name="note"
    )
    content = models.TextField(null=True)  # null: erased

    def __str__(self) -> str:
        return self.content or ""
