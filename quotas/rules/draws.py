"""What is asked of an envelope."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext, ngettext

from orbitrage.shared.errors import Refusal, refusals_in
from quotas.amounts import AMOUNT_LIMIT, DECIMALS, decimals_of, say, say_apart


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


def not_finer_than_its_unit(amount: Decimal, unit: str) -> Refusal | None:
    found, most = decimals_of(amount), DECIMALS[unit]
    if found <= most:
        return None
    message = ngettext(
        "%(found)s decimal; %(most)s at most in that unit.",
        "%(found)s decimals; %(most)s at most in that unit.",
        found,
    )
    return Refusal("amount_too_precise", message % {"found": found, "most": most})


def drawn_within_the_books(amount: Decimal, unit: str) -> Refusal | None:
    if amount < AMOUNT_LIMIT:
        return None
    message = gettext(
        "%(amount)s at once is beyond what an envelope can bear: it must be less than %(limit)s."
        " Ask for a smaller area."
    )
    figures = {"amount": say(amount, unit), "limit": say(AMOUNT_LIMIT, unit)}
    return Refusal("amount_too_large", message % figures)


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
    return refusals_in(*answers)
