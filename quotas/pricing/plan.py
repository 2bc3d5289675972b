"""The funding plan: how an area is paid for, frozen with the decision it led to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from orbitrage.shared.errors import Refusal
from quotas.amounts import ZERO
from quotas.pricing.lines import (
    ONE,
    PRICED,
    UNCOUNTED,
    Charge,
    FundingLine,
    Source,
    decimal_of,
    line_as_json,
    line_from_json,
    text_of,
)

NO_EURO = Decimal("0.00")


class Bound(StrEnum):
    REQUEST = "request"
    ALLOWANCE = "allowance"
    PROGRAMME = "programme"


@dataclass(frozen=True, kw_only=True)
class FreeLimit:
    """What the free part may be, in counted km². `request_cap_km2` is for one request together
    with those that touch it, which use `related_km2` of it; `programme_left_km2` is None where the
    programme's envelope does not bound it."""

    request_cap_km2: Decimal | None
    related_km2: Decimal
    allowance_left_km2: Decimal
    programme_left_km2: Decimal | None = None

    @property
    def free_km2(self) -> Decimal:
        return min(self._bounds().values())

    @property
    def bound(self) -> Bound:
        """What leaves least."""
        bounds = self._bounds()
        return min(bounds, key=bounds.__getitem__)

    def _bounds(self) -> dict[Bound, Decimal]:
        bounds = {Bound.ALLOWANCE: self.allowance_left_km2}
        if self.request_cap_km2 is not None:
            left = max(ZERO, self.request_cap_km2 - self.related_km2)
            bounds = {Bound.REQUEST: left} | bounds
        if self.programme_left_km2 is not None:
            bounds[Bound.PROGRAMME] = self.programme_left_km2
        return bounds


@dataclass(frozen=True, kw_only=True)
class Attempts:
    """Tasking outside the visibility circle of the receiving station: attempts of the satellite are
    counted besides the km². One image ordered is one attempt, used once the order has left."""

    number: int
    outside_km2: Decimal
    charge: Charge


