"""Giving licences, adding what came to them, and taking them back."""

import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from eligibility.models import User
from licences.kinds import get_kind
from licences.models import Annex, Licence, LicenceQuerySet, verify_path
from licences.records import FORMAT, DeliveredImage, Json, Record
from orbitrage.shared import outbox
from orbitrage.shared.canonical import sha256_of

LAYOUT_VERSION = "1"
RENDER_TOPIC = "licences.render"
SIGNATURE_TOPIC = "licences.ask_signature"
SIGNED_TOPIC = "licences.signed"
RENEWED_TOPIC = "licences.renewed"
OPEN_TOPIC = "licences.open_region"
RENDER_ANNEX_TOPIC = "licences.render_annex"
REVOCATION = ("revoked_at", "revocation_reason", "revocation_decision", "revoked_by")
TAKEN_OVER = (
    "kind",
    "kind_version",
    "words",
    "licensee",
    "representative",
    "sensor_name",
    "request_number",
    "valid_from",
    "valid_until",
)
"""What an annex says as its licence did."""

NEXT_NUMBER_SQL = """
INSERT INTO licences_licencecounter AS counter (kind, year, last) VALUES (%s, %s, 1)
ON CONFLICT (kind, year) DO UPDATE SET last = counter.last + 1
RETURNING last
"""


def issue(
    *,
    record: Record,
    decision: UUID,
    entity_id: int,
    cell_id: int | None = None,
    requester_id: int | None = None,
    replaces: Licence | None = None,
) -> Licence:
    """Give a licence its number, freeze its record and ask for its document, or for the signature
    that its kind needs first. One that it ``replaces`` is superseded by it.

    Belongs to the transaction of the decision, as its last step: the counter of the kind and year
    stays locked until that transaction ends, so that its number comes back if it is undone.

    Raises:
        TransactionManagementError: no transaction is open.
        KindUnknown: there is no such kind of licence.
        IntegrityError: this decision has already given a licence, or what it replaces is no
            longer in force.
    """
    _require_transaction()
    return _give(
        record.as_json(),
        decision=decision,
        entity_id=entity_id,
        cell_id=cell_id,
        requester_id=requester_id,
        replaces=replaces,
    )


def renew(licence: Licence, *, anew: Json, decision: UUID) -> Licence:
    """Give again, from today on and in the present words of its kind, what ``licence`` gave, but
    for what is said ``anew``; it is superseded. Belongs to the transaction of the decision, which
    has locked it.

    Raises:
        IntegrityError: this decision has already given a licence, or ``licence`` is no longer in
            force.
    """
    _require_transaction()
    as_before = licence.record | {"valid_from": None, "valid_until": None}
    renewed = _give(
        as_before | anew | {"renews": licence.number},
        decision=decision,
        entity_id=licence.entity_id,
        cell_id=licence.cell_id,
        requester_id=licence.requester_id,
        replaces=licence,
    )
    if renewed.subject == Licence.Subject.REQUEST:
        write_effect(RENEWED_TOPIC, renewed)
    return renewed


def _give(
    said: Json,
    *,
    decision: UUID,
    entity_id: int,
    cell_id: int | None,
    requester_id: int | None,
    replaces: Licence | None,
) -> Licence:
    """``said`` is a record as JSON; what issuing adds replaces what an earlier issue had added."""
    primary_key = _supersede(replaces) if replaces else None
    kind = get_kind(said["kind"])
    issued_at = timezone.now()
    today = timezone.localdate(issued_at)
    sequence = _next_sequence(kind.code, today.year)
    number = f"{kind.prefix}-{today.year}-{sequence:04d}"
    valid_from = _day(said["valid_from"]) or today
    valid_until = _day(said["valid_until"]) or _last_day(valid_from, kind.validity_years)
    words = {"kind_version": kind.version, "words": kind.words, "policy": kind.policy}
    frozen = said | words | _heading(number, issued_at, decision) | _days(valid_from, valid_until)
    licence = Licence.objects.create(
        pk=primary_key,
        number=number,
        kind=kind.code,
        kind_version=kind.version,
        year=today.year,
        sequence=sequence,
        subject=said.get("subject", Licence.Subject.REQUEST),
        request_number=said["request_number"],
        entity_id=entity_id,
        cell_id=cell_id,
        requester_id=requester_id,
        decision=decision,
        sensor_code=said["sensor_code"],
        area_km2=Decimal(said["area_km2"]) if said["area_km2"] else None,
        record=frozen,
        record_sha256=sha256_of(frozen),
        check_code=secrets.token_hex(16),
        issued_at=issued_at,
        valid_from=valid_from,
        valid_until=valid_until,
        state=Licence.State.AWAITING if kind.is_signed_here else Licence.State.ISSUED,
    )
    write_effect(SIGNATURE_TOPIC if kind.is_signed_here else RENDER_TOPIC, licence)
    return licence


