"""Opening envelopes, and what moves the amount granted on them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext

from eligibility.models import Entity
from orbitrage.shared.errors import Refusal
from quotas import selectors
from quotas.amounts import ZERO
from quotas.models import Envelope, LedgerEntry, SupplyCeiling, SupplyContract
from quotas.rules import (
    Draw,
    Period,
    PolicyFacts,
    Reduction,
    Subject,
    UnderContract,
    figure_for,
    not_below_what_is_used,
    period_of,
    positive,
    within_the_ceiling,
)
from quotas.services import ledger
from quotas.services.ledger import Cause, Posting, QuotaRefused

Kind = LedgerEntry.Kind
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
) -> Envelope:
    """The envelope of that owner, sensor, kind, period and unit, opened empty when there is none
    yet; safe to call twice at once. `cell_id` for the programme's, else `entity_id`."""
    key = EnvelopeKey(
        scope=scope,
        sensor_id=sensor_id,
        period=Period(starts_on=starts_on, ends_on=ends_on),
        cell_id=cell_id,
        entity_id=entity_id,
        request_kind=request_kind,
        unit=unit,
    )
    envelope, _ = _open(key, allotment, contract_id)
    return envelope


@transaction.atomic
def ensure_envelopes(
    *, entity_id: int, sensor_id: int, request_kind: str, on: dt.date
) -> list[Envelope]:
    """The entity's allowance for the period of that day, opened and granted once from policy; an
    empty list when policy gives none.

    Call it before the first lock of an envelope: whoever opens one makes others wait here.
    """
    subject = Subject(
        category_id=Entity.objects.values_list("category_id", flat=True).get(pk=entity_id),
        cell_id=None,
        request_kind=request_kind,
        acquisition_mode=None,
    )
    rows = selectors.policy_facts(sensor_id, on)
    figure = figure_for(rows, "entity_allowance", subject, unit="km2")
    if figure is None:
        return []
    key = EnvelopeKey(
        scope=Scope.ENTITY,
        entity_id=entity_id,
        sensor_id=sensor_id,
        request_kind=figure.request_kind,
        period=period_of(figure.period_kind, on),
    )
    return [_granted_once(key, figure)]


@transaction.atomic
def ensure_programme_envelope(
    *,
    cell_id: int,
    sensor_id: int,
    request_kind: str,
    on: dt.date,
    contract_id: int | None = None,
) -> Envelope | None:
    """The cell's envelope for the period of that day, as `ensure_envelopes`; None when policy
    gives none. Without a contract, that of the period before stands behind it, if still in
    force."""
    subject = Subject(
        category_id=None, cell_id=cell_id, request_kind=request_kind, acquisition_mode=None
    )
    rows = selectors.policy_facts(sensor_id, on)
    figure = figure_for(rows, "programme_envelope", subject, unit="km2")
    if figure is None:
        return None
    key = EnvelopeKey(
        scope=Scope.PROGRAMME,
        cell_id=cell_id,
        sensor_id=sensor_id,
        request_kind=figure.request_kind,
        period=period_of(figure.period_kind, on),
    )
    before = _contract_before(cell_id, sensor_id, key.period.starts_on)
    return _granted_once(key, figure, contract_id or before)


def grant(*, envelope_id: int, amount: Decimal, cause: Cause) -> LedgerEntry:
    """Add to what an envelope may spend.

    Locks the supply contract behind it, when there is one, then the envelope.

    Raises:
        QuotaRefused: `amount_not_positive`, `supply_ceiling_exceeded`, `envelope_missing`.
    """
    contract = _lock_contract_of(envelope_id)
    envelope = ledger.lock_envelopes([envelope_id])[envelope_id]
    _check_positive(envelope, amount)
    if contract is not None:
        _check_ceiling(contract, envelope.unit, amount)
    posting = Posting(envelope_id=envelope_id, kind=Kind.GRANT, granted=amount)
    return ledger.post([posting], cause)[0]


def expire(*, envelope_id: int, amount: Decimal, cause: Cause) -> LedgerEntry:
    """Take back what an envelope has left.

    Raises:
        QuotaRefused: `amount_not_positive`, `envelope_missing`; `envelope_in_use` names the files
            that use it and the largest reduction possible now.
    """
    envelope = ledger.lock_envelopes([envelope_id])[envelope_id]
    _check_reduction(envelope, amount)
    posting = Posting(envelope_id=envelope_id, kind=Kind.EXPIRE, granted=-amount)
    return ledger.post([posting], cause)[0]


