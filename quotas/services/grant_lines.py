"""Grants of many envelopes at once."""

from __future__ import annotations

from collections.abc import Sequence

from eligibility.models import Cell, Entity
from quotas import selectors
from quotas.models import Envelope, LedgerEntry, SupplyContract
from quotas.rules import GrantLine
from quotas.selectors import GrantOutcome
from quotas.services import ledger
from quotas.services.envelopes import (
    ensure_envelopes,
    ensure_programme_envelope,
    lock_policy,
    open_envelope,
)
from quotas.services.ledger import Cause, Posting, QuotaRefused


def grant_lines(*, lines: Sequence[GrantLine], cause: Cause) -> list[LedgerEntry]:
    """Grant every line or none, by one decision; envelopes that are not there are opened.

    Locks the policy of the sensors of those, in id order, before any contract, as whoever opens
    envelopes or publishes a revision does. Then locks the supply contracts in id order, opens, and
    locks the envelopes in id order.

    Raises:
        QuotaRefused: with the number of each line that cannot be granted: `owner_unknown`,
            `sensor_unknown`, `period_over`, `period_differs`, `period_unknown`,
            `too_many_to_open`, `unit_not_drawn_on`, `amount_too_precise`,
            `amount_too_large`, `supply_ceiling_exceeded`.
    """
    before = _rehearsed(lines, cause)
    for sensor_id in sorted({each.sensor.pk for each in before.opening if each.sensor}):
        lock_policy(sensor_id)
    contracts = SupplyContract.objects.filter(pk__in=before.contract_ids).order_by("pk")
    list(contracts.select_for_update(no_key=True))
    for outcome in before.opening:
        _open(outcome)
    found = _rehearsed(lines, cause)
    amounts = {
        each.envelope.pk: each.line.amount for each in found.outcomes if each.envelope is not None
    }
    ledger.lock_envelopes(amounts)
    return ledger.post(
        [
            Posting(envelope_id=pk, kind=LedgerEntry.Kind.GRANT, granted=amount)
            for pk, amount in sorted(amounts.items())
        ],
        cause,
    )


def _rehearsed(lines: Sequence[GrantLine], cause: Cause) -> selectors.GrantRehearsal:
    rehearsal = selectors.rehearse_grants(lines, cause.on)
    if refused := rehearsal.refusals:
        raise QuotaRefused(*refused)
    return rehearsal


def _open(outcome: GrantOutcome) -> None:
    """As its first request would, where policy grants it something."""
    line, owner, sensor, period = outcome.line, outcome.owner, outcome.sensor, outcome.period
    # Else the line was refused.
    assert owner is not None
    assert sensor is not None
    assert period is not None
    if outcome.policy_amount and isinstance(owner, Entity):
        ensure_envelopes(
            entity_id=owner.pk,
            sensor_id=sensor.pk,
            request_kind=line.request_kind,
            on=line.starts_on,
        )
    elif outcome.policy_amount:
        ensure_programme_envelope(
            cell_id=owner.pk,
            sensor_id=sensor.pk,
            request_kind=line.request_kind,
            on=line.starts_on,
            unit=line.unit,
        )
    else:
        open_envelope(
            scope=Envelope.Scope(line.scope),
            sensor_id=sensor.pk,
            starts_on=period.starts_on,
            ends_on=period.ends_on,
            cell_id=owner.pk if isinstance(owner, Cell) else None,
            entity_id=owner.pk if isinstance(owner, Entity) else None,
            request_kind=line.request_kind,
            unit=line.unit,
            contract_id=None if outcome.contract is None else outcome.contract.pk,
        )
