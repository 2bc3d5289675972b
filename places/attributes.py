"""Which attribute of a published file says what of a place. Pure.

Names of ADMIN EXPRESS (IGN), of the geo API and of the contours of Etalab, in lower case.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from places.models import PlaceKind
from places.rules import plain_words

_NAMES = ("nom_officiel", "nom", "libgeo", "name", "libelle")
_CODES = {
    PlaceKind.COMMUNE: ("code_insee", "insee_com", "codgeo", "insee", "code"),
    PlaceKind.EPCI: ("code_siren", "siren_epci", "siren", "codgeo", "code"),
    PlaceKind.DEPARTMENT: ("code_insee", "insee_dep", "codgeo", "code"),
    PlaceKind.REGION: ("code_insee", "insee_reg", "codgeo", "code"),
    PlaceKind.OVERSEAS: ("code_insee", "insee_dep", "codgeo", "code"),
}
_PARENT_CODES = {
    PlaceKind.COMMUNE: (
        "code_insee_du_departement",
        "insee_dep",
        "codedepartement",
        "departement.code",
        "departement",
    ),
    PlaceKind.DEPARTMENT: (
        "code_insee_de_la_region",
        "insee_reg",
        "coderegion",
        "region.code",
        "region",
    ),
}
_PARENTS = {
    PlaceKind.COMMUNE: (PlaceKind.DEPARTMENT, PlaceKind.OVERSEAS),
    PlaceKind.DEPARTMENT: (PlaceKind.REGION,),
}
_OVERSEAS = ("97", "98")


@dataclass(frozen=True)
class PlaceFacts:
    """``parent_kinds``: what the one of ``parent_code`` may be."""

    code: str
    name: str
    parent_code: str
    parent_kinds: tuple[PlaceKind, ...]


def facts_of(kind: PlaceKind, said: Mapping[str, str]) -> PlaceFacts | None:
    """None when the attributes give no code, or no name that could be looked for."""
    code, name = _first(said, _CODES[kind]), _first(said, _NAMES)
    if not code or not plain_words(name):
        return None
    parent_code = _first(said, _PARENT_CODES.get(kind, ()))
    if kind == PlaceKind.COMMUNE and not parent_code:
        # The code of a commune begins with that of its department.
        parent_code = code[:3] if code.startswith(_OVERSEAS) else code[:2]
    return PlaceFacts(code, name, parent_code, _PARENTS.get(kind, ()))


def _first(said: Mapping[str, str], names: tuple[str, ...]) -> str:
    found = (_plain(said.get(name, "")) for name in names)
    return next((value for value in found if value), "")


def _plain(value: str) -> str:
    """On one line; what no database stores is left out."""
    return " ".join("".join(each for each in value if _is_written(each)).split())


def _is_written(character: str) -> bool:
    return character.isprintable() or character.isspace()
