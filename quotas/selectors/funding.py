from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext

from eligibility.models import Entity, Sensor
from orbitrage.shared.errors import Refusal
from quotas.amounts import ZERO, round_area
from quotas.models import Envelope, QuotaPolicy, Tariff
from quotas.pricing import (
    EnvelopeFacts,
    FundingInputs,
    FundingPlan,
    PolicyFigure,
    TariffFacts,
    funding_plan,
)
from quotas.rules import PolicyFacts, Subject, figure_for
from quotas.selectors.ledger import Outstanding, outstanding

ONE = Decimal(1)
Scope = Envelope.Scope


def preview_funding(
    *,
    entity_id: int,
    is_scientific: bool,
    sensor_id: int,
    request_kind: str,
    acquisition_mode: str | None,
    area_km2: Decimal,
    covered_km2: Decimal,
    cell_id: int | None,
    on: dt.date,
    policy_on: dt.date | None = None,
    request_number: str = "",
    related_km2: Decimal = ZERO,
    use_prefunded: bool = False,
    is_shortfall_priced: bool = False,
) -> FundingPlan:
    """How that area would be paid for. Writes nothing.

    `on` chooses the period's envelopes, `policy_on` (its default) the version of policy: the day
    of submission. What `request_number` already holds counts as left to it. `related_km2` is the
    free area of touching requests of the same project. With `is_shortfall_priced`, what the cell's
    envelope lacks is priced instead of free.
    """
    sensor = Sensor.objects.get(pk=sensor_id)
    if sensor.is_open_data:
        return funding_plan(FundingInputs(area_km2=round_area(area_km2), is_open_data=True))
    policy = _Policy.read(
        sensor_id=sensor_id,
        on=policy_on or on,
        is_scientific=is_scientific,
        subject=Subject(
            category_id=Entity.objects.values_list("category_id", flat=True).get(pk=entity_id),
            cell_id=cell_id,
            request_kind=request_kind,
            acquisition_mode=acquisition_mode,
        ),
    )
    envelopes = _Envelopes.read(
        entity_id=entity_id,
        cell_id=cell_id,
        sensor_id=sensor_id,
        request_kind=request_kind,
        on=on,
        own=outstanding(request_number) if request_number else {},
    )
    allowance = envelopes.entity_km2 or policy.unopened("entity_allowance", Scope.ENTITY)
    programme = envelopes.programme_km2
    if programme is None and cell_id is not None:
        programme = policy.unopened("programme_envelope", Scope.PROGRAMME)
    inputs = FundingInputs(
        area_km2=round_area(area_km2),
        covered_km2=round_area(covered_km2),
        quota_multiplier=policy.multiplier("quota_multiplier"),
        price_multiplier=policy.multiplier("price_multiplier"),
        request_cap=policy.cap(),
        related_km2=related_km2,
        prefunded=envelopes.prefunded_km2 if use_prefunded else None,
        allowance=allowance,
        programme=programme,
        cofunding=envelopes.programme_eur,
        tariff=policy.tariff,
        is_shortfall_priced=is_shortfall_priced,
        policy_valid_from=policy.valid_from(),
        notes=tuple(_missing(sensor, allowance, programme)),
    )
    return funding_plan(inputs)


def policy_facts(sensor_id: int, on: dt.date) -> list[PolicyFacts]:
    """The rows of quota policy in force that day for a sensor."""
    return [
        PolicyFacts(
            measure=row.measure,
            amount=row.amount,
            valid_from=row.valid_from,
            category_id=row.category_id,
            cell_id=row.cell_id,
            request_kind=row.request_kind,
            acquisition_mode=row.acquisition_mode,
            period_kind=row.period_kind,
            unit=row.unit,
            late_return=row.late_return,
            source=row.source,
            is_example=row.is_example,
        )
        for row in QuotaPolicy.objects.in_force(on).filter(sensor_id=sensor_id)
    ]


