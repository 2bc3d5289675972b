"""The kinds of licence: a folder each, and in it a folder for each version of its words.

``<kind>/<version>/kind.toml`` holds its facts and words, ``document.html`` its template. A version
is in force from its day until the next one's. Its words are copied into the record of each licence
it gives, and its folder stays, so that an issued licence keeps the version it was issued in.

An agency keeps its own kinds in a folder of its own (``ORBITRAGE_LICENCE_KINDS``); the layouts, in
``base``, are those of the service.
"""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from orbitrage.shared.errors import DomainError, Refusal

LAYOUTS = Path(__file__).parent / "base"
LANGUAGES = ("fr", "en")


class KindUnknown(DomainError):
    """No kind of licence answers to that name, sensor or purpose."""


@dataclass(frozen=True)
class Kind:
    """One version of a kind. ``validity_years`` 0 means without end; ``is_scientific`` None any
    purpose; ``in_force_on`` is its first day. ``subject``: request, region or membership.
    ``policy`` says, of each class of product, what may be done with it, in actions of ODRL."""

    code: str
    version: str
    prefix: str
    subject: str
    sensors: tuple[str, ...]
    is_scientific: bool | None
    signature: str
    signatories: tuple[str, ...]
    in_force_on: date
    validity_years: int
    policy: dict[str, dict[str, Any]]
    words: dict[str, dict[str, Any]]

    @property
    def is_signed_here(self) -> bool:
        """Each licence of it is signed on the site before it is in force; of the others, the entity
        accepted the terms on joining."""
        return self.signature == "per_request"

    def title(self, language: str) -> str:
        return str(self.words[language]["title"])

    def long_title(self, language: str) -> str:
        """With what tells it from others of the same title."""
        words = self.words[language]
        return f"{words['title']}, {words['subtitle']}" if words["subtitle"] else words["title"]

    def option(self, language: str) -> str:
        """Short, with how its numbers begin: for a list to choose from."""
        return f"{self.prefix} · {self.title(language)}"

    def covers(self, sensor_code: str, *, is_scientific: bool) -> bool:
        """True where a request for images of the sensor is given this kind."""
        return (
            self.subject == "request"
            and sensor_code in self.sensors
            and self.is_scientific in (None, is_scientific)
        )


def _read_kind(folder: Path) -> Kind:
    facts = tomllib.loads((folder / "kind.toml").read_text(encoding="utf-8"))
    return Kind(
        code=folder.parent.name,
        version=folder.name,
        prefix=facts["prefix"],
        subject=facts["subject"],
        sensors=tuple(facts["sensors"]),
        is_scientific=facts.get("is_scientific"),
        signature=facts["signature"],
        signatories=tuple(facts["signatories"]),
        in_force_on=facts["in_force_on"],
        validity_years=facts["validity_years"],
        policy=facts.get("policy", {}),
        words={language: facts[language] for language in LANGUAGES},
    )


def folder() -> Path:
    return Path(settings.ORBITRAGE_LICENCE_KINDS)


def all_versions() -> tuple[Kind, ...]:
    """By kind, then by the day they begin."""
    return _versions_in(folder())


@cache
def _versions_in(place: Path) -> tuple[Kind, ...]:
    found = [_read_kind(path.parent) for path in place.glob("*/*/kind.toml")]
    return tuple(sorted(found, key=lambda kind: (kind.code, kind.in_force_on)))


def kinds_in_force(on: date | None = None) -> tuple[Kind, ...]:
    """Each kind in the version of that day: today's, when none is given."""
    on = on or timezone.localdate()
    latest = {kind.code: kind for kind in all_versions() if kind.in_force_on <= on}
    return tuple(latest.values())


def get_kind(code: str, version: str | None = None) -> Kind:
    """The kind in that version, or in the one in force today. Raises KindUnknown."""
    for kind in kinds_in_force() if version is None else all_versions():
        if kind.code == code and version in (None, kind.version):
            return kind
    message = _("There is no kind of licence “%(code)s”.") % {"code": code}
    raise KindUnknown(Refusal("licence_kind_unknown", message))


def kind_for(sensor_code: str, *, is_scientific: bool) -> str:
    """The code of the licence that gives a right to this sensor's images. Raises KindUnknown."""
    for kind in kinds_in_force():
        if kind.covers(sensor_code, is_scientific=is_scientific):
            return kind.code
    message = _("No kind of licence covers the images of “%(sensor)s”.") % {"sensor": sensor_code}
    raise KindUnknown(Refusal("licence_kind_unknown", message))
