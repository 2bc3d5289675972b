"""The public check of a licence: by its number, with its check code, or by its file."""

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from secrets import compare_digest

from django.utils import timezone

from licences.models import Licence, LicenceFile, page_language

# A number as it stands in the description of a file.
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
    record_sha256: str


@dataclass(frozen=True)
class Verification:
    """``state``: valid, expired, superseded, revoked or unknown; of a file also altered (it names a
    licence and is not its document) and not_ours. ``facts`` need the check code, or the file."""

    number: str
    state: str
    facts: Facts | None
    has_wrong_code: bool


def verification(number: str, code: str = "") -> Verification:
    """What a stranger is told of a licence: its state alone, and the rest with its check code."""
    licence = Licence.objects.select_related("superseded_by").filter(number=number.upper()).first()
    if licence is None:
        return Verification(number=number, state="unknown", facts=None, has_wrong_code=False)
    is_right = compare_digest(code.lower().encode(), licence.check_code.encode())
    return Verification(
        number=licence.number,
        state=_public_state(licence),
        facts=_facts(licence) if is_right else None,
        has_wrong_code=bool(code) and not is_right,
    )


def verification_of_file(data: bytes) -> Verification:
    """What whoever holds a file is told of it. Every byte counts; nothing in it is opened: a
    document that was altered is known by the number in its description, which lies open in it."""
    digest = hashlib.sha256(data).hexdigest()
    given = LicenceFile.objects.select_related("licence__superseded_by").filter(sha256=digest)
    if (file := given.first()) is not None:
        return Verification(
            number=file.licence.number,
            state=_public_state(file.licence),
            facts=_facts(file.licence),
            has_wrong_code=False,
        )
    claims = islice(dict.fromkeys(found.decode() for found in CLAIM.findall(data)), CLAIMS_MAXIMUM)
    named = Licence.objects.filter(number__in=list(claims)).order_by("pk").first()
    return Verification(
        number=named.number if named else "",
        state="altered" if named else "not_ours",
        facts=None,
        has_wrong_code=False,
    )


def _public_state(licence: Licence) -> str:
    if licence.state == Licence.State.ISSUED and licence.is_expired:
        return "expired"
    return STATES[Licence.State(licence.state)]


def _facts(licence: Licence) -> Facts:
    record = licence.record
    return Facts(
        title=record["words"][page_language()]["title"],
        licensee=record["licensee"]["name"],
        sensor=record.get("sensor_name", ""),
        area_km2=licence.area_km2,
        issued_on=timezone.localdate(licence.issued_at),
        valid_from=licence.valid_from,
        valid_until=licence.valid_until,
        revoked_on=timezone.localdate(licence.revoked_at) if licence.revoked_at else None,
        superseded_by=licence.superseded_by.number if licence.superseded_by else "",
        attribution=record.get("attribution", ""),
        record_sha256=licence.record_sha256,
    )
