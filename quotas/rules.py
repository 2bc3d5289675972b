"""What a movement of an envelope must satisfy, and which row of policy applies. Values only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext

from orbitrage.shared.days import day_in_words
from orbitrage.shared.errors import Refusal
from quotas.amounts import say, say_apart


@dataclass(frozen=True, kw_only=True)
class Draw:
    """An amount asked of an envelope, and what it has left."""

    amount: Decimal
    left: Decimal
    unit: str
    envelope: str


def positive(draw: Draw) -> Refusal | None:
    if draw.amount > 0:
        return None
    message = gettext("%(amount)s cannot be posted on the %(envelope)s: it must be more than 0.")
    figures = {"amount": say(draw.amount, draw.unit), "envelope": draw.envelope}
    return Refusal("amount_not_positive", message % figures)


def within_what_is_left(draw: Draw) -> Refusal | None:
    if draw.amount <= draw.left:
        return None
    asked, left = say_apart(draw.amount, draw.left, draw.unit)
    message = gettext("%(asked)s asked, %(left)s left on the %(envelope)s.")
    return Refusal(
        "quota_exhausted", message % {"asked": asked, "left": left, "envelope": draw.envelope}
    )


DRAW_RULES: tuple[Callable[[Draw], Refusal | None], ...] = (positive, within_what_is_left)


def draw_refusals(draws: Iterable[Draw]) -> list[Refusal]:
    """Every reason to refuse, on every envelope, so that all is said at once."""
    answers = (rule(draw) for draw in draws for rule in DRAW_RULES)
    return [refusal for refusal in answers if refusal is not None]


@dataclass(frozen=True, kw_only=True)
class Reduction:
    """A cut of what an envelope was granted; `request_numbers` are the files that use it."""

    amount: Decimal
    left: Decimal
    unit: str
    envelope: str
    request_numbers: tuple[str, ...]


def not_below_what_is_used(reduction: Reduction) -> Refusal | None:
    if reduction.amount <= reduction.left:
        return None
    asked, largest = say_apart(reduction.amount, reduction.left, reduction.unit)
    message = gettext(
        "The %(envelope)s cannot be reduced by %(asked)s: %(largest)s at most now. "
        "It is used by: %(files)s."
    )
    figures = {
        "envelope": reduction.envelope,
        "asked": asked,
        "largest": largest,
        "files": ", ".join(reduction.request_numbers) or "—",
    }
    return Refusal("envelope_in_use", message % figures)


def reduction_beyond_grant(draw: Draw) -> Refusal:
    """`left` is what is granted, less the reductions that still wait."""
    asked, granted = say_apart(draw.amount, draw.left, draw.unit)
    message = gettext("%(asked)s to take back, %(granted)s granted on the %(envelope)s.")
    figures = {"asked": asked, "granted": granted, "envelope": draw.envelope}
    return Refusal("reduction_beyond_grant", message % figures)


@dataclass(frozen=True, kw_only=True)
class Correction:
    """Changes of an envelope's three balances, with what it and the request have before them.
    `request_number` is empty for an entry of no request."""

    granted: Decimal
    held: Decimal
    consumed: Decimal
    granted_before: Decimal
    held_before: Decimal
    consumed_before: Decimal
    request_held: Decimal
    request_consumed: Decimal
    request_number: str
    has_second_person: bool
    unit: str
    envelope: str


def correction_has_content(correction: Correction) -> Refusal | None:
    if correction.granted or correction.held or correction.consumed:
        return None
    return Refusal("correction_empty", gettext("The correction changes nothing."))


def correction_by_two_persons(correction: Correction) -> Refusal | None:
    if correction.has_second_person:
        return None
    message = gettext("A correction takes a second person.")
    return Refusal("second_person_missing", message)


def correction_not_below_zero(correction: Correction) -> Refusal | None:
    after = {
        gettext("granted"): correction.granted_before + correction.granted,
        gettext("held"): correction.held_before + correction.held,
        gettext("consumed"): correction.consumed_before + correction.consumed,
    }
    if correction.request_number:
        number = {"number": correction.request_number}
        held, consumed = gettext("held by %(number)s"), gettext("consumed by %(number)s")
        after[held % number] = correction.request_held + correction.held
        after[consumed % number] = correction.request_consumed + correction.consumed
    below = [
        f"{name} {say(amount, correction.unit)}" for name, amount in after.items() if amount < 0
    ]
    if not below:
        return None
    message = gettext("The correction would leave on the %(envelope)s: %(below)s.")
    figures = {"envelope": correction.envelope, "below": ", ".join(below)}
    return Refusal("correction_below_zero", message % figures)


def correction_not_overdrawn(correction: Correction) -> Refusal | None:
    granted = correction.granted_before + correction.granted
    used = correction.held_before + correction.held
    used += correction.consumed_before + correction.consumed
    if used <= granted:
        return None
    used_said, granted_said = say_apart(used, granted, correction.unit)
    message = gettext(
        "The correction would leave %(used)s used and %(granted)s granted on the %(envelope)s."
    )
    figures = {"used": used_said, "granted": granted_said, "envelope": correction.envelope}
    return Refusal("correction_overdraws", message % figures)


CORRECTION_RULES: tuple[Callable[[Correction], Refusal | None], ...] = (
    correction_has_content,
    correction_by_two_persons,
    correction_not_below_zero,
    correction_not_overdrawn,
)


def correction_refusals(correction: Correction) -> list[Refusal]:
    answers = (rule(correction) for rule in CORRECTION_RULES)
    return [refusal for refusal in answers if refusal is not None]


def confirmed_by_another(*, proposed_by: int, by: int) -> Refusal | None:
    if proposed_by != by:
        return None
    message = gettext("You proposed this act: somebody else of the secretariat confirms it.")
    return Refusal("same_person", message)


@dataclass(frozen=True, kw_only=True)
class UnderContract:
    """A grant under a supply contract. `ceiling` is None when the contract has none in that
    unit."""

    amount: Decimal
    granted: Decimal
    ceiling: Decimal | None
    unit: str
    contract: str


def within_the_ceiling(grant: UnderContract) -> Refusal | None:
    if grant.ceiling is None or grant.granted + grant.amount <= grant.ceiling:
        return None
    asked, left = say_apart(grant.amount, grant.ceiling - grant.granted, grant.unit)
    message = gettext("%(asked)s asked, %(left)s left to grant under the contract %(contract)s.")
    figures = {"asked": asked, "left": left, "contract": grant.contract}
    return Refusal("supply_ceiling_exceeded", message % figures)


@dataclass(frozen=True, kw_only=True)
class ContractDates:
    contract: str
    starts_on: dt.date
    ends_on: dt.date
    on: dt.date


def contract_in_force(dates: ContractDates) -> Refusal | None:
    if dates.starts_on <= dates.on <= dates.ends_on:
        return None
    message = gettext(
        "The supply contract %(contract)s runs from %(starts_on)s to %(ends_on)s: "
        "no order can cite it on %(on)s."
    )
    figures = {
        "contract": dates.contract,
        "starts_on": day_in_words(dates.starts_on),
        "ends_on": day_in_words(dates.ends_on),
        "on": day_in_words(dates.on),
    }
    return Refusal("supply_contract_not_in_force", message % figures)


@dataclass(frozen=True, kw_only=True)
class Period:
    starts_on: dt.date
    ends_on: dt.date


def period_of(period_kind: str, on: dt.date) -> Period:
    """The calendar quarter or year of that day, in the programme's time zone."""
    if period_kind == "year":
        return Period(starts_on=dt.date(on.year, 1, 1), ends_on=dt.date(on.year, 12, 31))
    if period_kind == "quarter":
        first_month = on.month - (on.month - 1) % 3
        starts_on = dt.date(on.year, first_month, 1)
        after = (starts_on + dt.timedelta(days=100)).replace(day=1)
        return Period(starts_on=starts_on, ends_on=after - dt.timedelta(days=1))
    raise ValueError(f"An envelope has no period of kind {period_kind!r}.")


