from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from eligibility.models import User
from notices.models import Notice
from orbitrage.shared.days import midnight

KEPT_FOR = timedelta(days=400)


@transaction.atomic
def mark_read(*, notice_id: int, user: User) -> None:
    """A second time changes nothing."""
    mine = Notice.objects.visible_to(user).unread()
    mine.filter(pk=notice_id).update(read_at=timezone.now())


@transaction.atomic
def mark_all_read(*, user: User) -> int:
    """How many were not; those the reader may no longer see stay as they are."""
    return Notice.objects.visible_to(user).unread().update(read_at=timezone.now())


@transaction.atomic
def forget_old_notices(*, on: date) -> int:
    """Those told so long ago: requests and ledger keep what happened."""
    old = Notice.objects.filter(told_at__lt=midnight(on - KEPT_FOR))
    return old.delete()[0]
