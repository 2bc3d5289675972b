"""The price put to an entity: what is quoted stands in the ledger, on the entity's budget."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext

from orbitrage.shared.errors import Refusal, refusals_in
from quotas import selectors
from quotas.amounts import ZERO
from quotas.models import Envelope, LedgerEntry, Quotation
from quotas.pricing import Charge, FundingLine, FundingPlan, line_as_json, line_from_json
from quotas.records import Quoted, lines_of_plan
from quotas.rules import (
    QuotationDates,
    period_of,
    purchase_reference_given,
    quotation_in_time,
    within_the_books,
)
from quotas.services import ledger
from quotas.services.envelopes import open_envelope
from quotas.services.ledger import Cause, Posting, QuotaRefused
from quotas.services.periods import successors_of
from quotas.services.quoting import parties, write_quotation
from quotas.services.requests import hold_plan

Kind = LedgerEntry.Kind
BUDGET = Envelope.Scope.BUDGET


@dataclass(frozen=True, kw_only=True)
class Issued:
    """`plan` is the one to freeze: it names the budget envelopes."""

    quotation: Quotation
    plan: FundingPlan


def issue_quotation(
    *,
    plan: FundingPlan,
    entity_id: int,
    sensor_id: int,
    valid_until: dt.date,
    on: dt.date,
    cause: Cause,
    cell_id: int | None = None,
) -> Issued:
    """Quote the priced lines and hold the whole plan: grants the quoted km² and € on the entity's
    budget, holds every line (`hold_plan` is not called besides), takes the next number of the year.
    The members of `cell_id`, which puts the price, see it.

    Locks the sensor's policy where an envelope of the day is to be opened; then locks the plan's
    envelopes, those the request holds and their successors, in id order, then the counter.

    Raises:
        QuotaRefused: as `hold_plan`; `nothing_to_quote`, `quotation_already_open`,
            `amount_too_large`.
    """
    if refused := _cannot_be_quoted(plan, cause.request_number):
        raise QuotaRefused(*refused)
    before = selectors.outstanding(cause.request_number)
    successors = successors_of(before, cause.on)
    whole = _with_budget(plan, entity_id, sensor_id, on)
    quoted = Quoted(
        request_number=cause.request_number,
        lines=lines_of_plan(whole.lines),
        total_eur=whole.total_eur,
        valid_until=valid_until,
        **parties(entity_id=entity_id, sensor_id=sensor_id, on=on),
    )
    envelopes = ledger.lock_envelopes({*whole.amounts(), *before, *successors.values()})
    granted = _on_budget(whole.lines)
    if refused := _beyond_the_books(envelopes, granted):
        raise QuotaRefused(*refused)
    ledger.post(
        [
            Posting(envelope_id=pk, kind=Kind.GRANT, granted=amount)
            for pk, amount in granted.items()
        ],
        cause,
    )
    hold_plan(plan=whole, cause=cause, is_offer=True)
    quotation = write_quotation(
        quoted=quoted,
        entity_id=entity_id,
        decision=cause.decision,
        on=on,
        lines=[line_as_json(line) for line in whole.lines if line.is_priced],
        cell_id=cell_id,
    )
    return Issued(quotation=quotation, plan=whole)


def accept_quotation(*, request_number: str, purchase_reference: str, on: dt.date) -> Quotation:
    """Record the reference of the purchase order.

    Raises:
        QuotaRefused: `quotation_missing`, `quotation_expired`, `purchase_reference_missing`.
    """
    quotation = _lock_open(request_number)
    if quotation is None:
        message = gettext("Request %(number)s has no open quotation.")
        refused = Refusal("quotation_missing", message % {"number": request_number})
        raise QuotaRefused(refused)
    dates = QuotationDates(number=quotation.number, valid_until=quotation.valid_until, on=on)
    answers = (quotation_in_time(dates), purchase_reference_given(purchase_reference))
    if reasons := refusals_in(*answers):
        raise QuotaRefused(*reasons)
    quotation.purchase_reference = purchase_reference.strip()
    quotation.accepted_at = timezone.now()
    quotation.save(update_fields=["purchase_reference", "accepted_at"])
    return quotation


def close_quotation(*, request_number: str, cause: Cause) -> Quotation | None:
    """Return what the open quotation leaves unused, by `expire`; nothing without one. Called once
    the request holds nothing on it any more: after a release, or after the last refund.

    Raises:
        QuotaRefused: `quotation_still_held`.
    """
    quotation = _lock_open(request_number)
    if quotation is None:
        return None
    quoted = _on_budget(tuple(line_from_json(line) for line in quotation.lines))
    envelopes = ledger.lock_envelopes(quoted)
    used = selectors.outstanding(request_number)
    if any(pk in used and used[pk].held for pk in quoted):
        message = gettext("Quotation %(number)s is still held by its request.")
        refused = Refusal("quotation_still_held", message % {"number": quotation.number})
        raise QuotaRefused(refused)
    left = {
        pk: min(envelopes[pk].left, amount - (used[pk].consumed if pk in used else ZERO))
        for pk, amount in quoted.items()
    }
    ledger.post(
        [
            Posting(envelope_id=pk, kind=Kind.EXPIRE, granted=-amount)
            for pk, amount in left.items()
            if amount > 0
        ],
        cause,
    )
    quotation.closed_at = timezone.now()
    quotation.save(update_fields=["closed_at"])
    return quotation


def reopen_quotation(*, request_number: str) -> bool:
    """The accepted quotation, if it was closed when its order was settled. Whether it was."""
    accepted = Quotation.objects.filter(request_number=request_number, accepted_at__isnull=False)
    quotation = accepted.select_for_update(no_key=True).latest("pk")
    was_closed = quotation.closed_at is not None
    quotation.closed_at = None
    quotation.save(update_fields=["closed_at"])
    return was_closed


def _cannot_be_quoted(plan: FundingPlan, request_number: str) -> list[Refusal]:
    refused = []
    if not plan.is_priced:
        message = gettext("No part of the request has a price: there is nothing to quote.")
        refused.append(Refusal("nothing_to_quote", message))
    quotation = Quotation.objects.open().filter(request_number=request_number).first()
    if quotation is not None:
        message = gettext("Quotation %(number)s is still open for this request.")
        figures = {"number": quotation.number}
        refused.append(Refusal("quotation_already_open", message % figures))
    return refused


def _beyond_the_books(
    envelopes: Mapping[int, Envelope], granted: Mapping[int, Decimal]
) -> list[Refusal]:
    answers = (
        within_the_books(granted_after=envelopes[pk].granted + amount, unit=envelopes[pk].unit)
        for pk, amount in granted.items()
    )
    return refusals_in(*answers)


def _with_budget(plan: FundingPlan, entity_id: int, sensor_id: int, on: dt.date) -> FundingPlan:
    """The plan with the entity's budget envelopes of the year, opened when needed."""
    opened: dict[str, int] = {}
    year = period_of("year", on)
    for unit in sorted({c.unit for line in plan.lines for c in line.charges if c.scope == BUDGET}):
        envelope = open_envelope(
            scope=BUDGET,
            entity_id=entity_id,
            sensor_id=sensor_id,
            starts_on=year.starts_on,
            ends_on=year.ends_on,
            unit=unit,
        )
        opened[unit] = envelope.pk

    def named(charge: Charge) -> Charge:
        return (
            replace(charge, envelope_id=opened[charge.unit]) if charge.scope == BUDGET else charge
        )

    lines = tuple(
        replace(line, charges=tuple(named(charge) for charge in line.charges))
        for line in plan.lines
    )
    return replace(plan, lines=lines)


def _on_budget(lines: tuple[FundingLine, ...]) -> dict[int, Decimal]:
    """What these lines take from budget envelopes, in id order."""
    taken: dict[int, Decimal] = {}
    for line in lines:
        for charge in line.charges:
            amount = line.amount_on(charge)
            if charge.scope == BUDGET and charge.envelope_id is not None and amount:
                taken[charge.envelope_id] = taken.get(charge.envelope_id, ZERO) + amount
    return dict(sorted(taken.items()))


def _lock_open(request_number: str) -> Quotation | None:
    rows = Quotation.objects.open().filter(request_number=request_number, package__isnull=True)
    return rows.select_for_update(no_key=True).first()
