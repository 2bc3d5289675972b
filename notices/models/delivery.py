from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from eligibility.models import User
from notices.rules import FIXED_KINDS
from orbitrage.shared.letters import LetterKind


class Delivery(models.TextChoices):
    AT_ONCE = "at_once", _("By mail, at once")
    DAILY = "daily", _("In one mail a day")
    WEEKLY = "weekly", _("In one mail a week, on Monday")
    HERE = "here", _("Only in the list of notices")


class DeliveryChoice(models.Model):
    """How somebody is told of a kind of letter; at once where there is no row."""

    user = models.ForeignKey(User, models.PROTECT, related_name="delivery_choices")
    kind = models.CharField(max_length=10, choices=LetterKind)
    delivery = models.CharField(max_length=10, choices=Delivery)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "kind"), name="delivery_chosen_once_per_kind"),
            models.CheckConstraint(
                condition=~Q(kind__in=sorted(FIXED_KINDS)),
                name="delivery_of_fixed_kinds_not_chosen",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}: {self.delivery}"
