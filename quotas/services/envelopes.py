"""Opening envelopes, empty or with what policy grants them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction

from eligibility.models import Entity, Sensor
from quotas import selectors
from quotas.models import Envelope, Unit
from quotas.rules import Period, PolicyFacts, Subject, period_of
from quotas.services.grants import grant
from quotas.services.ledger import Cause

Scope = Envelope.Scope
DEFAULT_ALLOTMENT = {
    Scope.PROGRAMME: Envelope.Allotment.ARBITRATED,
    Scope.ENTITY: Envelope.Allotment.FIRST_COME,
    Scope.PREFUNDED: Envelope.Allotment.FIRST_COME,
    Scope.BUDGET: Envelope.Allotment.ARBITRATED,
}


@dataclass(frozen=True, kw_only=True)
class EnvelopeKey:
    """What makes an envelope the same one."""

    scope: str
    sensor_id: int
    period: Period
    cell_id: int | None = None
    entity_id: int | None = None
    request_kind: str = "any"
    unit: str = "km2"
    package_id: int | None = None


def open_envelope(
    *,
    scope: str,
    sensor_id: int,
    starts_on: dt.date,
    ends_on: dt.date,
    cell_id: int | None = None,
    entity_id: int | None = None,
    request_kind: str = "any",
    unit: str = "km2",
    allotment: str | None = None,
    contract_id: int | None = None,
    package_id: int | None = None,
) -> Envelope:
    """The envelope of that owner, sensor, kind, period, unit and package, opened empty when there
    is none yet; safe to call twice at once. `cell_id` for the programme's, else `entity_id`."""
    key = EnvelopeKey(
        scope=scope,
        sensor_id=sensor_id,
        period=Period(starts_on=starts_on, ends_on=ends_on),
        cell_id=cell_id,
        entity_id=entity_id,
        request_kind=request_kind,
        unit=unit,
        package_id=package_id,
    )
    envelope, _ = _open(key, allotment, contract_id)
    return envelope


@transaction.atomic
def ensure_envelopes(
    *, entity_id: int, sensor_id: int, request_kind: str, on: dt.date
) -> list[Envelope]:
    """The entity's allowance for the period of that day, opened and granted once from policy; an
    empty list when policy gives none.

    Call it before the first lock of a supply contract or an envelope: whoever opens one locks the
    sensor's policy, makes others wait here, and locks the contract behind it.
    """
    subject = Subject(
        category_id=Entity.objects.values_list("category_id", flat=True).get(pk=entity_id),
        cell_id=None,
        request_kind=request_kind,
        acquisition_mode=None,
    )
    figure = selectors.figure_of_period("entity_allowance", sensor_id, subject, on)
    if figure is None:
        return []
    key = EnvelopeKey(
        scope=Scope.ENTITY,
        entity_id=entity_id,
        sensor_id=sensor_id,
        request_kind=figure.request_kind,
        period=period_of(figure.period_kind, on),
    )
    return [_granted_once(key, figure, subject)]


@transaction.atomic
def ensure_programme_envelope(
    *,
    cell_id: int,
    sensor_id: int,
    request_kind: str,
    on: dt.date,
    unit: str = "km2",
    contract_id: int | None = None,
) -> Envelope | None:
    """The cell's envelope in that unit for the period of that day, as `ensure_envelopes`; None
    when policy gives none. Without a contract, that of the period before stands behind it, if
    still in force."""
    subject = Subject(
        category_id=None, cell_id=cell_id, request_kind=request_kind, acquisition_mode=None
    )
    figure = selectors.figure_of_period("programme_envelope", sensor_id, subject, on, unit)
    if figure is None:
        return None
    key = EnvelopeKey(
        scope=Scope.PROGRAMME,
        cell_id=cell_id,
        sensor_id=sensor_id,
        request_kind=figure.request_kind,
        period=period_of(figure.period_kind, on),
        unit=unit,
    )
    return _granted_once(key, figure, subject, contract_id or _contract_before(key))


def ensure_programme_envelopes(
    *, cell_id: int, sensor_id: int, request_kind: str, on: dt.date
) -> list[Envelope]:
    """The cell's envelopes in every unit that policy gives it: km², euros of co-funding, tasking
    attempts."""
    opened = (
        ensure_programme_envelope(
            cell_id=cell_id, sensor_id=sensor_id, request_kind=request_kind, on=on, unit=unit
        )
        for unit in Unit.values
    )
    return [envelope for envelope in opened if envelope is not None]


def _identity(key: EnvelopeKey) -> dict[str, object]:
    owner = {"cell_id": key.cell_id, "entity_id": key.entity_id}
    return {
        "scope": key.scope,
        **{column: pk for column, pk in owner.items() if pk is not None},
        "sensor_id": key.sensor_id,
        "request_kind": key.request_kind,
        "period_starts_on": key.period.starts_on,
        "unit": key.unit,
        "package_id": key.package_id,
    }


def _open(
    key: EnvelopeKey, allotment: str | None, contract_id: int | None
) -> tuple[Envelope, bool]:
    return Envelope.objects.get_or_create(
        **_identity(key),
        defaults={
            "period_ends_on": key.period.ends_on,
            "allotment": allotment or DEFAULT_ALLOTMENT[Scope(key.scope)],
            "contract_id": contract_id,
        },
    )


def _granted_once(
    key: EnvelopeKey, figure: PolicyFacts, subject: Subject, contract_id: int | None = None
) -> Envelope:
    """Whoever opens the envelope grants it, in the same transaction; a second caller waits at the
    sensor and finds it granted. The decision is that of the envelope: it cannot be posted
    twice."""
    opened = Envelope.objects.filter(**_identity(key)).first()
    if opened is not None:
        return opened
    lock_policy(key.sensor_id)
    starts_on = key.period.starts_on
    again = selectors.figure_of_period(figure.measure, key.sensor_id, subject, starts_on, key.unit)
    figure = again or figure
    envelope, was_opened = _open(key, None, contract_id)
    if was_opened and figure.amount > 0:
        decision = uuid5(NAMESPACE_URL, f"orbitrage:quotas:envelope:{envelope.pk}")
        cause = Cause(decision=decision, reason="policy")
        grant(envelope_id=envelope.pk, amount=figure.amount, cause=cause)
        envelope.refresh_from_db()
    return envelope


def lock_policy(sensor_id: int) -> None:
    """Until the caller's transaction ends nobody else opens envelopes of the sensor from policy,
    nor publishes figures of it: two who each open several, in orders of their own, would wait for
    each other. Foreign keys do not wait. Before the first lock of a contract or an envelope."""
    Sensor.objects.select_for_update(no_key=True).get(pk=sensor_id)


def _contract_before(key: EnvelopeKey) -> int | None:
    assert key.cell_id is not None  # a programme's envelope
    before = selectors.contract_before(
        key.cell_id, key.sensor_id, key.period.starts_on, unit=key.unit
    )
    return None if before is None else before.pk
