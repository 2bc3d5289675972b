"""How an area is paid for. Pure: nothing is read or written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext

from orbitrage.shared.errors import Refusal
from quotas.amounts import ZERO, floor_area, say
from quotas.pricing.plan import ONE, Charge, FreeLimit, FundingLine, FundingPlan, Source


@dataclass(frozen=True, kw_only=True)
class EnvelopeFacts:
    """An envelope as the plan sees it. `envelope_id` is None while it is not opened yet: `left` is
    then what policy will grant it."""

    envelope_id: int | None
    scope: str
    unit: str
    allotment: str
    left: Decimal


@dataclass(frozen=True, kw_only=True)
class TariffFacts:
    code: str
    rate_eur_per_km2: Decimal
    is_cofunded: bool = False
    programme_rate_eur_per_km2: Decimal | None = None
    minimum_billed_area_km2: Decimal | None = None
    name_fr: str = ""
    name_en: str = ""
    source: str = ""
    is_example: bool = False


@dataclass(frozen=True, kw_only=True)
class PolicyFigure:
    """A figure of policy with where it comes from."""

    amount: Decimal
    source: str = ""
    is_example: bool = False


@dataclass(frozen=True, kw_only=True)
class FundingInputs:
    """Areas are km² of the request. `request_cap` and envelopes are in counted km²; `related_km2`
    is what touching requests of the project already take of the cap (no slicing)."""

    area_km2: Decimal
    covered_km2: Decimal = ZERO
    quota_multiplier: Decimal = ONE
    price_multiplier: Decimal = ONE
    request_cap: PolicyFigure | None = None
    related_km2: Decimal = ZERO
    prefunded: EnvelopeFacts | None = None
    allowance: EnvelopeFacts | None = None
    programme: EnvelopeFacts | None = None
    cofunding: EnvelopeFacts | None = None
    tariff: TariffFacts | None = None
    is_open_data: bool = False
    is_shortfall_priced: bool = False
    policy_valid_from: dt.date | None = None
    notes: tuple[Refusal, ...] = ()


def funding_plan(inputs: FundingInputs) -> FundingPlan:
    """Split the area into lines, in the order of the workflow: covered, prefunded, free, then
    co-funded or on the entity's budget; what no tariff prices is `unfunded`."""
    lines: list[FundingLine] = []
    left = inputs.area_km2
    for part in _PARTS:
        line = part(inputs, left)
        if line is not None and line.area_km2 > 0:
            lines.append(line)
            left -= line.area_km2
    if left:
        lines.append(FundingLine(source=Source.UNFUNDED, area_km2=left, rule="no_tariff"))
    plan = FundingPlan(
        lines=tuple(lines),
        area_km2=inputs.area_km2,
        policy_valid_from=inputs.policy_valid_from,
        free_limit=_free_limit(inputs),
    )
    shortfall = _shortfall(inputs, plan)
    return replace(plan, shortfall_km2=shortfall, notes=inputs.notes + _notes(shortfall, plan))


def shrink(plan: FundingPlan, area_km2: Decimal) -> FundingPlan:
    """The plan for less area: lines shrink from the last to the first, so that what is paid for
    goes down before what is free. The minimum billed area stays.

    Raises:
        ValueError: `area_km2` is negative or larger than the plan's.
    """
    if not 0 <= area_km2 <= plan.area_km2:
        raise ValueError(f"A plan of {plan.area_km2} km² does not shrink to {area_km2}.")
    excess = plan.area_km2 - area_km2
    kept: list[FundingLine] = []
    for line in reversed(plan.lines):
        cut = min(line.area_km2, excess)
        excess -= cut
        if line.area_km2 > cut:
            kept.append(replace(line, area_km2=line.area_km2 - cut))
    shorter = replace(plan, lines=tuple(reversed(kept)), area_km2=area_km2)
    return replace(shorter, shortfall_km2=min(plan.shortfall_km2, _free_counted(shorter)))


def _open(inputs: FundingInputs, left: Decimal) -> FundingLine | None:
    if not inputs.is_open_data:
        return None
    return FundingLine(source=Source.OPEN, area_km2=left, rule="open_data")


def _covered(inputs: FundingInputs, left: Decimal) -> FundingLine | None:
    area_km2 = min(left, inputs.covered_km2)
    return FundingLine(source=Source.COVERED, area_km2=area_km2, rule="already_available")


def _prefunded(inputs: FundingInputs, left: Decimal) -> FundingLine | None:
    if inputs.prefunded is None:
        return None
    return FundingLine(
        source=Source.PREFUNDED,
        area_km2=_area_within(left, inputs.prefunded.left, inputs.quota_multiplier),
        quota_multiplier=inputs.quota_multiplier,
        charges=(_charge(inputs.prefunded),),
        rule="prefunded",
    )