@dataclass(frozen=True, kw_only=True)
class FundingPlan:
    """The lines add up to `area_km2`: that of all images together, `images_km2` where there are
    several of the area, or one of a part (none: one of all of it). `shortfall_km2`
    (counted) is what the programme envelope lacks for the free line: approving in full would be
    refused."""

    lines: tuple[FundingLine, ...]
    area_km2: Decimal
    images_km2: tuple[Decimal, ...] = ()
    shortfall_km2: Decimal = ZERO
    policy_valid_from: dt.date | None = None
    notes: tuple[Refusal, ...] = ()
    free_limit: FreeLimit | None = None
    attempts: Attempts | None = None

    @property
    def image_count(self) -> int:
        return max(1, len(self.images_km2))

    @property
    def km2_of_each(self) -> Decimal | None:
        """The area of every image; None where they differ."""
        if not self.images_km2:
            return self.area_km2
        return self.images_km2[0] if len(set(self.images_km2)) == 1 else None

    @property
    def has_several_images(self) -> bool:
        return len(self.images_km2) > 1

    @property
    def counted_km2(self) -> Decimal:
        return sum((line.counted_km2 for line in self.lines), ZERO)

    @property
    def billed_km2(self) -> Decimal:
        return sum((line.billed_area_km2 for line in self.lines), ZERO)

    @property
    def total_eur(self) -> Decimal:
        """What the entity has still to pay."""
        return sum((line.amount_eur for line in self.lines if line.is_priced), NO_EURO)

    @property
    def programme_eur(self) -> Decimal:
        """What the programme adds to co-funded lines."""
        return sum((line.programme_amount_eur for line in self.lines), NO_EURO)

    @property
    def covered_km2(self) -> Decimal:
        return self.area_of(Source.COVERED)

    @property
    def prefunded_km2(self) -> Decimal:
        return self.area_of(Source.PREFUNDED)

    @property
    def free_km2(self) -> Decimal:
        return self.area_of(Source.FREE)

    @property
    def priced_km2(self) -> Decimal:
        return self.area_of(*PRICED)

    @property
    def unfunded_km2(self) -> Decimal:
        return self.area_of(Source.UNFUNDED)

    @property
    def quota_multiplier(self) -> Decimal:
        """Km² counted for one km², the same on every line that counts."""
        counted = (line.quota_multiplier for line in self.lines if line.source not in UNCOUNTED)
        return next(counted, ONE)

    @property
    def is_priced(self) -> bool:
        return any(line.is_priced for line in self.lines)

    def area_of(self, *sources: Source) -> Decimal:
        return sum((line.area_km2 for line in self.lines if line.source in sources), ZERO)

    def package_km2(self, consumed: Mapping[int, Decimal]) -> Decimal:
        """Km² that the euros consumed on packages, by envelope id, stand for."""
        return sum(
            (
                line.area_bought(consumed.get(pk, ZERO))
                for line in self.lines
                for pk in line.envelope_ids
                if line.source == Source.PACKAGE
            ),
            ZERO,
        )

    def amounts(self, allotment: str | None = None) -> dict[int, Decimal]:
        """What the plan takes from each envelope that is open, in the envelope's unit."""
        taken = self.taken(allotment)
        return {pk: amount for (pk, _scope, _unit), amount in taken.items() if pk is not None}

    def taken(self, allotment: str | None = None) -> dict[tuple[int | None, str, str], Decimal]:
        """The same by envelope, scope and unit, with the envelopes that are still to be opened."""
        taken: dict[tuple[int | None, str, str], Decimal] = {}
        for charge, amount in self._charged(allotment):
            key = (charge.envelope_id, charge.scope, charge.unit)
            taken[key] = taken.get(key, ZERO) + amount
        return taken

    def unopened(self, allotment: str | None = None) -> tuple[Charge, ...]:
        """Envelopes the plan would draw on that do not exist yet."""
        return tuple(c for c, _ in self._charged(allotment) if c.envelope_id is None)

    def _charged(self, allotment: str | None) -> Iterator[tuple[Charge, Decimal]]:
        for line in self.lines:
            for charge in line.charges:
                amount = line.amount_on(charge)
                if amount and allotment in (None, charge.allotment):
                    yield charge, amount
        if self.attempts is not None and allotment in (None, self.attempts.charge.allotment):
            yield self.attempts.charge, Decimal(self.attempts.number)

    def as_json(self) -> dict[str, Any]:
        return {
            "area_km2": str(self.area_km2),
            "images": self.image_count,
            "images_km2": [str(image) for image in self.images_km2],
            "shortfall_km2": str(self.shortfall_km2),
            "policy_valid_from": self.policy_valid_from and self.policy_valid_from.isoformat(),
            "notes": [{"code": note.code, "message": note.message} for note in self.notes],
            "free_limit": self.free_limit and _limit_as_json(self.free_limit),
            "attempts": self.attempts and _attempts_as_json(self.attempts),
            "lines": [line_as_json(line) for line in self.lines],
            "counted_km2": str(self.counted_km2),
            "billed_km2": str(self.billed_km2),
            "total_eur": str(self.total_eur),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> FundingPlan:
        valid_from = data["policy_valid_from"]
        return cls(
            lines=tuple(line_from_json(line) for line in data["lines"]),
            area_km2=Decimal(data["area_km2"]),
            images_km2=tuple(Decimal(image) for image in data.get("images_km2", ())),
            shortfall_km2=Decimal(data["shortfall_km2"]),
            policy_valid_from=dt.date.fromisoformat(valid_from) if valid_from else None,
            notes=tuple(Refusal(note["code"], note["message"]) for note in data["notes"]),
            free_limit=_limit_from_json(data.get("free_limit")),
            attempts=_attempts_from_json(data.get("attempts")),
        )


def _limit_as_json(limit: FreeLimit) -> dict[str, str | None]:
    return {
        "request_cap_km2": text_of(limit.request_cap_km2),
        "related_km2": str(limit.related_km2),
        "allowance_left_km2": str(limit.allowance_left_km2),
        "programme_left_km2": text_of(limit.programme_left_km2),
    }


def _limit_from_json(data: dict[str, str | None] | None) -> FreeLimit | None:
    """None for the plans frozen before the limit was kept with them."""
    if data is None:
        return None
    return FreeLimit(
        request_cap_km2=decimal_of(data["request_cap_km2"]),
        related_km2=Decimal(data["related_km2"] or 0),
        allowance_left_km2=Decimal(data["allowance_left_km2"] or 0),
        programme_left_km2=decimal_of(data["programme_left_km2"]),
    )


def _attempts_as_json(attempts: Attempts) -> dict[str, Any]:
    return {
        "number": attempts.number,
        "outside_km2": str(attempts.outside_km2),
        "charge": asdict(attempts.charge),
    }


def _attempts_from_json(data: dict[str, Any] | None) -> Attempts | None:
    if data is None:
        return None
    return Attempts(
        number=data["number"],
        outside_km2=Decimal(data["outside_km2"]),
        charge=Charge(**data["charge"]),
    )