def transfer(
    *, from_envelope_id: int, to_envelope_id: int, amount: Decimal, cause: Cause
) -> list[LedgerEntry]:
    """Move an amount granted from one envelope to another: a pair of entries, one decision.

    Raises:
        QuotaRefused: as `expire`; `transfer_not_possible` between units or supply contracts.
    """
    envelopes = ledger.lock_envelopes([from_envelope_id, to_envelope_id])
    giver, taker = envelopes[from_envelope_id], envelopes[to_envelope_id]
    if giver == taker or (giver.unit, giver.contract_id) != (taker.unit, taker.contract_id):
        message = gettext("Nothing can be transferred from the %(giver)s to the %(taker)s.")
        names = {"giver": giver.label, "taker": taker.label}
        raise QuotaRefused(Refusal("transfer_not_possible", message % names))
    _check_reduction(giver, amount)
    return ledger.post(
        [
            Posting(envelope_id=giver.pk, kind=Kind.TRANSFER, granted=-amount),
            Posting(envelope_id=taker.pk, kind=Kind.TRANSFER, granted=amount),
        ],
        cause,
    )


def _open(
    key: EnvelopeKey, allotment: str | None, contract_id: int | None
) -> tuple[Envelope, bool]:
    owner = {"cell_id": key.cell_id, "entity_id": key.entity_id}
    return Envelope.objects.get_or_create(
        scope=key.scope,
        **{column: pk for column, pk in owner.items() if pk is not None},
        sensor_id=key.sensor_id,
        request_kind=key.request_kind,
        period_starts_on=key.period.starts_on,
        unit=key.unit,
        defaults={
            "period_ends_on": key.period.ends_on,
            "allotment": allotment or DEFAULT_ALLOTMENT[Scope(key.scope)],
            "contract_id": contract_id,
        },
    )


def _granted_once(
    key: EnvelopeKey, figure: PolicyFacts, contract_id: int | None = None
) -> Envelope:
    """Whoever opens the envelope grants it, in the same transaction; a second caller waits for
    that one and finds it granted. The decision is that of the envelope: it cannot be posted
    twice."""
    envelope, was_opened = _open(key, None, contract_id)
    if was_opened and figure.amount > 0:
        decision = uuid5(NAMESPACE_URL, f"orbitrage:quotas:envelope:{envelope.pk}")
        cause = Cause(decision=decision, reason="policy")
        grant(envelope_id=envelope.pk, amount=figure.amount, cause=cause)
        envelope.refresh_from_db()
    return envelope


def _contract_before(cell_id: int, sensor_id: int, starts_on: dt.date) -> int | None:
    """That of the cell's envelope of the period before, if it still runs."""
    before = Envelope.objects.filter(
        scope=Scope.PROGRAMME,
        cell_id=cell_id,
        sensor_id=sensor_id,
        unit="km2",
        period_ends_on__lt=starts_on,
    )
    last = before.order_by("-period_ends_on", "-pk").select_related("contract").first()
    if last is None or last.contract is None or not last.contract.is_in_force(starts_on):
        return None
    return last.contract.pk


def _lock_contract_of(envelope_id: int) -> SupplyContract | None:
    behind = Envelope.objects.filter(pk=envelope_id).values("contract_id")
    contracts = SupplyContract.objects.select_for_update(no_key=True).filter(pk__in=behind)
    return contracts.first()


def _check_positive(envelope: Envelope, amount: Decimal) -> None:
    if amount > 0:
        return
    draw = Draw(amount=amount, left=ZERO, unit=envelope.unit, envelope=envelope.label)
    if refused := positive(draw):
        raise QuotaRefused(refused)


def _check_ceiling(contract: SupplyContract, unit: str, amount: Decimal) -> None:
    ceiling = SupplyCeiling.objects.filter(contract=contract, unit=unit).first()
    under = Envelope.objects.filter(contract=contract, unit=unit)
    proposal = UnderContract(
        amount=amount,
        granted=under.aggregate(granted=Sum("granted"))["granted"] or ZERO,
        ceiling=None if ceiling is None else ceiling.amount,
        unit=unit,
        contract=contract.reference,
    )
    if refused := within_the_ceiling(proposal):
        raise QuotaRefused(refused)


def _check_reduction(envelope: Envelope, amount: Decimal) -> None:
    _check_positive(envelope, amount)
    if amount <= envelope.left:
        return
    reduction = Reduction(
        amount=amount,
        left=envelope.left,
        unit=envelope.unit,
        envelope=envelope.label,
        request_numbers=tuple(selectors.users_of(envelope.pk)),
    )
    if refused := not_below_what_is_used(reduction):
        raise QuotaRefused(refused)
