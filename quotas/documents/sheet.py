"""What a quotation's page shows, worded: the template only has to place it."""

from __future__ import annotations

import datetime as dt
import tomllib
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from orbitrage.shared.documents import wording
from quotas.records import Json

FOLDER = Path(__file__).parent
SIRET_GROUPS = (0, 3, 6, 9, 14)

Sheet = dict[str, Any]


@cache
def labels_of(version: str, language: str) -> dict[str, Any]:
    path = FOLDER / f"labels-{version}.toml"
    labels: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))[language]
    return labels


def sheet(document: Json, *, sha256: str, language: str) -> Sheet:
    """`document` is the frozen record with what its version adds; `language` fr or en."""
    labels = labels_of(document["layout_version"], language)
    return {
        "language": language,
        "labels": labels,
        "sha256": sha256,
        **_identity(document, labels, language),
        "issuer": _issuer(document["issuer"], labels, language),
        "customer": _party(document["customer"], labels),
        "lines": [_line(line, labels, language) for line in document["lines"]],
        **_totals(document, language),
        **_terms(document, labels),
    }


def _identity(document: Json, labels: Json, language: str) -> Sheet:
    version = document["version"]
    return {
        "number": document["number"],
        "issued_at": document["issued_at"],
        "modified_at": document["recorded_at"] or document["issued_at"],
        "issued_on": _day(document["issued_on"], labels, language),
        "valid_until": _day(document["valid_until"], labels, language),
        "version": version if version > 1 else None,
        "recorded_on": _day(document["recorded_on"], labels, language),
        "request_number": document["request_number"],
        "sensor_name": document["sensor_name"],
        "package_life_days": document["package_life_days"],
        "engagement_number": document["engagement_number"],
        "service_code": document["service_code"],
    }


def _issuer(issuer: Json | None, labels: Json, language: str) -> Sheet | None:
    if issuer is None:
        return None
    return _party(issuer | {"acronym": "", "country": "FR"}, labels) | {
        "legal_mention": issuer[f"legal_mention_{language}"],
        "invoiced_by": issuer["invoiced_by"],
        "source": issuer["source"],
        "is_example": issuer["is_example"],
    }


def _party(party: Json, labels: Json) -> Sheet:
    """What is missing is said: an accountant looks for it."""
    return {
        "name": party["name"],
        "acronym": party["acronym"],
        "address": party["address"].strip() or labels["address_missing"],
        "siret": _siret(party, labels),
    }


def _siret(party: Json, labels: Json) -> str:
    number = party["siret"]
    if number:
        groups = [number[a:b] for a, b in pairwise(SIRET_GROUPS)]
        return f"{labels['siret']} {wording.SPACE.join(groups)}"
    if party["country"] != "FR":
        return f"{labels['siret_abroad']} ({party['country']})"
    return str(labels["siret_missing"])


def _line(line: Json, labels: Json, language: str) -> Sheet:
    rate = line["rate_eur_per_km2"]
    is_package = line["kind"] == "package"
    area = figure(line["area_km2"], language)
    return {
        "kind": line["kind"],
        "name": _name(line, labels, language),
        "share": _share(line, labels),
        "area": f"{labels['about']} {area}" if is_package else area,
        "billed": figure(line["billed_area_km2"], language),
        "multiplier": figure(line["price_multiplier"], language, places=0),
        "rate": figure(rate, language) if rate else labels["not_published"],
        "amount": figure(line["amount_eur"], language) if rate else labels["not_published"],
        "notes": _notes(line, labels, language),
        "is_example": line["is_example"],
    }


def _name(line: Json, labels: Json, language: str) -> str:
    """The tariff's, which speaks of the user's share, is not for the programme's."""
    name = "" if line["kind"] == "programme" else line[f"name_{language}"]
    return str(name or labels[f"source_{line['source']}"])


def _notes(line: Json, labels: Json, language: str) -> list[str]:
    """What the figures of a line rest on."""
    minimum, kind = line["minimum_billed_area_km2"], line["kind"]
    images = line.get("images_km2", [])
    of_minimum = labels["minimum_each_note" if images else "minimum_note"]
    said = {
        labels["about_note"]: kind == "package",
        labels["programme_note"]: kind == "programme",
        f"{of_minimum} {figure(minimum, language)} km²": minimum,
        _images(images, labels, language): images,
        f"{labels['source']} {line['rule_source']}": line["rule_source"] and kind != "programme",
    }
    return [note for note, applies in said.items() if applies]


def _images(images_km2: list[str], labels: Json, language: str) -> str:
    total = figure(str(sum(map(Decimal, images_km2), Decimal(0))), language)
    return f"{labels['images_note']} {len(images_km2)}, {labels['images_total']} {total} km²"


def _share(line: Json, labels: Json) -> str:
    if line["source"] != "cofunded":
        return ""
    return str(labels["user_share" if line["kind"] == "user" else "programme_share"])


def _totals(document: Json, language: str) -> Sheet:
    tax = document["tax"]
    return {
        "total": figure(document["total_excluding_tax_eur"], language),
        "tax": tax
        and {
            "percent": figure(tax["percent"], language, places=0)
            + (wording.NARROW_SPACE if language == "fr" else "")
            + "%",
            "amount": figure(tax["amount_eur"], language),
            "source": tax["source"],
            "is_example": tax["is_example"],
        },
        "total_with_tax": figure(document["total_including_tax_eur"], language),
    }


def _terms(document: Json, labels: Json) -> Sheet:
    issuer = document["issuer"]
    by = issuer and f"{labels['invoiced_by']} {issuer['invoiced_by']}."
    is_package = document["package_life_days"] is not None
    return {
        "arithmetic": labels["arithmetic_package" if is_package else "arithmetic"],
        "invoiced": by or labels["invoiced_unknown"],
        "has_examples": _has_examples(document),
    }


def _has_examples(document: Json) -> bool:
    rows = [*document["lines"], document["issuer"] or {}, document["tax"] or {}]
    return any(row.get("is_example") for row in rows)


def figure(text: str | None, language: str, *, places: int = 2) -> str:
    """Every decimal that counts, so that the product can be worked out again; at least `places`."""
    if text is None:
        return "—"
    value = Decimal(text).normalize()
    decimals = max(places, -int(value.as_tuple().exponent))
    grouped = f"{value:,.{decimals}f}"
    if language == "fr":
        return grouped.replace(",", wording.NARROW_SPACE).replace(".", ",")
    return grouped


def _day(text: str | None, labels: Json, language: str) -> str:
    return wording.day(dt.date.fromisoformat(text), language, labels["months"]) if text else ""
