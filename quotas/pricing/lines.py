"""The lines of a funding plan: values, frozen with the decision they led to.

Two figures never to be confused: *counted* km² (area × quota multiplier) are taken from envelopes;
*billed* km² (of each image the larger of area and minimum, × price multiplier) make the price.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import get_language, gettext

from quotas.amounts import ZERO, floor_area, round_area, round_euro
from quotas.pricing.images import area_billed_as, billed_of

ONE = Decimal(1)


class Source(StrEnum):
    OPEN = "open"
    COVERED = "covered"
    PREFUNDED = "prefunded"
    PACKAGE = "package"
    FREE = "free"
    COFUNDED = "cofunded"
    BUDGET = "budget"
    UNFUNDED = "unfunded"


# To be paid on a quotation; billed at a tariff, a package having been paid already.
PRICED = frozenset({Source.COFUNDED, Source.BUDGET})
BILLED = PRICED | {Source.PACKAGE}
UNCOUNTED = frozenset({Source.OPEN, Source.COVERED, Source.PACKAGE, Source.UNFUNDED})


@dataclass(frozen=True, kw_only=True)
class Charge:
    """An envelope that is drawn on, by its unit: counted km², euros or tasking attempts."""

    envelope_id: int | None
    scope: str
    unit: str
    allotment: str


@dataclass(frozen=True, kw_only=True)
class Share:
    """What one party bears of a line: the entity, or the programme beside it."""

    is_programme: bool
    rate_eur_per_km2: Decimal
    amount_eur: Decimal


@dataclass(frozen=True, kw_only=True)
class FundingLine:
    """A part of the area of all images and what pays for it. `rule` names the row of policy or the
    tariff that says so, in force since `rule_valid_from`. `images_km2` are the areas of the images
    of the plan, where a tariff bills a least area of each; none stand for one image."""

    source: Source
    area_km2: Decimal
    quota_multiplier: Decimal = ONE
    price_multiplier: Decimal = ONE
    rate_eur_per_km2: Decimal | None = None
    programme_rate_eur_per_km2: Decimal | None = None
    minimum_billed_area_km2: Decimal | None = None
    images_km2: tuple[Decimal, ...] = ()
    charges: tuple[Charge, ...] = ()
    rule: str = ""
    name_fr: str = ""
    name_en: str = ""
    rule_source: str = ""
    rule_valid_from: dt.date | None = None
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
    def billed_once_km2(self) -> Decimal:
        """What is billed before the multiplier."""
        if not self.is_billed:
            return ZERO
        return billed_of(self.area_km2, self.images_km2, self.minimum_billed_area_km2 or ZERO)

    @property
    def is_billed_at_minimum(self) -> bool:
        """Of an image, less is taken than the least that the tariff bills."""
        return self._billed() > self.area_km2 * self.price_multiplier

    @property
    def is_billed(self) -> bool:
        return self.source in BILLED

    @property
    def amount_eur(self) -> Decimal:
        """What the entity pays, or has paid with a package."""
        return round_euro(self._billed() * (self.rate_eur_per_km2 or ZERO))

    @property
    def programme_amount_eur(self) -> Decimal:
        """What the programme adds to the entity's share of a co-funded line."""
        return round_euro(self._billed() * (self.programme_rate_eur_per_km2 or ZERO))

    @property
    def shares(self) -> tuple[Share, ...]:
        """The entity's share of a billed line and, where it is co-funded, the programme's."""
        if not self.is_billed:
            return ()
        rates = ((False, self.rate_eur_per_km2), (True, self.programme_rate_eur_per_km2))
        amounts = {False: self.amount_eur, True: self.programme_amount_eur}
        return tuple(
            Share(is_programme=ours, rate_eur_per_km2=rate, amount_eur=amounts[ours])
            for ours, rate in rates
            if rate is not None
        )

    @property
    def envelope_ids(self) -> tuple[int, ...]:
        return tuple(c.envelope_id for c in self.charges if c.envelope_id is not None)

    @property
    def label(self) -> str:
        named = self.name_fr if (get_language() or "fr").startswith("fr") else self.name_en
        return named or _source_label(self.source)

    def area_bought(self, amount_eur: Decimal) -> Decimal:
        """Km² of this billed line that an amount pays for: all of it with the whole amount."""
        if amount_eur >= self.amount_eur:
            return self.area_km2
        rate = (self.rate_eur_per_km2 or ZERO) * self.price_multiplier
        return self.area_billed_as(floor_area(amount_eur / rate))

    def area_billed_as(self, billed_km2: Decimal) -> Decimal:
        """Km² of this line that are billed as no more than so many, before the multiplier."""
        return area_billed_as(
            billed_km2,
            area_km2=self.area_km2,
            images_km2=self.images_km2,
            least_km2=self.minimum_billed_area_km2 or ZERO,
        )

    def amount_on(self, charge: Charge) -> Decimal:
        """What this line takes from one of its envelopes, in the envelope's unit."""
        if charge.unit == "km2":
            return self.counted_km2
        return self.programme_amount_eur if charge.scope == "programme" else self.amount_eur

    def _billed(self) -> Decimal:
        return self.billed_once_km2 * self.price_multiplier


def line_as_json(line: FundingLine) -> dict[str, Any]:
    """Decimals as text; the figures that follow from others are written too, for readers."""
    return {
        "source": str(line.source),
        "area_km2": str(line.area_km2),
        "quota_multiplier": str(line.quota_multiplier),
        "price_multiplier": str(line.price_multiplier),
        "rate_eur_per_km2": text_of(line.rate_eur_per_km2),
        "programme_rate_eur_per_km2": text_of(line.programme_rate_eur_per_km2),
        "minimum_billed_area_km2": text_of(line.minimum_billed_area_km2),
        "images_km2": [str(image) for image in line.images_km2],
        "charges": [asdict(charge) for charge in line.charges],
        "rule": line.rule,
        "name_fr": line.name_fr,
        "name_en": line.name_en,
        "rule_source": line.rule_source,
        "rule_valid_from": line.rule_valid_from and line.rule_valid_from.isoformat(),
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
        rate_eur_per_km2=decimal_of(data["rate_eur_per_km2"]),
        programme_rate_eur_per_km2=decimal_of(data["programme_rate_eur_per_km2"]),
        minimum_billed_area_km2=decimal_of(data["minimum_billed_area_km2"]),
        images_km2=tuple(Decimal(image) for image in data.get("images_km2", ())),
        charges=tuple(Charge(**charge) for charge in data["charges"]),
        rule=data["rule"],
        name_fr=data["name_fr"],
        name_en=data["name_en"],
        rule_source=data["rule_source"],
        rule_valid_from=_day(data.get("rule_valid_from")),
        is_example=data["is_example"],
    )


def text_of(figure: Decimal | None) -> str | None:
    return None if figure is None else str(figure)


def decimal_of(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


def _source_label(source: Source) -> str:
    labels = {
        Source.OPEN: gettext("Open data: draws on no quota"),
        Source.COVERED: gettext("Already available"),
        Source.PREFUNDED: gettext("Prefunded allotment"),
        Source.PACKAGE: gettext("Package"),
        Source.FREE: gettext("Free quota"),
        Source.COFUNDED: gettext("Co-funded"),
        Source.BUDGET: gettext("Project budget"),
        Source.UNFUNDED: gettext("Beyond the quota, without a tariff"),
    }
    return labels[source]
