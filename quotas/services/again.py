"""The order of a request leaves once more: what a refund gave back is taken again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext

from orbitrage.shared.errors import Refusal
from quotas import selectors
from quotas.amounts import ZERO, say
from quotas.models import Envelope, LedgerEntry, Unit
from quotas.pricing import FundingPlan, drawn_elsewhere, taken_again
from quotas.services import ledger
from quotas.services.ledger import Cause, Posting, QuotaRefused
from quotas.services.periods import envelopes_of_the_day
from quotas.services.quotations import reopen_quotation
from quotas.services.requests import contracts_over


@dataclass(frozen=True, kw_only=True)
class TakenAgain:
    """`plan` is the one to freeze, which names the envelopes of the day; `amounts` is what was
    consumed again, by envelope id."""

    plan: FundingPlan
    amounts: dict[int, Decimal]


def take_again(*, plan: FundingPlan, cause: Cause) -> TakenAgain:
    """Consume again what the plan takes and a refund gave back, and the attempts of one more order:
    the same order leaves once more. Where the period is over since, it is the envelope of the day
    that bears it.

    Raises:
        QuotaRefused: `paid_part_refunded`, `quota_exhausted`, `supply_contract_not_in_force`.
    """
    lacking = taken_again(plan, selectors.consumed_by(cause.request_number))
    elsewhere = envelopes_of_the_day(lacking, cause.on)
    envelopes = ledger.lock_envelopes({*plan.amounts(), *elsewhere.values()})
    consumed = selectors.consumed_by(cause.request_number)
    again = drawn_elsewhere(plan, consumed=consumed, elsewhere=elsewhere)
    amounts = taken_again(again, consumed)
    drawn = [envelopes[pk] for pk in amounts]
    if refused := _paid_and_refunded(drawn, amounts) or contracts_over(drawn, cause.on):
        raise QuotaRefused(*refused)
    if amounts:
        _reopen_budget(drawn, amounts, cause)
        asked = [ledger.Amount(pk, amount) for pk, amount in amounts.items()]
        ledger.consume_more(amounts=asked, cause=cause)
    return TakenAgain(plan=again, amounts=amounts)


def _paid_and_refunded(
    envelopes: Iterable[Envelope], amounts: Mapping[int, Decimal]
) -> list[Refusal]:
    """Whatever a budget has left now was granted for something else."""
    on_budget = {e.unit: amounts[e.pk] for e in _budgets(envelopes)}
    if Unit.EUR not in on_budget:
        return []
    message = gettext(
        "%(area)s was paid for and refunded (%(money)s): ask for it in a new request."
    )
    figures = {
        "area": say(on_budget.get(Unit.KM2, ZERO), "km2"),
        "money": say(on_budget[Unit.EUR], "eur"),
    }
    return [Refusal("paid_part_refunded", message % figures)]


def _reopen_budget(
    envelopes: Iterable[Envelope], amounts: Mapping[int, Decimal], cause: Cause
) -> None:
    """The km² of a line billed at its minimum: what is paid did not change with what came, so they
    are granted once more and the quotation is open again, until the second order is settled. One
    that is still open has left them on its budget."""
    grants = [
        Posting(envelope_id=e.pk, kind=LedgerEntry.Kind.GRANT, granted=amounts[e.pk])
        for e in _budgets(envelopes)
    ]
    if grants and reopen_quotation(request_number=cause.request_number):
        ledger.post(grants, cause)


def _budgets(envelopes: Iterable[Envelope]) -> list[Envelope]:
    return [e for e in envelopes if e.scope == Envelope.Scope.BUDGET]
