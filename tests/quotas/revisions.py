"""A sensor whose quotas are set by the quarter, and drafts about them."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from eligibility.models import Cell, Entity, Sensor, User
from quotas import services
from quotas.models import Envelope, PolicyRevision, QuotaPolicy, SupplyContract
from quotas.rules import period_of
from quotas.services import ProposedFigure
from tests.eligibility.factories import (
    CellFactory,
    EntityFactory,
    ProgrammeRoleFactory,
    SensorFactory,
)
from tests.quotas.factories import (
    AllowancePolicyFactory,
    ProgrammePolicyFactory,
    QuotaPolicyFactory,
    SupplyContractFactory,
)

TODAY = timezone.localdate()
THIS_QUARTER = period_of("quarter", TODAY)
NEXT_QUARTER = period_of("quarter", THIS_QUARTER.ends_on + dt.timedelta(days=1))
STARTS_ON = NEXT_QUARTER.starts_on
ONE_DAY = dt.timedelta(days=1)


@dataclass
class Office:
    """Free up to 100 km² a request, 500 km² an entity, 10,000 km² the cell, each quarter."""

    sensor: Sensor
    cell: Cell
    entity: Entity
    contract: SupplyContract
    cap: QuotaPolicy
    allowance: QuotaPolicy
    programme: QuotaPolicy
    secretary: User
    colleague: User

    def figures(self, **amounts: int | str) -> list[ProposedFigure]:
        """Every figure as it is, but for the amounts given by name."""
        return [
            ProposedFigure(
                revises_id=row.pk,
                amount=Decimal(amounts.get(name, row.amount)),
                late_return=row.late_return,
                source=row.source,
                is_example=row.is_example,
            )
            for name in ("cap", "allowance", "programme")
            for row in [getattr(self, name)]
        ]

    def draft(
        self, *, valid_from: dt.date = NEXT_QUARTER.starts_on, **amounts: int | str
    ) -> PolicyRevision:
        return services.draft_revision(
            sensor_id=self.sensor.pk,
            user=self.secretary,
            valid_from=valid_from,
            reason="The committee of the quarter.",
            figures=self.figures(**amounts),
        )

    def change(
        self,
        revision: PolicyRevision,
        user: User,
        *,
        version: int | None = None,
        **amounts: int | str,
    ) -> PolicyRevision:
        return services.change_revision(
            revision_id=revision.pk,
            version=version or revision.version,
            user=user,
            valid_from=NEXT_QUARTER.starts_on,
            reason="Changed.",
            figures=self.figures(**amounts),
        )

    def in_force(self, on: dt.date) -> dict[str, Decimal]:
        rows = QuotaPolicy.objects.in_force(on).filter(sensor=self.sensor)
        return {row.measure: row.amount for row in rows}

    def publish(self, revision: PolicyRevision, user: User | None = None) -> PolicyRevision:
        return services.publish_revision(
            revision_id=revision.pk, version=revision.version, user=user or self.colleague
        )

    def allowance_of(self, on: dt.date) -> Envelope:
        (envelope,) = services.ensure_envelopes(
            entity_id=self.entity.pk, sensor_id=self.sensor.pk, request_kind="archive", on=on
        )
        return envelope

    def programme_of(self, on: dt.date) -> Envelope:
        envelope = services.ensure_programme_envelope(
            cell_id=self.cell.pk,
            sensor_id=self.sensor.pk,
            request_kind="archive",
            on=on,
            contract_id=self.contract.pk,
        )
        assert envelope is not None
        return envelope


def secretary() -> User:
    return ProgrammeRoleFactory(role="secretariat").user


def office() -> Office:
    sensor, cell = SensorFactory(), CellFactory()
    return Office(
        sensor=sensor,
        cell=cell,
        entity=EntityFactory(),
        contract=SupplyContractFactory(),
        cap=QuotaPolicyFactory(sensor=sensor),
        allowance=AllowancePolicyFactory(sensor=sensor, late_return="transfer"),
        programme=ProgrammePolicyFactory(sensor=sensor, cell=cell),
        secretary=secretary(),
        colleague=secretary(),
    )
