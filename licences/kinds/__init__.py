"""The kinds of licence: a folder each, with its facts and words (``kind.toml``) and its template.

A kind's words are copied into the record of each licence it gives, so that an issued licence keeps
the version it was issued in.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from orbitrage.shared.errors import DomainError, Refusal

FOLDER = Path(__file__).parent
LANGUAGES = ("fr", "en")


class KindUnknown(DomainError):
    """No kind of licence answers to that name, sensor or purpose."""


@dataclass(frozen=True)
class Kind:
    """``validity_years`` 0 means without end; ``is_scientific`` None means any purpose."""

    code: str
    prefix: str
    version: str
    sensors: tuple[str, ...]
    is_scientific: bool | None
    signature: str
    signatories: tuple[str, ...]
    validity_years: int
    words: dict[str, dict[str, Any]]

    def title(self, language: str) -> str:
        return str(self.words[language]["title"])

    def covers(self, sensor_code: str, *, is_scientific: bool) -> bool:
        return sensor_code in self.sensors and self.is_scientific in (None, is_scientific)


def _read_kind(folder: Path) -> Kind:
    facts = tomllib.loads((folder / "kind.toml").read_text(encoding="utf-8"))
    return Kind(
        code=folder.name,
        prefix=facts["prefix"],
        version=facts["version"],
        sensors=tuple(facts["sensors"]),
        is_scientific=facts.get("is_scientific"),
        signature=facts["signature"],
        signatories=tuple(facts["signatories"]),
        validity_years=facts["validity_years"],
        words={language: facts[language] for language in LANGUAGES},
    )


@cache
def all_kinds() -> tuple[Kind, ...]:
    return tuple(_read_kind(path.parent) for path in sorted(FOLDER.glob("*/kind.toml")))


def get_kind(code: str) -> Kind:
    """Raises KindUnknown."""
    for kind in all_kinds():
        if kind.code == code:
            return kind
    raise KindUnknown(
        Refusal(
            "licence_kind_unknown", _("There is no kind of licence “%(code)s”.") % {"code": code}
        )
    )


def kind_for(sensor_code: str, *, is_scientific: bool) -> str:
    """The code of the licence that gives a right to this sensor's images. Raises KindUnknown."""
    for kind in all_kinds():
        if kind.covers(sensor_code, is_scientific=is_scientific):
            return kind.code
    message = _("No kind of licence covers the images of “%(sensor)s”.") % {"sensor": sensor_code}
    raise KindUnknown(Refusal("licence_kind_unknown", message))
