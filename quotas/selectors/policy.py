"""The rows of policy and the tariff that apply to one request."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from quotas.models import Envelope, QuotaPolicy, Tariff
from quotas.pricing import EnvelopeFacts, PolicyFigure, TariffFacts
from quotas.rules import PolicyFacts, Subject, figure_for, period_of

ONE = Decimal(1)


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


def figure_of_period(
    measure: str, sensor_id: int, subject: Subject, on: dt.date, unit: str = "km2"
) -> PolicyFacts | None:
    """The figure in force when the period of that day began: one that is revised within a period
    is that of the next. Where there was none yet, that of the day."""
    of_the_day = figure_for(policy_facts(sensor_id, on), measure, subject, unit=unit)
    return of_the_day and _as_the_period_began(of_the_day, sensor_id, subject, on)


def _as_the_period_began(
    of_the_day: PolicyFacts, sensor_id: int, subject: Subject, on: dt.date
) -> PolicyFacts:
    measure, unit = of_the_day.measure, of_the_day.unit
    began_on = period_of(of_the_day.period_kind, on).starts_on
    if of_the_day.valid_from <= began_on:
        return of_the_day
    return figure_for(policy_facts(sensor_id, began_on), measure, subject, unit=unit) or of_the_day


@dataclass(frozen=True, kw_only=True)
class ApplyingPolicy:
    """The rows of policy that apply to one request, its envelopes being those of the day `on`."""

    sensor_id: int
    rows: list[PolicyFacts]
    rows_of_the_day: list[PolicyFacts]
    subject: Subject
    is_scientific: bool
    on: dt.date
    tariff: TariffFacts | None

    @classmethod
    def read(
        cls,
        *,
        sensor_id: int,
        policy_on: dt.date,
        on: dt.date,
        is_scientific: bool,
        subject: Subject,
    ) -> ApplyingPolicy:
        tariff = _tariff(sensor_id, policy_on, subject, is_scientific=is_scientific)
        rows = policy_facts(sensor_id, policy_on)
        return cls(
            sensor_id=sensor_id,
            rows=rows,
            rows_of_the_day=rows if policy_on == on else policy_facts(sensor_id, on),
            subject=subject,
            is_scientific=is_scientific,
            on=on,
            tariff=None if tariff is None else tariff_facts(tariff),
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
            amount=figure.amount,
            source=figure.source,
            valid_from=figure.valid_from,
            is_example=figure.is_example,
        )

    def unopened_allowance(self) -> EnvelopeFacts | None:
        """The entity's allowance that policy will open when it is first needed."""
        return self._unopened("entity_allowance", "km2", scope="entity", allotment="first_come")

    def unopened_programme(self, unit: str) -> EnvelopeFacts | None:
        """The cell's envelope in that unit that policy will open."""
        if self.subject.cell_id is None:
            return None
        return self._unopened("programme_envelope", unit, scope="programme", allotment="arbitrated")

    def _unopened(
        self, measure: str, unit: str, *, scope: str, allotment: str
    ) -> EnvelopeFacts | None:
        of_the_day = figure_for(self.rows_of_the_day, measure, self.subject, unit=unit)
        if of_the_day is None:
            return None
        figure = _as_the_period_began(of_the_day, self.sensor_id, self.subject, self.on)
        return EnvelopeFacts(
            envelope_id=None,
            scope=scope,
            unit=unit,
            allotment=allotment,
            left=figure.amount,
            ends_on=period_of(figure.period_kind, self.on).ends_on,
        )

    def valid_from(self) -> dt.date | None:
        """The date of the latest row that was used."""
        measures = ("request_cap", "entity_allowance", "quota_multiplier", "price_multiplier")
        used = [figure.valid_from for m in measures if (figure := self.figure(m)) is not None]
        if self.tariff is not None and self.tariff.valid_from is not None:
            used.append(self.tariff.valid_from)
        return max(used, default=None)


def is_for(tariff: Tariff, subject: Subject, *, is_scientific: bool) -> bool:
    """Whether a tariff, that of a package too, prices requests of that purpose, kind and mode."""
    return (
        tariff.is_scientific in (None, is_scientific)
        and tariff.request_kind in (Envelope.RequestKind.ANY, subject.request_kind)
        and (tariff.acquisition_mode or None) in (None, subject.acquisition_mode)
    )


def _tariff(sensor_id: int, on: dt.date, subject: Subject, *, is_scientific: bool) -> Tariff | None:
    """The most precise tariff that fits, then the latest; packages are bought apart."""
    rows = Tariff.objects.in_force(on).filter(sensor_id=sensor_id, package_eur__isnull=True)
    fitting = [row for row in rows if is_for(row, subject, is_scientific=is_scientific)]
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


def tariff_facts(tariff: Tariff) -> TariffFacts:
    return TariffFacts(
        code=tariff.code,
        rate_eur_per_km2=tariff.rate_eur_per_km2,
        is_cofunded=bool(tariff.is_scientific),
        programme_rate_eur_per_km2=tariff.programme_rate_eur_per_km2,
        minimum_billed_area_km2=tariff.minimum_billed_area_km2,
        name_fr=tariff.name_fr,
        name_en=tariff.name_en,
        source=tariff.source,
        valid_from=tariff.valid_from,
        is_example=tariff.is_example,
    )
