"""A document of each kind with nothing in it but examples, to look at a version of its words."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from licences.documents.pdf import licence_pdf
from licences.kinds import Kind
from licences.models import verify_path
from licences.records import FORMAT, LicenceRecord, MembershipRecord, Party, Record, RegionRecord
from licences.services import LAYOUT_VERSION
from orbitrage.shared.canonical import sha256_of

CODE = "0" * 32
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[2.0, 47.0], [2.1, 47.0], [2.1, 47.1], [2.0, 47.1], [2.0, 47.0]]],
}
SQUARE_KM2 = Decimal("84.580000")


def specimen_pdf(kind: Kind, language: str) -> bytes:
    """The document as this version of the kind draws it, in ``language``; it was never issued and
    its check finds nothing."""
    number = f"{kind.prefix}-SPECIMEN"
    first_day = kind.in_force_on.isoformat()
    record = _record_of(kind).as_json() | {
        "format": FORMAT,
        "number": number,
        "kind_version": kind.version,
        "layout_version": LAYOUT_VERSION,
        "words": kind.words,
        "policy": kind.policy,
        "issuer": settings.ORBITRAGE_NAME,
        "decision": "",
        "issued_at": f"{first_day}T00:00:00+00:00",
        "issued_on": first_day,
        "valid_from": first_day,
        "valid_until": None,
        "verify_address": settings.ORBITRAGE_PUBLIC_URL + verify_path(number),
    }
    return licence_pdf(record, sha256=sha256_of(record), check_code=CODE, language=language)


def _record_of(kind: Kind) -> Record:
    sensor = kind.sensors[0] if kind.sensors else ""
    common: dict[str, Any] = {
        "kind": kind.code,
        "licensee": Party(name=_("Name of the licensee"), address=_("Its address")),
    }
    image: dict[str, Any] = {
        "sensor_code": sensor,
        "sensor_name": sensor,
        "area_geojson": SQUARE,
        "area_km2": SQUARE_KM2,
        "attribution": "© … {year}",
    }
    match kind.subject:
        case "request":
            asked: dict[str, Any] = {
                "request_kind": "archive",
                "purpose": _("What the images are for."),
            }
            return LicenceRecord(**common, **image, **asked, request_number="R0000-000000")
        case "region":
            opened: dict[str, Any] = {
                "region_name": _("Name of the region"),
                "vintage": kind.in_force_on.year,
            }
            return RegionRecord(**common, **image, **opened, opens_on=date(2030, 1, 1))
        case _:
            return MembershipRecord(**common)
