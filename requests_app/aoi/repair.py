"""An outline that crosses itself: what was drawn, what is proposed instead, and where the fault is.

Nothing is repaired without the requester's agreement; see ``intake.rules.repair_refusal``.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import shapely
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from orbitrage.shared.geo import geodesic_area_km2
from requests_app.aoi.refusals import printable, repaired

_NUMBER = r"-?\d{1,3}(?:\.\d{1,20})?(?:e-\d{1,3})?"
_FAULT = re.compile(rf"([^\[]+)\[({_NUMBER}) ({_NUMBER})\]")
_TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Fault:
    """``reason`` in the words of GEOS; the place in degrees."""

    reason: str
    longitude: float
    latitude: float

    def __str__(self) -> str:
        return f"{self.reason}[{self.longitude} {self.latitude}]"

    @property
    def turned(self) -> "Fault":
        """As if latitude and longitude had been the other way round."""
        return Fault(self.reason, self.latitude, self.longitude)

    @property
    def place(self) -> str:
        """As the language writes it, to about ten metres."""
        return _("longitude %(longitude)s°, latitude %(latitude)s°") % {
            "longitude": number_format(round(self.longitude, 4), decimal_pos=4, use_l10n=True),
            "latitude": number_format(round(self.latitude, 4), decimal_pos=4, use_l10n=True),
        }


@dataclass(frozen=True)
class Repair:
    """``drawn_wkb`` and ``mended_wkb``: MultiPolygons in EPSG:4326 of the polygons that crossed
    themselves; the first is not valid. ``before_km2`` and ``after_km2`` are of the whole area.
    """

    polygons: int
    faults: tuple[Fault, ...]
    before_km2: Decimal
    after_km2: Decimal
    drawn_wkb: bytes
    mended_wkb: bytes

    @property
    def change_km2(self) -> Decimal:
        return self.after_km2 - self.before_km2

    @property
    def change_percent(self) -> Decimal | None:
        return percent_of_change(self.change_km2, self.after_km2)

    @property
    def in_words(self) -> str:
        percent = self.change_percent
        change = f"{self.change_km2:+.6f} km²" + ("" if percent is None else f" ({percent:+} %)")
        place = self.faults[0].place if self.faults else "?"
        return repaired(self.polygons, change, place)


def percent_of_change(change_km2: Decimal, after_km2: Decimal) -> Decimal | None:
    """Of the area as drawn; None when that is nothing, as of a bow-tie of equal halves."""
    before_km2 = after_km2 - change_km2
    if before_km2 <= 0:
        return None
    return (100 * change_km2 / before_km2).quantize(_TENTH, ROUND_HALF_UP)


def repair_of(
    header: Mapping[str, Any],
    *,
    drawn: shapely.MultiPolygon,
    mended: shapely.MultiPolygon,
    area_km2: Decimal,
) -> Repair | None:
    """``header`` comes from the process that read the file: only what it promises is taken."""
    if drawn.is_empty:
        return None
    change_km2 = geodesic_area_km2(mended) - geodesic_area_km2(drawn)
    faults = header.get("faults")
    return Repair(
        polygons=int(shapely.get_num_geometries(drawn)),
        faults=tuple(faults_of(faults if isinstance(faults, list) else [])),
        before_km2=max(area_km2 - change_km2, Decimal(0)),
        after_km2=area_km2,
        drawn_wkb=shapely.to_wkb(drawn),
        mended_wkb=shapely.to_wkb(mended),
    )


def faults_of(said: Iterable[object]) -> Iterable[Fault]:
    """``Self-intersection[1.5 43.2]``; what is written otherwise is left out."""
    for each in said:
        found = _FAULT.fullmatch(str(each))
        if found and abs(float(found[2])) <= 180 and abs(float(found[3])) <= 90:
            yield Fault(printable(found[1]), float(found[2]), float(found[3]))
