import hashlib
import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.storage import default_storage
from django.db import connection, connections
from django.urls import reverse

from licences import rendering
from licences.models import Licence, LicenceFile
from orbitrage.outbox_handlers import HANDLERS
from orbitrage.shared import outbox
from orbitrage.shared.documents import files
from tests.eligibility.factories import ProgrammeRoleFactory
from tests.interrupted import Killed, stored
from tests.licences.factories import issued
from tests.shared.sealing import give_seal

pytestmark = pytest.mark.django_db(transaction=True)


def assert_whole(licence, storage):
    """One file and one row per language, and each file is the one of its row."""
    rows = LicenceFile.objects.filter(licence=licence).order_by("language")
    assert [row.language for row in rows] == ["en", "fr"]
    assert stored(storage) == [f"{licence.number}-v1-en.pdf", f"{licence.number}-v1-fr.pdf"]
    for row in rows:
        data = (storage / row.storage_name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == row.sha256
        assert len(data) == row.size_bytes


def die_at_once(_row):
    raise Killed


def age(path, by):
    then = time.time() - by.total_seconds() - 1
    os.utime(path, (then, then))


def test_both_languages_are_made(storage):
    licence = issued()

    rendering.render(licence.pk)

    assert_whole(licence, storage)


def test_made_again_nothing_changes(storage):
    licence = issued()
    rendering.render(licence.pk)
    before = list(LicenceFile.objects.order_by("pk").values())
    times = [path.stat().st_mtime_ns for path in sorted(storage.rglob("*.pdf"))]

    rendering.render(licence.pk)

    assert list(LicenceFile.objects.order_by("pk").values()) == before
    assert [path.stat().st_mtime_ns for path in sorted(storage.rglob("*.pdf"))] == times


def test_drawing_happens_outside_any_transaction(monkeypatch):
    licence = issued()
    seen = []
    draw = rendering.licence_pdf
    monkeypatch.setattr(
        rendering,
        "licence_pdf",
        lambda *args, **kwargs: seen.append(connection.in_atomic_block) or draw(*args, **kwargs),
    )

    rendering.render(licence.pk)

    assert seen == [False, False]


def test_killed_between_file_and_row(monkeypatch, storage):
    licence = issued()
    keep = files.keep

    def die_after(name, data):
        keep(name, data)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(files, "keep", die_after)
        with pytest.raises(Killed):
            rendering.render(licence.pk)
    assert stored(storage) == [f"{licence.number}-v1-fr.pdf"]
    assert not LicenceFile.objects.exists()

    rendering.render(licence.pk)

    assert_whole(licence, storage)


def test_killed_before_the_file_is_named(monkeypatch, storage):
    licence = issued()

    def die(aside, place):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "_give_name", die)
        with pytest.raises(Killed):
            rendering.render(licence.pk)
    assert stored(storage) == []
    assert not LicenceFile.objects.exists()

    rendering.render(licence.pk)

    assert_whole(licence, storage)


def test_sealed_document_left_without_a_row_is_swept_away(settings, storage, tmp_path, monkeypatch):
    give_seal(settings, tmp_path)
    licence = issued()
    with monkeypatch.context() as patch:
        patch.setattr(rendering, "_enter", die_at_once)
        with pytest.raises(Killed):
            rendering.render(licence.pk)
    (left,) = storage.rglob("*.pdf")
    rendering.render(licence.pk)

    assert rendering.sweep() == 0  # young: its row might yet come
    age(left, rendering.ORPHAN_AFTER)
    assert rendering.sweep() == 1
    assert_whole(licence, storage)


@pytest.mark.concurrency
def test_two_workers_at_once_make_one_file(storage):
    licence = issued()

    def make(_):
        try:
            rendering.render(licence.pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(make, range(2)))

    assert_whole(licence, storage)


def test_lost_file_comes_back_the_same(storage):
    licence = issued()
    rendering.render(licence.pk)
    (storage / LicenceFile.objects.get(language="fr").storage_name).unlink()

    rendering.render(licence.pk)

    assert_whole(licence, storage)


def test_secretariat_has_a_lost_file_made_again(client, storage):
    secretary = ProgrammeRoleFactory().user
    licence = issued()
    outbox.drain(HANDLERS)
    (storage / LicenceFile.objects.get(language="fr").storage_name).unlink()
    client.force_login(secretary)
    file = reverse("licences:download", args=[licence.number, "fr"])
    again = reverse("licences:print_again", args=[licence.number])

    missing = client.get(file)
    client.post(again)
    outbox.drain(HANDLERS)

    assert (missing.status_code, again in missing.text) == (503, True)
    assert client.get(file).status_code == 200
    assert_whole(licence, storage)


def test_file_that_would_come_out_otherwise_is_not_replaced(storage, monkeypatch):
    licence = issued()
    rendering.render(licence.pk)
    row = LicenceFile.objects.get(language="fr")
    (storage / row.storage_name).unlink()
    monkeypatch.setattr(rendering, "licence_pdf", lambda *args, **kwargs: b"%PDF another")

    with pytest.raises(files.FileAltered) as refused:
        rendering.render(licence.pk)

    assert refused.value.codes == ("file_altered",)
    assert not (storage / row.storage_name).exists()


def test_altered_file_is_refused_when_read(storage):
    licence = issued()
    rendering.render(licence.pk)
    row = LicenceFile.objects.get(language="fr")
    place = storage / row.storage_name
    data = bytearray(place.read_bytes())
    data[len(data) // 2] ^= 1
    place.write_bytes(data)

    with pytest.raises(files.FileAltered):
        files.read(row.storage_name, row.sha256)


def test_altered_record_is_not_drawn(storage):
    licence = issued()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE licences_licence DISABLE TRIGGER licence_is_frozen")
        cursor.execute(
            "UPDATE licences_licence SET record = jsonb_set(record, '{purpose}', '\"Other\"')"
        )
        cursor.execute("ALTER TABLE licences_licence ENABLE TRIGGER licence_is_frozen")

    with pytest.raises(rendering.RecordAltered):
        rendering.render(licence.pk)

    assert stored(storage) == []


def test_record_comes_back_from_the_database_as_it_was():
    coordinates = [[[0.1, 1e-7], [0.30000000000000004, 0], [0.2, 1.0000001], [0.1, 1e-7]]]
    licence = issued(area_geojson={"type": "Polygon", "coordinates": coordinates})

    kept = Licence.objects.get(pk=licence.pk)

    assert rendering.sha256_of(kept.record) == kept.record_sha256
