"""The plan of an order that leaves once more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from quotas.amounts import ZERO, round_area
from quotas.pricing.lines import Charge, FundingLine
from quotas.pricing.plan import FundingPlan


def taken_again(plan: FundingPlan, consumed: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """By the id of an envelope, what one more order takes of it, `consumed` standing there: what
    the lines have lost to a refund, and the attempts, those of the orders before having been made.
    """
    wanted = replace(plan, attempts=None).amounts()
    lacking = {pk: amount - consumed.get(pk, ZERO) for pk, amount in wanted.items()}
    taken = {pk: amount for pk, amount in lacking.items() if amount > 0}
    attempts = plan.attempts
    if attempts is not None and attempts.charge.envelope_id is not None:
        taken[attempts.charge.envelope_id] = Decimal(attempts.number)
    return taken


def drawn_elsewhere(
    plan: FundingPlan, *, consumed: Mapping[int, Decimal], elsewhere: Mapping[int, int]
) -> FundingPlan:
    """The plan with what its lines have not consumed any more, and its attempts, drawn on other
    envelopes: by the id of an envelope, what stands consumed there, and the one that takes its
    place. The rest of a line comes after it, so that it shrinks before it. A priced line keeps its
    envelopes, whose money is quoted once."""
    standing = dict(consumed)
    lines = [part for line in plan.lines for part in _parts(line, standing, elsewhere)]
    attempts = plan.attempts
    if attempts is not None:
        attempts = replace(attempts, charge=_moved(attempts.charge, elsewhere))
    return replace(plan, lines=tuple(lines), attempts=attempts)


def _parts(
    line: FundingLine, standing: dict[int, Decimal], elsewhere: Mapping[int, int]
) -> Iterator[FundingLine]:
    """Takes the part that is kept off what is `standing` for the lines after it."""
    if line.is_priced or not line.counted_km2 or elsewhere.keys().isdisjoint(line.envelope_ids):
        yield line
        return
    stands = min(standing.get(pk, ZERO) for pk in line.envelope_ids)
    kept_km2 = min(line.area_km2, round_area(stands / line.quota_multiplier))
    if kept_km2:
        kept = replace(line, area_km2=kept_km2)
        for charge in kept.charges:
            if charge.envelope_id in standing:
                standing[charge.envelope_id] -= kept.amount_on(charge)
        yield kept
    if kept_km2 < line.area_km2:
        charges = tuple(_moved(charge, elsewhere) for charge in line.charges)
        yield replace(line, area_km2=line.area_km2 - kept_km2, charges=charges)


def _moved(charge: Charge, elsewhere: Mapping[int, int]) -> Charge:
    return replace(charge, envelope_id=elsewhere.get(charge.envelope_id or 0, charge.envelope_id))
