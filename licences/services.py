"""Giving licences, taking them back, and making their documents."""

import hashlib
import secrets
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from licences.documents.pdf import licence_pdf
from licences.kinds import LANGUAGES, Kind, get_kind
from licences.models import Licence, LicenceFile, LicenceQuerySet, verify_path
from licences.records import FORMAT, Json, Record
from orbitrage.shared import outbox
from orbitrage.shared.canonical import sha256_of
from orbitrage.shared.documents import files, seal
from orbitrage.shared.documents.seal import Sealed
from orbitrage.shared.errors import DomainError, Refusal

LAYOUT_VERSION = "1"
RENDER_TOPIC = "licences.render"

NEXT_NUMBER_SQL = """
INSERT INTO licences_licencecounter AS counter (kind, year, last) VALUES (%s, %s, 1)
ON CONFLICT (kind, year) DO UPDATE SET last = counter.last + 1
RETURNING last
"""


class RecordAltered(DomainError):
    """The record kept is not the one that was issued."""


def digest(data: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def issue(
    *,
    record: Record,
    decision: UUID,
    entity_id: int,
    cell_id: int | None = None,
    replaces: Licence | None = None,
) -> Licence:
    """Give a licence its number, freeze its record and ask for its document. One that it
    ``replaces`` is superseded by it.

    Belongs to the transaction of the decision, as its last step: the counter of the kind and year
    stays locked until that transaction ends, so that its number comes back if it is undone.

    Raises:
        TransactionManagementError: no transaction is open.
        KindUnknown: there is no such kind of licence.
        IntegrityError: this decision has already given a licence, or what it replaces is no
            longer in force.
    """
    _require_transaction()
    primary_key = _supersede(replaces) if replaces else None
    kind = get_kind(record.kind)
    issued_at = timezone.now()
    today = timezone.localdate(issued_at)
    said = record.as_json()
    sequence = _next_sequence(kind.code, today.year)
    number = f"{kind.prefix}-{today.year}-{sequence:04d}"
    valid_from = record.valid_from or today
    valid_until = record.valid_until or _last_day(valid_from, kind.validity_years)
    frozen = said | _heading(number, kind, issued_at, decision) | _days(valid_from, valid_until)
    licence = Licence.objects.create(
        pk=primary_key,
        number=number,
        kind=kind.code,
        kind_version=kind.version,
        year=today.year,
        sequence=sequence,
        subject=record.subject,
        request_number=record.request_number,
        entity_id=entity_id,
        cell_id=cell_id,
        decision=decision,
        sensor_code=record.sensor_code,
        area_km2=record.area_km2,
        record=frozen,
        record_sha256=sha256_of(frozen),
        check_code=secrets.token_hex(16),
        issued_at=issued_at,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    outbox.write(
        topic=RENDER_TOPIC,
        key=f"{RENDER_TOPIC}:{number}",
        payload={"licence_id": licence.pk},
        stream=record.request_number or number,
    )
    return licence


def revoke(*, request_number: str, reason: str, decision: UUID) -> list[Licence]:
    """Take back what a request was given; return the licences taken back, perhaps none.

    Belongs to the transaction of the decision. Locks the licences. Their numbers are kept.

    Raises:
        TransactionManagementError: no transaction is open.
        IntegrityError: ``reason`` is empty.
    """
    _require_transaction()
    given = Licence.objects.filter(subject="request", request_number=request_number)
    return _take_back(given, reason, decision)


def revoke_document(*, entity_id: int, kind: str, reason: str, decision: UUID) -> list[Licence]:
    """Take back a document of an entity's membership, as :func:`revoke` does."""
    _require_transaction()
    given = Licence.objects.filter(subject="membership", entity_id=entity_id, kind=kind)
    return _take_back(given, reason, decision)


def _take_back(given: LicenceQuerySet, reason: str, decision: UUID) -> list[Licence]:
    issued = given.filter(state=Licence.State.ISSUED)
    licences = list(issued.select_for_update(of=("self",), no_key=True).order_by("pk"))
    for licence in licences:
        licence.state = Licence.State.REVOKED
        licence.revoked_at = timezone.now()
        licence.revocation_reason = reason
        licence.revocation_decision = decision
        licence.save(
            update_fields=["state", "revoked_at", "revocation_reason", "revocation_decision"]
        )
    return licences


def render(licence_id: int) -> None:
    """Make the documents of a licence, in every language, once.

    May be run again at any moment, by several at once: a document already given out stays as it
    is. Runs outside any transaction, and reaches no network.

    Raises:
        RecordAltered: the record is not the one that was issued.
        FileAltered: a document already given out is gone, and does not come out the same again.
    """
    licence = Licence.objects.get(pk=licence_id)
    if sha256_of(licence.record) != licence.record_sha256:
        message = _("The record of licence %(number)s is not the one that was issued.")
        raise RecordAltered(Refusal("licence_record_altered", message % {"number": licence.number}))
    for language in LANGUAGES:
        _render_language(licence, language)


def _render_language(licence: Licence, language: str) -> None:
    given = licence.files.filter(version=licence.version, language=language).first()
    if given is not None and files.is_whole(given.storage_name, given.sha256):
        return
    printed = licence_pdf(
        licence.record,
        sha256=licence.record_sha256,
        check_code=licence.check_code,
        language=language,
    )
    document = _sealed(printed, licence, language)
    name = f"licences/{licence.year}/{licence.number}-v{licence.version}-{language}.pdf"
    aside = files.write_aside(name, document.data)
    row = LicenceFile(
        licence=licence,
        version=licence.version,
        language=language,
        sha256=digest(document.data),
        printed_sha256=digest(printed),
        seal_level=document.level,
        size_bytes=len(document.data),
        storage_name=name,
    )
    try:
        _keep(row, aside)
    finally:
        files.discard(aside)


def _sealed(printed: bytes, licence: Licence, language: str) -> Sealed:
    if not seal.is_configured():
        return Sealed(printed, level="")
    with override(language):
        title = _("Seal of %(programme)s") % {"programme": settings.ORBITRAGE_NAME}
        reason = _("%(number)s, as issued") % {"number": licence.number}
    return seal.seal(printed, field_title=title, reason=reason)


@transaction.atomic
def _keep(row: LicenceFile, aside: Path) -> None:
    """Name the file and write its row while nobody else does; a row already written is right."""
    Licence.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=row.licence_id)
    same = LicenceFile.objects.filter(
        licence_id=row.licence_id, version=row.version, language=row.language
    )
    if (given := same.first()) is None:
        row.save(force_insert=True)
        given = row
    if given.sha256 == row.sha256:
        files.give_name(aside, given.storage_name)
    files.read(given.storage_name, given.sha256)


def _supersede(licence: Licence) -> int:
    """Name the successor of a licence before there is one: no two may be in force at once, and the
    database looks at the key when the transaction ends. Return that key."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('licences_licence', 'id'))")
        (successor,) = cursor.fetchone()
    licence.state = Licence.State.SUPERSEDED
    licence.superseded_by_id = int(successor)
    licence.save(update_fields=["state", "superseded_by"])
    return int(successor)


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A licence belongs to a transaction.")


def _next_sequence(kind: str, year: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(NEXT_NUMBER_SQL, [kind, year])
        (last,) = cursor.fetchone()
    return int(last)


def _heading(number: str, kind: Kind, issued_at: datetime, decision: UUID) -> Json:
    """What issuing adds to what was asked, with the words of the kind in its present version."""
    return {
        "format": FORMAT,
        "number": number,
        "kind_version": kind.version,
        "layout_version": LAYOUT_VERSION,
        "words": kind.words,
        "issuer": getattr(settings, "ORBITRAGE_NAME", "Orbitrage"),
        "decision": str(decision),
        "issued_at": issued_at.isoformat(timespec="seconds"),
        "issued_on": timezone.localdate(issued_at).isoformat(),
        "verify_address": settings.ORBITRAGE_PUBLIC_URL + verify_path(number),
    }


def _days(valid_from: date, valid_until: date | None) -> Json:
    last_day = valid_until.isoformat() if valid_until else None
    return {"valid_from": valid_from.isoformat(), "valid_until": last_day}


def _last_day(first_day: date, years: int) -> date | None:
    """The day before the anniversary (of 29 February: 1 March); None when the right has no end."""
    if not years:
        return None
    is_leap_day = (first_day.month, first_day.day) == (2, 29)
    same_day = first_day.replace(month=3, day=1) if is_leap_day else first_day
    return same_day.replace(year=first_day.year + years) - timedelta(days=1)
