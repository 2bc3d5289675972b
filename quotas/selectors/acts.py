from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from eligibility.models import User
from quotas.amounts import say
from quotas.models import Envelope, LedgerEntry, QuotaAct
from quotas.models.acts import QuotaActQuerySet
from quotas.models.envelopes import EnvelopeQuerySet
from quotas.rules import GrantLine, totals_by_unit


def transferable_to(envelope: Envelope) -> EnvelopeQuerySet:
    """Envelopes of the same sensor, unit and supply contract whose period is not over. No money,
    and of a prefunded volume only those of its entity."""
    scopes = Envelope.Scope
    if envelope.scope == scopes.BUDGET or envelope.package_id is not None:
        return Envelope.objects.none()
    same = Envelope.objects.filter(
        sensor_id=envelope.sensor_id,
        unit=envelope.unit,
        contract_id=envelope.contract_id,
        package=None,
        period_ends_on__gte=timezone.localdate(),
    ).exclude(Q(pk=envelope.pk) | Q(scope=scopes.BUDGET))
    if envelope.scope == scopes.PREFUNDED:
        same = same.filter(scope=scopes.PREFUNDED, entity=envelope.entity)
    else:
        same = same.exclude(scope=scopes.PREFUNDED)
    return same.with_owner()


def convertible_into(envelope: Envelope) -> EnvelopeQuerySet:
    """Those of the same owner and period for another kind of request."""
    same = transferable_to(envelope).filter(
        scope=envelope.scope,
        cell=envelope.cell,
        entity=envelope.entity,
        period_starts_on=envelope.period_starts_on,
        period_ends_on=envelope.period_ends_on,
    )
    return same.exclude(request_kind=envelope.request_kind)


def act_list(user: User | AnonymousUser) -> QuotaActQuerySet:
    """The latest first, with the persons."""
    return QuotaAct.objects.visible_to(user).select_related("proposed_by", "confirmed_by")


@dataclass(frozen=True)
class ToldAct:
    """An act with what it moves, in words."""

    act: QuotaAct
    what: str


def told_acts(acts: Iterable[QuotaAct]) -> list[ToldAct]:
    """Two queries for all of them."""
    acts = list(acts)
    entry_ids = [act.facts["entry_id"] for act in acts if "entry_id" in act.facts]
    entries = LedgerEntry.objects.in_bulk(entry_ids)
    names = ("envelope_id", "from_envelope_id", "to_envelope_id")
    pks = {act.facts[name] for act in acts for name in names if name in act.facts}
    pks |= {entry.envelope_id for entry in entries.values()}
    envelopes = Envelope.objects.with_owner().in_bulk(pks)
    return [ToldAct(act, _what(act.facts, envelopes, entries)) for act in acts]


def _what(
    facts: dict[str, Any], envelopes: dict[int, Envelope], entries: dict[int, LedgerEntry]
) -> str:
    if "lines" in facts:
        return _what_is_granted([GrantLine.from_facts(line) for line in facts["lines"]])
    if "entry_id" in facts:
        return _what_is_corrected(facts, envelopes, entries[int(facts["entry_id"])])
    amount = Decimal(facts["amount"])
    if "envelope_id" in facts:
        envelope = envelopes[int(facts["envelope_id"])]
        what = f"{say(amount, envelope.unit)}: {envelope.label}"
        only_if_free = gettext("%(what)s, only if all of it is free when it is done")
        return only_if_free % {"what": what} if facts.get("only_if_free") else what
    giver, taker = (envelopes[int(facts[n])] for n in ("from_envelope_id", "to_envelope_id"))
    words = {"amount": say(amount, giver.unit), "giver": giver.label, "taker": taker.label}
    if "rate" not in facts:
        return gettext("%(amount)s from the %(giver)s to the %(taker)s") % words
    words["rate"] = f"{Decimal(facts['rate']).normalize():f}"
    return gettext("%(amount)s from the %(giver)s to the %(taker)s, at %(rate)s") % words


def _what_is_granted(lines: list[GrantLine]) -> str:
    totals = ", ".join(say(total, unit) for unit, total in totals_by_unit(lines).items())
    message = ngettext(
        "%(count)s envelope: %(totals)s", "%(count)s envelopes: %(totals)s", len(lines)
    )
    return message % {"count": len(lines), "totals": totals}


def _what_is_corrected(
    facts: dict[str, str | int], envelopes: dict[int, Envelope], entry: LedgerEntry
) -> str:
    envelope = envelopes[entry.envelope_id]
    columns = {
        "granted": gettext("granted"),
        "held": gettext("held"),
        "consumed": gettext("consumed"),
    }
    changes = ", ".join(
        f"{name} {say(Decimal(facts[column]), envelope.unit)}"
        for column, name in columns.items()
        if Decimal(facts.get(column, 0))
    )
    return gettext("entry no. %(number)s of the %(envelope)s: %(changes)s") % {
        "number": entry.sequence,
        "envelope": envelope.label,
        "changes": changes,
    }