@dataclass(frozen=True, kw_only=True)
class PolicyFacts:
    """A row of quota policy. An empty category, cell or mode, and the kind `any`, mean any."""

    measure: str
    amount: Decimal
    valid_from: dt.date
    category_id: int | None = None
    cell_id: int | None = None
    request_kind: str = "any"
    acquisition_mode: str | None = None
    period_kind: str = ""
    unit: str = ""
    late_return: str = "expire"
    source: str = ""
    is_example: bool = False


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Whom and what a figure of policy is looked up for."""

    category_id: int | None
    cell_id: int | None
    request_kind: str
    acquisition_mode: str | None


def figure_for(
    rows: Sequence[PolicyFacts], measure: str, subject: Subject, *, unit: str = ""
) -> PolicyFacts | None:
    """The row of `measure` that applies: the most precise one, then the latest."""
    fitting = [
        row
        for row in rows
        if row.measure == measure and _applies(row, subject) and unit in ("", row.unit)
    ]
    return max(fitting, key=_precision, default=None)


def _applies(row: PolicyFacts, subject: Subject) -> bool:
    return (
        row.category_id in (None, subject.category_id)
        and row.cell_id in (None, subject.cell_id)
        and row.request_kind in ("any", subject.request_kind)
        and (row.acquisition_mode or None) in (None, subject.acquisition_mode)
    )


def _precision(row: PolicyFacts) -> tuple[bool, bool, bool, bool, dt.date]:
    return (
        row.category_id is not None,
        row.cell_id is not None,
        row.request_kind != "any",
        bool(row.acquisition_mode),
        row.valid_from,
    )


@dataclass(frozen=True, kw_only=True)
class QuotationDates:
    number: str
    valid_until: dt.date
    on: dt.date


def quotation_in_time(dates: QuotationDates) -> Refusal | None:
    if dates.on <= dates.valid_until:
        return None
    message = gettext("Quotation %(number)s was valid until %(valid_until)s.")
    figures = {"number": dates.number, "valid_until": day_in_words(dates.valid_until)}
    return Refusal("quotation_expired", message % figures)


def purchase_reference_given(reference: str) -> Refusal | None:
    if reference.strip():
        return None
    message = gettext("A priced request is accepted with the reference of a purchase order.")
    return Refusal("purchase_reference_missing", message)
