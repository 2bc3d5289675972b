"""Making the documents of quotations, after the transaction that asks for them."""

from __future__ import annotations

import hashlib
from pathlib import Path

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
    name = f"quotations/{quotation.year}/{quotation.number}-v{version}-{language}.pdf"
    aside = files.write_aside(name, data)
    try:
        _keep(QuotationFile(
            quotation=quotation,
            version=version,
            language=language,
            sha256=hashlib.sha256(data).hexdigest(),
            size_bytes=len(data),
            storage_name=name,
        ), aside)  # fmt: skip
    finally:
        files.discard(aside)


@transaction.atomic
def _keep(made: QuotationFile, aside: Path) -> None:
    """Name the file and write its row while nobody else does; a row already written is right."""
    rows = Quotation.objects.select_for_update(of=("self",), no_key=True)
    rows.only("pk").get(pk=made.quotation_id)
    same = QuotationFile.objects.filter(
        quotation=made.quotation_id, version=made.version, language=made.language
    )
    given = same.first()
    if given is None:
        made.save(force_insert=True)
        given = made
    if given.sha256 == made.sha256:
        files.give_name(aside, given.storage_name)
    files.read(given.storage_name, given.sha256)
