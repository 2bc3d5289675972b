"""The files of quotations: made once, after the commit, and kept."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from orbitrage.outbox_handlers import look_at_outbox
from orbitrage.shared.documents import files
from quotas import services
from quotas.models import QuotationFile
from quotas.services import References, quotation_documents
from tests.eligibility.factories import AffiliationFactory
from tests.interrupted import Killed, stored
from tests.quotas.factories import quoted
from tests.shared.printed import squeezed, words_of

pytestmark = pytest.mark.django_db(transaction=True)


def assert_whole(quotation, storage, version=1):
    """One file and one row per language, and each file is the one of its row."""
    rows = QuotationFile.objects.filter(quotation=quotation, version=version).order_by("language")
    assert [row.language for row in rows] == ["en", "fr"]
    for row in rows:
        data = (storage / row.storage_name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == row.sha256
        assert len(data) == row.size_bytes


def test_outbox_has_both_languages_made(storage):
    quotation = quoted()

    look_at_outbox()

    assert_whole(quotation, storage)
    assert stored(storage) == ["Q-2026-0001-v1-en.pdf", "Q-2026-0001-v1-fr.pdf"]


def test_made_again_nothing_changes(storage):
    quotation = quoted()
    services.render_quotation(quotation.pk, 1)
    before = list(QuotationFile.objects.order_by("pk").values())
    times = [path.stat().st_mtime_ns for path in sorted(storage.rglob("*.pdf"))]

    services.render_quotation(quotation.pk, 1)

    assert list(QuotationFile.objects.order_by("pk").values()) == before
    assert [path.stat().st_mtime_ns for path in sorted(storage.rglob("*.pdf"))] == times


def test_new_references_have_a_document_of_their_own_and_the_first_is_kept(storage):
    contact = AffiliationFactory(role="entity_contact")
    quotation = quoted(entity=contact.entity)
    references = References(engagement_number="EJ-2026-417")
    services.record_references(
        user=contact.user, quotation_number=quotation.number, references=references, seen_id=0
    )

    look_at_outbox()

    assert_whole(quotation, storage)
    assert_whole(quotation, storage, version=2)
    texts = [
        squeezed(" ".join(words_of((storage / file.storage_name).read_bytes())))
        for file in QuotationFile.objects.filter(language="fr").order_by("version")
    ]
    assert ["EJ-2026-417" in text for text in texts] == [False, True]


def test_drawing_happens_outside_any_transaction(monkeypatch):
    quotation = quoted()
    seen = []
    draw = quotation_documents.quotation_pdf
    monkeypatch.setattr(
        quotation_documents,
        "quotation_pdf",
        lambda *args, **kwargs: seen.append(connection.in_atomic_block) or draw(*args, **kwargs),
    )

    services.render_quotation(quotation.pk, 1)

    assert seen == [False, False]


def test_killed_between_file_and_row(monkeypatch, storage):
    quotation = quoted()
    keep = files.keep

    def die_after(name, data):
        keep(name, data)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(files, "keep", die_after)
        with pytest.raises(Killed):
            services.render_quotation(quotation.pk, 1)
    assert stored(storage) == ["Q-2026-0001-v1-fr.pdf"]
    assert not QuotationFile.objects.exists()

    services.render_quotation(quotation.pk, 1)

    assert_whole(quotation, storage)


@pytest.mark.concurrency
def test_two_workers_at_once_make_one_file(storage):
    quotation = quoted()

    def make(_):
        try:
            services.render_quotation(quotation.pk, 1)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(make, range(2)))

    assert_whole(quotation, storage)


def test_lost_file_comes_back_the_same(storage):
    quotation = quoted()
    services.render_quotation(quotation.pk, 1)
    (storage / QuotationFile.objects.get(language="fr").storage_name).unlink()

    services.render_quotation(quotation.pk, 1)

    assert_whole(quotation, storage)


def test_file_that_would_come_out_otherwise_is_not_replaced(storage, monkeypatch):
    quotation = quoted()
    services.render_quotation(quotation.pk, 1)
    row = QuotationFile.objects.get(language="fr")
    (storage / row.storage_name).unlink()
    monkeypatch.setattr(
        quotation_documents, "quotation_pdf", lambda *args, **kwargs: b"%PDF another"
    )

    with pytest.raises(files.FileAltered):
        services.render_quotation(quotation.pk, 1)

    assert not (storage / row.storage_name).exists()
