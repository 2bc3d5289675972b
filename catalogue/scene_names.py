"""Names of archive scenes, as the operator of Pléiades and SPOT 6/7 writes them:
`DS_PHR1B_201704181857160_FR1_PX_W123N37_0720_04750`. Pure."""

import datetime as dt
import re
from dataclasses import dataclass

NAME_LENGTH_MAXIMUM = 80
_NAME = re.compile(
    r"DS_(?P<mission>[A-Z]{3,5}\d[AB]?)_(?P<instant>\d{14})(?P<tenth>\d)"
    r"(?:_[A-Z0-9]{2,3}){2,4}"
    r"_(?P<east>[EW])(?P<longitude>\d{3})(?P<north>[NS])(?P<latitude>\d{2})"
    r"(?:_\d{4})?_\d{5}"
)


@dataclass(frozen=True)
class SceneName:
    """`acquired_at` is UTC, to a tenth of a second. The scene's centre is within a degree of
    (`longitude_deg`, `latitude_deg`): Pléiades rounds down, SPOT to the nearest."""

    text: str
    mission: str
    acquired_at: dt.datetime
    longitude_deg: int
    latitude_deg: int


def scene_name(text: str) -> SceneName | None:
    """None where this is no name of a scene. Letters may be small."""
    found = _NAME.fullmatch(text.strip().upper())
    if found is None:
        return None
    acquired_at = _instant(found["instant"], int(found["tenth"]))
    longitude_deg = _signed(found["longitude"], is_negative=found["east"] == "W")
    latitude_deg = _signed(found["latitude"], is_negative=found["north"] == "S")
    if acquired_at is None or abs(longitude_deg) > 180 or abs(latitude_deg) > 90:
        return None
    return SceneName(found[0], found["mission"], acquired_at, longitude_deg, latitude_deg)


def _instant(digits: str, tenths: int) -> dt.datetime | None:
    try:
        instant = dt.datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC)
    except ValueError:
        return None
    return instant + dt.timedelta(milliseconds=100 * tenths)


def _signed(digits: str, *, is_negative: bool) -> int:
    return -int(digits) if is_negative else int(digits)
