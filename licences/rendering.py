"""Making the documents of licences and of their annexes, once each, and keeping them."""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from licences.documents.pdf import licence_pdf
from licences.kinds import LANGUAGES
from licences.models import Annex, Licence, LicenceFile
from licences.services import RENDER_ANNEX_TOPIC, RENDER_TOPIC, effect_key
from orbitrage.shared import outbox
from orbitrage.shared.canonical import sha256_of
from orbitrage.shared.documents import files, seal
from orbitrage.shared.documents.seal import Sealed
from orbitrage.shared.errors import DomainError, Refusal
from orbitrage.shared.models import OutboxMessage, OutboxState

FOLDER = "licences"
ORPHAN_AFTER = timedelta(days=30)
"""Long enough for a database restored from a backup to be noticed."""


class RecordAltered(DomainError):
    """The record kept is not the one that was issued."""


def render(licence_id: int) -> None:
    """Make the documents of a licence, in every language, once; none while it awaits a signature.

    May be run again at any moment, by several at once: a document already given out stays as it
    is. Runs outside any transaction; the seal alone may reach a network, for its time-stamp.

    Raises:
        RecordAltered: the record is not the one that was issued.
        FileAltered: a document already given out is gone, and does not come out the same again.
        SealUnavailable, NoAnswer: the seal cannot be put on it now.
    """
    licence = Licence.objects.get(pk=licence_id)
    if licence.state != Licence.State.AWAITING:
        _render(licence)


def render_annex(annex_id: int) -> None:
    """Make the documents of an annex, as :func:`render` does."""
    _render(Annex.objects.select_related("licence").get(pk=annex_id))


def print_again(document: Licence | Annex, language: str) -> bytes:
    """The document before its seal, from its record alone: the same bytes on the same machine."""
    return licence_pdf(
        document.record,
        sha256=document.record_sha256,
        check_code=document.check_code,
        language=language,
        signature=document.signature_as_json,
    )


def given_up(documents: Iterable[Licence | Annex]) -> list[OutboxMessage]:
    """The last try of each that was tried too often, and waits for an operator."""
    keys = [_key(document) for document in documents]
    return list(OutboxMessage.objects.filter(key__in=keys, state=OutboxState.DEAD))


def make_again(documents: Iterable[Licence | Annex]) -> bool:
    """Have those made again that were given up, or whose file is gone or altered; whether there
    is one. Of a sealed file no other is given out in its place."""
    made = [_make_again(document) for document in documents]
    return any(made)


def _make_again(document: Licence | Annex) -> bool:
    message = outbox.message_of(_key(document))
    if message is None:
        return False
    rows = [_given_like(_row_of(document, language)) for language in LANGUAGES]
    if all(row is None or files.is_whole(row.storage_name, row.sha256) for row in rows):
        return outbox.revive(message.pk)
    return outbox.repeat(message.pk) or outbox.revive(message.pk)


def _key(document: Licence | Annex) -> str:
    is_annex = isinstance(document, Annex)
    return effect_key(RENDER_ANNEX_TOPIC if is_annex else RENDER_TOPIC, document)


def sweep() -> int:
    """Delete the documents that no row has named for a month, and return how many: a sealed one
    never comes out the same again."""
    names = LicenceFile.objects.values_list("storage_name", flat=True)
    return files.sweep(FOLDER, set(names), older_than=ORPHAN_AFTER)


def _render(document: Licence | Annex) -> None:
    if sha256_of(document.record) != document.record_sha256:
        message = _("The record of licence %(number)s is not the one that was issued.")
        raise RecordAltered(
            Refusal("licence_record_altered", message % {"number": document.number})
        )
    for language in LANGUAGES:
        row = _row_of(document, language)
        given = _given_like(row)
        if given is None or not files.is_whole(given.storage_name, given.sha256):
            _render_language(document, row)


def _row_of(document: Licence | Annex, language: str) -> LicenceFile:
    if isinstance(document, Annex):
        licence, annex = document.licence, document
    else:
        licence, annex = document, None
    return LicenceFile(licence=licence, annex=annex, version=licence.version, language=language)


def _given_like(row: LicenceFile) -> LicenceFile | None:
    """The same document, given out already."""
    return LicenceFile.objects.filter(
        licence_id=row.licence_id,
        version=row.version,
        annex=row.annex,
        language=row.language,
    ).first()


def _render_language(document: Licence | Annex, row: LicenceFile) -> None:
    printed = print_again(document, row.language)
    sealed = _sealed(printed, document.number, row.language)
    row.printed_sha256 = files.digest(printed)
    row.sha256 = files.digest(sealed.data)
    row.seal_level = sealed.level
    row.size_bytes = len(sealed.data)
    stem = f"{FOLDER}/{row.licence.year}/{document.number}-v{row.version}-{row.language}"
    row.storage_name = files.name_of(stem, row.sha256, "pdf")
    given = _given_like(row)
    if given is not None and given.sha256 == row.sha256:
        row.storage_name = given.storage_name
    if given is None or given.storage_name == row.storage_name:
        files.keep(row.storage_name, sealed.data)
    _enter(row)


def _sealed(printed: bytes, number: str, language: str) -> Sealed:
    if not seal.is_configured():
        return Sealed(printed, level="")
    with override(language):
        title = _("Seal of %(programme)s") % {"programme": settings.ORBITRAGE_NAME}
        reason = _("%(number)s, as issued") % {"number": number}
    return seal.seal(printed, field_title=title, reason=reason)


def _enter(row: LicenceFile) -> None:
    """Write the row of a file already kept; where another was given out before, that one stands."""
    with transaction.atomic():
        rows = Licence.objects.select_for_update(of=("self",), no_key=True)
        rows.only("pk").get(pk=row.licence_id)
        if (given := _given_like(row)) is None:
            row.save(force_insert=True)
            given = row
    if given.storage_name != row.storage_name:
        files.discard(row.storage_name)
    files.read(given.storage_name, given.sha256)
