"""What puts right an entry that was posted wrongly."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from quotas import selectors
from quotas.amounts import ZERO
from quotas.models import Envelope, LedgerEntry
from quotas.rules import Correction, correction_refusals
from quotas.services import ledger
from quotas.services.grants import check_ceiling, lock_contract_of
from quotas.services.ledger import Cause, Posting, QuotaRefused
from quotas.services.periods import pass_on, successors_of


def correct(
    *,
    entry_id: int,
    granted: Decimal = ZERO,
    held: Decimal = ZERO,
    consumed: Decimal = ZERO,
    cause: Cause,
) -> LedgerEntry:
    """Put right what an entry posted wrongly, by an entry that names it and its request; two
    persons answer for it. What comes back passes on as a release does.

    Locks the supply contract where more is granted, then the envelope of the entry and, where its
    period is over, its successor, in id order.

    Raises:
        QuotaRefused: `correction_empty`, `correction_mixed`, `second_person_missing`;
            `correction_below_zero` where the envelope or the request would have less than nothing,
            `correction_overdraws` where more would be used than is granted;
            `amount_too_precise`, `amount_too_large`, `supply_ceiling_exceeded`.
        LedgerEntry.DoesNotExist: no such entry.
    """
    entry = LedgerEntry.objects.get(pk=entry_id)
    pk = entry.envelope_id
    successors = successors_of([pk], cause.on) if held + consumed < 0 else {}
    contract = lock_contract_of(pk) if granted > 0 else None
    envelopes = ledger.lock_envelopes({pk, *successors.values()})
    changes = Posting(
        envelope_id=pk,
        kind=LedgerEntry.Kind.CORRECT,
        granted=granted,
        held=held,
        consumed=consumed,
        corrects_id=entry.pk,
    )
    cause = replace(cause, request_number=entry.request_number)
    if refused := correction_refusals(_correction(changes, envelopes[pk], cause)):
        raise QuotaRefused(*refused)
    if contract is not None:
        check_ceiling(contract, envelopes[pk].unit, granted)
    corrected = ledger.post([changes], cause)
    pass_on(corrected, envelopes=envelopes, successors=successors, cause=cause)
    return corrected[0]


def _correction(changes: Posting, envelope: Envelope, cause: Cause) -> Correction:
    used = selectors.outstanding(cause.request_number).get(envelope.pk)
    return Correction(
        granted=changes.granted,
        held=changes.held,
        consumed=changes.consumed,
        granted_before=envelope.granted,
        held_before=envelope.held,
        consumed_before=envelope.consumed,
        request_held=used.held if used else ZERO,
        request_consumed=used.consumed if used else ZERO,
        request_number=cause.request_number,
        has_second_person=cause.second_author_id not in (None, cause.author_id),
        unit=envelope.unit,
        envelope=envelope.label,
    )
