"""The plain-data record of a licence, from a request that has just been granted."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import override

from catalogue.models import Item
from licences.kinds import kind_for
from licences.parties import party, representative_of
from licences.records import (
    Beneficiary,
    DeliveredImage,
    FundingRow,
    LicenceRecord,
    Parameter,
)
from orbitrage.shared.days import day_in_words
from quotas.amounts import ZERO, round_area
from quotas.pricing import FundingLine, FundingPlan
from requests_app.beneficiaries import contractors_in, lines_of
from requests_app.licensed_images import image_parameters, parameter
from requests_app.models import ImageryRequest, RequestKind


def licence_record(request: ImageryRequest, plan: FundingPlan) -> LicenceRecord:
    """Freeze what the licence says. ``plan`` is the one the ledger holds."""
    area = request.granted_aoi or request.aoi
    return LicenceRecord(
        kind=kind_for(request.sensor.code, is_scientific=request.entity.category.is_scientific),
        request_number=request.number,
        licensee=party(request.entity),
        representative=representative_of(request.entity),
        beneficiaries=_beneficiaries(request),
        purpose=request.purpose,
        project_title=request.project or request.title,
        sensor_code=request.sensor.code,
        sensor_name=request.sensor.name,
        request_kind=request.request_kind,
        area_geojson=json.loads(area.geojson),
        area_km2=round_area(request.granted_area_km2 or request.area_km2),
        order_area_km2=_order_area_km2(request),
        attribution=request.sensor.attribution_pattern,
        funding_lines=tuple(_funding_row(line) for line in plan.lines),
        total_eur=plan.total_eur,
        quotation_number=request.quotation_number,
        purchase_reference=request.purchase_reference,
        parameters=(*_parameters(request), *image_parameters(request, plan)),
        cell_name_fr=request.cell.name_fr if request.cell else "",
        cell_name_en=request.cell.name_en if request.cell else "",
        decided_on=timezone.localdate(),
    )


def delivered_image(item: Item) -> DeliveredImage:
    """What the annex of a delivery says of one image."""
    return DeliveredImage(
        identifier=item.identifier,
        mission=item.mission,
        acquired_at=item.acquired_at,
        attribution=item.attribution,
        metadata_sha256=item.metadata_sha256,
        cloud_cover_percent=item.cloud_cover_percent,
        incidence_angle_deg=item.incidence_angle_deg,
        resolution_m=item.resolution_m,
        processing_level=item.processing_level,
        spectral_mode=item.spectral_mode,
    )


def _order_area_km2(request: ImageryRequest) -> Decimal | None:
    """None where the order is what was granted, and where nothing is ordered: open data."""
    if request.granted_area_km2 in (None, request.operator_area_km2):
        return None
    return request.operator_area_km2


def _beneficiaries(request: ImageryRequest) -> tuple[Beneficiary, ...]:
    """The contractor that asks under a mandate, then those who were named, then the partners."""
    mandate = request.mandate
    under_mandate = [] if mandate is None else [
        Beneficiary(
            name=mandate.contractor.name,
            role="contractor",
            until=mandate.ends_on,
            reference=mandate.contract_reference,
        )
    ]  # fmt: skip
    contractors = [
        Beneficiary(name=each.name, role="contractor", until=each.until, reference=each.reference)
        for each in contractors_in(request.contractors)
    ]
    partners = [Beneficiary(name=name, role="partner") for name in lines_of(request.partners)]
    return (*under_mandate, *contractors, *partners)


def _funding_row(line: FundingLine) -> FundingRow:
    with override("fr"):
        label_fr = str(line.label)
    with override("en"):
        label_en = str(line.label)
    return FundingRow(
        source=str(line.source),
        label_fr=label_fr,
        label_en=label_en,
        area_km2=line.area_km2,
        billed_area_km2=line.billed_area_km2,
        rate_eur_per_km2=line.rate_eur_per_km2,
        amount_eur=line.amount_eur if line.is_priced else ZERO,
        rule=line.rule,
        is_example=line.is_example,
    )


def _parameters(request: ImageryRequest) -> list[Parameter]:
    rows = [("Type de demande", "Kind of request", request.get_request_kind_display)]
    if request.request_kind != RequestKind.OPEN:
        rows += [
            ("Mode d'acquisition", "Acquisition mode", request.get_acquisition_mode_display),
            ("Produit", "Product", request.get_spectral_mode_display),
            ("Niveau de traitement", "Processing level", request.get_processing_level_display),
            ("Radiométrie", "Radiometry", request.get_radiometry_display),
            ("Codage", "Bit depth", request.get_bit_depth_display),
            ("Format", "Format", request.get_file_format_display),
        ]
    found = [_translated(french, english, value) for french, english, value in rows]
    if request.request_kind == RequestKind.TASKING:
        cloud = f"{request.maximum_cloud_percent} %"
        angle = f"{request.maximum_incidence_deg}°"
        found.append(parameter("Nébulosité maximale", "Maximum cloud cover", cloud, cloud))
        found.append(parameter("Incidence maximale", "Maximum incidence angle", angle, angle))
    if request.window_starts_on and request.window_ends_on:
        found.append(_window(request.window_starts_on, request.window_ends_on))
    return found


def _translated(french: str, english: str, value: Callable[[], object]) -> Parameter:
    with override("fr"):
        value_fr = str(value())
    with override("en"):
        value_en = str(value())
    return parameter(french, english, value_fr, value_en)


def _window(starts_on: date, ends_on: date) -> Parameter:
    shown = {}
    for language in ("fr", "en"):
        with override(language):
            days = (day_in_words(day) for day in (starts_on, ends_on))
            shown[language] = " – ".join(days)
    return parameter("Fenêtre d'acquisition", "Acquisition window", shown["fr"], shown["en"])
