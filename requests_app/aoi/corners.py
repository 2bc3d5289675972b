"""The corners of polygons, one a line: longitude, then latitude, in degrees.

An empty line begins another part; a line ``hole`` (or ``trou``) begins a hole of the part above it.
"""

import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from orbitrage.shared.errors import Refusal
from requests_app.aoi.files import Ring
from requests_app.aoi.reading import AreaRefused

FEWEST_CORNERS = 3
_NUMBER = re.compile(r"[-+]?\d{1,4}(?:[.,]\d{1,20})?")
_BETWEEN = (re.compile(r"[\s;]+"), re.compile(r"[\s;,]+"))
_HOLE = re.compile(r"(hole|trou)\s*:?", re.IGNORECASE)
_SHOWN_CHARACTERS = 40


def numbers_in(text: str, count: int) -> list[float] | None:
    """So many numbers and nothing else, or None. Where spaces or semicolons stand between them,
    their decimals may follow a comma."""
    plain = text.replace("\N{MINUS SIGN}", "-").replace("\N{DEGREE SIGN}", " ")
    for between in _BETWEEN:
        words = [word.rstrip(",") for word in between.split(plain) if word.strip(",")]
        if len(words) == count and all(_NUMBER.fullmatch(word) for word in words):
            return [float(word.replace(",", ".")) for word in words]
    return None


@dataclass
class _Outline:
    """A shell or a hole, and the line of its first corner."""

    line: int
    corners: Ring = field(default_factory=list)

    def closed(self) -> Ring:
        """Raises AreaRefused too_few_corners."""
        corners = self.corners if self.corners[:1] != self.corners[-1:] else self.corners[:-1]
        if len(corners) < FEWEST_CORNERS:
            message = _("The outline from line %(line)s on has %(corners)s corners; it needs 3.")
            figures = {"line": self.line, "corners": len(corners)}
            raise AreaRefused(Refusal("too_few_corners", message % figures))
        return [*corners, corners[0]]


def polygons_in_text(text: str) -> list[list[Ring]]:
    """Of each polygon its shell, then its holes, closed.

    Raises AreaRefused: `corner_not_understood`, `too_few_corners`, `hole_of_nothing`, each with
        its line.
    """
    polygons: list[list[_Outline]] = []
    begins = "part"
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.strip()
        if not words:
            begins = "part"
        elif _HOLE.fullmatch(words):
            _demand_part(polygons, number)
            begins = "hole"
        else:
            if begins == "part":
                polygons.append([_Outline(number)])
            elif begins == "hole":
                polygons[-1].append(_Outline(number))
            begins = ""
            polygons[-1][-1].corners.append(_position(words, number))
    return [[outline.closed() for outline in polygon] for polygon in polygons]


def _demand_part(polygons: list[list[_Outline]], line: int) -> None:
    if not polygons:
        message = _("Line %(line)s begins a hole, but there is no polygon above it.")
        raise AreaRefused(Refusal("hole_of_nothing", message % {"line": line}))


def _position(words: str, line: int) -> list[float]:
    position = numbers_in(words, 2)
    if position is None:
        message = _("Line %(line)s, “%(text)s”, is not a longitude and a latitude in degrees.")
        figures = {"line": line, "text": words[:_SHOWN_CHARACTERS]}
        raise AreaRefused(Refusal("corner_not_understood", message % figures))
    return position
