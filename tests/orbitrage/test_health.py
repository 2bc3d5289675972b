from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from orbitrage.health import OUTBOX_LAG_MAXIMUM_S
from orbitrage.shared import outbox
from orbitrage.shared.models import OutboxMessage


def test_alive_without_asking_anybody(client):
    response = client.get("/healthz")

    assert (response.status_code, response.text) == (200, "ok\n")
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_ready_when_all_parts_answer(client, storage):
    response = client.get("/readyz")

    checks = response.json()["checks"]
    assert response.status_code == 200
    assert {name: check["ready"] for name, check in checks.items()} == {
        "database": True,
        "broker": True,
        "storage": True,
        "outbox": True,
        "seal": True,
    }
    assert [path for path in storage.rglob("*") if path.is_file()] == []


@pytest.mark.django_db
def test_not_ready_when_storage_cannot_be_written(client, storage, settings):
    occupied = storage / "occupied"
    occupied.write_text("a file where a folder should be")
    settings.MEDIA_ROOT = occupied

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["storage"]["ready"] is False


@pytest.mark.django_db
def test_not_ready_when_the_outbox_lags(client):
    with transaction.atomic():
        outbox.write(topic="orbitrage.contact", key="late", payload={})
    late = timezone.now() - timedelta(seconds=OUTBOX_LAG_MAXIMUM_S + 60)
    OutboxMessage.objects.update(not_before=late)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["outbox"]["ready"] is False


@pytest.mark.django_db
def test_owner_of_the_tables_is_named(client):
    response = client.get("/readyz")

    assert response.json()["checks"]["database"]["detail"] == "role owns the tables"
