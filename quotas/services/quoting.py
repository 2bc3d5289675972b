"""A quotation is written once: number, what its document prints, the wish for the document."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypedDict
from uuid import UUID

from django.db import connection
from django.utils import timezone

from eligibility.models import Entity, Parameter, Sensor
from orbitrage.shared import outbox
from quotas.models import Quotation, QuotationIssuer, Tariff
from quotas.records import Customer, Issuer, Quoted, Tax

RENDER_TOPIC = "quotas.render_quotation"
VAT = "vat-percent"

_NEXT_NUMBER = """
INSERT INTO quotas_quotationcounter (year, last) VALUES (%s, 1)
ON CONFLICT (year) DO UPDATE SET last = quotas_quotationcounter.last + 1
RETURNING last
"""


class Parties(TypedDict):
    sensor_name: str
    customer: Customer
    issuer: Issuer | None
    tax: Tax | None


def parties(*, entity_id: int, sensor_id: int, on: dt.date) -> Parties:
    """Who puts a price to whom on which sensor, and the VAT, as they stand that day."""
    return {
        "sensor_name": Sensor.objects.get(pk=sensor_id).name,
        "customer": _customer(Entity.objects.get(pk=entity_id)),
        "issuer": _issuer(QuotationIssuer.objects.in_force(on).order_by("code").first()),
        "tax": _tax(Parameter.objects.in_force(on).filter(code=VAT).first()),
    }


def _customer(entity: Entity) -> Customer:
    return Customer(
        name=entity.name,
        acronym=entity.acronym,
        address=entity.postal_address or entity.city,
        siret=entity.siret,
        country=entity.country,
    )


def _issuer(row: QuotationIssuer | None) -> Issuer | None:
    if row is None:
        return None
    return Issuer(
        name=row.name,
        address=row.address,
        siret=row.siret,
        legal_mention_fr=row.legal_mention_fr,
        legal_mention_en=row.legal_mention_en,
        invoiced_by=row.invoiced_by,
        source=row.source,
        is_example=row.is_example,
    )


def _tax(row: Parameter | None) -> Tax | None:
    if row is None:
        return None
    return Tax(percent=row.amount, source=row.source, is_example=row.is_example)


def write_quotation(
    *,
    quoted: Quoted,
    entity_id: int,
    decision: UUID,
    on: dt.date,
    lines: list[dict[str, Any]],
    package: Tariff | None = None,
    cell_id: int | None = None,
) -> Quotation:
    """Take the next number of the year (the last lock of a transaction), freeze `quoted` under it
    and ask for its document."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_NUMBER, [on.year])
        (sequence,) = cursor.fetchone()
    number = f"Q-{on.year}-{sequence:04d}"
    quotation = Quotation.objects.create(
        number=number,
        year=on.year,
        sequence=sequence,
        request_number=quoted.request_number,
        package=package,
        cell_id=cell_id,
        decision=decision,
        entity_id=entity_id,
        lines=lines,
        record=quoted.as_json(number=number, issued_at=timezone.now(), issued_on=on),
        total_eur=quoted.total_eur,
        valid_until=quoted.valid_until,
    )
    ask_for_document(quotation, version=1)
    return quotation


def ask_for_document(quotation: Quotation, *, version: int) -> None:
    outbox.write(
        topic=RENDER_TOPIC,
        key=f"{RENDER_TOPIC}:{quotation.number}:{version}",
        payload={"quotation_id": quotation.pk, "version": version},
        stream=quotation.number,
    )
