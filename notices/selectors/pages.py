from dataclasses import dataclass

from django.db.models import QuerySet

from eligibility.models import User
from eligibility.permissions import Actor
from notices.models import CopyAddress, Delivery, DeliveryChoice, Notice, NoticeQuerySet
from notices.rules import FIXED_KINDS, kinds_to_choose
from orbitrage.shared.letters import LetterKind

MANY = 100
"""Of unread notices no more are counted: the header of every page asks."""


def unread_count(user: User, actor: Actor) -> int:
    """One query; at most `MANY`."""
    unread = Notice.objects.visible_to_actor(user, actor).unread().order_by()
    return unread.values("pk")[:MANY].count()


def notice_list(
    user: User, actor: Actor, *, only_unread: bool = False, kind: str = ""
) -> NoticeQuerySet:
    """Newest first, each with its request where it is about one."""
    rows: NoticeQuerySet = Notice.objects.visible_to_actor(user, actor)
    if only_unread:
        rows = rows.unread()
    if kind in LetterKind.values:
        rows = rows.filter(kind=kind)
    return rows.for_a_list().order_by("-pk")


@dataclass(frozen=True)
class ChosenDelivery:
    kind: LetterKind
    delivery: Delivery


def chosen_deliveries(user: User, actor: Actor) -> tuple[ChosenDelivery, ...]:
    """Of the kinds that ``actor`` may choose."""
    rows = DeliveryChoice.objects.filter(user=user).exclude(kind__in=FIXED_KINDS)
    chosen = dict(rows.values_list("kind", "delivery"))
    return tuple(
        ChosenDelivery(kind, Delivery(chosen.get(kind, Delivery.AT_ONCE)))
        for kind in kinds_to_choose(actor)
    )


def copies_of_request(request_id: int) -> QuerySet[CopyAddress]:
    return CopyAddress.objects.running().filter(request_id=request_id).select_related("added_by")


def copies_of_entity(entity_id: int) -> QuerySet[CopyAddress]:
    return CopyAddress.objects.running().filter(entity_id=entity_id).select_related("added_by")
