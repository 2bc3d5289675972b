"""The funding plan and its lines: values, frozen with the decision they led to.

Two figures never to be confused: *counted* km² (area × quota multiplier) are taken from envelopes;
*billed* km² (the larger of area and minimum, × price multiplier) make the price.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import get_language, gettext

from orbitrage.shared.errors import Refusal
from quotas.amounts import ZERO, round_area, round_euro

ONE = Decimal(1)


class Source(StrEnum):
    OPEN = "open"
    COVERED = "covered"
    PREFUNDED = "prefunded"
    FREE = "free"
    COFUNDED = "cofunded"
    BUDGET = "budget"
    UNFUNDED = "unfunded"


PRICED = frozenset({Source.COFUNDED, Source.BUDGET})
UNCOUNTED = frozenset({Source.OPEN, Source.COVERED, Source.UNFUNDED})


@dataclass(frozen=True, kw_only=True)
class Charge:
    """An envelope a line draws on, by its unit: counted km², or euros."""

    envelope_id: int | None
    scope: str
    unit: str
    allotment: str


@dataclass(frozen=True, kw_only=True)
class FundingLine:
    source: Source
    area_km2: Decimal
    quota_multiplier: Decimal = ONE
    price_multiplier: Decimal = ONE
    rate_eur_per_km2: Decimal | None = None
    programme_rate_eur_per_km2: Decimal | None = None
    minimum_billed_area_km2: Decimal | None = None
    charges: tuple[Charge, ...] = ()
    rule: str = ""
    name_fr: str = ""
    name_en: str = ""
    rule_source: str = ""
    is_example: bool = False

    @property
    def is_priced(self) -> bool:
        return self.source in PRICED

    @property
    def counted_km2(self) -> Decimal:
        if self.source in UNCOUNTED:
            return ZERO
        return round_area(self.area_km2 * self.quota_multiplier)

    @property
    def billed_area_km2(self) -> Decimal:
        return round_area(self._billed())

    @property
    def is_billed_at_minimum(self) -> bool:
        """The area is smaller than the least that the tariff bills."""
        return self._billed() > 0 and self.area_km2 < (self.minimum_billed_area_km2 or ZERO)

    @property
    def amount_eur(self) -> Decimal:
        """What the entity pays."""
        return round_euro(self._billed() * (self.rate_eur_per_km2 or ZERO))

    @property
    def programme_amount_eur(self) -> Decimal:
        """What the programme adds to the entity's share of a co-funded line."""
        return round_euro(self._billed() * (self.programme_rate_eur_per_km2 or ZERO))

    @property
    def envelope_ids(self) -> tuple[int, ...]:
        return tuple(c.envelope_id for c in self.charges if c.envelope_id is not None)

    @property
    def label(self) -> str:
        named = self.name_fr if (get_language() or "fr").startswith("fr") else self.name_en
        return named or _source_label(self.source)

    def amount_on(self, charge: Charge) -> Decimal:
        """What this line takes from one of its envelopes, in the envelope's unit."""
        if charge.unit == "km2":
            return self.counted_km2
        return self.programme_amount_eur if charge.scope == "programme" else self.amount_eur

    def _billed(self) -> Decimal:
        if not self.is_priced or self.area_km2 == 0:
            return ZERO
        return max(self.area_km2, self.minimum_billed_area_km2 or ZERO) * self.price_multiplier


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
class FundingPlan:
    """The lines add up to `area_km2`. `shortfall_km2` (counted) is what the programme envelope
    lacks for the free line: approving in full would be refused."""

    lines: tuple[FundingLine, ...]
    area_km2: Decimal
    shortfall_km2: Decimal = ZERO
    policy_valid_from: dt.date | None = None
    notes: tuple[Refusal, ...] = ()
    free_limit: FreeLimit | None = None

    @property
    def counted_km2(self) -> Decimal:
        return sum((line.counted_km2 for line in self.lines), ZERO)

    @property
    def billed_km2(self) -> Decimal:
        return sum((line.billed_area_km2 for line in self.lines), ZERO)

    @property
    def total_eur(self) -> Decimal:
        return sum((line.amount_eur for line in self.lines), ZERO)

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

    def amounts(self, allotment: str | None = None) -> dict[int, Decimal]:
        """What the plan takes from each envelope that is open, in the envelope's unit."""
        taken: dict[int, Decimal] = {}
        for charge, amount in self._charged(allotment):
            if charge.envelope_id is not None:
                taken[charge.envelope_id] = taken.get(charge.envelope_id, ZERO) + amount
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

    def as_json(self) -> dict[str, Any]:
        return {
            "area_km2": str(self.area_km2),
            "shortfall_km2": str(self.shortfall_km2),
            "policy_valid_from": self.policy_valid_from and self.policy_valid_from.isoformat(),
            "notes": [{"code": note.code, "message": note.message} for note in self.notes],
            "free_limit": self.free_limit and _limit_as_json(self.free_limit),
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
            shortfall_km2=Decimal(data["shortfall_km2"]),
            policy_valid_from=dt.date.fromisoformat(valid_from) if valid_from else None,
            notes=tuple(Refusal(note["code"], note["message"]) for note in data["notes"]),
            free_limit=_limit_from_json(data.get("free_limit")),
        )


