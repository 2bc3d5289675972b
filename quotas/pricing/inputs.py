"""What a funding plan is worked out from: values, read beforehand."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from orbitrage.shared.errors import Refusal
from quotas.amounts import ZERO
from quotas.pricing.lines import ONE


@dataclass(frozen=True, kw_only=True)
class EnvelopeFacts:
    """An envelope as the plan sees it. `envelope_id` is None while it is not opened yet: `left` is
    then what policy will grant it. Its last day is `ends_on`."""

    envelope_id: int | None
    scope: str
    unit: str
    allotment: str
    left: Decimal
    ends_on: dt.date | None = None


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
    valid_from: dt.date | None = None
    is_example: bool = False


@dataclass(frozen=True, kw_only=True)
class PackageFacts:
    """A package that was bought: its money, and the tariff that says what a km² takes of it."""

    envelope: EnvelopeFacts
    tariff: TariffFacts


@dataclass(frozen=True, kw_only=True)
class PolicyFigure:
    """A figure of policy with where it comes from."""

    amount: Decimal
    source: str = ""
    valid_from: dt.date | None = None
    is_example: bool = False


@dataclass(frozen=True, kw_only=True)
class FundingInputs:
    """Areas are km² of the request. `images_km2` are those of the images asked for, where there are
    several of the area, or one of a part; none stand for one of all of it. `request_cap` and
    envelopes are in counted km²; `related_km2` is what touching requests of the project already
    take of the cap (no slicing). `outside_km2` is the part of a tasking outside the visibility
    circle, and `attempts` the envelope it counts on.
    """

    area_km2: Decimal
    images_km2: tuple[Decimal, ...] = ()
    covered_km2: Decimal = ZERO
    quota_multiplier: Decimal = ONE
    price_multiplier: Decimal = ONE
    request_cap: PolicyFigure | None = None
    related_km2: Decimal = ZERO
    prefunded: tuple[EnvelopeFacts, ...] = ()
    allowance: EnvelopeFacts | None = None
    programme: EnvelopeFacts | None = None
    packages: tuple[PackageFacts, ...] = ()
    cofunding: EnvelopeFacts | None = None
    outside_km2: Decimal = ZERO
    attempts: EnvelopeFacts | None = None
    tariff: TariffFacts | None = None
    is_open_data: bool = False
    is_shortfall_priced: bool = False
    policy_valid_from: dt.date | None = None
    notes: tuple[Refusal, ...] = ()

    @property
    def asked_km2(self) -> Decimal:
        """The area of all images together: what is counted and billed."""
        return sum(self.images_km2, ZERO) if self.images_km2 else self.area_km2

    @property
    def available_km2(self) -> Decimal:
        """What needs no new image. Who asks for several wants new ones, whatever is there. What is
        there lies beside an image of a part of the area, as far as it can."""
        if len(self.images_km2) > 1:
            return ZERO
        return max(ZERO, self.covered_km2 - (self.area_km2 - self.asked_km2))
