"""What a quotation prints, as plain data, frozen when it is issued: a later change of an address, a
tariff or a rate of VAT does not reach it. Amounts, areas and days are text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from quotas.amounts import round_euro
from quotas.pricing import FundingLine, Source

FORMAT = "orbitrage-quotation/1"
LAYOUT_VERSION = "1"
LANGUAGES = ("fr", "en")

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """`source` and `is_example` are those of the policy row."""

    name: str
    address: str
    siret: str
    legal_mention_fr: str
    legal_mention_en: str
    invoiced_by: str
    source: str
    is_example: bool


@dataclass(frozen=True, kw_only=True)
class Customer:
    name: str
    acronym: str
    address: str
    siret: str
    country: str


@dataclass(frozen=True, kw_only=True)
class Tax:
    """`percent` is of the total excluding tax."""

    percent: Decimal
    source: str
    is_example: bool


@dataclass(frozen=True, kw_only=True)
class Package:
    """What is bought in one piece; `area_km2` is indicative."""

    code: str
    name_fr: str
    name_en: str
    amount_eur: Decimal
    area_km2: Decimal
    rate_eur_per_km2: Decimal
    life_days: int
    source: str
    is_example: bool


@dataclass(frozen=True, kw_only=True)
class Quoted:
    """What is put to whom; `issuer` and `tax` are None where policy names none that day: the
    document then says so."""

    request_number: str
    sensor_name: str
    customer: Customer
    issuer: Issuer | None
    tax: Tax | None
    lines: tuple[Json, ...]
    total_eur: Decimal
    valid_until: dt.date
    package_life_days: int | None = None

    def as_json(self, *, number: str, issued_at: dt.datetime, issued_on: dt.date) -> Json:
        return {
            "format": FORMAT,
            "layout_version": LAYOUT_VERSION,
            "number": number,
            "issued_at": issued_at.isoformat(timespec="seconds"),
            "issued_on": issued_on.isoformat(),
            "valid_until": self.valid_until.isoformat(),
            "request_number": self.request_number,
            "package_life_days": self.package_life_days,
            "sensor_name": self.sensor_name,
            "issuer": self.issuer and asdict(self.issuer),
            "customer": asdict(self.customer),
            "lines": list(self.lines),
            **totals(self.total_eur, self.tax),
        }


def totals(total_eur: Decimal, tax: Tax | None) -> Json:
    """VAT half-up to the cent, once, on the total."""
    said: Json = {"total_excluding_tax_eur": _text(round_euro(total_eur))}
    if tax is None:
        return said | {"tax": None, "total_including_tax_eur": None}
    amount = round_euro(total_eur * tax.percent / 100)
    said["tax"] = {
        "percent": _text(tax.percent.normalize()),
        "amount_eur": _text(amount),
        "source": tax.source,
        "is_example": tax.is_example,
    }
    return said | {"total_including_tax_eur": _text(round_euro(total_eur) + amount)}


def lines_of_plan(lines: Iterable[FundingLine]) -> tuple[Json, ...]:
    """The priced lines; after a co-funded one, the programme's share, which adds to no total."""
    said: list[Json] = []
    for line in lines:
        if line.is_priced:
            said.append(_user_line(line))
            if line.source == Source.COFUNDED:
                said.append(_programme_line(line))
    return tuple(said)


def line_of_package(package: Package) -> Json:
    return {
        "kind": "package",
        "source": "package",
        "name_fr": package.name_fr,
        "name_en": package.name_en,
        "area_km2": _text(package.area_km2),
        "billed_area_km2": None,
        "minimum_billed_area_km2": None,
        "price_multiplier": None,
        "rate_eur_per_km2": _text(package.rate_eur_per_km2),
        "amount_eur": _text(round_euro(package.amount_eur)),
        "rule": package.code,
        "rule_source": package.source,
        "is_example": package.is_example,
    }


def _user_line(line: FundingLine) -> Json:
    minimum = line.minimum_billed_area_km2 if line.is_billed_at_minimum else None
    return _shared(line) | {
        "kind": "user",
        "minimum_billed_area_km2": _text(minimum),
        "rate_eur_per_km2": _text(line.rate_eur_per_km2),
        "amount_eur": _text(line.amount_eur),
    }


def _programme_line(line: FundingLine) -> Json:
    """Without a figure where the tariff names no rate for the programme."""
    rate = line.programme_rate_eur_per_km2
    return _shared(line) | {
        "kind": "programme",
        "minimum_billed_area_km2": None,
        "rate_eur_per_km2": _text(rate),
        "amount_eur": None if rate is None else _text(line.programme_amount_eur),
    }


def _shared(line: FundingLine) -> Json:
    """``images_km2`` stands only where there are several images."""
    several = [_text(image) for image in line.images_km2] if len(line.images_km2) > 1 else []
    return ({"images_km2": several} if several else {}) | {
        "source": str(line.source),
        "name_fr": line.name_fr,
        "name_en": line.name_en,
        "area_km2": _text(line.area_km2),
        "billed_area_km2": _text(line.billed_area_km2),
        "price_multiplier": _text(line.price_multiplier),
        "rule": line.rule,
        "rule_source": line.rule_source,
        "is_example": line.is_example,
    }


def _text(figure: Decimal | None) -> str | None:
    return None if figure is None else f"{figure:f}"
