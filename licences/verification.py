"""The public check of a licence: by its number, with its check code, or by its file."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from secrets import compare_digest

from django.utils import timezone

from licences.models import Annex, Licence, LicenceFile, page_language

# The number of a licence as it stands in the description of a file, be it of an annex of it: how
# many of these there are is told to nobody.
CLAIM = re.compile(rb"[A-Z]{3,8}(?:-[A-Z]{2,8})?-2[0-9]{3}-[0-9]{4,7}")
CLAIMS_MAXIMUM = 20
STATES = {
    Licence.State.ISSUED: "valid",
    Licence.State.SUPERSEDED: "superseded",
    Licence.State.REVOKED: "revoked",
}


@dataclass(frozen=True)
class Facts:
    """What whoever holds the document, or its code, may read of a licence."""

    title: str
    licensee: str
    sensor: str
    area_km2: Decimal | None
    issued_on: date
    valid_from: date
    valid_until: date | None
    revoked_on: date | None
    superseded_by: str
    attribution: str
    image_count: int
    record_sha256: str


@dataclass(frozen=True)
class Verification:
    """``state``: valid, coming, expired, superseded, revoked or unknown; of a file also altered (it
    names a licence and is not its document) and not_ours. ``facts`` need the check code, or the
    file."""

    number: str
    state: str
    facts: Facts | None
    has_wrong_code: bool


def verification(number: str, code: str = "") -> Verification:
    """What a stranger is told of a licence: its state alone, and the rest with its check code."""
    number = number.upper()
    document = _numbered(number)
    is_right = document is not None and compare_digest(
        code.lower().encode(), document.check_code.encode()
    )
    # How many annexes there are is told to who holds one.
    if document is None or (isinstance(document, Annex) and not is_right):
        return Verification(number=number, state="unknown", facts=None, has_wrong_code=False)
    return Verification(
        number=document.number,
        state=_public_state(_standing_for(document)),
        facts=_facts(document) if is_right else None,
        has_wrong_code=bool(code) and not is_right,
    )


def verification_of_file(data: bytes) -> Verification:
    """What whoever holds a file is told of it. Every byte counts; nothing in it is opened: a
    document that was altered is known by the number in its description, which lies open in it."""
    digest = hashlib.sha256(data).hexdigest()
    files = LicenceFile.objects.select_related("licence__superseded_by", "annex")
    if (file := files.filter(sha256=digest).first()) is not None:
        return Verification(
            number=file.document.number,
            state=_public_state(_standing_for(file.document)),
            facts=_facts(file.document),
            has_wrong_code=False,
        )
    named = next((found for claim in _claims(data) if (found := _numbered(claim))), None)
    return Verification(
        number=named.number if named else "",
        state="altered" if named else "not_ours",
        facts=None,
        has_wrong_code=False,
    )


def _claims(data: bytes) -> Iterator[str]:
    """The first numbers in it, each once, however many there are."""
    seen: set[str] = set()
    for found in CLAIM.finditer(data):
        claim = found.group().decode()
        if claim not in seen:
            seen.add(claim)
            yield claim
        if len(seen) == CLAIMS_MAXIMUM:
            return


def _numbered(number: str) -> Licence | Annex | None:
    """The document of that number, but of a licence that nobody has signed yet, which strangers
    know nothing of."""
    licences = Licence.objects.select_related("superseded_by").exclude(state=Licence.State.AWAITING)
    annexes = Annex.objects.select_related("licence__superseded_by")
    return licences.filter(number=number).first() or annexes.filter(number=number).first()


def _licence_of(document: Licence | Annex) -> Licence:
    return document.licence if isinstance(document, Annex) else document


def _standing_for(document: Licence | Annex) -> Licence:
    """An annex stands as long as its licence or what renewed it."""
    return document.licence.in_its_place if isinstance(document, Annex) else document


def _public_state(licence: Licence) -> str:
    if licence.state == Licence.State.ISSUED and licence.valid_from > timezone.localdate():
        return "coming"
    if licence.state == Licence.State.ISSUED and licence.is_expired:
        return "expired"
    return STATES[Licence.State(licence.state)]


def _facts(document: Licence | Annex) -> Facts:
    licence, record = _licence_of(document), document.record
    return Facts(
        title=record["words"][page_language()]["title"],
        licensee=record["licensee"]["name"],
        sensor=record.get("sensor_name", ""),
        area_km2=licence.area_km2,
        issued_on=timezone.localdate(document.issued_at),
        valid_from=licence.valid_from,
        valid_until=licence.valid_until,
        revoked_on=timezone.localdate(licence.revoked_at) if licence.revoked_at else None,
        superseded_by=licence.superseded_by.number if licence.superseded_by else "",
        attribution=record.get("attribution", ""),
        image_count=len(record.get("images", [])),
        record_sha256=document.record_sha256,
    )
