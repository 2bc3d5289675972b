import datetime as dt
from typing import Self

from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q
from django.db.models.lookups import Exact
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from eligibility.models import Affiliation, Membership, User
from eligibility.permissions import Actor
from eligibility.selectors import actor_of
from licences.models import Licence
from notices.models.delivery import Delivery
from orbitrage.shared.days import midnight
from orbitrage.shared.letters import LetterKind
from quotas.models import Envelope
from requests_app.models import ImageryRequest

ABOUT = ("request", "affiliation", "membership", "envelope", "licence")


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: User) -> Self:
        """Those told to ``user`` about what ``user`` may still see."""
        return self.visible_to_actor(user, actor_of(user))

    def visible_to_actor(self, user: User, actor: Actor) -> Self:
        """The same for who has the actor at hand."""
        seen = {
            "request": ImageryRequest.objects.visible_to_actor(actor),
            "affiliation": Affiliation.objects.visible_to(user),
            "membership": Membership.objects.visible_to(user),
            "envelope": Envelope.objects.visible_to(user),
            "licence": Licence.objects.visible_to(user),
        }
        about = Q()
        for name, rows in seen.items():
            # EXISTS looks up the few rows at hand; IN would first gather all that may be seen.
            about |= Q(Exists(rows.filter(pk=OuterRef(f"{name}_id"))))
        return self.filter(about, reader_id=user.pk)

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)

    def for_a_list(self) -> Self:
        """With the number and the title of the request, without its geometries. Its state is read
        by every instance of it."""
        of_request = ("request__number", "request__title", "request__state")
        own = ("kind", "subjects", "path", "told_at", "read_at")
        return self.select_related("request").only(*own, *of_request)

    def awaiting_digest(self, on: dt.date) -> Self:
        """What the digests of that day tell: what came before it or, where a week is chosen, before
        its Monday."""
        monday = on - dt.timedelta(days=on.weekday())
        of_a_day = Q(delivery=Delivery.DAILY, told_at__lt=midnight(on))
        of_a_week = Q(delivery=Delivery.WEEKLY, told_at__lt=midnight(monday))
        return self.unread().filter(of_a_day | of_a_week, digest_on__isnull=True)


class Notice(models.Model):
    """What somebody was told, once. `key` is that of the letter, `subjects` are by language,
    `digest_on` is the day whose digest has it."""

    key = models.CharField(max_length=200, unique=True)
    reader = models.ForeignKey(User, models.PROTECT, related_name="notices")
    kind = models.CharField(_("kind"), max_length=10, choices=LetterKind)
    subjects = models.JSONField()
    path = models.CharField(max_length=200, blank=True)
    request = models.ForeignKey(ImageryRequest, models.PROTECT, null=True, related_name="+")
    affiliation = models.ForeignKey(Affiliation, models.PROTECT, null=True, related_name="+")
    membership = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    envelope = models.ForeignKey(Envelope, models.PROTECT, null=True, related_name="+")
    licence = models.ForeignKey(Licence, models.PROTECT, null=True, related_name="+")
    delivery = models.CharField(max_length=10, choices=Delivery)
    digest_on = models.DateField(null=True)
    told_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        indexes = (
            models.Index(F("reader"), F("id").desc(), name="notice_of_reader"),
            models.Index(
                fields=("reader",), condition=Q(read_at__isnull=True), name="notice_unread"
            ),
            models.Index(
                fields=("delivery", "told_at"),
                condition=Q(digest_on__isnull=True, delivery__in=(Delivery.DAILY, Delivery.WEEKLY)),
                name="notice_awaiting_digest",
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Exact(
                    Func(*ABOUT, function="num_nonnulls", output_field=models.IntegerField()), 1
                ),
                name="notice_is_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(digest_on__isnull=True)
                | Q(delivery__in=(Delivery.DAILY, Delivery.WEEKLY)),
                name="notice_digest_was_chosen",
            ),
        )

    def __str__(self) -> str:
        return self.key

    @property
    def subject(self) -> str:
        """In the language of the page or, where it was not written in it, in another."""
        said = self.subjects.get((get_language() or "")[:2])
        return str(said or next(iter(self.subjects.values()), ""))
