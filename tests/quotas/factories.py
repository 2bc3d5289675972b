"""Valid, boring objects of the quotas app. What a test is about is written in the test."""

import datetime as dt
from decimal import Decimal
from uuid import uuid4

import factory
from django.db import transaction
from factory.django import DjangoModelFactory

from eligibility.models import User
from quotas import models, services
from quotas.pricing import Charge, FundingLine, FundingPlan, Source
from tests.eligibility.factories import (
    AffiliationFactory,
    CellFactory,
    EntityFactory,
    MembershipFactory,
    ParameterFactory,
    SensorFactory,
)

LONG_AGO = dt.date(2020, 1, 1)
QUARTER_START = dt.date(2026, 1, 1)
QUARTER_END = dt.date(2026, 3, 31)
IN_QUARTER = dt.date(2026, 2, 15)


def cause(request_number: str = "R2026-000001", **fields) -> services.Cause:
    """A decision of its own, while the period of `EnvelopeFactory` runs."""
    fields = {"on": IN_QUARTER} | fields
    return services.Cause(decision=uuid4(), request_number=request_number, **fields)


class EnvelopeFactory(DjangoModelFactory):
    """The programme's envelope of a cell, funded through the ledger: `granted=100`."""

    class Meta:
        model = models.Envelope
        skip_postgeneration_save = True

    scope = "programme"
    cell = factory.SubFactory(CellFactory)
    sensor = factory.SubFactory(SensorFactory)
    request_kind = "any"
    period_starts_on = QUARTER_START
    period_ends_on = QUARTER_END
    unit = "km2"
    allotment = "arbitrated"

    @classmethod
    def _create(cls, model_class, *args, granted=None, **kwargs):
        envelope = super()._create(model_class, *args, **kwargs)
        if granted is not None:
            with transaction.atomic():
                services.grant(envelope_id=envelope.pk, amount=Decimal(granted), cause=cause(""))
            envelope.refresh_from_db()
        return envelope


class AllowanceFactory(EnvelopeFactory):
    """The allowance of an entity."""

    scope = "entity"
    cell = None
    entity = factory.SubFactory(EntityFactory)
    allotment = "first_come"


class PrefundedFactory(AllowanceFactory):
    scope = "prefunded"


class SupplyContractFactory(DjangoModelFactory):
    class Meta:
        model = models.SupplyContract

    operator = "Airbus DS"
    reference = factory.Sequence(lambda n: f"2026-C{n}")
    starts_on = LONG_AGO
    ends_on = dt.date(2099, 12, 31)
    source = "test"


class QuotaPolicyFactory(DjangoModelFactory):
    """The free cap of one request, 100 km²."""

    class Meta:
        model = models.QuotaPolicy

    sensor = factory.SubFactory(SensorFactory)
    request_kind = "any"
    measure = "request_cap"
    period_kind = "per_request"
    unit = "km2"
    amount = Decimal(100)
    valid_from = LONG_AGO
    source = "test"


class AllowancePolicyFactory(QuotaPolicyFactory):
    measure = "entity_allowance"
    period_kind = "quarter"
    amount = Decimal(500)


class ProgrammePolicyFactory(QuotaPolicyFactory):
    measure = "programme_envelope"
    period_kind = "quarter"
    amount = Decimal(10_000)


class TariffFactory(DjangoModelFactory):
    """The institutional price of an archive image, 4.06 €/km²."""

    class Meta:
        model = models.Tariff

    code = "pleiades-archive"
    name_fr = "Tarif institutionnel, archive"
    name_en = "Institutional price, archive"
    sensor = factory.SubFactory(SensorFactory)
    is_scientific = False
    request_kind = "any"
    rate_eur_per_km2 = Decimal("4.06")
    valid_from = LONG_AGO
    source = "test"


