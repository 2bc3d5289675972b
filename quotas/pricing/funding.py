"""How an area is paid for. Pure: nothing is read or written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal

from quotas.amounts import ZERO, floor_area, floor_euro
from quotas.pricing.inputs import (
    EnvelopeFacts,
    FundingInputs,
    PackageFacts,
    PolicyFigure,
    TariffFacts,
)
from quotas.pricing.lines import Charge, FundingLine, Source
from quotas.pricing.notes import notes_on
from quotas.pricing.plan import Attempts, FreeLimit, FundingPlan


def funding_plan(inputs: FundingInputs) -> FundingPlan:
    """Split the area into lines, in the order of the workflow: covered, prefunded, free, then of a
    package, co-funded or on the entity's budget; what no tariff prices is `unfunded`."""
    lines: list[FundingLine] = []
    left = inputs.asked_km2
    for part in _PARTS:
        for line in part(inputs, left):
            lines.append(line)
            left -= line.area_km2
    if left:
        lines.append(FundingLine(source=Source.UNFUNDED, area_km2=left, rule="no_tariff"))
    plan = FundingPlan(
        lines=tuple(lines),
        area_km2=inputs.asked_km2,
        images_km2=inputs.images_km2,
        policy_valid_from=inputs.policy_valid_from,
        free_limit=_free_limit(inputs),
        attempts=_attempts(inputs),
    )
    shortfall = _shortfall(inputs, plan)
    plan = replace(plan, shortfall_km2=shortfall)
    return replace(plan, notes=(*inputs.notes, *notes_on(inputs, plan)))


def shrink(plan: FundingPlan, area_km2: Decimal) -> FundingPlan:
    """The plan for less area: lines shrink from the last to the first, so that what is paid for
    goes down before what is free. The minimum billed area of each image that is left stays.

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


def _open(inputs: FundingInputs, left: Decimal) -> Iterator[FundingLine]:
    if inputs.is_open_data and left > 0:
        yield FundingLine(source=Source.OPEN, area_km2=left, rule="open_data")


def _covered(inputs: FundingInputs, left: Decimal) -> Iterator[FundingLine]:
    area_km2 = min(left, inputs.available_km2)
    if area_km2 > 0:
        yield FundingLine(source=Source.COVERED, area_km2=area_km2, rule="already_available")


def _prefunded(inputs: FundingInputs, left: Decimal) -> Iterator[FundingLine]:
    """A line for each volume, as far as it goes."""
    for volume in inputs.prefunded:
        area_km2 = _area_within(left, volume.left, inputs.quota_multiplier)
        if area_km2 > 0:
            left -= area_km2
            yield FundingLine(
                source=Source.PREFUNDED,
                area_km2=area_km2,
                quota_multiplier=inputs.quota_multiplier,
                charges=(_charge(volume),),
                rule="prefunded",
            )


def _free(inputs: FundingInputs, left: Decimal) -> Iterator[FundingLine]:
    """min(area, request cap, allowance left); nothing without an allowance. The programme envelope
    does not bound it (its lack is the shortfall), unless the shortfall is to be priced."""
    limit = _free_limit(inputs)
    if inputs.allowance is None or limit is None:
        return
    area_km2 = _area_within(left, limit.free_km2, inputs.quota_multiplier)
    cap = inputs.request_cap or PolicyFigure(amount=ZERO)
    if area_km2 > 0:
        yield FundingLine(
            source=Source.FREE,
            area_km2=area_km2,
            quota_multiplier=inputs.quota_multiplier,
            charges=(_charge(inputs.allowance), _programme_charge(inputs)),
            rule="free_quota",
            rule_source=cap.source,
            rule_valid_from=cap.valid_from,
            is_example=cap.is_example,
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


def _packages(inputs: FundingInputs, left: Decimal) -> Iterator[FundingLine]:
    """A line for each package, as far as its money goes."""
    for package in inputs.packages:
        whole = _at_tariff(inputs, package.tariff, left, source=Source.PACKAGE)
        area_km2 = whole.area_billed_as(_billed_by(package, inputs.price_multiplier))
        line = replace(whole, area_km2=area_km2, charges=(_charge(package.envelope),))
        if area_km2 > 0 and line.amount_eur <= package.envelope.left:
            left -= area_km2
            yield line


def _billed_by(package: PackageFacts, price_multiplier: Decimal) -> Decimal:
    """Billed km² that what is left of a package pays for, before the multiplier."""
    rate = package.tariff.rate_eur_per_km2 * price_multiplier
    if not rate:
        return ZERO
    return floor_area(floor_euro(package.envelope.left) / rate)


def _priced(inputs: FundingInputs, left: Decimal) -> Iterator[FundingLine]:
    tariff = inputs.tariff
    if tariff is None or left <= 0:
        return
    source = Source.COFUNDED if tariff.is_cofunded else Source.BUDGET
    line = _at_tariff(inputs, tariff, left, source=source)
    yield replace(
        line,
        quota_multiplier=inputs.quota_multiplier,
        programme_rate_eur_per_km2=tariff.programme_rate_eur_per_km2,
        charges=_priced_charges(inputs, tariff),
    )


def _at_tariff(
    inputs: FundingInputs, tariff: TariffFacts, area_km2: Decimal, *, source: Source
) -> FundingLine:
    return FundingLine(
        source=source,
        area_km2=area_km2,
        price_multiplier=inputs.price_multiplier,
        rate_eur_per_km2=tariff.rate_eur_per_km2,
        minimum_billed_area_km2=tariff.minimum_billed_area_km2,
        images_km2=inputs.images_km2,
        rule=f"tariff:{tariff.code}",
        name_fr=tariff.name_fr,
        name_en=tariff.name_en,
        rule_source=tariff.source,
        rule_valid_from=tariff.valid_from,
        is_example=tariff.is_example,
    )


_PARTS: tuple[Callable[[FundingInputs, Decimal], Iterator[FundingLine]], ...] = (
    _open,
    _covered,
    _prefunded,
    _free,
    _packages,
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


def _attempts(inputs: FundingInputs) -> Attempts | None:
    """One attempt for each image of a tasking that leaves the circle, unless all is available."""
    if not inputs.outside_km2 or inputs.available_km2 >= inputs.asked_km2:
        return None
    missing = Charge(envelope_id=None, scope="programme", unit="attempts", allotment="arbitrated")
    charge = missing if inputs.attempts is None else _charge(inputs.attempts)
    number = max(1, len(inputs.images_km2))
    return Attempts(number=number, outside_km2=inputs.outside_km2, charge=charge)


def _free_counted(plan: FundingPlan) -> Decimal:
    return sum((line.counted_km2 for line in plan.lines if line.source == Source.FREE), ZERO)


def _shortfall(inputs: FundingInputs, plan: FundingPlan) -> Decimal:
    left = inputs.programme.left if inputs.programme else ZERO
    return max(ZERO, _free_counted(plan) - left)
