"""Valid, boring licences. What a test is about is written in the test."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from uuid import uuid4

from django.db import transaction

from licences import services
from licences.models import Annex, Licence
from licences.records import (
    Acceptance,
    DeliveredImage,
    FundingRow,
    LicenceRecord,
    MembershipRecord,
    Parameter,
    Party,
    RegionRecord,
    Signatory,
)
from tests.eligibility.factories import EntityFactory

NUMBERS = count(1)
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[1.44, 43.6], [1.46, 43.6], [1.46, 43.62], [1.44, 43.62], [1.44, 43.6]]],
}


def free_line(area_km2: Decimal) -> FundingRow:
    return FundingRow(
        source="free",
        label_fr="Part gratuite",
        label_en="Free part",
        area_km2=area_km2,
        billed_area_km2=Decimal(0),
        amount_eur=Decimal(0),
        rule="100 km² / demande",
        is_example=True,
    )


def record_of(**changes) -> LicenceRecord:
    usual = {
        "kind": "pleiades_institutional",
        "request_number": f"R2026-{next(NUMBERS):06d}",
        "request_kind": "archive",
        "licensee": Party(name="Commune de Plougastel", siret="21290189900014"),
        "representative": Signatory(name="Anne Le Goff", role_fr="maire", role_en="mayor"),
        "purpose": "Suivi du trait de côte.",
        "sensor_code": "pleiades",
        "sensor_name": "Pléiades",
        "area_geojson": SQUARE,
        "area_km2": Decimal("3.587461"),
        "attribution": "© CNES {year}, distribution Airbus DS",
        "funding_lines": (free_line(Decimal("3.587461")),),
        "parameters": (
            Parameter(label_fr="Mode", label_en="Mode", value_fr="Mono", value_en="Mono"),
        ),
    }
    return LicenceRecord(**usual | changes)


def region_record_of(**changes) -> RegionRecord:
    usual = {
        "kind": "spot_open_data",
        "licensee": Party(name="Région Bretagne", siret="23350001600040"),
        "region_name": "Bretagne",
        "vintage": 2024,
        "opens_on": date(2027, 1, 1),
        "sensor_code": "spot67",
        "sensor_name": "SPOT 6/7",
        "area_geojson": SQUARE,
        "area_km2": Decimal("3.587461"),
        "attribution": "© Airbus DS {year}",
    }
    return RegionRecord(**usual | changes)


def membership_record_of(**changes) -> MembershipRecord:
    charter = Acceptance(
        title_fr="Charte du programme",
        title_en="Charter of the programme",
        version="1.0",
        accepted_at=datetime(2026, 2, 20, 10, 3, tzinfo=UTC),
        accepted_by="Anne Le Goff",
        text_sha256="9f86d081884c7d659a2feaa0c55ad015" * 2,
    )
    usual = {
        "kind": "membership_act",
        "licensee": Party(name="Commune de Plougastel", siret="21290189900014"),
        "representative": Signatory(name="Anne Le Goff", role_fr="maire", role_en="mayor"),
        "contact": "Yann Kermarrec",
        "sensors": ("Pléiades", "SPOT 6/7"),
        "acceptances": (charter,),
        "countersigned_by": "Dominique Le Bihan",
    }
    return MembershipRecord(**usual | changes)


def issued(*, entity=None, cell=None, requester=None, **changes) -> Licence:
    """A licence given as in production, by the service, in a transaction of its own."""
    entity = entity or EntityFactory()
    with transaction.atomic():
        return services.issue(
            record=record_of(**changes),
            decision=uuid4(),
            entity_id=entity.pk,
            cell_id=cell.pk if cell else None,
            requester_id=requester.pk if requester else None,
        )


def issued_region(entity, **changes) -> Licence:
    """It opens a region, once its signatory has signed it."""
    with transaction.atomic():
        return services.issue(
            record=region_record_of(**changes), decision=uuid4(), entity_id=entity.pk
        )


def image_of(**changes) -> DeliveredImage:
    usual = {
        "identifier": f"DS_PHR1A_202605011034{next(NUMBERS):02d}_FR1_PX_W005N48_0714_00123",
        "mission": "PHR1A",
        "acquired_at": datetime(2026, 5, 1, 10, 34, 12, tzinfo=UTC),
        "attribution": "© CNES 2026, distribution Airbus DS",
        "metadata_sha256": "ab" * 32,
        "cloud_cover_percent": 2.04,
        "incidence_angle_deg": 12.5,
        "resolution_m": 0.5,
        "processing_level": "ORTHO",
        "spectral_mode": "PMS",
    }
    return DeliveredImage(**usual | changes)


def annexed(licence: Licence, *images: DeliveredImage) -> Annex:
    with transaction.atomic():
        annex = services.add_annex(
            request_number=licence.request_number,
            images=images or (image_of(),),
            decision=uuid4(),
        )
    assert annex is not None
    return annex


def revoked(**changes) -> Licence:
    licence = issued(**changes)
    with transaction.atomic():
        services.revoke(
            request_number=licence.request_number, reason="Acquisition failed.", decision=uuid4()
        )
    licence.refresh_from_db()
    return licence
