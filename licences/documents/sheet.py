"""What a licence's page shows, worded: the template only has to place it."""

import base64
import io
import tomllib
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import segno
from django.utils import timezone
from shapely.geometry import MultiPolygon, Polygon

from licences.documents.area_map import area_of, coordinate, locator_of, map_of
from licences.kinds import LAYOUTS
from licences.records import Json
from orbitrage.shared.documents import wording

PARTS_SHOWN = 12
MAP_MM = (118.0, 94.0)
LOCATOR_MM = (49.0, 40.0)
AREA_LABELS = {"open": "area_asked", None: "area"}

Sheet = dict[str, Any]


@cache
def labels_of(version: str, language: str) -> dict[str, Any]:
    path = LAYOUTS / version / "labels.toml"
    labels: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))[language]
    return labels


def sheet(
    record: Json, *, sha256: str, check_code: str, language: str, signature: Json | None = None
) -> Sheet:
    """``record`` is the frozen record of a licence; ``language`` fr or en."""
    labels = labels_of(record["layout_version"], language)
    return {
        "language": language,
        "labels": labels,
        "words": record["words"][language],
        "sha256": sha256,
        "check_code": check_code,
        **_heading(record["words"][language]),
        **_identity(record, labels, language),
        **SAID_OF[record.get("subject", "request")](record, labels, language),
        **_verification(record, check_code),
        "signature": signature and _signed(signature, labels, language),
    }


def _signed(signature: Json, labels: Json, language: str) -> Sheet:
    at = timezone.localtime(datetime.fromisoformat(signature["signed_at"]))
    return {
        "name": signature["name"],
        "role": labels[f"signs_as_{signature['role']}"],
        "on": _day(at.date().isoformat(), labels, language),
        "at": f"{at:%H:%M:%S} (UTC{at:%z})",
        "text_sha256": signature["text_sha256"],
    }


def _request(record: Json, labels: Json, language: str) -> Sheet:
    return {
        "decided_on": _day(record["decided_on"], labels, language),
        "cell_name": record[f"cell_name_{language}"],
        "request_number": record["request_number"],
        "request_kind": labels[record["request_kind"]],
        "is_open": record["request_kind"] == "open",
        "renews": record.get("renews", ""),
        "parameters": [
            {"label": row[f"label_{language}"], "value": row[f"value_{language}"]}
            for row in record["parameters"]
        ],
        **_purpose(record, labels, language),
        **_image(record, labels),
        **_area(record, labels, language),
        **_funding(record, language),
    }


def _region(record: Json, labels: Json, language: str) -> Sheet:
    return {
        "region_name": record["region_name"],
        "vintage": record["vintage"],
        "opens_on": _day(record["opens_on"], labels, language),
        **_image(record, labels),
        **_area(record, labels, language),
    }


def _membership(record: Json, labels: Json, language: str) -> Sheet:
    return {
        "sensors": record["sensors"],
        "contact": record["contact"],
        "countersigned_by": record["countersigned_by"],
        "acceptances": [
            {
                "title": row[f"title_{language}"],
                "version": row["version"],
                "accepted_at": _day(_local_day(row["accepted_at"]), labels, language),
                "accepted_by": row["accepted_by"],
                "text_sha256": row["text_sha256"],
            }
            for row in record["acceptances"]
        ],
    }


def _annex(record: Json, labels: Json, language: str) -> Sheet:
    number = record["licence_number"]
    return {
        "kicker": f"{labels['annex']} {record['sequence']}",
        "subtitle": f"{labels['annex_subtitle']} {number}",
        "grant": labels["annex_grant"],
        "of_licence": number,
        "basis": f"{labels['annex_basis']} {record['licence_record_sha256']}",
        "words": {"title": record["words"][language]["title"]},
        "licence_number": number,
        "request_number": record["request_number"],
        "sensor_name": record["sensor_name"],
        "image_count": wording.whole(len(record["images"]), language),
        "images": [_delivered(image, labels, language) for image in record["images"]],
    }


def _local_day(instant: str) -> str:
    return timezone.localdate(datetime.fromisoformat(instant)).isoformat()


def _delivered(image: Json, labels: Json, language: str) -> Sheet:
    acquired_at = datetime.fromisoformat(image["acquired_at"]).astimezone(UTC)
    resolution = image["resolution_m"]
    pixel = (
        resolution and f"{labels['pixel']} {wording.decimal(Decimal(str(resolution)), language)} m"
    )
    facts = (image["mission"], image["processing_level"], image["spectral_mode"], pixel)
    return {
        "identifier": image["identifier"],
        "product": " · ".join(fact for fact in facts if fact),
        "acquired_on": wording.day(acquired_at.date(), language, labels["months"]),
        "acquired_at": f"{acquired_at:%H:%M:%S}",
        "cloud": wording.rounded(
            image["cloud_cover_percent"], " %" if language == "fr" else "%", language
        ),
        "incidence": wording.rounded(image["incidence_angle_deg"], "°", language),
        "attribution": image["attribution"],
    }


SAID_OF = {"annex": _annex, "request": _request, "region": _region, "membership": _membership}


def _heading(words: Json) -> Sheet:
    return {name: words[name] for name in ("kicker", "subtitle", "grant", "basis")}


