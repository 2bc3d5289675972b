"""The mails that leave after the commit."""

from uuid import uuid4

from eligibility.models import Affiliation
from eligibility.notifications import AFFILIATION_TOPIC
from orbitrage.shared import outbox


def tell(topic: str, row_id: int, event: str) -> None:
    """Adds the notice to the transaction in progress; what follows from it does so afterwards."""
    _leave(topic, row_id, event, str(uuid4()))


def tell_of_wish_to_join(affiliation: Affiliation) -> None:
    """Once: somebody with a second address to confirm tells nobody again."""
    _leave(AFFILIATION_TOPIC, affiliation.pk, "requested", f"requested-{affiliation.pk}")


def _leave(topic: str, row_id: int, event: str, notice: str) -> None:
    payload = {"id": row_id, "event": event, "notice": notice}
    outbox.write(topic=topic, key=f"{topic}:{notice}", payload=payload)