def effect_key(topic: str, document: Licence | Annex) -> str:
    return f"{topic}:{document.number}"


def write_effect(topic: str, licence: Licence) -> None:
    """Ask, once, for what follows from a licence: its signature, its documents."""
    outbox.write(
        topic=topic,
        key=effect_key(topic, licence),
        payload={"licence_id": licence.pk},
        stream=licence.request_number or licence.number,
    )


def add_annex(
    *, request_number: str, images: Iterable[DeliveredImage], decision: UUID
) -> Annex | None:
    """Number a delivery as an annex to the licence of its request, and ask for its document; None
    where no licence of it is in force.

    Belongs to the transaction of the delivery. Locks the licence.

    Raises:
        TransactionManagementError: no transaction is open.
        IntegrityError: this delivery has its annex already.
    """
    _require_transaction()
    in_force = Licence.objects.filter(subject=Licence.Subject.REQUEST, state=Licence.State.ISSUED)
    locked = in_force.select_for_update(of=("self",), no_key=True)
    of_request = locked.filter(request_number=request_number)
    # Whoever waited for a renewal to end finds its successor by asking again.
    if (licence := of_request.first() or of_request.first()) is None:
        return None
    sequence = licence.annexes.count() + 1
    number = f"{licence.number}-A{sequence}"
    issued_at = timezone.now()
    frozen: Json = {
        **{name: licence.record[name] for name in TAKEN_OVER},
        **_heading(number, issued_at, decision),
        "subject": "annex",
        "sequence": sequence,
        "licence_number": licence.number,
        "licence_record_sha256": licence.record_sha256,
        "images": [image.as_json() for image in images],
    }
    annex = Annex.objects.create(
        licence=licence,
        sequence=sequence,
        number=number,
        decision=decision,
        record=frozen,
        record_sha256=sha256_of(frozen),
        check_code=secrets.token_hex(16),
        issued_at=issued_at,
    )
    outbox.write(
        topic=RENDER_ANNEX_TOPIC,
        key=effect_key(RENDER_ANNEX_TOPIC, annex),
        payload={"annex_id": annex.pk},
        stream=request_number,
    )
    return annex


def revoke(*, request_number: str, reason: str, decision: UUID) -> list[Licence]:
    """Take back what a request was given; return the licences taken back, perhaps none.

    Belongs to the transaction of the decision. Locks the licences. Their numbers are kept.

    Raises:
        TransactionManagementError: no transaction is open.
        IntegrityError: ``reason`` is empty.
    """
    _require_transaction()
    given = Licence.objects.filter(subject=Licence.Subject.REQUEST, request_number=request_number)
    return _take_back(given, reason, decision)


def revoke_document(*, entity_id: int, kind: str, reason: str, decision: UUID) -> list[Licence]:
    """Take back a document of an entity's membership, as :func:`revoke` does."""
    _require_transaction()
    given = Licence.objects.filter(
        subject=Licence.Subject.MEMBERSHIP, entity_id=entity_id, kind=kind
    )
    return _take_back(given, reason, decision)


def revoke_one(licence: Licence, *, reason: str, decision: UUID, by: User) -> Licence:
    """Take back one licence, by somebody's own decision, as :func:`revoke` does."""
    _require_transaction()
    (revoked,) = _take_back(Licence.objects.filter(pk=licence.pk), reason, decision, by)
    return revoked


def _take_back(
    given: LicenceQuerySet, reason: str, decision: UUID, by: User | None = None
) -> list[Licence]:
    standing = given.filter(state__in=(Licence.State.AWAITING, Licence.State.ISSUED))
    licences = list(standing.select_for_update(of=("self",), no_key=True).order_by("pk"))
    for licence in licences:
        licence.state = Licence.State.REVOKED
        licence.revoked_at = timezone.now()
        licence.revocation_reason = reason
        licence.revocation_decision = decision
        licence.revoked_by = by
        licence.save(update_fields=["state", *REVOCATION])
    return licences


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


def _heading(number: str, issued_at: datetime, decision: UUID) -> Json:
    """What issuing adds to what a document says."""
    return {
        "format": FORMAT,
        "number": number,
        "layout_version": LAYOUT_VERSION,
        "issuer": settings.ORBITRAGE_NAME,
        "decision": str(decision),
        "issued_at": issued_at.isoformat(timespec="seconds"),
        "issued_on": timezone.localdate(issued_at).isoformat(),
        "verify_address": settings.ORBITRAGE_PUBLIC_URL + verify_path(number),
    }


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


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
