import uuid
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from eligibility.models import Cell, User
from eligibility.permissions import Actor
from eligibility.selectors import actor_of
from requests_app.models.erasure import Erasable
from requests_app.models.record import TransitionRecord
from requests_app.models.request import ImageryRequest

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


# At once on a page; the earlier ones on pages of their own.
MESSAGES_SHOWN = 100


class MessageKind(models.TextChoices):
    SHARED = "shared", _("A message to the requester")
    INTERNAL = "internal", _("An internal note: the requester never sees it")


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: User) -> Self:
        """What ``user`` may read: the one rule of pages, mails and attachments."""
        return self.visible_to_actor(actor_of(user))

    def visible_to_actor(self, actor: Actor) -> Self:
        seen = ImageryRequest.objects.visible_to_actor(actor)
        is_shared = Q(kind=MessageKind.SHARED, request__in=seen)
        return self.filter(is_shared | Q(request__in=seen.with_notes_open_to(actor)))


class Message(models.Model):
    """What somebody wrote about a request, for ever: ids, codes and dates; its words are apart.

    ``cell`` is the one that signs it; null: written by those who ask. With a ``record`` it came
    with that move, whose note has the words, and brings the files alone.
    """

    request = models.ForeignKey(ImageryRequest, models.PROTECT, related_name="messages")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=MessageKind, default=MessageKind.SHARED)
    cell = models.ForeignKey(Cell, models.PROTECT, null=True, related_name="+")
    record = models.OneToOneField(
        TransitionRecord, models.PROTECT, null=True, related_name="message"
    )
    at = models.DateTimeField(auto_now_add=True)

    objects = MessageQuerySet.as_manager()

    if TYPE_CHECKING:
        author_id: int
        cell_id: int | None
        record_id: int | None
        attachments: RelatedManager["Attachment"]

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(kind=MessageKind.SHARED) | Q(cell__isnull=False, record__isnull=True),
                name="internal_note_is_of_the_cell",
            ),
        )

    def __str__(self) -> str:
        return f"{self.request_id} {self.kind} {self.at:%Y-%m-%d}"

    @property
    def anchor(self) -> str:
        return f"message-{self.pk}"

    @property
    def is_internal(self) -> bool:
        return self.kind == MessageKind.INTERNAL


class MessageText(Erasable):
    message = models.OneToOneField(Message, models.PROTECT, primary_key=True, related_name="text")
    content = models.TextField(null=True)  # null: erased

    def __str__(self) -> str:
        return self.content or ""


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(message__in=Message.objects.visible_to(user))

    def kept(self) -> Self:
        """Those whose name, and with it the file, nobody has had erased."""
        return self.filter(name__content__isnull=False)


class Attachment(models.Model):
    """A file that came with a message. ``key`` names it in its address and where it is kept."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="attachments")
    key = models.UUIDField(unique=True, editable=False, default=uuid.uuid4)
    kind = models.CharField(max_length=10)
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=Q(size_bytes__gt=0), name="attachment_not_empty"),
        )

    def __str__(self) -> str:
        return f"{self.key} {self.kind}"


class AttachmentName(Erasable):
    """The name somebody gave the file, which may be a person's."""

    attachment = models.OneToOneField(
        Attachment, models.PROTECT, primary_key=True, related_name="name"
    )
    content = models.TextField(null=True)  # null: erased, and the file with it

    def __str__(self) -> str:
        return self.content or ""
