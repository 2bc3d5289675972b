"""What new figures of policy must satisfy before they are published, and when they take effect."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext

from orbitrage.shared.days import day_in_words
from orbitrage.shared.errors import Refusal, refusals_in
from quotas.amounts import AMOUNT_LIMIT, say_apart
from quotas.rules.grants import UnderContract, within_the_ceiling
from quotas.rules.policy import FigureKey, PolicyFacts, period_of

ONE_DAY = dt.timedelta(days=1)
TENTH = Decimal("0.1")
RHYTHMS = ("quarter", "year")


def first_day_proposed(period_kinds: Iterable[str], today: dt.date) -> dt.date:
    """The next quarter where a figure is set by the quarter, else the next year; tomorrow where
    none has a period."""
    kinds = set(period_kinds)
    for rhythm in RHYTHMS:
        if rhythm in kinds:
            return period_of(rhythm, today).ends_on + ONE_DAY
    return today + ONE_DAY


def takes_effect_on(period_kind: str, valid_from: dt.date) -> dt.date:
    """An amount granted by the period waits for the first one that begins on or after the day."""
    if period_kind not in RHYTHMS:
        return valid_from
    period = period_of(period_kind, valid_from)
    return valid_from if period.starts_on == valid_from else period.ends_on + ONE_DAY


def percent_change(before: Decimal, after: Decimal) -> Decimal | None:
    """Half-up to a tenth of a per cent; None from nothing."""
    if not before:
        return None
    return (100 * (after - before) / before).quantize(TENTH, rounding=ROUND_HALF_UP)


def revised(
    rows: Sequence[PolicyFacts], amounts: Mapping[FigureKey, Decimal], valid_from: dt.date
) -> list[PolicyFacts]:
    """`rows` as they will be in force once these amounts are, from that day on; a row that begins
    later stays."""
    return [
        replace(row, amount=amounts[row.key], valid_from=valid_from)
        if row.key in amounts and row.valid_from <= valid_from
        else row
        for row in rows
    ]


@dataclass(frozen=True, kw_only=True)
class GrantedAfter:
    """What an envelope that is already open would have been granted in all."""

    envelope: str
    amount: Decimal
    unit: str


@dataclass(frozen=True, kw_only=True)
class RevisionFacts:
    """A draft about to be published by `by`. `taken` names the figures that have a row of that
    very day already; `granted` is what it would leave on envelopes that are already open, and
    `grants` what contracts would bear of it."""

    valid_from: dt.date
    today: dt.date
    changes: int
    figures: int
    changed_by: int
    changed_by_name: str
    by: int
    taken: tuple[str, ...] = ()
    granted: tuple[GrantedAfter, ...] = ()
    grants: tuple[UnderContract, ...] = ()


def begins_after_today(revision: RevisionFacts) -> Refusal | None:
    return day_is_ahead(revision.valid_from, today=revision.today)


def day_is_ahead(valid_from: dt.date, *, today: dt.date) -> Refusal | None:
    if valid_from > today:
        return None
    message = gettext(
        "New figures begin after today, %(today)s: the earliest day is %(earliest)s, "
        "and %(valid_from)s was chosen."
    )
    figures = {
        "today": day_in_words(today),
        "earliest": day_in_words(today + ONE_DAY),
        "valid_from": day_in_words(valid_from),
    }
    return Refusal("revision_not_ahead", message % figures)


def changes_something(revision: RevisionFacts) -> Refusal | None:
    if revision.changes:
        return None
    message = gettext("0 of %(figures)s figures differ from the present ones: nothing changes.")
    return Refusal("revision_changes_nothing", message % {"figures": revision.figures})


def day_is_free(revision: RevisionFacts) -> Refusal | None:
    if not revision.taken:
        return None
    message = gettext(
        "%(count)s of the figures already have a version of %(valid_from)s: %(figures)s. "
        "Choose another day, or leave them as they are."
    )
    figures = {
        "count": len(revision.taken),
        "valid_from": day_in_words(revision.valid_from),
        "figures": ", ".join(revision.taken),
    }
    return Refusal("figure_already_published", message % figures)


def published_by_another(revision: RevisionFacts) -> Refusal | None:
    if revision.changed_by != revision.by:
        return None
    message = gettext(
        "%(name)s changed this draft last: somebody else of the secretariat publishes it."
    )
    return Refusal("same_person", message % {"name": revision.changed_by_name})


def envelope_within_the_books(granted: GrantedAfter) -> Refusal | None:
    if granted.amount < AMOUNT_LIMIT:
        return None
    amount, limit = say_apart(granted.amount, AMOUNT_LIMIT, granted.unit)
    message = gettext(
        "The %(envelope)s would be granted %(amount)s; it must be less than %(limit)s."
    )
    figures = {"envelope": granted.envelope, "amount": amount, "limit": limit}
    return Refusal("amount_too_large", message % figures)


REVISION_RULES: tuple[Callable[[RevisionFacts], Refusal | None], ...] = (
    begins_after_today,
    changes_something,
    day_is_free,
    published_by_another,
)


def revision_refusals(revision: RevisionFacts) -> list[Refusal]:
    """Every reason not to publish, so that all is said at once."""
    answers = [rule(revision) for rule in REVISION_RULES]
    answers += [envelope_within_the_books(granted) for granted in revision.granted]
    answers += [within_the_ceiling(grant) for grant in revision.grants]
    return refusals_in(*answers)