def _free(inputs: FundingInputs, left: Decimal) -> FundingLine | None:
    """min(area, request cap, allowance left); nothing without an allowance. The programme envelope
    does not bound it (its lack is the shortfall), unless the shortfall is to be priced."""
    limit = _free_limit(inputs)
    if inputs.allowance is None or limit is None:
        return None
    return FundingLine(
        source=Source.FREE,
        area_km2=_area_within(left, limit.free_km2, inputs.quota_multiplier),
        quota_multiplier=inputs.quota_multiplier,
        charges=(_charge(inputs.allowance), _programme_charge(inputs)),
        rule="free_quota",
        rule_source=inputs.request_cap.source if inputs.request_cap else "",
        is_example=inputs.request_cap.is_example if inputs.request_cap else False,
    )


def _free_limit(inputs: FundingInputs) -> FreeLimit | None:
    if inputs.allowance is None:
        return None
    programme_left = inputs.programme.left if inputs.programme else ZERO
    return FreeLimit(
        request_cap_km2=inputs.request_cap.amount if inputs.request_cap else None,
        related_km2=inputs.related_km2,
        allowance_left_km2=inputs.allowance.left,
        programme_left_km2=programme_left if inputs.is_shortfall_priced else None,
    )


def _priced(inputs: FundingInputs, left: Decimal) -> FundingLine | None:
    tariff = inputs.tariff
    if tariff is None:
        return None
    return FundingLine(
        source=Source.COFUNDED if tariff.is_cofunded else Source.BUDGET,
        area_km2=left,
        quota_multiplier=inputs.quota_multiplier,
        price_multiplier=inputs.price_multiplier,
        rate_eur_per_km2=tariff.rate_eur_per_km2,
        programme_rate_eur_per_km2=tariff.programme_rate_eur_per_km2,
        minimum_billed_area_km2=tariff.minimum_billed_area_km2,
        charges=_priced_charges(inputs, tariff),
        rule=f"tariff:{tariff.code}",
        name_fr=tariff.name_fr,
        name_en=tariff.name_en,
        rule_source=tariff.source,
        is_example=tariff.is_example,
    )


_PARTS: tuple[Callable[[FundingInputs, Decimal], FundingLine | None], ...] = (
    _open,
    _covered,
    _prefunded,
    _free,
    _priced,
)


def _area_within(area_km2: Decimal, counted_km2: Decimal, multiplier: Decimal) -> Decimal:
    """As much of the area as counts for no more than `counted_km2`."""
    if multiplier == 0:
        return area_km2
    return max(ZERO, min(area_km2, floor_area(counted_km2 / multiplier)))


def _charge(envelope: EnvelopeFacts) -> Charge:
    return Charge(
        envelope_id=envelope.envelope_id,
        scope=envelope.scope,
        unit=envelope.unit,
        allotment=envelope.allotment,
    )


def _programme_charge(inputs: FundingInputs) -> Charge:
    if inputs.programme is not None:
        return _charge(inputs.programme)
    return Charge(envelope_id=None, scope="programme", unit="km2", allotment="arbitrated")


def _priced_charges(inputs: FundingInputs, tariff: TariffFacts) -> tuple[Charge, ...]:
    """The entity's budget, opened with the quotation; the programme's share where there is one."""
    budget = tuple(
        Charge(envelope_id=None, scope="budget", unit=unit, allotment="arbitrated")
        for unit in ("km2", "eur")
    )
    if not tariff.programme_rate_eur_per_km2:
        return budget
    if inputs.cofunding is not None:
        return (*budget, _charge(inputs.cofunding))
    missing = Charge(envelope_id=None, scope="programme", unit="eur", allotment="arbitrated")
    return (*budget, missing)


def _free_counted(plan: FundingPlan) -> Decimal:
    return sum((line.counted_km2 for line in plan.lines if line.source == Source.FREE), ZERO)


def _shortfall(inputs: FundingInputs, plan: FundingPlan) -> Decimal:
    left = inputs.programme.left if inputs.programme else ZERO
    return max(ZERO, _free_counted(plan) - left)


def _notes(shortfall: Decimal, plan: FundingPlan) -> tuple[Refusal, ...]:
    notes: list[Refusal] = []
    if shortfall:
        message = gettext("The cell's envelope lacks %(lack)s for the free part.")
        notes.append(Refusal("shortfall", message % {"lack": say(shortfall, "km2")}))
    if plan.unfunded_km2:
        message = gettext("No tariff is in force for %(area)s beyond the quota.")
        notes.append(Refusal("no_tariff", message % {"area": say(plan.unfunded_km2, "km2")}))
    return tuple(notes)
