"""Effects that leave after the commit, at least once, in the order of their stream.

A row is written inside the transaction that decides; a worker leases it, brings the effect about
outside any transaction, and marks it done only while the lease is still its own.
"""

import logging
import math
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from orbitrage.shared.models import OutboxMessage, OutboxState

logger = logging.getLogger(__name__)

Payload = dict[str, Any]
Handler = Callable[[Payload], None]

LEASE_S = 120
LOOK_S = 60
ATTEMPTS_MAXIMUM = 8
LOOK_TASK = "orbitrage.look_at_outbox"
WORKER_VANISHED = "The worker vanished each time or took longer than its lease."

# OR keeps the search for an earlier one out of a join: it is made for the row at hand alone.
DUE_SQL = """
    waiting.state IN ('pending', 'leased')
    AND waiting.not_before <= clock_timestamp()
    AND (waiting.state = 'pending' OR waiting.lease_until < clock_timestamp())
    AND (waiting.stream = '' OR NOT EXISTS (
        SELECT 1 FROM shared_outboxmessage earlier
        WHERE earlier.stream = waiting.stream
          AND earlier.id < waiting.id AND earlier.state IN ('pending', 'leased')))
"""
CLAIM_SQL = f"""
UPDATE shared_outboxmessage SET
    state = 'leased', attempts = attempts + 1, lease_token = gen_random_uuid(),
    lease_until = clock_timestamp() + make_interval(secs => %s)
WHERE id = (
    SELECT waiting.id FROM shared_outboxmessage waiting
    WHERE {DUE_SQL}
    ORDER BY waiting.id LIMIT 1
    FOR UPDATE SKIP LOCKED)
RETURNING *
"""  # noqa: S608 - of constants: DUE_SQL stands above
AGE_SQL = f"""
SELECT EXTRACT(EPOCH FROM clock_timestamp() - min(
    CASE waiting.state WHEN 'leased' THEN waiting.lease_until ELSE waiting.not_before END))
FROM shared_outboxmessage waiting WHERE {DUE_SQL}
"""  # noqa: S608 - of constants: DUE_SQL stands above


def write(
    *, topic: str, key: str, payload: Payload, stream: str = "", not_before: datetime | None = None
) -> None:
    """Add an effect to the transaction in progress; a key already written is written once.

    Rows of one ``stream`` (a request's number) leave in the order they were written.

    Raises:
        TransactionManagementError: no transaction is open.
    """
    message = OutboxMessage(topic=topic, key=key, payload=payload, stream=stream)
    if not_before is not None:
        message.not_before = not_before
    write_all([message])


def write_all(messages: Iterable[OutboxMessage]) -> None:
    """Many effects at once, as :func:`write` does each."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An outbox row belongs to a transaction.")
    OutboxMessage.objects.bulk_create(messages, ignore_conflicts=True)
    # Robust: with the broker away the row stays, and the sweep finds it.
    transaction.on_commit(wake_worker, robust=True)


def wake_worker() -> None:
    current_app.send_task(LOOK_TASK, retry=False)


def claim(*, lease_s: float = LEASE_S) -> OutboxMessage | None:
    """Lease the oldest message that is due, or None. Commits at once."""
    bury_what_kills()
    found = list(OutboxMessage.objects.raw(CLAIM_SQL, [lease_s]))
    return found[0] if found else None


def bury_what_kills() -> None:
    """Give up each message whose worker vanished in the last of its tries, and said nothing.

    The lease token stays: a worker that was only slow still marks it done.
    """
    lost = OutboxMessage.objects.filter(
        state=OutboxState.LEASED,
        attempts__gte=ATTEMPTS_MAXIMUM,
        lease_until__lt=Now(),
    )
    if buried := lost.update(state=OutboxState.DEAD, last_error=WORKER_VANISHED):
        logger.error("Outbox messages given up, their workers having vanished: %s", buried)


def finish(message: OutboxMessage) -> bool:
    """Mark ``message`` done; False when another worker has taken over the lease meanwhile."""
    mine = OutboxMessage.objects.filter(pk=message.pk, lease_token=message.lease_token)
    return bool(mine.update(state=OutboxState.DONE, finished_at=timezone.now(), last_error=""))


def postpone(message: OutboxMessage, error: Exception) -> None:
    """Give ``message`` back for a later try, or bury it after ``ATTEMPTS_MAXIMUM`` tries."""
    buried = message.attempts >= ATTEMPTS_MAXIMUM
    delay_s = min(10 * 2**message.attempts, 3600)
    mine = OutboxMessage.objects.filter(pk=message.pk, lease_token=message.lease_token)
    mine.update(
        state=OutboxState.DEAD if buried else OutboxState.PENDING,
        not_before=timezone.now() + timedelta(seconds=delay_s),
        last_error=f"{type(error).__name__}: {error}"[:500],
    )


def drain(handlers: Mapping[str, Handler], *, within_s: float = math.inf) -> int:
    """Bring about every effect that is due; return how many.

    After ``within_s`` none is begun: a worker is asked to look again, and what it does besides has
    its turn.
    """
    count, until = 0, time.monotonic() + within_s
    while (message := claim()) is not None:
        bring_about(message, handlers)
        count += 1
        if time.monotonic() >= until:
            wake_worker()
            break
    return count


def bring_about(message: OutboxMessage, handlers: Mapping[str, Handler]) -> None:
    try:
        handlers[message.topic](message.payload)
    except Exception as error:  # whatever failed leaves a trace and a later try
        logger.exception("Outbox message %s failed (try %s)", message.key, message.attempts)
        postpone(message, error)
    else:
        finish(message)


def message_of(key: str) -> OutboxMessage | None:
    """What became of the effect written under ``key``."""
    return OutboxMessage.objects.filter(key=key).first()


def revive(message_id: int) -> bool:
    """Give a buried message a new set of tries."""
    dead = OutboxMessage.objects.filter(pk=message_id, state=OutboxState.DEAD)
    revived = dead.update(state=OutboxState.PENDING, attempts=0, not_before=timezone.now())
    return bool(revived)


def repeat(message_id: int) -> bool:
    """Have brought about again what was done: its effect is lost."""
    done = OutboxMessage.objects.filter(pk=message_id, state=OutboxState.DONE)
    return bool(done.update(state=OutboxState.PENDING, attempts=0, not_before=timezone.now()))


def oldest_pending_age_s() -> float:
    """Seconds for which the oldest effect that a worker could take has been due; 0 without one.

    What failed and waits for its next try is not due, nor what stands behind it in its stream.
    """
    with connection.cursor() as cursor:
        cursor.execute(AGE_SQL)
        (age_s,) = cursor.fetchone()
    return float(age_s or 0)
