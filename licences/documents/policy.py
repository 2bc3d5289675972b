"""What a licence allows, for machines: an agreement in ODRL 2.2 (W3C), as JSON-LD.

Its targets are the classes of the licence: ``…#PRODUCT``, ``…#VALUE_ADDED``, ``…#DERIVATIVE``.
"""

from typing import Any
from urllib.parse import urlsplit

from licences.records import Json

CONTEXT = "http://www.w3.org/ns/odrl.jsonld"
ELEVATION_MODEL = "ELEVATION_MODEL"


def policy_of(record: Json) -> Json | None:
    """The agreement that the frozen ``record`` makes; None where it gives no right to images."""
    if not record.get("policy"):
        return None
    address = record["verify_address"]
    issuer = urlsplit(address)
    return {
        "@context": CONTEXT,
        "@type": "Agreement",
        "uid": address,
        "dct:identifier": record["number"],
        "assigner": f"{issuer.scheme}://{issuer.netloc}/",
        "assignee": {"uid": f"{address}#licensee", "schema:name": record["licensee"]["name"]},
        "permission": _rules(record, "permissions"),
        "prohibition": _rules(record, "prohibitions"),
    }


def _rules(record: Json, of: str) -> list[Json]:
    return [
        _rule(record, code, actions, of)
        for code, said in record["policy"].items()
        if (actions := said[of])
    ]


def _rule(record: Json, code: str, actions: list[str], of: str) -> Json:
    address = record["verify_address"]
    rule: Json = {"target": _targets(record, code), "action": actions}
    if of == "prohibitions":
        return rule
    rule["constraint"] = [*_dates(record), *_recipients(record, code)]
    rule["duty"] = [{"action": "attribute", "schema:creditText": record["attribution"]}]
    return {"uid": f"{address}#{code}-{of}"} | rule


def _targets(record: Json, code: str) -> list[str]:
    """An elevation model is never a derivative work: it stands with a class of its own."""
    address = record["verify_address"]
    follows = record["policy"][code].get("elevation_models", False)
    return [f"{address}#{each}" for each in (code, *([ELEVATION_MODEL] if follows else []))]


def _dates(record: Json) -> list[Json]:
    first = record.get("opens_on") or record["valid_from"]
    found = [_constraint("dateTime", "gteq", _day(first))]
    if record["valid_until"]:
        found.append(_constraint("dateTime", "lteq", _day(record["valid_until"])))
    return found


def _recipients(record: Json, code: str) -> list[Json]:
    """Who may be given it, beside the licensee; nobody is kept out where it is the public's."""
    kind = record["policy"][code]["recipients"]
    if kind == "public":
        return []
    names = [record["licensee"]["name"], *(row["name"] for row in record.get("beneficiaries", []))]
    among = [*names, "members"] if kind == "members" else names
    return [_constraint("recipient", "isAnyOf", among)]


def _constraint(left: str, operator: str, right: Any) -> Json:
    return {"leftOperand": left, "operator": operator, "rightOperand": right}


def _day(text: str) -> Json:
    return {"@value": text, "@type": "xsd:date"}
