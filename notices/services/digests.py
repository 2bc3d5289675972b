from datetime import date

from django.db import transaction

from notices.models import Notice
from notices.notifications import DIGEST_TOPIC, digest_key
from orbitrage.shared import outbox
from orbitrage.shared.models import OutboxMessage
from orbitrage.shared.transactions import retried_once


def gather_digests(*, on: date) -> int:
    """Leave to the outbox one mail per reader for whom something waits; how many. Run again the
    same day it finds only readers it has not written to."""
    waiting = Notice.objects.awaiting_digest(on).order_by()
    readers = waiting.values_list("reader_id", flat=True).distinct()
    return sum(_gather(reader_id, on) for reader_id in list(readers))


@retried_once
@transaction.atomic
def _gather(reader_id: int, on: date) -> bool:
    key = digest_key(reader_id, on)
    if OutboxMessage.objects.filter(key=key).exists():
        return False
    # Two runs at once: the second waits here for the first, and finds nothing left.
    if not Notice.objects.awaiting_digest(on).filter(reader_id=reader_id).update(digest_on=on):
        return False
    payload = {"reader_id": reader_id, "on": on.isoformat()}
    outbox.write(topic=DIGEST_TOPIC, key=key, payload=payload)
    return True
