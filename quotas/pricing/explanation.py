"""A price explained: the plan with every figure it comes from, what it leaves, and when that is
renewed. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from quotas.amounts import ZERO, floor_area
from quotas.pricing.funding import funding_plan
from quotas.pricing.inputs import EnvelopeFacts, FundingInputs
from quotas.pricing.lines import text_of
from quotas.pricing.plan import FundingPlan


@dataclass(frozen=True, kw_only=True)
class EnvelopeAfter:
    """What a plan takes of an envelope, in its unit, and what would remain. `left_after` is below
    zero where the envelope does not bear it."""

    envelope_id: int | None
    scope: str
    unit: str
    left_before: Decimal
    taken: Decimal
    ends_on: dt.date | None

    @property
    def left_after(self) -> Decimal:
        return self.left_before - self.taken

    @property
    def is_overdrawn(self) -> bool:
        return self.left_after < 0

    @property
    def label(self) -> str:
        labels = {
            ("entity", "km2"): gettext("Allowance of the entity"),
            ("prefunded", "km2"): gettext("Prefunded allotment"),
            ("prefunded", "eur"): gettext("Package"),
            ("programme", "km2"): gettext("Envelope of the cell"),
            ("programme", "eur"): gettext("Programme's share of co-funding"),
            ("programme", "attempts"): gettext("Tasking attempts outside the circle"),
        }
        return labels[self.scope, self.unit]

    @property
    def resets_on(self) -> dt.date | None:
        """When policy opens the next one; None for what was paid for, which is not renewed."""
        if self.ends_on is None or self.scope not in ("programme", "entity"):
            return None
        return self.ends_on + dt.timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """`parts_km2` are the areas of the parts of the area of interest, which may overlap: what is
    paid for is the union, `union_km2`, for each image. `largest_free_km2` is the largest area that
    such a request could have free of charge and granted; None where there is no limit, and where
    the images are of different parts of the area."""

    plan: FundingPlan
    parts_km2: tuple[Decimal, ...]
    union_km2: Decimal
    quota_multiplier: Decimal
    price_multiplier: Decimal
    envelopes: tuple[EnvelopeAfter, ...]
    largest_free_km2: Decimal | None

    @property
    def sum_of_parts_km2(self) -> Decimal:
        return sum(self.parts_km2, ZERO)

    def as_json(self) -> dict[str, Any]:
        """The plan as it is frozen, with the figures beside it; decimals as text."""
        return self.plan.as_json() | {
            "parts_km2": [str(part) for part in self.parts_km2],
            "union_km2": str(self.union_km2),
            "quota_multiplier": str(self.quota_multiplier),
            "price_multiplier": str(self.price_multiplier),
            "largest_free_km2": text_of(self.largest_free_km2),
            "envelopes": [_envelope_as_json(envelope) for envelope in self.envelopes],
        }


def explanation(inputs: FundingInputs, parts_km2: Sequence[Decimal]) -> Explanation:
    plan = funding_plan(inputs)
    return Explanation(
        plan=plan,
        parts_km2=tuple(parts_km2),
        union_km2=inputs.area_km2,
        quota_multiplier=inputs.quota_multiplier,
        price_multiplier=inputs.price_multiplier,
        envelopes=tuple(_drawn_on(inputs, plan)),
        largest_free_km2=_largest_free_km2(inputs, plan),
    )


def _drawn_on(inputs: FundingInputs, plan: FundingPlan) -> list[EnvelopeAfter]:
    known = (
        *inputs.prefunded,
        inputs.allowance,
        inputs.programme,
        *(package.envelope for package in inputs.packages),
        inputs.cofunding,
        inputs.attempts,
    )
    taken = plan.taken()
    return [
        _after(facts, taken[_key(facts)])
        for facts in known
        if facts is not None and _key(facts) in taken
    ]


def _key(facts: EnvelopeFacts) -> tuple[int | None, str, str]:
    return facts.envelope_id, facts.scope, facts.unit


def _after(facts: EnvelopeFacts, taken: Decimal) -> EnvelopeAfter:
    return EnvelopeAfter(
        envelope_id=facts.envelope_id,
        scope=facts.scope,
        unit=facts.unit,
        left_before=facts.left,
        taken=taken,
        ends_on=facts.ends_on,
    )


def _largest_free_km2(inputs: FundingInputs, plan: FundingPlan) -> Decimal | None:
    """What bounds the free part, and what the cell's envelope has left, in km² of the request."""
    if inputs.is_open_data or not inputs.quota_multiplier or plan.km2_of_each is None:
        return None
    if plan.free_limit is None:
        return ZERO
    programme_left = inputs.programme.left if inputs.programme else ZERO
    bound = min(plan.free_limit.free_km2, programme_left)
    return max(ZERO, floor_area(bound / inputs.quota_multiplier / plan.image_count))


def _envelope_as_json(envelope: EnvelopeAfter) -> dict[str, Any]:
    return {
        "envelope_id": envelope.envelope_id,
        "scope": envelope.scope,
        "unit": envelope.unit,
        "left_before": str(envelope.left_before),
        "taken": str(envelope.taken),
        "left_after": str(envelope.left_after),
        "resets_on": envelope.resets_on and envelope.resets_on.isoformat(),
    }
