"""What is watched on the envelopes: how far they are used, and what is held for long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Max, Q, QuerySet, Sum
from django.utils import timezone

from eligibility.models import Cell, Parameter, User
from eligibility.permissions import Actor
from eligibility.selectors import actor_of, parameter
from orbitrage.shared.days import midnight
from quotas.models import Envelope, LedgerEntry
from quotas.models.envelopes import EnvelopeQuerySet
from quotas.rules import Forecast, Thresholds, UseFacts, UseLevel, forecast, use_level
from quotas.selectors.ledger import daily_balances

WARNING, ALERT = "quota-warning-percent", "quota-alert-percent"
USUAL_HOLD_DAYS = "usual-hold-days"
ELAPSED_DAYS, DAYS_OF_USE = "forecast-elapsed-days", "forecast-days-of-use"


def _figures(on: dt.date, *codes: str) -> dict[str, Decimal]:
    rows = Parameter.objects.in_force(on).filter(code__in=codes)
    return dict(rows.values_list("code", "amount"))


def thresholds(on: dt.date) -> Thresholds:
    found = _figures(on, WARNING, ALERT)
    return Thresholds(warning_percent=found.get(WARNING), alert_percent=found.get(ALERT))


def level_of(envelope: Envelope, limits: Thresholds) -> UseLevel | None:
    """None for a budget: it is granted what one quotation takes, and is always used up."""
    if envelope.scope == Envelope.Scope.BUDGET:
        return None
    used = envelope.held + envelope.consumed
    return use_level(used=used, granted=envelope.granted, thresholds=limits)


@dataclass(frozen=True)
class WatchedEnvelope:
    """An envelope with the threshold it has reached, if any, and that threshold's per cent."""

    envelope: Envelope
    level: UseLevel | None
    threshold_percent: Decimal | None


def watched(envelopes: Iterable[Envelope], on: dt.date) -> list[WatchedEnvelope]:
    """One query for all of them."""
    limits = thresholds(on)
    percents = {UseLevel.WARNING: limits.warning_percent, UseLevel.ALERT: limits.alert_percent}
    found = []
    for envelope in envelopes:
        level = level_of(envelope, limits)
        found.append(WatchedEnvelope(envelope, level, percents[level] if level else None))
    return found


def used_beyond_a_threshold(on: dt.date) -> list[WatchedEnvelope]:
    """Of the envelopes of that day."""
    envelopes = Envelope.objects.current(on).filter(granted__gt=0).with_owner().order_by("pk")
    return [each for each in watched(envelopes, on) if each.level is not None]


def forecast_of(envelope: Envelope, on: dt.date) -> Forecast | None:
    """None outside the envelope's period, for a budget, and where policy names no figures."""
    if not envelope.period_starts_on <= on <= envelope.period_ends_on:
        return None
    minimum = _figures(on, ELAPSED_DAYS, DAYS_OF_USE)
    if envelope.scope == Envelope.Scope.BUDGET or len(minimum) < len((ELAPSED_DAYS, DAYS_OF_USE)):
        return None
    days = daily_balances(envelope, envelope.period_starts_on, on)
    facts = UseFacts(
        starts_on=envelope.period_starts_on,
        ends_on=envelope.period_ends_on,
        on=on,
        granted=days[-1][1].granted,
        used=[(day, balance.held + balance.consumed) for day, balance in days],
        minimum_elapsed_days=int(minimum[ELAPSED_DAYS]),
        minimum_days_of_use=int(minimum[DAYS_OF_USE]),
    )
    return forecast(facts)


# --- Held longer than usual -----------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class LongHold:
    """What a request has held of an envelope since a day, and for how many."""

    request_number: str
    envelope: Envelope
    amount: Decimal
    since: dt.date
    days: int


def usual_hold_days(on: dt.date) -> int:
    return int(parameter(USUAL_HOLD_DAYS, on))


def watches_holds(actor: Actor) -> bool:
    """Whether there are files that this account answers for."""
    is_chair = any(role == "chair" for _cell_id, role in actor.cells)
    return actor.is_secretariat or actor.is_observer or is_chair or bool(actor.contact_of)


def envelopes_watched_by(user: User | AnonymousUser) -> EnvelopeQuerySet:
    """Those of the cells one chairs and of the entities one is the contact of; all of them to the
    programme."""
    actor = actor_of(user)
    chaired = Cell.objects.served_by(user, "chair").values("pk")
    mine = Q(cell__in=chaired) | Q(entity_id__in=actor.contact_of)
    if actor.is_secretariat or actor.is_observer:
        mine = Q(pk__isnull=False)
    return Envelope.objects.visible_to(user).filter(mine)


def held_longer_than(user: User | AnonymousUser, days: int) -> QuerySet[LedgerEntry, Any]:
    """Sums by request and envelope of what has been held for more than `days`, the oldest first:
    `request_number`, `envelope_id`, `amount` and `since`, the instant of the last hold."""
    before = midnight(timezone.localdate() - dt.timedelta(days=days))
    is_hold = Q(kind=LedgerEntry.Kind.HOLD)
    envelopes = envelopes_watched_by(user).filter(held__gt=0)
    return (
        LedgerEntry.objects.filter(envelope__in=envelopes.values("pk"))
        .exclude(request_number="")
        .order_by()
        .values("request_number", "envelope_id")
        .annotate(amount=Sum("d_held"), since=Max("at", filter=is_hold))
        .filter(amount__gt=0, since__lt=before)
        .order_by("since", "request_number", "envelope_id")
    )


def long_holds(sums: Iterable[dict[str, Any]]) -> list[LongHold]:
    """Rows of `held_longer_than` with their envelopes: one query for all of them."""
    sums = list(sums)
    envelopes = Envelope.objects.with_owner().in_bulk({row["envelope_id"] for row in sums})
    today = timezone.localdate()
    return [
        LongHold(
            request_number=row["request_number"],
            envelope=envelopes[row["envelope_id"]],
            amount=row["amount"],
            since=timezone.localdate(row["since"]),
            days=(today - timezone.localdate(row["since"])).days,
        )
        for row in sums
    ]
