"""Partners and contractors who may use the images beside the licensee, one a line. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from orbitrage.shared.errors import Refusal

LINES_MAXIMUM = 20
NAME_CHARACTERS = 150


@dataclass(frozen=True)
class Contractor:
    """Works for the licensee until ``until``, under the contract ``reference``, if it was said."""

    name: str
    until: date
    reference: str = ""


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def contractors_in(text: str) -> list[Contractor]:
    """Of a text that was not refused: `Geomatics SARL; 2027-05-31; Contract 2026-12`."""
    return [found for line in lines_of(text) if (found := _contractor(line)) is not None]


def beneficiary_refusals(text: str) -> list[Refusal]:
    """What is wrong with a list of names, whoever they are."""
    lines = lines_of(text)
    found = [_name_too_long(line) for line in lines if len(line) > NAME_CHARACTERS]
    if len(lines) > LINES_MAXIMUM:
        message = _("%(count)s names; %(most)s at most.")
        figures = {"count": len(lines), "most": LINES_MAXIMUM}
        found.append(Refusal("too_many_beneficiaries", message % figures))
    return found


def contractor_refusals(text: str) -> list[Refusal]:
    incomplete = [line for line in lines_of(text) if _contractor(line) is None]
    return [*beneficiary_refusals(text), *(_not_a_contractor(line) for line in incomplete)]


def _contractor(line: str) -> Contractor | None:
    """A name and a day, in any place after it; what is left is the reference."""
    name, *others = (part.strip() for part in line.split(";"))
    days = [day for part in others if (day := _day(part)) is not None]
    references = [part for part in others if part and _day(part) is None]
    if not name or len(days) != 1:
        return None
    return Contractor(name, days[0], "; ".join(references))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _name_too_long(line: str) -> Refusal:
    message = _("“%(line)s…” has %(count)s characters; %(most)s at most.")
    figures = {"line": line[:40], "count": len(line), "most": NAME_CHARACTERS}
    return Refusal("beneficiary_too_long", message % figures)


def _not_a_contractor(line: str) -> Refusal:
    message = _(
        "“%(line)s”: write the name, a semicolon and the last day of the contract, like"
        " “Geomatics SARL; 2027-05-31”."
    )
    return Refusal("contractor_not_understood", message % {"line": line[:60]})
