"""The plan of an order that leaves once more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from quotas.amounts import ZERO, round_area
from quotas.pricing.plan import FundingLine, FundingPlan


def drawn_elsewhere(
    plan: FundingPlan, *, consumed: Mapping[int, Decimal], elsewhere: Mapping[int, int]
) -> FundingPlan:
    """The plan with what its lines have not consumed any more drawn on other envelopes: by the id
    of an envelope, what stands consumed there, and the one that takes its place. The rest of a
    line comes after it, so that it shrinks before it. A priced line keeps its envelopes, whose
    money is quoted once."""
    lines = (part for line in plan.lines for part in _parts(line, consumed, elsewhere))
    return replace(plan, lines=tuple(lines))


def _parts(
    line: FundingLine, consumed: Mapping[int, Decimal], elsewhere: Mapping[int, int]
) -> Iterator[FundingLine]:
    if line.is_priced or not line.counted_km2 or elsewhere.keys().isdisjoint(line.envelope_ids):
        yield line
        return
    stands = min(consumed.get(pk, ZERO) for pk in line.envelope_ids)
    kept_km2 = min(line.area_km2, round_area(stands / line.quota_multiplier))
    if kept_km2:
        yield replace(line, area_km2=kept_km2)
    if kept_km2 < line.area_km2:
        charges = tuple(
            replace(charge, envelope_id=elsewhere.get(charge.envelope_id or 0, charge.envelope_id))
            for charge in line.charges
        )
        yield replace(line, area_km2=line.area_km2 - kept_km2, charges=charges)