@dataclass(frozen=True, kw_only=True)
class _Policy:
    """The rows of policy that apply to one request."""

    rows: list[PolicyFacts]
    subject: Subject
    tariff: TariffFacts | None
    tariff_valid_from: dt.date | None

    @classmethod
    def read(cls, *, sensor_id: int, on: dt.date, is_scientific: bool, subject: Subject) -> _Policy:
        tariff = _tariff(sensor_id, on, subject, is_scientific=is_scientific)
        return cls(
            rows=policy_facts(sensor_id, on),
            subject=subject,
            tariff=None if tariff is None else _tariff_facts(tariff),
            tariff_valid_from=None if tariff is None else tariff.valid_from,
        )

    def figure(self, measure: str, unit: str = "") -> PolicyFacts | None:
        return figure_for(self.rows, measure, self.subject, unit=unit)

    def multiplier(self, measure: str) -> Decimal:
        figure = self.figure(measure)
        return ONE if figure is None else figure.amount

    def cap(self) -> PolicyFigure | None:
        figure = self.figure("request_cap", "km2")
        if figure is None:
            return None
        return PolicyFigure(
            amount=figure.amount, source=figure.source, is_example=figure.is_example
        )

    def unopened(self, measure: str, scope: str) -> EnvelopeFacts | None:
        """The envelope policy will open when it is first needed."""
        figure = self.figure(measure, "km2")
        if figure is None:
            return None
        first_come = scope == Scope.ENTITY
        return EnvelopeFacts(
            envelope_id=None,
            scope=scope,
            unit="km2",
            allotment="first_come" if first_come else "arbitrated",
            left=figure.amount,
        )

    def valid_from(self) -> dt.date | None:
        """The date of the latest row that was used."""
        measures = ("request_cap", "entity_allowance", "quota_multiplier", "price_multiplier")
        used = [figure.valid_from for m in measures if (figure := self.figure(m)) is not None]
        if self.tariff_valid_from is not None:
            used.append(self.tariff_valid_from)
        return max(used, default=None)


@dataclass(frozen=True, kw_only=True)
class _Envelopes:
    """The open envelopes a request may draw on, by whose they are and their unit."""

    entity_km2: EnvelopeFacts | None
    prefunded_km2: EnvelopeFacts | None
    programme_km2: EnvelopeFacts | None
    programme_eur: EnvelopeFacts | None

    @classmethod
    def read(
        cls,
        *,
        entity_id: int,
        cell_id: int | None,
        sensor_id: int,
        request_kind: str,
        on: dt.date,
        own: dict[int, Outstanding],
    ) -> _Envelopes:
        serving = Envelope.objects.serving(sensor_id=sensor_id, request_kind=request_kind, on=on)
        theirs = serving.filter(entity_id=entity_id)
        if cell_id is not None:
            theirs = theirs | serving.filter(cell_id=cell_id)
        envelopes = list(theirs)

        def facts(scope: str, unit: str) -> EnvelopeFacts | None:
            fitting = [e for e in envelopes if e.scope == scope and e.unit == unit]
            return _envelope_facts(fitting, own)

        return cls(
            entity_km2=facts(Scope.ENTITY, "km2"),
            prefunded_km2=facts(Scope.PREFUNDED, "km2"),
            programme_km2=facts(Scope.PROGRAMME, "km2"),
            programme_eur=facts(Scope.PROGRAMME, "eur"),
        )


def _envelope_facts(fitting: list[Envelope], own: dict[int, Outstanding]) -> EnvelopeFacts | None:
    """Of the one made for that kind rather than for any, and that ends first."""
    ranked = sorted(fitting, key=lambda e: (e.request_kind == "any", e.period_ends_on, e.pk))
    if not ranked:
        return None
    envelope = ranked[0]
    held_by_itself = own[envelope.pk].held if envelope.pk in own else ZERO
    return EnvelopeFacts(
        envelope_id=envelope.pk,
        scope=envelope.scope,
        unit=envelope.unit,
        allotment=envelope.allotment,
        left=envelope.left + held_by_itself,
    )


def _tariff(sensor_id: int, on: dt.date, subject: Subject, *, is_scientific: bool) -> Tariff | None:
    """The most precise tariff that fits, then the latest; packages are bought apart."""
    rows = Tariff.objects.in_force(on).filter(sensor_id=sensor_id, package_eur__isnull=True)
    fitting = [
        row
        for row in rows
        if row.is_scientific in (None, is_scientific)
        and row.request_kind in ("any", subject.request_kind)
        and (row.acquisition_mode or None) in (None, subject.acquisition_mode)
    ]
    return max(
        fitting,
        key=lambda row: (
            row.is_scientific is not None,
            row.request_kind != "any",
            bool(row.acquisition_mode),
            row.valid_from,
            row.code,
        ),
        default=None,
    )


def _tariff_facts(tariff: Tariff) -> TariffFacts:
    return TariffFacts(
        code=tariff.code,
        rate_eur_per_km2=tariff.rate_eur_per_km2,
        is_cofunded=bool(tariff.is_scientific),
        programme_rate_eur_per_km2=tariff.programme_rate_eur_per_km2,
        minimum_billed_area_km2=tariff.minimum_billed_area_km2,
        name_fr=tariff.name_fr,
        name_en=tariff.name_en,
        source=tariff.source,
        is_example=tariff.is_example,
    )


def _missing(
    sensor: Sensor, allowance: EnvelopeFacts | None, programme: EnvelopeFacts | None
) -> Iterable[Refusal]:
    if allowance is None:
        message = gettext("No free allowance is set for %(sensor)s.")
        yield Refusal("no_allowance", message % {"sensor": sensor})
    elif programme is None:
        message = gettext("The cell has no envelope for %(sensor)s in this period.")
        yield Refusal("no_programme_envelope", message % {"sensor": sensor})
