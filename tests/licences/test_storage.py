"""Licences where the files are kept elsewhere, or cannot be kept: nothing is lost, all resumes."""

import boto3
import pytest
from botocore.config import Config
from django.core.files.storage import FileSystemStorage
from django.urls import reverse
from moto.server import ThreadedMotoServer

from licences.models import LicenceFile
from orbitrage.health import storage as storage_check
from orbitrage.outbox_handlers import HANDLERS
from orbitrage.shared import outbox
from orbitrage.shared.documents import files
from orbitrage.shared.models import OutboxMessage
from tests.eligibility.factories import AffiliationFactory
from tests.licences.factories import issued
from tests.shared.messages import time_passes

pytestmark = pytest.mark.django_db(transaction=True)

BUCKET = "orbitrage"
LONGER_THAN_ANY_DELAY_S = 24 * 3600


class FailingStorage(FileSystemStorage):
    """Fails as often as it is told to."""

    failures = 0

    def _save(self, name, content):
        if type(self).failures:
            type(self).failures -= 1
            raise OSError(28, "No space left on device")
        return super()._save(name, content)


@pytest.fixture
def failing_storage(settings, storage):
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": f"{__name__}.FailingStorage", "OPTIONS": {"location": storage}}
    }
    yield FailingStorage
    FailingStorage.failures = 0


def drain_later():
    """As the sweep does once the delay before another try has passed."""
    for message in OutboxMessage.objects.filter(state="pending"):
        time_passes(message, LONGER_THAN_ANY_DELAY_S)
    outbox.drain(HANDLERS)


def test_document_waits_for_a_disk_that_is_full(failing_storage):
    licence = issued()
    failing_storage.failures = 2

    outbox.drain(HANDLERS)
    waiting = OutboxMessage.objects.get()
    assert (waiting.state, waiting.attempts) == ("pending", 1)
    assert "No space left on device" in waiting.last_error
    assert not LicenceFile.objects.exists()

    drain_later()
    assert OutboxMessage.objects.get().attempts == 2
    drain_later()

    assert OutboxMessage.objects.get().state == "done"
    assert LicenceFile.objects.filter(licence=licence).count() == 2


# --- An object store ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def object_store():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(object_store, settings, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    options = {
        "bucket_name": BUCKET,
        "location": "files",
        "endpoint_url": object_store,
        "file_overwrite": True,
        "client_config": Config(retries={"max_attempts": 1}),
    }
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    }
    client = boto3.client("s3", endpoint_url=object_store)
    make(client)
    yield client
    empty(client)


def make(client):
    client.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-3"}
    )


def keys(client):
    return [each["Key"] for each in client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def empty(client):
    for key in keys(client):
        client.delete_object(Bucket=BUCKET, Key=key)
    client.delete_bucket(Bucket=BUCKET)


@pytest.fixture
def affiliation():
    return AffiliationFactory()


def test_documents_are_kept_in_a_bucket_and_downloaded(client, bucket, affiliation):
    licence = issued(entity=affiliation.entity)
    outbox.drain(HANDLERS)
    client.force_login(affiliation.user)

    response = client.get(reverse("licences:download", args=[licence.number, "fr"]))

    assert len(keys(bucket)) == 2
    assert all(key.startswith("files/licences/") for key in keys(bucket))
    file = LicenceFile.objects.get(language="fr")
    assert files.digest(response.content) == file.sha256


def test_object_that_was_altered_is_not_given(client, bucket, affiliation):
    licence = issued(entity=affiliation.entity)
    outbox.drain(HANDLERS)
    file = LicenceFile.objects.get(language="fr")
    bucket.put_object(Bucket=BUCKET, Key=f"files/{file.storage_name}", Body=b"%PDF another")
    client.force_login(affiliation.user)

    response = client.get(reverse("licences:download", args=[licence.number, "fr"]))

    assert response.status_code == 503


def test_store_that_refuses_loses_nothing_and_all_resumes(client, bucket, affiliation):
    licence = issued(entity=affiliation.entity)
    empty(bucket)

    outbox.drain(HANDLERS)

    waiting = OutboxMessage.objects.get()
    assert (waiting.state, waiting.attempts) == ("pending", 1)
    assert "NoSuchBucket" in waiting.last_error
    assert not storage_check().is_ready
    make(bucket)
    drain_later()
    assert LicenceFile.objects.filter(licence=licence).count() == 2
    assert storage_check().is_ready


def test_download_says_when_the_store_is_away(client, bucket, settings, affiliation):
    licence = issued(entity=affiliation.entity)
    outbox.drain(HANDLERS)
    usual = settings.STORAGES["default"]
    away = usual["OPTIONS"] | {"endpoint_url": "http://127.0.0.1:9"}  # nobody answers there
    settings.STORAGES = settings.STORAGES | {"default": usual | {"OPTIONS": away}}
    client.force_login(affiliation.user)

    response = client.get(
        reverse("licences:download", args=[licence.number, "fr"]),
        headers={"accept-language": "en"},
    )

    assert response.status_code == 503
    assert "Files cannot be read at the moment." in response.text
