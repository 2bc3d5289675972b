"""What the transitions of a request do to the ledger. Each runs in the caller's transaction, the
request's row being locked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext

from orbitrage.shared.errors import Refusal, refusals_in
from quotas import selectors
from quotas.amounts import ZERO, say
from quotas.models import Demand, Envelope, LedgerEntry, SupplyContract, Unit
from quotas.pricing import Charge, FundingPlan
from quotas.rules import ContractDates, contract_in_force, drawn_within_the_books
from quotas.selectors import Outstanding
from quotas.services import ledger
from quotas.services.ledger import Cause, Posting, QuotaRefused
from quotas.services.periods import pass_on, successors_of

Kind = LedgerEntry.Kind
NOTHING = Outstanding(held=ZERO, consumed=ZERO)


def hold_plan(
    *,
    plan: FundingPlan,
    cause: Cause,
    allotment: str | None = None,
    is_offer: bool = False,
) -> list[LedgerEntry]:
    """Settle what the request holds: afterwards it holds exactly what the plan takes from the
    envelopes of that allotment (of both when None), by holding, adjusting or releasing. An offer
    gives no first-come hold back: the requester, who came first, has not agreed to less.

    What is given back passes on where a reduction waits for it or the period is over. Locks the
    plan's envelopes, those the request holds and their successors, in id order.

    Raises:
        QuotaRefused: an envelope has less left (`quota_exhausted`), is not open
            (`envelope_missing`) or could not bear as much (`amount_too_large`); a part has no
            tariff (`no_tariff`) or no quotation (`quotation_missing`). Nothing is written.
    """
    if refused := _cannot_be_held(plan, allotment):
        raise QuotaRefused(*refused)
    wanted = plan.amounts(allotment)
    before = selectors.outstanding(cause.request_number)
    successors = successors_of(before, cause.on)
    envelopes = ledger.lock_envelopes({*wanted, *before, *successors.values()})
    held = selectors.outstanding(cause.request_number)
    postings = [
        _settling(pk, wanted.get(pk, ZERO), held.get(pk, NOTHING).held)
        for pk, envelope in envelopes.items()
        if (pk in wanted or pk in held) and allotment in (None, envelope.allotment)
    ]
    if is_offer:
        postings = [p for p in postings if p.held > 0 or not envelopes[p.envelope_id].is_first_come]
    moves = [posting for posting in postings if posting.held]
    ledger.check_draws(envelopes, {p.envelope_id: p.held for p in moves if p.held > 0})
    entries = ledger.post(moves, cause)
    pass_on(entries, envelopes=envelopes, successors=successors, cause=cause)
    return entries


def release_request(*, request_number: str, cause: Cause) -> list[LedgerEntry]:
    """Give back all that the request holds. What it has consumed stays."""
    given = _Giving.lock(request_number, cause)
    return given.back(_releases(given, given.envelopes.values()))


def release_decision(*, request_number: str, cause: Cause) -> list[LedgerEntry]:
    """Give back what the decision holds and leave the first-come holds of the submission; those
    whose period is over go back too: the request may hold again what they pass on."""
    given = _Giving.lock(request_number, cause)
    envelopes = given.envelopes.values()
    ended = (e for e in envelopes if not e.is_first_come or e.is_over(cause.on))
    return given.back(_releases(given, ended))


def _releases(given: _Giving, envelopes: Iterable[Envelope]) -> list[Posting]:
    return [
        Posting(envelope_id=envelope.pk, kind=Kind.RELEASE, held=-given.used[envelope.pk].held)
        for envelope in envelopes
        if given.used[envelope.pk].held
    ]


def consume_request(*, request_number: str, cause: Cause) -> list[LedgerEntry]:
    """Turn all that the request holds into consumption: the order leaves.

    Raises:
        QuotaRefused: `supply_contract_not_in_force`.
    """
    held, envelopes = _locked(request_number)
    drawn = [envelope for pk, envelope in envelopes.items() if held[pk].held]
    if refused := contracts_over(drawn, cause.on):
        raise QuotaRefused(*refused)
    return ledger.post(
        [
            Posting(
                envelope_id=envelope.pk,
                kind=Kind.CONSUME,
                held=-held[envelope.pk].held,
                consumed=held[envelope.pk].held,
            )
            for envelope in drawn
        ],
        cause,
    )


def refund_request(
    *, request_number: str, cause: Cause, keep: FundingPlan | None = None
) -> list[LedgerEntry]:
    """Give back what was consumed beyond what `keep` takes (`pricing.shrink` of the plan to what
    was delivered); all of it when None. Never takes more. A tasking attempt is used by its order,
    whatever comes of it: it stays consumed."""
    kept = {} if keep is None else keep.amounts()
    given = _Giving.lock(request_number, cause)
    used = given.used
    excess = {
        pk: used[pk].consumed - kept.get(pk, ZERO)
        for pk, envelope in given.envelopes.items()
        if envelope.unit != Unit.ATTEMPTS
    }
    return given.back(
        [
            Posting(envelope_id=pk, kind=Kind.REFUND, consumed=-min(amount, used[pk].consumed))
            for pk, amount in excess.items()
            if amount > 0 and used[pk].consumed > 0
        ]
    )


@transaction.atomic
def record_demand(*, request_number: str, plan: FundingPlan) -> None:
    """Show what the request asks of the cell's envelopes, in place of what it asked before.

    Raises:
        QuotaRefused: `amount_too_large`.
    """
    if refused := _beyond_the_books(plan):
        raise QuotaRefused(*refused)
    asked = {
        pk: amount
        for (pk, scope, _unit), amount in plan.taken(Envelope.Allotment.ARBITRATED).items()
        if pk is not None and scope == Envelope.Scope.PROGRAMME
    }
    Demand.objects.filter(request_number=request_number).delete()
    Demand.objects.bulk_create(
        Demand(request_number=request_number, envelope_id=pk, amount=amount)
        for pk, amount in sorted(asked.items())
    )


def clear_demand(*, request_number: str) -> None:
    Demand.objects.filter(request_number=request_number).delete()


@dataclass(frozen=True)
class _Giving:
    """A request that gives back: what it has on its envelopes, read under their locks, and where
    what comes back passes on to."""

    used: dict[int, Outstanding]
    envelopes: dict[int, Envelope]
    successors: dict[int, int]
    cause: Cause

    @classmethod
    def lock(cls, request_number: str, cause: Cause) -> _Giving:
        before = selectors.outstanding(request_number)
        successors = successors_of(before, cause.on)
        locked = ledger.lock_envelopes({*before, *successors.values()})
        used = selectors.outstanding(request_number)
        own = {pk: envelope for pk, envelope in locked.items() if pk in used}
        return cls(used=used, envelopes=own, successors=successors, cause=cause)

    def back(self, postings: Sequence[Posting]) -> list[LedgerEntry]:
        entries = ledger.post(postings, self.cause)
        pass_on(entries, envelopes=self.envelopes, successors=self.successors, cause=self.cause)
        return entries


def _locked(request_number: str) -> tuple[dict[int, Outstanding], dict[int, Envelope]]:
    """What the request has, read again under the locks of its envelopes."""
    envelopes = ledger.lock_envelopes(selectors.outstanding(request_number))
    has = selectors.outstanding(request_number)
    return has, {pk: envelope for pk, envelope in envelopes.items() if pk in has}


def _settling(envelope_id: int, wanted: Decimal, held: Decimal) -> Posting:
    kind = Kind.ADJUST
    if not held:
        kind = Kind.HOLD
    elif not wanted:
        kind = Kind.RELEASE
    return Posting(envelope_id=envelope_id, kind=kind, held=wanted - held)


def _cannot_be_held(plan: FundingPlan, allotment: str | None) -> list[Refusal]:
    refused = _beyond_the_books(plan)
    refused += [_unopened(charge) for charge in plan.unopened(allotment)]
    if plan.unfunded_km2 and allotment in (None, Envelope.Allotment.ARBITRATED):
        message = gettext("No tariff is in force for %(area)s beyond the quota.")
        area = say(plan.unfunded_km2, "km2")
        refused.append(Refusal("no_tariff", message % {"area": area}))
    return list(dict.fromkeys(refused))


def _beyond_the_books(plan: FundingPlan) -> list[Refusal]:
    """A part that no envelope could bear, and no column hold."""
    answers = (drawn_within_the_books(amount, unit) for (*_, unit), amount in plan.taken().items())
    return refusals_in(*answers)


def _unopened(charge: Charge) -> Refusal:
    if charge.scope == Envelope.Scope.BUDGET:
        message = gettext("The priced part has no quotation yet: it is held with one.")
        return Refusal("quotation_missing", message)
    if charge.scope == Envelope.Scope.PROGRAMME:
        message = gettext("The cell has no envelope in %(unit)s for this sensor and this period.")
    else:
        message = gettext("The entity has no envelope in %(unit)s for this sensor and this period.")
    return Refusal("envelope_missing", message % {"unit": Unit(charge.unit).label})


def contracts_over(envelopes: list[Envelope], on: dt.date) -> list[Refusal]:
    contracts = SupplyContract.objects.filter(pk__in={e.contract_id for e in envelopes})
    answers = [
        contract_in_force(
            ContractDates(
                contract=contract.reference,
                starts_on=contract.starts_on,
                ends_on=contract.ends_on,
                on=on,
            )
        )
        for contract in contracts.order_by("pk")
    ]
    return refusals_in(*answers)
