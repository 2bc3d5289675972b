"""Whoever holds a file learns what it is: every byte of it counts."""

import random
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from licences import forms, rendering, services
from licences.models import Licence, LicenceFile
from orbitrage.shared.documents import seal
from tests.licences.factories import issued
from tests.shared.sealing import give_seal, pdfsig_says, pyhanko_says
from tests.sizes import size

pytestmark = pytest.mark.django_db(transaction=True)
FLIPS = size(20, 200)


@pytest.fixture(autouse=True)
def no_earlier_checks(settings):
    settings.ORBITRAGE_LICENCE_CHECKS_PER_MINUTE = 10_000
    cache.clear()


@pytest.fixture
def licence(storage):
    given = issued()
    rendering.render(given.pk)
    return given


def data_of(licence, storage, language="fr"):
    file = LicenceFile.objects.get(licence=licence, language=language)
    return (storage / file.storage_name).read_bytes()


def asked(client, data, accept="application/json"):
    file = SimpleUploadedFile("licence.pdf", data, content_type="application/pdf")
    address = reverse("licences:verify_file")
    return client.post(address, {"file": file}, headers={"accept": accept})


@pytest.mark.parametrize("language", ["fr", "en"])
def test_file_tells_what_it_is_a_document_of(client, licence, storage, language):
    told = asked(client, data_of(licence, storage, language)).json()

    assert (told["number"], told["state"]) == (licence.number, "valid")
    assert told["facts"]["licensee"] == "Commune de Plougastel"


def test_file_of_a_revoked_licence_says_so(client, licence, storage):
    with transaction.atomic():
        services.revoke(request_number=licence.request_number, reason="cancel", decision=uuid4())

    told = asked(client, data_of(licence, storage)).json()

    assert (told["state"], bool(told["facts"]["revoked_on"])) == ("revoked", True)


def test_file_of_a_superseded_licence_names_the_one_that_counts(client, licence, storage):
    successor = issued(entity=licence.entity)
    Licence.objects.filter(pk=licence.pk).update(state="superseded", superseded_by=successor)

    told = asked(client, data_of(licence, storage)).json()

    assert (told["state"], told["facts"]["superseded_by"]) == ("superseded", successor.number)


def test_licence_whose_first_day_is_to_come_is_not_in_force_yet(client):
    tomorrow = timezone.localdate() + timedelta(days=1)
    licence = issued(valid_from=tomorrow)

    told = client.get(licence.verify_path, headers={"accept": "application/json"}).json()

    assert told["state"] == "coming"
    assert told["facts"]["valid_from"] == tomorrow.isoformat()


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7 of somebody else", b"\x00" * 100, b"PLE-DSP-2026-9999"]
)
def test_other_file_is_not_ours(client, licence, data):
    assert asked(client, data).json() == {"number": "", "state": "not_ours"}


def test_every_flipped_byte_is_detected(client, settings, storage, tmp_path):
    give_seal(settings, tmp_path)
    licence = issued()
    rendering.render(licence.pk)
    seal._means.cache_clear()
    data = data_of(licence, storage)
    path, roots = tmp_path / "flipped.pdf", tmp_path / "seal-authority.pem"
    path.write_bytes(data)
    assert pdfsig_says(path) == "Signature is Valid."
    starts, ends = unsigned_range(data)

    for offset in random.Random(20_261_122).sample(range(len(data)), FLIPS):
        flipped = data[:offset] + bytes([data[offset] ^ 0x01]) + data[offset + 1 :]
        assert asked(client, flipped).json()["state"] in ("altered", "not_ours"), offset
        if not starts <= offset < ends:
            path.write_bytes(flipped)
            assert pdfsig_says(path) != "Signature is Valid.", offset
            assert pyhanko_says(path, roots) != "The signature is judged VALID.", offset


def unsigned_range(data):
    """Where the signature itself stands, which cannot sign itself."""
    start = data.index(b"/ByteRange")
    numbers = data[data.index(b"[", start) + 1 : data.index(b"]", start)].split()
    _zero, length, second, _rest = (int(each) for each in numbers)
    return length, second


def test_altered_file_tells_nothing_but_its_claim(client, licence, storage):
    data = data_of(licence, storage)
    altered = data.replace(b"%%EOF", b"%%EOG", 1)

    assert asked(client, altered).json() == {"number": licence.number, "state": "altered"}


def test_page_says_the_same(client, licence, storage):
    page = asked(client, data_of(licence, storage) + b"\n", accept="text/html").content.decode()

    assert licence.number in page
    assert "Commune de Plougastel" not in page


def test_no_file_and_a_long_one_are_refused(client, monkeypatch):
    monkeypatch.setattr(forms, "MAXIMUM_FILE_BYTES", 10)

    answers = [client.post(reverse("licences:verify_file")), asked(client, b"x" * 11, "text/html")]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert asked(client, b"x" * 11).json()["state"] == "refused"


def test_files_are_counted_with_the_other_checks(client, settings):
    settings.ORBITRAGE_LICENCE_CHECKS_PER_MINUTE = 2

    assert [asked(client, b"x").status_code for _ in range(3)] == [200, 200, 429]
