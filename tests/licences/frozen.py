"""A record of a licence as issuing freezes it."""

from licences.kinds import get_kind
from licences.records import FORMAT, Json, Record
from tests.licences.factories import record_of

CODE = "9f86d081884c7d659a2feaa0c55ad015"


def frozen(**changes) -> Json:
    return frozen_of(record_of(**changes))


def frozen_of(record: Record) -> Json:
    """``record`` as issuing freezes it, on a day of the past."""
    kind = get_kind(record.kind)
    number = f"{kind.prefix}-2026-0042"
    return record.as_json() | {
        "format": FORMAT,
        "number": number,
        "kind_version": kind.version,
        "layout_version": "1",
        "words": kind.words,
        "policy": kind.policy,
        "issuer": "Orbitrage",
        "decision": "0e0d4a5e-7f0c-4a53-9d62-0d1f4b7a1b11",
        "issued_at": "2026-03-01T09:12:31+00:00",
        "issued_on": "2026-03-01",
        "valid_from": "2026-03-01",
        "valid_until": None,
        "verify_address": f"https://orbitrage.example/licences/verify/{number}/",
    }
