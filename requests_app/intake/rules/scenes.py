"""Archive scenes that are asked for by name: read from what was pasted, and checked against the
rest of the request. Pure, but for the sentences of its refusals."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalogue.scene_names import SceneName, scene_name
from orbitrage.shared.errors import Refusal, refusals_in
from orbitrage.shared.geo import Bounds

SCENES_MAXIMUM = 50
NEAR_DEG = 3
"""A scene is named after its centre, to a degree, and may be two degrees long."""
_SHOWN_LENGTH = 60
_SEPARATORS = re.compile(r"[\s,;|\"']+")


@dataclass(frozen=True)
class PastedScenes:
    scenes: tuple[SceneName, ...]
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True)
class SceneChecks:
    """What the names must agree with: the satellites of the sensor, and where the area lies (west,
    south, east, north in degrees)."""

    mission_codes: Sequence[str]
    sensor_name: str
    bounds: Bounds | None
    now: dt.datetime


def pasted_scenes(text: str) -> PastedScenes:
    """Names between blanks, commas or line breaks, once each, in the order of the text."""
    words = [word for word in _SEPARATORS.split(text) if word]
    found: dict[str, SceneName] = {}
    refusals = []
    for word in words:
        name = scene_name(word)
        if name is None:
            refusals.append(_not_a_name(word))
        else:
            found.setdefault(name.text, name)
    if len(found) > SCENES_MAXIMUM:
        refusals.append(_too_many(len(found)))
    return PastedScenes(tuple(found.values()), tuple(dict.fromkeys(refusals)))


def scene_refusals(scenes: Iterable[SceneName], checks: SceneChecks) -> list[Refusal]:
    """Every name that cannot be meant."""
    answers = (rule(scene, checks) for scene in scenes for rule in SCENE_RULES)
    return refusals_in(*answers)


def of_that_sensor(scene: SceneName, checks: SceneChecks) -> Refusal | None:
    if scene.mission in checks.mission_codes:
        return None
    message = _("%(scene)s was taken by %(mission)s, which is not a satellite of %(sensor)s.")
    figures = {"scene": scene.text, "mission": scene.mission, "sensor": checks.sensor_name}
    return Refusal("scene_of_other_sensor", message % figures)


def taken_already(scene: SceneName, checks: SceneChecks) -> Refusal | None:
    if scene.acquired_at <= checks.now:
        return None
    message = _("%(scene)s names a day to come: %(day)s.")
    figures = {"scene": scene.text, "day": f"{scene.acquired_at:%Y-%m-%d}"}
    return Refusal("scene_in_the_future", message % figures)


def near_the_area(scene: SceneName, checks: SceneChecks) -> Refusal | None:
    if checks.bounds is None:
        return None
    distance_deg = _distance_deg(scene, checks.bounds)
    if distance_deg <= NEAR_DEG:
        return None
    message = _(
        "%(scene)s lies elsewhere: its name says %(longitude)s°, %(latitude)s°, which is"
        " %(distance).0f° from the area."
    )
    figures = {
        "scene": scene.text,
        "longitude": scene.longitude_deg,
        "latitude": scene.latitude_deg,
        "distance": distance_deg,
    }
    return Refusal("scene_far_from_area", message % figures)


def beside_the_area(name: str) -> Refusal:
    """Of a scene whose footprint is recorded."""
    message = _("%(scene)s does not meet the area.")
    return Refusal("scene_beside_area", message % {"scene": name})


SCENE_RULES = (of_that_sensor, taken_already, near_the_area)


def _distance_deg(scene: SceneName, bounds: Bounds) -> float:
    """The greater of the two distances from the box, the shorter way round the globe."""
    west, south, east, north = bounds
    if west > east:
        east += 360
    eastward = min(
        max(west - longitude, longitude - east, 0)
        for longitude in (scene.longitude_deg + turn for turn in (-360, 0, 360))
    )
    return max(eastward, south - scene.latitude_deg, scene.latitude_deg - north)


def _not_a_name(word: str) -> Refusal:
    message = _(
        "“%(word)s” is not the name of a scene: it is written like"
        " DS_PHR1B_201704181857160_FR1_PX_W123N37_0720_04750."
    )
    return Refusal("scene_not_understood", message % {"word": word[:_SHOWN_LENGTH]})


def _too_many(count: int) -> Refusal:
    message = ngettext(
        "%(count)s scene; %(most)s at most in one request.",
        "%(count)s scenes; %(most)s at most in one request.",
        count,
    )
    return Refusal("too_many_scenes", message % {"count": count, "most": SCENES_MAXIMUM})
