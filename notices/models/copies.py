from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from eligibility.models import Affiliation, Entity, User
from eligibility.permissions import Actor
from requests_app.models import ImageryRequest
from requests_app.reasons import BlockReason

TIME_TO_CONFIRM = timedelta(days=7)


class CopyAddressQuerySet(models.QuerySet["CopyAddress"]):
    def managed_by(self, actor: Actor) -> Self:
        """Those of one's own requests, and of the entities one is the contact of."""
        mine = Q(request__requester_id=actor.user_id or 0)
        return self.filter(mine | Q(entity_id__in=actor.contact_of))

    def rightful(self) -> Self:
        """Added by who may add them still: the requester of the request, as long as they ask in the
        name of its entity, or a contact of the entity."""
        contacts = Affiliation.objects.running(timezone.localdate()).filter(
            user_id=OuterRef("added_by_id"),
            entity_id=OuterRef("entity_id"),
            role=Affiliation.Role.ENTITY_CONTACT,
        )
        left = Q(request__blocked_reason=BlockReason.REQUESTER_LEFT)
        by_requester = Q(request__requester_id=F("added_by_id")) & ~left
        return self.filter(by_requester | Exists(contacts))

    def running(self) -> Self:
        """Confirmed, or still to be; by who may add them still."""
        in_time = Q(added_at__gt=timezone.now() - TIME_TO_CONFIRM)
        known = in_time | Q(confirmed_at__isnull=False)
        return self.rightful().filter(known, ended_at__isnull=True)

    def waiting(self) -> Self:
        """To be confirmed, and set by somebody who still may."""
        return self.running().filter(confirmed_at__isnull=True, added_by__is_active=True)

    def copied(self) -> Self:
        """Those a copy goes to: nothing goes to the address of an account that is suspended or
        erased, nor to one that such an account, or one without the right any more, has set."""
        closed = User.objects.filter(is_active=False, email__iexact=OuterRef("address"))
        return self.rightful().filter(
            ~Exists(closed),
            confirmed_at__isnull=False,
            ended_at__isnull=True,
            added_by__is_active=True,
        )

    def refused_by_reader(self) -> Self:
        return self.filter(ended_at__isnull=False, ended_by__isnull=True)


class CopyAddress(models.Model):
    """An address that is told the number, the states and the dates of a request, or of those of an
    entity, once whoever reads it has agreed. `ended_by` empty: they ended it."""

    address = models.EmailField(_("e-mail"))
    language = models.CharField(_("language"), max_length=2, choices=User.Language)
    request = models.ForeignKey(ImageryRequest, models.PROTECT, null=True, related_name="copies")
    entity = models.ForeignKey(Entity, models.PROTECT, null=True, related_name="copies")
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = CopyAddressQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(request__isnull=True) ^ Q(entity__isnull=True),
                name="copy_is_of_a_request_or_an_entity",
            ),
            models.CheckConstraint(
                condition=Q(ended_by__isnull=True) | Q(ended_at__isnull=False),
                name="copy_ended_by_somebody_has_ended",
            ),
            models.UniqueConstraint(
                Lower("address"),
                "request",
                condition=Q(ended_at__isnull=True, request__isnull=False),
                name="copy_of_a_request_once",
            ),
            models.UniqueConstraint(
                Lower("address"),
                "entity",
                condition=Q(ended_at__isnull=True, entity__isnull=False),
                name="copy_of_an_entity_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.pk}: {self.request_id or self.entity_id}"

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None
