"""The mails that leave after the commit."""

from uuid import uuid4

from orbitrage.shared import outbox


def tell(topic: str, row_id: int, event: str) -> None:
    """Adds the notice to the transaction in progress; `eligibility.notifications` sends it."""
    notice = str(uuid4())
    payload = {"id": row_id, "event": event, "notice": notice}
    outbox.write(topic=topic, key=f"{topic}:{notice}", payload=payload)