def _identity(record: Json, labels: Json, language: str) -> Sheet:
    return {
        "issuer": record["issuer"],
        "number": record["number"],
        "issued_at": record["issued_at"],
        "issued_on": _day(record["issued_on"], labels, language),
        "valid_from": _day(record["valid_from"], labels, language),
        "valid_until": _day(record["valid_until"], labels, language),
        "licensee": record["licensee"],
        "representative": _signatory(record["representative"], language),
    }


def _signatory(said: Json | None, language: str) -> Sheet | None:
    return said and {"name": said["name"], "role": said[f"role_{language}"]}


def _image(record: Json, labels: Json) -> Sheet:
    return {
        "sensor_name": record["sensor_name"],
        "attribution": record["attribution"].replace("{year}", labels["year_placeholder"]),
    }


def _purpose(record: Json, labels: Json, language: str) -> Sheet:
    return {
        "project_title": record["project_title"],
        "purpose": record["purpose"],
        "beneficiaries": [
            {
                "name": row["name"],
                "role": labels[f"role_{row['role']}"],
                "reference": row["reference"] or "—",
                "until": _day(row["until"], labels, language) or "—",
            }
            for row in record["beneficiaries"]
        ],
    }


def _area(record: Json, labels: Json, language: str) -> Sheet:
    area = area_of(record["area_geojson"])
    order_area = record.get("order_area_km2")
    area_text = wording.area(Decimal(record["area_km2"]), language)
    parts = sorted(area.geoms, key=lambda part: part.area, reverse=True)
    extent = _extent(area, language)
    holes = sum(len(part.interiors) for part in parts)
    return {
        "area_label": labels[AREA_LABELS.get(record.get("request_kind"), "area_granted")],
        "area": area_text,
        "order_area": order_area and wording.area(Decimal(order_area), language),
        "extent": extent,
        "part_count": wording.whole(len(parts), language),
        "hole_count": wording.whole(holes, language) if holes else "",
        "vertex_count": wording.whole(sum(map(_vertices, parts)), language),
        "parts": _parts(parts, language) if len(parts) > 1 else [],
        "has_more_parts": len(parts) > PARTS_SHOWN,
        "map": _svg_address(map_of(area, language, *MAP_MM)),
        "locator": _svg_address(locator_of(area, *LOCATOR_MM)),
        "map_alt": _map_alternative(labels, area_text, extent, len(parts)),
    }


def _map_alternative(labels: Json, area_text: str, extent: Sheet, part_count: int) -> str:
    """The map in words, for who does not see it."""
    colon = labels["colon"]
    return (
        f"{labels['map_alt']}{colon}{area_text}, {labels['parts'].lower()}{colon}{part_count},"
        f" {labels['west_east']} {extent['west']} {labels['to']} {extent['east']},"
        f" {labels['south_north']} {extent['south']} {labels['to']} {extent['north']}"
    )


def _extent(shape: MultiPolygon | Polygon, language: str) -> dict[str, str]:
    west, south, east, north = shape.bounds
    return {
        "west": coordinate(west, is_longitude=True, language=language),
        "east": coordinate(east, is_longitude=True, language=language),
        "south": coordinate(south, is_longitude=False, language=language),
        "north": coordinate(north, is_longitude=False, language=language),
    }


def _parts(parts: list[Polygon], language: str) -> list[Sheet]:
    return [
        {"index": str(index), "vertices": wording.whole(_vertices(part), language)}
        | _extent(part, language)
        for index, part in enumerate(parts[:PARTS_SHOWN], start=1)
    ]


def _vertices(part: Polygon) -> int:
    return sum(len(ring.coords) - 1 for ring in (part.exterior, *part.interiors))


def _funding(record: Json, language: str) -> Sheet:
    total = Decimal(record["total_eur"])
    billed = sum((Decimal(row["billed_area_km2"]) for row in record["funding_lines"]), Decimal(0))
    return {
        "funding": [_funding_line(row, language) for row in record["funding_lines"]],
        "billed": wording.area(billed, language),
        "total": wording.euros(total, language),
        "is_free": total == 0,
        "quotation_number": record["quotation_number"],
        "purchase_reference": record["purchase_reference"],
    }


def _funding_line(row: Json, language: str) -> Sheet:
    rate = row["rate_eur_per_km2"]
    return {
        "label": row[f"label_{language}"],
        "rule": row["rule"],
        "is_example": row["is_example"],
        "area": wording.area(Decimal(row["area_km2"]), language),
        "billed": wording.area(Decimal(row["billed_area_km2"]), language),
        "rate": wording.decimal(Decimal(rate), language) if rate else "—",
        "amount": wording.euros(Decimal(row["amount_eur"]), language),
    }


def _verification(record: Json, check_code: str) -> Sheet:
    address = record["verify_address"]
    with_code = f"{address}?code={check_code}"
    drawn = io.BytesIO()
    segno.make(with_code, error="m").save(
        drawn, kind="svg", border=0, dark="#1d2b33", xmldecl=False
    )
    return {
        "address": address,
        "verify_address": with_code,
        "qr": _svg_address(drawn.getvalue().decode()),
    }


def _svg_address(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _day(text: str | None, labels: Json, language: str) -> str:
    return wording.day(date.fromisoformat(text), language, labels["months"]) if text else ""
