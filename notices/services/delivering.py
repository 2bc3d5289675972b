from collections.abc import Mapping

from django.db import transaction

from eligibility.models import User
from eligibility.services import lock_account
from notices.models import Delivery, DeliveryChoice, Notice
from notices.rules import FIXED_KINDS
from orbitrage.shared.letters import Letter
from orbitrage.shared.transactions import retried_once


def deliver(letter: Letter) -> None:
    """Enter a letter in its reader's list, once, then mail it where it is wanted at once.

    Called again it mails the same mail again, as it was wanted the first time. Somebody suspended
    or erased is told nothing.
    """
    notice = _enter(letter)
    if notice is not None and notice.delivery == Delivery.AT_ONCE:
        letter.as_mail().send()


@retried_once
@transaction.atomic
def _enter(letter: Letter) -> Notice | None:
    reader = User.objects.filter(pk=letter.reader_id, is_active=True).first()
    if reader is None:
        return None
    about, row_id = letter.about
    notice, _is_new = Notice.objects.get_or_create(
        key=letter.key,
        defaults={
            "reader": reader,
            "kind": letter.kind,
            "subjects": {code: text.subject for code, text in letter.texts.items()},
            "path": letter.path,
            "delivery": _delivery_of(reader, letter.kind),
            f"{about}_id": row_id,
        },
    )
    return notice


def _delivery_of(reader: User, kind: str) -> str:
    if kind in FIXED_KINDS:
        return Delivery.AT_ONCE
    choice = DeliveryChoice.objects.filter(user=reader, kind=kind).first()
    return choice.delivery if choice is not None else Delivery.AT_ONCE


@retried_once
@transaction.atomic
def choose_deliveries(*, user_id: int, deliveries: Mapping[str, str]) -> None:
    """By kind of letter. What is waiting for a digest stays in it."""
    lock_account(user_id)
    DeliveryChoice.objects.bulk_create(
        [
            DeliveryChoice(user_id=user_id, kind=kind, delivery=delivery)
            for kind, delivery in deliveries.items()
        ],
        update_conflicts=True,
        unique_fields=["user", "kind"],
        update_fields=["delivery"],
    )
