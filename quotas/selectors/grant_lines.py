"""What lines of grants would do: which envelopes they are about, opened or not, and what stands in
their way. Nothing is written; a grant asks the same again under its locks."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import Q, Sum
from django.utils.translation import gettext

from eligibility.models import Cell, Entity, Sensor
from orbitrage.shared.days import day_in_words
from orbitrage.shared.errors import Refusal
from quotas.amounts import ZERO
from quotas.models import OPENED_WITH, Envelope, SupplyCeiling, SupplyContract
from quotas.rules import (
    GrantKey,
    GrantLine,
    Period,
    PolicyFacts,
    Subject,
    UnderContract,
    figure_for,
    not_finer_than_its_unit,
    period_of,
    period_over,
    unit_is_drawn_on,
    within_the_books,
    within_the_ceiling,
)
from quotas.selectors.policy import policy_facts

OPENED_MAXIMUM = 500
"""Envelopes that one file may open: each takes its place in the books one by one."""


@dataclass(frozen=True, kw_only=True)
class GrantOutcome:
    """What a line would do. Without `envelope`, it opens one over `period`, which policy grants
    `policy_amount`."""

    line: GrantLine
    owner: Entity | Cell | None = None
    sensor: Sensor | None = None
    envelope: Envelope | None = None
    period: Period | None = None
    policy_amount: Decimal = ZERO
    contract: SupplyContract | None = None
    refusals: tuple[Refusal, ...] = ()

    @property
    def granted_before(self) -> Decimal:
        return self.policy_amount if self.envelope is None else self.envelope.granted

    @property
    def granted_after(self) -> Decimal:
        return self.granted_before + self.line.amount


@dataclass(frozen=True, kw_only=True)
class ContractTotal:
    """What all lines ask under a supply contract, in one unit. `ceiling` None: it has none."""

    contract: SupplyContract
    unit: str
    granted: Decimal
    asked: Decimal
    ceiling: Decimal | None

    @property
    def left_after(self) -> Decimal | None:
        return None if self.ceiling is None else self.ceiling - self.granted - self.asked


@dataclass(frozen=True, kw_only=True)
class GrantRehearsal:
    outcomes: tuple[GrantOutcome, ...]
    totals: tuple[ContractTotal, ...]

    @property
    def refusals(self) -> list[Refusal]:
        """Each with the number of its line."""
        return [
            Refusal(refusal.code, _of_line(outcome.line.number, refusal.message))
            for outcome in self.outcomes
            for refusal in outcome.refusals
        ]

    @property
    def opening(self) -> list[GrantOutcome]:
        """Of envelopes that are not there, in the order of their keys."""
        missing = (each for each in self.outcomes if each.envelope is None)
        return sorted(missing, key=lambda each: each.line.key)

    @property
    def contract_ids(self) -> set[int]:
        return {each.contract.pk for each in self.outcomes if each.contract is not None}


def _of_line(number: int, message: str) -> str:
    return gettext("Line %(number)s: %(message)s") % {"number": number, "message": message}


def rehearse_grants(lines: Sequence[GrantLine], on: dt.date) -> GrantRehearsal:
    """As of now. Six queries at most, and two for each envelope that would be opened."""
    named = _named(lines)
    envelopes = _envelopes_of(named)
    outcomes, opened = [], 0
    for outcome in named:
        found = envelopes.get(outcome.line.key)
        opened += found is None and not outcome.refusals
        if outcome.refusals:
            outcomes.append(outcome)
        elif found is not None:
            outcomes.append(_within_the_books(_on_envelope(outcome, found, on)))
        elif opened > OPENED_MAXIMUM:
            outcomes.append(_refused(outcome, _too_many_opened()))
        else:
            outcomes.append(_within_the_books(_opening(outcome, on)))
    return _under_ceilings(outcomes)


# --- Who and what is named ------------------------------------------------------------------------


def _named(lines: Sequence[GrantLine]) -> list[GrantOutcome]:
    owners = {line.owner for line in lines}
    entities = {each.siret: each for each in Entity.objects.filter(siret__in=owners - {""})}
    cells = {each.code: each for each in Cell.objects.filter(code__in=owners)}
    sensors = {
        each.code: each for each in Sensor.objects.filter(code__in={line.sensor for line in lines})
    }
    named = []
    for line in lines:
        is_programme = line.scope == Envelope.Scope.PROGRAMME
        owner = cells.get(line.owner) if is_programme else entities.get(line.owner)
        outcome = GrantOutcome(line=line, owner=owner, sensor=sensors.get(line.sensor))
        named.append(replace(outcome, refusals=tuple(_refusals_of(outcome))))
    return named


def _refusals_of(outcome: GrantOutcome) -> Iterable[Refusal]:
    line = outcome.line
    if outcome.owner is None:
        yield _owner_unknown(line)
    if outcome.sensor is None:
        message = gettext("No sensor has the code “%(code)s”.")
        yield Refusal("sensor_unknown", message % {"code": line.sensor[:40]})
    for answer in (unit_is_drawn_on(line), not_finer_than_its_unit(line.amount, line.unit)):
        if answer is not None:
            yield answer


def _owner_unknown(line: GrantLine) -> Refusal:
    if line.scope == Envelope.Scope.PROGRAMME:
        message = gettext("No cell has the code “%(owner)s”.")
    elif "e+" in line.owner:
        message = gettext(
            "“%(owner)s” is a SIRET number that a spreadsheet has shortened: "
            "give its column the format of text."
        )
    else:
        message = gettext("No entity has the SIRET number “%(owner)s”.")
    return Refusal("owner_unknown", message % {"owner": line.owner[:40]})


# --- Which envelope -------------------------------------------------------------------------------


def _envelopes_of(named: Sequence[GrantOutcome]) -> dict[GrantKey, Envelope]:
    """By the key of their line. Packages are bought, never granted from a file."""
    owners = [each.owner for each in named if each.owner is not None]
    entities = {each.pk for each in owners if isinstance(each, Entity)}
    cells = {each.pk for each in owners if isinstance(each, Cell)}
    found = Envelope.objects.filter(
        Q(entity__in=entities) | Q(cell__in=cells),
        package=None,
        period_starts_on__in={each.line.starts_on for each in named},
    ).select_related("cell", "entity", "sensor", "contract")
    return {
        (
            envelope.scope,
            _named_in_files(envelope.owner),
            envelope.sensor.code,
            envelope.request_kind,
            envelope.unit,
            envelope.period_starts_on,
        ): envelope
        for envelope in found
    }


def _on_envelope(outcome: GrantOutcome, envelope: Envelope, on: dt.date) -> GrantOutcome:
    found = replace(outcome, envelope=envelope, contract=envelope.contract)
    ends_on = envelope.period_ends_on
    if outcome.line.ends_on not in (None, ends_on):
        message = gettext("The period of that envelope ends on %(ends_on)s.")
        refusal = Refusal("period_differs", message % {"ends_on": day_in_words(ends_on)})
        return _refused(found, refusal)
    if ends_on < on:
        return _refused(found, period_over(ends_on))
    return found


# --- An envelope that is not there ----------------------------------------------------------------


def _opening(outcome: GrantOutcome, on: dt.date) -> GrantOutcome:
    """Over the period of policy where it has one, else over the days of the line."""
    line, figure = outcome.line, _figure(outcome)
    if figure is None:
        if line.ends_on is None:
            return _refused(outcome, _period_unknown())
        period = Period(starts_on=line.starts_on, ends_on=line.ends_on)
        opened = replace(outcome, period=period, contract=_contract_of(outcome))
    else:
        period = period_of(figure.period_kind, line.starts_on)
        if refusal := _not_of_policy(line, period):
            return _refused(outcome, refusal)
        opened = replace(
            outcome, period=period, policy_amount=figure.amount, contract=_contract_of(outcome)
        )
    return _refused(opened, period_over(period.ends_on)) if period.ends_on < on else opened


def _named_in_files(owner: Cell | Entity) -> str:
    return owner.code if isinstance(owner, Cell) else owner.siret


def _figure(outcome: GrantOutcome) -> PolicyFacts | None:
    """What policy opens that envelope with, if it does."""
    line, owner, sensor = outcome.line, outcome.owner, outcome.sensor
    measure = OPENED_WITH.get(line.scope)
    if measure is None or sensor is None:
        return None
    subject = Subject(
        category_id=owner.category_id if isinstance(owner, Entity) else None,
        cell_id=owner.pk if isinstance(owner, Cell) else None,
        request_kind=line.request_kind,
        acquisition_mode=None,
    )
    figure = figure_for(policy_facts(sensor.pk, line.starts_on), measure, subject, unit=line.unit)
    return figure if figure is not None and figure.request_kind == line.request_kind else None


def _not_of_policy(line: GrantLine, period: Period) -> Refusal | None:
    if line.starts_on != period.starts_on or line.ends_on not in (None, period.ends_on):
        message = gettext("The period of policy runs from %(starts_on)s to %(ends_on)s.")
        days = {
            "starts_on": day_in_words(period.starts_on),
            "ends_on": day_in_words(period.ends_on),
        }
        return Refusal("period_differs", message % days)
    return None


def _period_unknown() -> Refusal:
    message = gettext(
        "There is no such envelope, and policy gives it no period: write its last day in the "
        "column “ends_on” to open it."
    )
    return Refusal("period_unknown", message)


def _contract_of(outcome: GrantOutcome) -> SupplyContract | None:
    if not isinstance(outcome.owner, Cell) or outcome.sensor is None:
        return None
    line = outcome.line
    return contract_before(outcome.owner.pk, outcome.sensor.pk, line.starts_on, line.unit)


def contract_before(
    cell_id: int, sensor_id: int, starts_on: dt.date, unit: str = "km2"
) -> SupplyContract | None:
    """That of the cell's envelope in that unit of the period before, if it still runs."""
    before = Envelope.objects.filter(
        scope=Envelope.Scope.PROGRAMME,
        cell_id=cell_id,
        sensor_id=sensor_id,
        unit=unit,
        period_ends_on__lt=starts_on,
    )
    last = before.order_by("-period_ends_on", "-pk").select_related("contract").first()
    if last is None or last.contract is None or not last.contract.is_in_force(starts_on):
        return None
    return last.contract


