"""The worker as it runs in production: another process, the real broker, the real outbox."""

import time

import pytest
from django.core.files.storage import default_storage
from django.db import transaction

from licences.models import LicenceFile
from orbitrage.shared.models import OutboxMessage
from tests.licences.factories import issued

PATIENCE_S = 60


def wait_until(condition) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@pytest.mark.serial
def test_licence_committed_here_is_printed_by_the_worker_there(start_worker):
    start_worker()

    with transaction.atomic():
        licence = issued()
    done = wait_until(lambda: LicenceFile.objects.filter(licence=licence).count() == 2)

    assert done, list(OutboxMessage.objects.values("topic", "state", "last_error"))
    assert all(default_storage.exists(file.storage_name) for file in licence.files.all())