class IsisTariffFactory(TariffFactory):
    """The user's share of a co-funded scientific request: 1 €/km², 100 km² billed at least."""

    code = "isis"
    name_fr = "ISIS, part de l'utilisateur"
    name_en = "ISIS, user's share"
    is_scientific = True
    rate_eur_per_km2 = Decimal(1)
    minimum_billed_area_km2 = Decimal(100)


def charge(envelope: models.Envelope) -> Charge:
    return Charge(
        envelope_id=envelope.pk,
        scope=envelope.scope,
        unit=envelope.unit,
        allotment=envelope.allotment,
    )


def budget_charges() -> tuple[Charge, ...]:
    """Those of a priced line before its quotation."""
    return tuple(
        Charge(envelope_id=None, scope="budget", unit=unit, allotment="arbitrated")
        for unit in ("km2", "eur")
    )


def free_line(area_km2, *envelopes: models.Envelope) -> FundingLine:
    return FundingLine(
        source=Source.FREE,
        area_km2=Decimal(area_km2),
        charges=tuple(charge(envelope) for envelope in envelopes),
    )


def priced_line(area_km2, rate="4.06") -> FundingLine:
    return FundingLine(
        source=Source.BUDGET,
        area_km2=Decimal(area_km2),
        rate_eur_per_km2=Decimal(rate),
        charges=budget_charges(),
    )


def plan(*lines: FundingLine) -> FundingPlan:
    return FundingPlan(lines=lines, area_km2=sum((line.area_km2 for line in lines), Decimal(0)))


class VisibilityCircleFactory(DjangoModelFactory):
    """Montpellier: Europe and North Africa."""

    class Meta:
        model = models.VisibilityCircle

    code = "montpellier"
    name_fr = "Montpellier"
    name_en = "Montpellier"
    sensor = factory.SubFactory(SensorFactory)
    longitude_deg = Decimal("3.88")
    latitude_deg = Decimal("43.61")
    radius_km = Decimal(2_342)
    valid_from = LONG_AGO
    source = "test"


class QuotationIssuerFactory(DjangoModelFactory):
    class Meta:
        model = models.QuotationIssuer

    code = "programme"
    name = "Imagery programme"
    address = "2 place du Devis\n31000 Toulouse"
    siret = "11122233300014"
    legal_mention_fr = "Mention légale."
    legal_mention_en = "Legal mention."
    invoiced_by = "The operator"
    valid_from = LONG_AGO
    source = "test"


class VatFactory(ParameterFactory):
    code = "vat-percent"
    unit = "percent"
    amount = Decimal(20)
    source = "CGI, art. 278"


class PackageFactory(TariffFactory):
    """20,000 € for about 40,000 km²."""

    code = "spot67-package-20k"
    name_fr = "SPOT 6-7 : forfait de 20 000 €"
    name_en = "SPOT 6-7: package of €20,000"
    is_scientific = None
    rate_eur_per_km2 = Decimal("0.50")
    package_eur = Decimal(20_000)
    package_area_km2 = Decimal(40_000)


def quoted(*lines: FundingLine, entity=None, **options) -> models.Quotation:
    """The quotation of a request, issued as in production; valid for years unless told."""
    usual = {"valid_until": dt.date(2099, 12, 31), "on": IN_QUARTER, "cause": cause()}
    with transaction.atomic():
        issued = services.issue_quotation(
            plan=plan(*(lines or (priced_line(20),))),
            entity_id=(entity or EntityFactory()).pk,
            sensor_id=SensorFactory().pk,
            **usual | options,
        )
    return issued.quotation


def buyer(package: models.Tariff | None = None, **entity) -> tuple[models.Tariff, User]:
    """A package in force, and the contact of a member entity that may buy it."""
    package = package or PackageFactory()
    for code, days in (("offer-validity-days", 30), ("package-life-days", 365)):
        ParameterFactory(code=code, amount=Decimal(days))
    contact = AffiliationFactory(role="entity_contact", entity=EntityFactory(**entity))
    MembershipFactory(entity=contact.entity, sensors=[package.sensor])
    return package, contact.user