def _too_many_opened() -> Refusal:
    message = gettext("A file opens %(maximum)s envelopes at most: send several files.")
    return Refusal("too_many_to_open", message % {"maximum": OPENED_MAXIMUM})


# --- Ceilings -------------------------------------------------------------------------------------


def _under_ceilings(outcomes: Sequence[GrantOutcome]) -> GrantRehearsal:
    """Line by line: each finds what the lines above it leave."""
    contracts = {each.contract.pk: each.contract for each in outcomes if each.contract}
    books = _Books(contracts)
    checked = tuple(
        each if each.contract is None or each.refusals else books.checked(each, each.contract)
        for each in outcomes
    )
    return GrantRehearsal(outcomes=checked, totals=books.totals())


class _Books:
    """What is granted under contracts, and what lines ask beside it, by contract and unit."""

    def __init__(self, contracts: dict[int, SupplyContract]) -> None:
        self.contracts = contracts
        self.granted = _granted_under(contracts)
        self.asked: defaultdict[tuple[int, str], Decimal] = defaultdict(Decimal)
        rows = SupplyCeiling.objects.filter(contract__in=contracts)
        self.ceilings = {(row.contract_id, row.unit): row.amount for row in rows}

    def checked(self, outcome: GrantOutcome, contract: SupplyContract) -> GrantOutcome:
        key = (contract.pk, outcome.line.unit)
        policy = outcome.policy_amount if outcome.envelope is None else ZERO
        proposal = UnderContract(
            amount=outcome.line.amount + policy,
            granted=self.granted.get(key, ZERO) + self.asked[key],
            ceiling=self.ceilings.get(key),
            unit=outcome.line.unit,
            contract=contract.reference,
        )
        self.asked[key] += proposal.amount
        refusal = within_the_ceiling(proposal)
        return outcome if refusal is None else _refused(outcome, refusal)

    def totals(self) -> tuple[ContractTotal, ...]:
        return tuple(
            ContractTotal(
                contract=self.contracts[pk],
                unit=unit,
                granted=self.granted.get((pk, unit), ZERO),
                asked=asked,
                ceiling=self.ceilings.get((pk, unit)),
            )
            for (pk, unit), asked in sorted(self.asked.items())
        )


def _granted_under(contract_ids: Iterable[int]) -> dict[tuple[int, str], Decimal]:
    sums = (
        Envelope.objects.filter(contract__in=list(contract_ids))
        .order_by()
        .values("contract_id", "unit")
        .annotate(sum=Sum("granted"))
    )
    return {(row["contract_id"], row["unit"]): row["sum"] for row in sums}


def _within_the_books(outcome: GrantOutcome) -> GrantOutcome:
    refusal = within_the_books(granted_after=outcome.granted_after, unit=outcome.line.unit)
    return outcome if refusal is None else _refused(outcome, refusal)


def _refused(outcome: GrantOutcome, refusal: Refusal) -> GrantOutcome:
    return replace(outcome, refusals=(*outcome.refusals, refusal))
