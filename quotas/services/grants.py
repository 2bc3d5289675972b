"""What moves the amount granted on an envelope."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext

from orbitrage.shared.errors import Refusal
from quotas import selectors
from quotas.amounts import ZERO, floor_amount
from quotas.models import (
    Envelope,
    LedgerEntry,
    PendingReduction,
    SupplyCeiling,
    SupplyContract,
)
from quotas.rules import (
    Draw,
    Reduction,
    Side,
    UnderContract,
    may_exchange,
    not_below_what_is_used,
    not_finer_than_its_unit,
    positive,
    reduction_beyond_grant,
    within_the_books,
    within_the_ceiling,
)
from quotas.services import ledger
from quotas.services.ledger import Cause, Posting, QuotaRefused

Kind = LedgerEntry.Kind


def grant(*, envelope_id: int, amount: Decimal, cause: Cause) -> LedgerEntry:
    """Add to what an envelope may spend.

    Locks the supply contract behind it, when there is one, then the envelope.

    Raises:
        QuotaRefused: `amount_not_positive`, `amount_too_precise`, `amount_too_large`,
            `supply_ceiling_exceeded`, `envelope_missing`.
    """
    contract = lock_contract_of(envelope_id)
    envelope = ledger.lock_envelopes([envelope_id])[envelope_id]
    _check_taking(envelope, amount)
    if contract is not None:
        check_ceiling(contract, envelope.unit, amount)
    posting = Posting(envelope_id=envelope_id, kind=Kind.GRANT, granted=amount)
    return ledger.post([posting], cause)[0]


def expire(*, envelope_id: int, amount: Decimal, cause: Cause) -> LedgerEntry:
    """Take back what an envelope has left.

    Raises:
        QuotaRefused: `amount_not_positive`, `amount_too_precise`, `envelope_missing`;
            `envelope_in_use` names the files that use it and the largest reduction possible now.
    """
    envelope = ledger.lock_envelopes([envelope_id])[envelope_id]
    _check_reduction(envelope, amount)
    posting = Posting(envelope_id=envelope_id, kind=Kind.EXPIRE, granted=-amount)
    return ledger.post([posting], cause)[0]


def reduce(
    *, envelope_id: int, amount: Decimal, cause: Cause, only_if_free: bool = False
) -> PendingReduction | None:
    """Take back `amount` of what an envelope was granted: at once what it has left, the rest as it
    comes back, unless it is to be taken `only_if_free`. None when all of it was left. On a budget
    nothing waits: what comes back there goes with its quotation.

    Raises:
        QuotaRefused: `amount_not_positive`, `amount_too_precise`, `envelope_missing`,
            `reduction_beyond_grant`; `envelope_in_use`, as `expire`, of what may not wait.
    """
    envelope = ledger.lock_envelopes([envelope_id])[envelope_id]
    _check_amount(envelope, amount)
    if only_if_free or envelope.scope == Envelope.Scope.BUDGET:
        _check_reduction(envelope, amount)
    reducible = envelope.granted - selectors.still_to_reduce(envelope_id)
    if amount > reducible:
        draw = Draw(amount=amount, left=reducible, unit=envelope.unit, envelope=envelope.label)
        raise QuotaRefused(reduction_beyond_grant(draw))
    now = min(amount, envelope.left)
    if now:
        ledger.post([Posting(envelope_id=envelope_id, kind=Kind.EXPIRE, granted=-now)], cause)
    if now == amount:
        return None
    return PendingReduction.objects.create(
        envelope=envelope,
        decision=cause.decision,
        amount=amount - now,
        remaining=amount - now,
        author_id=cause.author_id,
    )


def transfer(
    *, from_envelope_id: int, to_envelope_id: int, amount: Decimal, cause: Cause
) -> list[LedgerEntry]:
    """Move an amount granted from one envelope to another: a pair of entries, one decision.

    Raises:
        QuotaRefused: as `expire`; `transfer_not_possible` between sensors, units or supply
            contracts, and of what an entity paid for; `amount_too_large`.
    """
    envelopes = ledger.lock_envelopes([from_envelope_id, to_envelope_id])
    giver, taker = envelopes[from_envelope_id], envelopes[to_envelope_id]
    if not may_exchange(_side(giver), _side(taker)):
        message = gettext("Nothing can be transferred from the %(giver)s to the %(taker)s.")
        names = {"giver": giver.label, "taker": taker.label}
        raise QuotaRefused(Refusal("transfer_not_possible", message % names))
    _check_reduction(giver, amount)
    _check_taking(taker, amount)
    return ledger.post(
        [
            Posting(envelope_id=giver.pk, kind=Kind.TRANSFER, granted=-amount),
            Posting(envelope_id=taker.pk, kind=Kind.TRANSFER, granted=amount),
        ],
        cause,
    )


def convert(
    *,
    from_envelope_id: int,
    to_envelope_id: int,
    amount: Decimal,
    rate: Decimal,
    cause: Cause,
) -> list[LedgerEntry]:
    """Exchange what is granted for one kind of request against the other: `amount` leaves the
    first envelope and `amount` × `rate`, rounded down to its unit's least, comes to the second.

    Locks the supply contract behind them, when there is one, then both in id order.

    Raises:
        QuotaRefused: as `expire`; `conversion_not_possible` between envelopes that differ in more
            than the kind of request, of money, or at no rate;
            `amount_too_large`, `supply_ceiling_exceeded`.
    """
    contract = lock_contract_of(to_envelope_id)
    envelopes = ledger.lock_envelopes([from_envelope_id, to_envelope_id])
    giver, taker = envelopes[from_envelope_id], envelopes[to_envelope_id]
    is_possible = _differ_by_kind(giver, taker) and may_exchange(_side(giver), _side(taker))
    if not is_possible or rate <= 0:
        message = gettext("Nothing can be converted from the %(giver)s to the %(taker)s.")
        names = {"giver": giver.label, "taker": taker.label}
        raise QuotaRefused(Refusal("conversion_not_possible", message % names))
    _check_reduction(giver, amount)
    converted = floor_amount(amount * rate, taker.unit)
    _check_taking(taker, converted)
    if contract is not None and converted > amount:
        check_ceiling(contract, taker.unit, converted - amount)
    return ledger.post(
        [
            Posting(envelope_id=giver.pk, kind=Kind.CONVERT, granted=-amount),
            Posting(envelope_id=taker.pk, kind=Kind.CONVERT, granted=converted),
        ],
        cause,
    )


def _side(envelope: Envelope) -> Side:
    return Side(
        envelope_id=envelope.pk,
        scope=envelope.scope,
        entity_id=envelope.entity_id,
        sensor_id=envelope.sensor_id,
        unit=envelope.unit,
        contract_id=envelope.contract_id,
        is_paid=envelope.scope == Envelope.Scope.BUDGET or envelope.package_id is not None,
    )


def _differ_by_kind(one: Envelope, other: Envelope) -> bool:
    def of(envelope: Envelope) -> tuple[object, ...]:
        return (
            envelope.scope,
            envelope.cell_id,
            envelope.entity_id,
            envelope.period_starts_on,
            envelope.period_ends_on,
        )

    return one.request_kind != other.request_kind and of(one) == of(other)


def lock_contract_of(envelope_id: int) -> SupplyContract | None:
    """The contract behind an envelope; to be called before the first lock of an envelope."""
    behind = Envelope.objects.filter(pk=envelope_id).values("contract_id")
    contracts = SupplyContract.objects.select_for_update(no_key=True).filter(pk__in=behind)
    return contracts.first()


def _check_amount(envelope: Envelope, amount: Decimal) -> None:
    if refused := not_finer_than_its_unit(amount, envelope.unit):
        raise QuotaRefused(refused)
    if amount > 0:
        return
    draw = Draw(amount=amount, left=ZERO, unit=envelope.unit, envelope=envelope.label)
    if refused := positive(draw):
        raise QuotaRefused(refused)


def _check_taking(envelope: Envelope, amount: Decimal) -> None:
    _check_amount(envelope, amount)
    granted_after = envelope.granted + amount
    if refused := within_the_books(granted_after=granted_after, unit=envelope.unit):
        raise QuotaRefused(refused)


def check_ceiling(contract: SupplyContract, unit: str, amount: Decimal) -> None:
    """
    Raises:
        QuotaRefused: `supply_ceiling_exceeded`.
    """
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
    _check_amount(envelope, amount)
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
