from __future__ import annotations

import datetime as dt

from django.db import transaction

from orbitrage.shared import outbox
from orbitrage.shared.models import OutboxMessage
from quotas import selectors
from quotas.notifications import THRESHOLD_TOPIC
from quotas.rules import UseLevel
from quotas.selectors import WatchedEnvelope

# Who was told of the higher threshold is not told of the lower one when use has fallen.
SAID_BY = {
    UseLevel.WARNING: (UseLevel.WARNING, UseLevel.ALERT),
    UseLevel.ALERT: (UseLevel.ALERT,),
}


@transaction.atomic
def tell_of_thresholds(on: dt.date) -> int:
    """Have each envelope of that day that has reached a threshold told of to whoever answers for
    it, once per envelope and threshold. How many are told now."""
    reached = selectors.used_beyond_a_threshold(on)
    wanted = {_key(each, level) for each in reached for level in UseLevel}
    told = set(OutboxMessage.objects.filter(key__in=wanted).values_list("key", flat=True))
    new = [
        each
        for each in reached
        if each.level is not None
        and not told & {_key(each, level) for level in SAID_BY[each.level]}
    ]
    for each in new:
        _write(each)
    return len(new)


def _key(watched: WatchedEnvelope, level: str | None) -> str:
    return f"{THRESHOLD_TOPIC}:{watched.envelope.pk}:{level}"


def _write(watched: WatchedEnvelope) -> None:
    """With the figures of now: the mail may leave later."""
    outbox.write(
        topic=THRESHOLD_TOPIC,
        key=_key(watched, watched.level),
        payload={
            "envelope_id": watched.envelope.pk,
            "level": watched.level,
            "used_percent": watched.envelope.percent_used,
            "threshold_percent": str(watched.threshold_percent),
            "left": str(watched.envelope.left),
        },
    )
