"""What moves the amount granted, what corrects an entry, and the contracts behind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext

from orbitrage.shared.days import day_in_words
from orbitrage.shared.errors import Refusal, refusals_in
from quotas.amounts import AMOUNT_LIMIT, say, say_apart
from quotas.rules.draws import Draw, not_finer_than_its_unit


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


def period_over(ends_on: dt.date) -> Refusal:
    message = gettext("The period was over on %(ends_on)s.")
    return Refusal("period_over", message % {"ends_on": day_in_words(ends_on)})


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


def correction_of_one_side(correction: Correction) -> Refusal | None:
    """No entry moves both, and what comes back passes on: less granted at the same time would be
    taken twice."""
    used = correction.held + correction.consumed
    if not correction.granted or not (correction.held or correction.consumed):
        return None
    message = gettext(
        "One correction changes what is granted (%(granted)s) or what is used (%(used)s), not "
        "both: enter two."
    )
    unit = correction.unit
    figures = {"granted": say(correction.granted, unit), "used": say(used, unit)}
    return Refusal("correction_mixed", message % figures)


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


def correction_in_whole_parts(correction: Correction) -> Refusal | None:
    """Of what it leaves: half an attempt that stands there is corrected by a half."""
    changed = (
        (correction.granted_before, correction.granted),
        (correction.held_before, correction.held),
        (correction.consumed_before, correction.consumed),
    )
    answers = (
        not_finer_than_its_unit(before + change, correction.unit)
        for before, change in changed
        if change
    )
    return next((refusal for refusal in answers if refusal is not None), None)


def correction_within_the_books(correction: Correction) -> Refusal | None:
    granted_after = correction.granted_before + correction.granted
    return within_the_books(granted_after=granted_after, unit=correction.unit)


CORRECTION_RULES: tuple[Callable[[Correction], Refusal | None], ...] = (
    correction_has_content,
    correction_of_one_side,
    correction_by_two_persons,
    correction_not_below_zero,
    correction_not_overdrawn,
    correction_in_whole_parts,
    correction_within_the_books,
)


def correction_refusals(correction: Correction) -> list[Refusal]:
    return refusals_in(*(rule(correction) for rule in CORRECTION_RULES))


def confirmed_by_another(*, proposed_by: int, by: int) -> Refusal | None:
    if proposed_by != by:
        return None
    message = gettext("You proposed this act: somebody else of the secretariat confirms it.")
    return Refusal("same_person", message)


def within_the_books(*, granted_after: Decimal, unit: str) -> Refusal | None:
    if granted_after < AMOUNT_LIMIT:
        return None
    message = gettext("The envelope would be granted %(amount)s; it must be less than %(limit)s.")
    amount, limit = say_apart(granted_after, AMOUNT_LIMIT, unit)
    return Refusal("amount_too_large", message % {"amount": amount, "limit": limit})


@dataclass(frozen=True, kw_only=True)
class Side:
    """Of an envelope that gives or takes what is granted: what decides whether it may. `is_paid`
    where money is behind it, as on a budget and of a package."""

    envelope_id: int
    scope: str
    entity_id: int | None
    sensor_id: int
    unit: str
    contract_id: int | None
    is_paid: bool


def may_exchange(giver: Side, taker: Side) -> bool:
    """What an entity paid for stays its own: money where it is, a prefunded volume prefunded."""

    def of(side: Side) -> tuple[object, ...]:
        return side.sensor_id, side.unit, side.contract_id

    if giver.envelope_id == taker.envelope_id or giver.is_paid or taker.is_paid:
        return False
    if "prefunded" in (giver.scope, taker.scope) and (giver.scope, giver.entity_id) != (
        taker.scope,
        taker.entity_id,
    ):
        return False
    return of(giver) == of(taker)


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