def _source_label(source: Source) -> str:
    labels = {
        Source.OPEN: gettext("Open data: draws on no quota"),
        Source.COVERED: gettext("Already available"),
        Source.PREFUNDED: gettext("Prefunded allotment"),
        Source.FREE: gettext("Free quota"),
        Source.COFUNDED: gettext("Co-funded"),
        Source.BUDGET: gettext("Project budget"),
        Source.UNFUNDED: gettext("Beyond the quota, without a tariff"),
    }
    return labels[source]


def _limit_as_json(limit: FreeLimit) -> dict[str, str | None]:
    return {
        "request_cap_km2": _text(limit.request_cap_km2),
        "related_km2": str(limit.related_km2),
        "allowance_left_km2": str(limit.allowance_left_km2),
        "programme_left_km2": _text(limit.programme_left_km2),
    }


def _limit_from_json(data: dict[str, str | None] | None) -> FreeLimit | None:
    """None for the plans frozen before the limit was kept with them."""
    if data is None:
        return None
    return FreeLimit(
        request_cap_km2=_decimal(data["request_cap_km2"]),
        related_km2=Decimal(data["related_km2"] or 0),
        allowance_left_km2=Decimal(data["allowance_left_km2"] or 0),
        programme_left_km2=_decimal(data["programme_left_km2"]),
    )


def line_as_json(line: FundingLine) -> dict[str, Any]:
    """Decimals as text; the figures that follow from others are written too, for readers."""
    return {
        "source": str(line.source),
        "area_km2": str(line.area_km2),
        "quota_multiplier": str(line.quota_multiplier),
        "price_multiplier": str(line.price_multiplier),
        "rate_eur_per_km2": _text(line.rate_eur_per_km2),
        "programme_rate_eur_per_km2": _text(line.programme_rate_eur_per_km2),
        "minimum_billed_area_km2": _text(line.minimum_billed_area_km2),
        "charges": [asdict(charge) for charge in line.charges],
        "rule": line.rule,
        "name_fr": line.name_fr,
        "name_en": line.name_en,
        "rule_source": line.rule_source,
        "is_example": line.is_example,
        "counted_km2": str(line.counted_km2),
        "billed_area_km2": str(line.billed_area_km2),
        "amount_eur": str(line.amount_eur),
        "programme_amount_eur": str(line.programme_amount_eur),
    }


def line_from_json(data: dict[str, Any]) -> FundingLine:
    return FundingLine(
        source=Source(data["source"]),
        area_km2=Decimal(data["area_km2"]),
        quota_multiplier=Decimal(data["quota_multiplier"]),
        price_multiplier=Decimal(data["price_multiplier"]),
        rate_eur_per_km2=_decimal(data["rate_eur_per_km2"]),
        programme_rate_eur_per_km2=_decimal(data["programme_rate_eur_per_km2"]),
        minimum_billed_area_km2=_decimal(data["minimum_billed_area_km2"]),
        charges=tuple(Charge(**charge) for charge in data["charges"]),
        rule=data["rule"],
        name_fr=data["name_fr"],
        name_en=data["name_en"],
        rule_source=data["rule_source"],
        is_example=data["is_example"],
    )


def _text(figure: Decimal | None) -> str | None:
    return None if figure is None else str(figure)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
