"""The images of a delivery: a document of its own beside the licence, which never changes."""

import hashlib
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.db.transaction import TransactionManagementError
from django.urls import reverse

from licences import rendering, services
from licences.models import Annex, Licence, LicenceFile
from licences.verification import verification
from orbitrage.shared.canonical import sha256_of
from orbitrage.shared.models import OutboxMessage
from tests.concurrency import in_parallel
from tests.eligibility.factories import AffiliationFactory
from tests.licences.factories import annexed, image_of, issued, revoked
from tests.shared.printed import words_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_annexes_of_a_licence_are_numbered_within_it():
    licence, other = issued(), issued()

    numbers = [annexed(each).number for each in (licence, licence, other)]

    assert numbers == [f"{licence.number}-A1", f"{licence.number}-A2", f"{other.number}-A1"]


def test_annex_names_its_licence_and_each_image_with_its_own_credit():
    licence = issued()
    old = image_of(
        acquired_at=datetime(2019, 7, 3, tzinfo=UTC),
        attribution="© CNES 2019, distribution Airbus DS",
    )

    record = annexed(licence, old, image_of()).record

    assert record["licence_number"] == licence.number
    assert record["licence_record_sha256"] == licence.record_sha256
    said = [image["attribution"] for image in record["images"]]
    assert said == [
        "© CNES 2019, distribution Airbus DS",
        "© CNES 2026, distribution Airbus DS",
    ]


def test_annex_leaves_the_licence_as_it_was():
    licence = issued()
    before = Licence.objects.values().get(pk=licence.pk)

    annexed(licence)

    assert Licence.objects.values().get(pk=licence.pk) == before


def test_nothing_is_annexed_to_a_licence_that_is_not_in_force():
    licence = revoked()

    with transaction.atomic():
        annex = services.add_annex(
            request_number=licence.request_number, images=[image_of()], decision=uuid4()
        )

    assert annex is None


def test_delivery_is_annexed_once():
    licence, decision = issued(), uuid4()
    said = {"request_number": licence.request_number, "images": [image_of()]}
    with transaction.atomic():
        services.add_annex(**said, decision=decision)

    with pytest.raises(IntegrityError), transaction.atomic():
        services.add_annex(**said, decision=decision)

    assert Annex.objects.count() == 1


def test_annex_belongs_to_a_transaction():
    licence = issued()

    with pytest.raises(TransactionManagementError):
        services.add_annex(
            request_number=licence.request_number, images=[image_of()], decision=uuid4()
        )


def test_annexes_given_at_once_have_each_their_number():
    licence = issued()

    for future in in_parallel([lambda: annexed(licence)] * 6):
        future.result()

    numbers = Annex.objects.order_by("sequence").values_list("sequence", flat=True)
    assert list(numbers) == [1, 2, 3, 4, 5, 6]


def test_annex_undone_gives_its_number_back():
    licence = issued()
    with transaction.atomic():
        services.add_annex(
            request_number=licence.request_number, images=[image_of()], decision=uuid4()
        )
        transaction.set_rollback(True)

    assert annexed(licence).number == f"{licence.number}-A1"
    assert OutboxMessage.objects.filter(topic="licences.render_annex").count() == 1


@pytest.mark.parametrize("change", [{"sequence": 9}, {"record": {}}])
def test_annex_never_changes(change):
    annex = annexed(issued())

    with pytest.raises(IntegrityError, match="annex_is_append_only"), transaction.atomic():
        Annex.objects.filter(pk=annex.pk).update(**change)
    with pytest.raises(IntegrityError, match="annex_is_append_only"), transaction.atomic():
        annex.delete()


# --- Its documents --------------------------------------------------------------------------------


@pytest.fixture
def affiliation():
    return AffiliationFactory()


@pytest.fixture
def annex(storage, affiliation):
    licence = issued(entity=affiliation.entity)
    rendering.render(licence.pk)
    given = annexed(licence, *[image_of() for _ in range(3)])
    rendering.render_annex(given.pk)
    return given


@pytest.mark.parametrize("language", ["fr", "en"])
def test_document_says_every_image(annex, language):
    text = " ".join(words_of(rendering.print_again(annex, language)))

    assert annex.number in text
    assert annex.licence.number in text
    for image in annex.record["images"]:
        assert image["identifier"] in text.replace(" ", "")
    assert text.count("© CNES 2026, distribution Airbus DS") == 3
    assert sha256_of(annex.record) in text


def test_files_of_an_annex_stand_beside_those_of_its_licence(annex):
    rendering.render_annex(annex.pk)

    rows = LicenceFile.objects.filter(licence=annex.licence)
    assert sorted((row.document.number, row.language) for row in rows) == [
        (annex.licence.number, "en"),
        (annex.licence.number, "fr"),
        (annex.number, "en"),
        (annex.number, "fr"),
    ]


def test_members_download_the_annex_and_strangers_find_nothing(client, annex, affiliation, storage):
    address = reverse("licences:download", args=[annex.number, "fr"])
    file = LicenceFile.objects.get(annex=annex, language="fr")
    client.force_login(AffiliationFactory().user)
    assert client.get(address).status_code == 404

    client.force_login(affiliation.user)
    response = client.get(address)

    assert response.status_code == 200
    assert hashlib.sha256(response.content).hexdigest() == file.sha256
    assert f'filename="{annex.number}-fr.pdf"' in response["Content-Disposition"]


def test_annex_is_no_longer_given_out_once_its_licence_is_revoked(client, annex, affiliation):
    with transaction.atomic():
        services.revoke(
            request_number=annex.licence.request_number, reason="rescind", decision=uuid4()
        )
    client.force_login(affiliation.user)

    response = client.get(reverse("licences:download", args=[annex.number, "fr"]))

    assert response.status_code == 410


def test_page_of_the_licence_lists_its_annexes(client, annex, affiliation):
    client.force_login(affiliation.user)

    page = client.get(annex.licence.get_absolute_url()).text

    assert annex.number in page
    for language in ("fr", "en"):
        assert reverse("licences:download", args=[annex.number, language]) in page


# --- Its check ------------------------------------------------------------------------------------


def test_check_of_an_annex_says_the_state_of_its_licence(annex):
    assert verification(annex.number).state == "unknown"
    assert verification(annex.number, annex.check_code).state == "valid"
    assert verification(annex.number, annex.check_code).facts.image_count == 3

    with transaction.atomic():
        services.revoke(
            request_number=annex.licence.request_number, reason="rescind", decision=uuid4()
        )

    assert verification(annex.number, annex.check_code).state == "revoked"


def test_file_of_an_annex_is_told_from_one_altered(client, annex, storage):
    cache.clear()
    file = LicenceFile.objects.get(annex=annex, language="fr")
    data = (storage / file.storage_name).read_bytes()

    def asked(content):
        upload = SimpleUploadedFile("annex.pdf", content, content_type="application/pdf")
        address = reverse("licences:verify_file")
        return client.post(address, {"file": upload}, headers={"accept": "application/json"}).json()

    whole, altered = asked(data), asked(data[:-1] + b" ")

    assert (whole["number"], whole["state"]) == (annex.number, "valid")
    # It names its licence: how many annexes that has is told to nobody.
    assert (altered["number"], altered["state"]) == (annex.licence.number, "altered")
    assert asked(f"{annex.licence.number}-A9".encode()) == altered
