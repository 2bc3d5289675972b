import pytest
from django.db import transaction

from orbitrage.shared import outbox
from orbitrage.shared.models import OutboxMessage


@pytest.fixture
def write(db):
    """Writes an outbox row and returns it: ``write("a:1", stream="R1")``."""

    def written(key, *, topic="test", stream="", payload=None):
        with transaction.atomic():
            outbox.write(topic=topic, key=key, payload=payload or {"key": key}, stream=stream)
        return OutboxMessage.objects.get(key=key)

    return written
