"""Making the documents of quotations, after the transaction that asks for them."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from orbitrage.shared.documents import files
from quotas.documents.pdf import quotation_pdf
from quotas.models import Quotation, QuotationFile
from quotas.records import LANGUAGES, Json


def render_quotation(quotation_id: int, version: int) -> None:
    """Make the documents of one version, in every language, once.

    May be run again at any moment, by several at once: a document already given out stays as it
    is. Runs outside any transaction, and reaches no network.

    Raises:
        FileAltered: a document already given out is gone, and does not come out the same again.
    """
    quotation = Quotation.objects.get(pk=quotation_id)
    document = document_of(quotation, version)
    for language in LANGUAGES:
        _render_language(quotation, document, language)


def document_of(quotation: Quotation, version: int) -> Json:
    """The frozen record, with the references that this version is the first to print."""
    rows = quotation.references.filter(document_version=version) if version > 1 else None
    references = rows.order_by("pk").first() if rows is not None else None
    recorded_at = references.at if references else None
    assert quotation.record is not None  # of whatever asks for a document
    return {
        **quotation.record,
        "version": version,
        "recorded_at": recorded_at and recorded_at.isoformat(timespec="seconds"),
        "recorded_on": recorded_at and timezone.localdate(recorded_at).isoformat(),
        "engagement_number": references.engagement_number if references else "",
        "service_code": references.service_code if references else "",
    }


def _render_language(quotation: Quotation, document: Json, language: str) -> None:
    version = document["version"]
    given = quotation.files.filter(version=version, language=language).first()
    if given is not None and files.is_whole(given.storage_name, given.sha256):
        return
    data = quotation_pdf(document, language=language)
    sha256 = files.digest(data)
    stem = f"quotations/{quotation.year}/{quotation.number}-v{version}-{language}"
    name = files.name_of(stem, sha256, "pdf")
    if given is not None and given.sha256 == sha256:
        name = given.storage_name
    if given is None or given.storage_name == name:
        files.keep(name, data)
    _enter(QuotationFile(
        quotation=quotation,
        version=version,
        language=language,
        sha256=sha256,
        size_bytes=len(data),
        storage_name=name,
    ))  # fmt: skip


def _enter(made: QuotationFile) -> None:
    """Write the row of a file already kept; where another was given out before, that one stands."""
    same = QuotationFile.objects.filter(
        quotation=made.quotation_id, version=made.version, language=made.language
    )
    with transaction.atomic():
        rows = Quotation.objects.select_for_update(of=("self",), no_key=True)
        rows.only("pk").get(pk=made.quotation_id)
        if (given := same.first()) is None:
            made.save(force_insert=True)
            given = made
    if given.storage_name != made.storage_name:
        files.discard(made.storage_name)
    files.read(given.storage_name, given.sha256)
