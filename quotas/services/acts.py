"""What the secretariat does to the ledger by hand: each act with its reason, and above a threshold
with a second person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from eligibility.models import User
from eligibility.selectors import actor_of, parameter
from orbitrage.shared.days import day_in_words
from orbitrage.shared.errors import Refusal
from orbitrage.shared.transactions import retried_once
from quotas import rules
from quotas.models import Envelope, QuotaAct, Unit
from quotas.rules import GrantLine
from quotas.services import corrections, grant_lines, grants
from quotas.services.ledger import Cause, QuotaRefused

THRESHOLDS = {
    Unit.KM2: "second-person-from-km2",
    Unit.EUR: "second-person-from-eur",
    Unit.ATTEMPTS: "second-person-from-attempts",
    Unit.PRODUCTS: "second-person-from-products",
}
"""The parameter that says, by unit, from which amount an act takes a second person."""

Kind = QuotaAct.Kind
NOBODY = 0


@retried_once
@transaction.atomic
def propose_act(
    *, user: User, kind: str, facts: Mapping[str, int | Decimal], reason: str
) -> QuotaAct:
    """Act on the ledger, or propose to where a second person is needed.

    ``facts`` are the arguments of the service of that kind: ``envelope_id`` and ``amount`` of a
    grant or a reduction, and ``only_if_free`` of one that may not wait; ``from_envelope_id``,
    ``to_envelope_id``, ``amount`` and, for a conversion, ``rate``; ``entry_id`` and changes of
    ``granted``, ``held``, ``consumed``.

    Raises:
        PermissionDenied: not of the secretariat.
        QuotaRefused: `reason_missing`; `period_over` of an envelope that would take; or as the
            service of that kind. Also of what would wait.
    """
    demand_secretariat(user)
    if not reason.strip():
        raise QuotaRefused(
            Refusal("reason_missing", gettext("Say why, for whoever reads it later."))
        )
    written = {
        name: value if isinstance(value, int) else str(value) for name, value in facts.items()
    }
    act = QuotaAct.objects.create(kind=kind, facts=written, reason=reason.strip(), proposed_by=user)
    return _done_or_rehearsed(act)


@retried_once
@transaction.atomic
def propose_grants(*, user: User, lines: Sequence[GrantLine]) -> QuotaAct:
    """Grant all lines of a file, or none; propose them where together they need a second person.

    The decision is that of the lines: the same envelopes and amounts are granted once, unless
    their act was withdrawn.

    Raises:
        PermissionDenied: not of the secretariat.
        QuotaRefused: `file_granted_already`; as `grant_lines`, also of what would wait.
    """
    demand_secretariat(user)
    act, is_new = QuotaAct.objects.get_or_create(
        decision=_decision_of(lines),
        defaults={
            "kind": Kind.GRANT_FILE,
            "facts": {"lines": [line.as_facts() for line in lines]},
            "reason": _reason_of(lines),
            "proposed_by": user,
        },
    )
    if not is_new:
        raise QuotaRefused(_granted_already(act))
    return _done_or_rehearsed(act)


def _reason_of(lines: Sequence[GrantLine]) -> str:
    """Once where all lines give the same."""
    if len({line.reason for line in lines}) == 1:
        return lines[0].reason
    return "\n".join(f"{line.number}. {line.reason}" for line in lines)


def _decision_of(lines: Sequence[GrantLine]) -> UUID:
    """That of these lines; after each act of theirs that was withdrawn, another."""
    name = f"orbitrage:quotas:grant-file:{rules.fingerprint(lines)}"
    attempt = 0
    while True:
        decision = uuid5(NAMESPACE_URL, f"{name}:{attempt}")
        if not QuotaAct.objects.filter(decision=decision, withdrawn_at__isnull=False).exists():
            return decision
        attempt += 1


def _granted_already(act: QuotaAct) -> Refusal:
    message = gettext(
        "These lines were sent on %(day)s: act no. %(number)s. Nothing is granted twice."
    )
    figures = {"day": day_in_words(timezone.localdate(act.proposed_at)), "number": act.pk}
    return Refusal("file_granted_already", message % figures)


def _done_or_rehearsed(act: QuotaAct) -> QuotaAct:
    if needs_second_person(act):
        _rehearse(act)
    else:
        _move(act, second_author_id=None)
        _end(act)
    return act


@retried_once
@transaction.atomic
def confirm_act(*, act_id: int, user: User) -> QuotaAct:
    """The second person's word: the act is done now, under the rules of now.

    Raises:
        PermissionDenied: not of the secretariat.
        QuotaRefused: `act_ended`, `same_person`, or as it was proposed.
    """
    demand_secretariat(user)
    act = _lock_waiting(act_id)
    if refused := rules.confirmed_by_another(proposed_by=act.proposed_by_id, by=user.pk):
        raise QuotaRefused(refused)
    act.confirmed_by = user
    _move(act, second_author_id=user.pk)
    _end(act)
    return act


@transaction.atomic
def withdraw_act(*, act_id: int, user: User) -> QuotaAct:
    """Nothing is done.

    Raises:
        PermissionDenied: not of the secretariat.
        QuotaRefused: `act_ended`.
    """
    demand_secretariat(user)
    act = _lock_waiting(act_id)
    act.withdrawn_at = timezone.now()
    act.save(update_fields=["withdrawn_at"])
    return act


def needs_second_person(act: QuotaAct) -> bool:
    """A correction always, the rest from an amount on, a conversion by the greater of what it takes
    and what it gives; of an envelope that is not there, never."""
    if act.kind == Kind.CORRECT:
        return True
    if act.kind == Kind.GRANT_FILE:
        return is_beyond_one_person(lines_of(act))
    amount = Decimal(act.facts["amount"])
    if act.kind == Kind.CONVERT:
        amount = max(amount, amount * Decimal(act.facts["rate"]))
    unit = Envelope.objects.values_list("unit", flat=True).filter(pk=_takes_it(act)).first()
    return _takes_two(unit or "", amount)


def _takes_it(act: QuotaAct) -> int:
    """The envelope that an act is about; of a pair, that which takes."""
    return int(act.facts.get("envelope_id") or act.facts["to_envelope_id"])


def is_beyond_one_person(lines: Sequence[GrantLine]) -> bool:
    """Whether these lines, together, take a second person."""
    return any(_takes_two(unit, total) for unit, total in rules.totals_by_unit(lines).items())


def lines_of(act: QuotaAct) -> list[GrantLine]:
    return [GrantLine.from_facts(facts) for facts in act.facts.get("lines", ())]


def _takes_two(unit: str, amount: Decimal) -> bool:
    if not unit:
        return False
    return amount >= parameter(THRESHOLDS[Unit(unit)], timezone.localdate())


def demand_secretariat(user: User) -> None:
    if not actor_of(user).is_secretariat:
        raise PermissionDenied


def _lock_waiting(act_id: int) -> QuotaAct:
    act = QuotaAct.objects.select_for_update(no_key=True, of=("self",)).get(pk=act_id)
    if act.is_waiting:
        return act
    done = gettext("This act is done already: %(kind)s no. %(number)s.")
    withdrawn = gettext("This act was withdrawn: %(kind)s no. %(number)s.")
    words = {"kind": act.get_kind_display(), "number": act.pk}
    raise QuotaRefused(Refusal("act_ended", (done if act.done_at else withdrawn) % words))


SERVICES: dict[str, Callable[..., Any]] = {
    Kind.GRANT: grants.grant,
    Kind.REDUCE: grants.reduce,
    Kind.TRANSFER: grants.transfer,
    Kind.CONVERT: grants.convert,
    Kind.CORRECT: corrections.correct,
}
GRANTING = (Kind.GRANT, Kind.TRANSFER, Kind.CONVERT)


def _move(act: QuotaAct, *, second_author_id: int | None) -> None:
    cause = Cause(
        decision=act.decision,
        author_id=act.proposed_by_id,
        second_author_id=second_author_id,
        reason=f"act:{act.kind}",
    )
    if act.kind == Kind.GRANT_FILE:
        grant_lines.grant_lines(lines=lines_of(act), cause=cause)
        return
    if act.kind in GRANTING:
        _check_period(_takes_it(act), cause)
    facts = {name: v if isinstance(v, int) else Decimal(v) for name, v in act.facts.items()}
    SERVICES[act.kind](**facts, cause=cause)


def _check_period(envelope_id: int, cause: Cause) -> None:
    """What is granted to an envelope whose period is over is lost the night after."""
    envelope = Envelope.objects.filter(pk=envelope_id).first()
    if envelope is not None and envelope.is_over(cause.on):
        raise QuotaRefused(rules.period_over(envelope.period_ends_on))


def _rehearse(act: QuotaAct) -> None:
    """Nobody is asked to confirm what would be refused: it is done as if somebody had, and undone.
    The person is nobody's key, which the database looks for only at a commit."""
    savepoint = transaction.savepoint()
    try:
        _move(act, second_author_id=NOBODY)
    finally:
        transaction.savepoint_rollback(savepoint)


def _end(act: QuotaAct) -> None:
    act.done_at = timezone.now()
    act.save(update_fields=["done_at", "confirmed_by"])
