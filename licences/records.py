"""What a licence or a document of a membership says, as plain data, frozen when it is issued.

Built above (from a request), never read back from there: the document, the page and the public
check all speak from it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal

FORMAT = "orbitrage-licence/1"

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Party:
    name: str
    acronym: str = ""
    siret: str = ""
    address: str = ""
    country: str = "FR"


@dataclass(frozen=True, kw_only=True)
class Signatory:
    name: str
    role_fr: str = ""
    role_en: str = ""


@dataclass(frozen=True, kw_only=True)
class Beneficiary:
    """Somebody who may use the images beside the licensee; a contractor until ``until``."""

    name: str
    role: Literal["contractor", "partner"]
    until: date | None = None
    reference: str = ""


@dataclass(frozen=True, kw_only=True)
class FundingRow:
    """One line of the funding plan; ``source`` is covered, prefunded, free, package, cofunded or
    budget. ``amount_eur`` is what is to be paid: nothing for a package, which is paid already."""

    source: str
    label_fr: str
    label_en: str
    area_km2: Decimal
    billed_area_km2: Decimal
    amount_eur: Decimal
    rate_eur_per_km2: Decimal | None = None
    rule: str = ""
    is_example: bool = False


@dataclass(frozen=True, kw_only=True)
class Parameter:
    label_fr: str
    label_en: str
    value_fr: str
    value_en: str


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """A text that the entity accepted on the site; ``text_sha256`` is of both its languages."""

    title_fr: str
    title_en: str
    version: str
    accepted_at: datetime
    accepted_by: str
    text_sha256: str


@dataclass(frozen=True, kw_only=True)
class Record:
    """What every document says. ``valid_from`` None is the day it is issued; ``valid_until``, its
    last day, None leaves the end to the kind."""

    subject: ClassVar[str]

    kind: str
    licensee: Party
    representative: Signatory | None = None
    request_number: str = ""
    sensor_code: str = ""
    area_km2: Decimal | None = None
    valid_from: date | None = None
    valid_until: date | None = None

    def as_json(self) -> Json:
        """As JSON can say it: areas, rates, amounts and days become text."""
        said: Json = _plain(asdict(self))
        return said | {"subject": self.subject}


@dataclass(frozen=True, kw_only=True)
class LicenceRecord(Record):
    """The right that a request gave.

    ``area_geojson`` is a Polygon or MultiPolygon in WGS 84, every part within ±180°.

    ``area_km2`` is the area granted, which the funding lines add up to, with what was available
    already; where several images of it are granted, or one of a part, the lines add up to those,
    and ``parameters`` say so. ``order_area_km2`` is that of the polygon sent to the operator when
    it differs. ``attribution`` keeps its ``{year}``: the year is the image's.
    """

    subject = "request"

    request_number: str
    request_kind: str
    purpose: str
    sensor_code: str
    sensor_name: str
    area_geojson: Mapping[str, Any]
    area_km2: Decimal
    attribution: str
    order_area_km2: Decimal | None = None
    project_title: str = ""
    beneficiaries: tuple[Beneficiary, ...] = ()
    funding_lines: tuple[FundingRow, ...] = ()
    total_eur: Decimal = Decimal(0)
    quotation_number: str = ""
    purchase_reference: str = ""
    parameters: tuple[Parameter, ...] = ()
    cell_name_fr: str = ""
    cell_name_en: str = ""
    decided_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class RegionRecord(Record):
    """A region whose images of one ``vintage`` (a year of acquisition) become open on a day."""

    subject = "region"

    region_name: str
    vintage: int
    opens_on: date
    sensor_code: str
    sensor_name: str
    area_geojson: Mapping[str, Any]
    area_km2: Decimal
    attribution: str
    contract_reference: str = ""


@dataclass(frozen=True, kw_only=True)
class MembershipRecord(Record):
    """An entity's membership: the sensors it covers, and what it accepted."""

    subject = "membership"

    contact: str = ""
    sensors: tuple[str, ...] = ()
    acceptances: tuple[Acceptance, ...] = ()
    countersigned_by: str = ""


@dataclass(frozen=True, kw_only=True)
class DeliveredImage:
    """An image that came under a licence. Angles in degrees; ``attribution`` with its year."""

    identifier: str
    mission: str
    acquired_at: datetime
    attribution: str
    metadata_sha256: str
    cloud_cover_percent: float | None = None
    incidence_angle_deg: float | None = None
    resolution_m: float | None = None
    processing_level: str = ""
    spectral_mode: str = ""

    def as_json(self) -> Json:
        said: Json = _plain(asdict(self))
        return said


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return f"{value:f}"
        case datetime():
            return value.isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return value
