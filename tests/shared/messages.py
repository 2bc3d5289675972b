"""What tests of the outbox do with a message."""

from datetime import timedelta

from orbitrage.shared.models import OutboxMessage


def reread(message):
    return OutboxMessage.objects.get(pk=message.pk)


def time_passes(message, seconds):
    """Move every date of the message back, as if ``seconds`` had passed."""
    past = timedelta(seconds=seconds)
    message = reread(message)
    OutboxMessage.objects.filter(pk=message.pk).update(
        not_before=message.not_before - past,
        lease_until=message.lease_until and message.lease_until - past,
    )


def fail(payload):
    raise OSError("the printer is on fire")
