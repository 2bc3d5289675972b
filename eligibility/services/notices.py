"""The mails that leave after the commit."""

from uuid import uuid4

from eligibility.models import Affiliation
from eligibility.notifications import AFFILIATION_TOPIC
from orbitrage.shared import outbox


def tell(topic: str, row_id: int, event: str, *, by_user_id: int | None = None) -> None:
    """Adds the notice to the transaction in progress; what follows from it does so afterwards.
    ``by_user_id`` is whose act it was, where that is to be told."""
    _leave(topic, row_id, event, str(uuid4()), by_user_id)


def tell_of_wish_to_join(affiliation: Affiliation) -> None:
    """Once: somebody with a second address to confirm tells nobody again."""
    _leave(AFFILIATION_TOPIC, affiliation.pk, "requested", f"requested-{affiliation.pk}")


def _leave(topic: str, row_id: int, event: str, notice: str, by_user_id: int | None = None) -> None:
    payload = {"id": row_id, "event": event, "notice": notice, "by": by_user_id}
    # What happened to one row is told in the order in which it did.
    stream = f"{topic}:{row_id}"
    outbox.write(topic=topic, key=f"{topic}:{notice}", payload=payload, stream=stream)
