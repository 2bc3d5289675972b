"""Answers of the Airbus archive search (OneAtlas): GeoJSON, one feature a scene.

The day and hour of a scene are those of its name: `acquisitionDate` of real answers is often that
of another step. The answer comes from outside: it is read under limits of size and number.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from django.utils.translation import gettext as _

from catalogue.footprints import RingUnusable, area_of_polygons
from catalogue.metadata import MetadataRefused
from catalogue.scene_names import SceneName, scene_name
from orbitrage.shared.errors import Refusal

BYTES_MAXIMUM = 16 * 1024 * 1024
SCENES_MAXIMUM = 5_000
VERTICES_MAXIMUM = 5_000
STEREO_PRODUCTS = {"stereo": "stereo", "tristereo": "tri_stereo"}


@dataclass(frozen=True)
class FoundScene:
    """A scene of the operator's archive. Angles in degrees, at its centre; `footprint` is lon/lat
    WGS 84, its parts within ±180°."""

    name: SceneName
    footprint: shapely.MultiPolygon
    cloud_cover_percent: float | None
    incidence_angle_deg: float | None
    resolution_m: float | None
    acquisition_mode: str


def read_search(data: bytes) -> list[FoundScene]:
    """The scenes of one answer, each once, in its order.

    Raises MetadataRefused: `too_large`, `not_json`, `not_a_search`, `too_many_scenes`, `no_name`,
    `no_footprint`, `invalid_footprint`, `invalid_value`; the last four name the feature.
    """
    features = _features(_document(data))
    found: dict[str, FoundScene] = {}
    for number, feature in enumerate(features, start=1):
        scene = _Feature(number, feature).scene()
        found.setdefault(scene.name.text, scene)
    return list(found.values())


def _document(data: bytes) -> Any:
    if len(data) > BYTES_MAXIMUM:
        message = _("The answer has %(size)s bytes; %(most)s at most are read.")
        raise _refused("too_large", message % {"size": len(data), "most": BYTES_MAXIMUM})
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        message = _("The answer is not JSON: %(error)s.")
        raise _refused("not_json", message % {"error": error}) from error


def _features(document: Any) -> list[Any]:
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise _refused("not_a_search", _("The answer has no list of features."))
    if len(features) > SCENES_MAXIMUM:
        message = _("%(count)s scenes in one answer; %(most)s at most are read.")
        figures = {"count": len(features), "most": SCENES_MAXIMUM}
        raise _refused("too_many_scenes", message % figures)
    return features


class _Feature:
    """One feature, which says its number when it is refused."""

    def __init__(self, number: int, feature: Any) -> None:
        self.number = number
        self.feature = feature if isinstance(feature, dict) else {}
        properties = self.feature.get("properties")
        self.properties: Mapping[str, Any] = properties if isinstance(properties, dict) else {}

    def scene(self) -> FoundScene:
        return FoundScene(
            name=self._name(),
            footprint=self._footprint(),
            cloud_cover_percent=self._number("cloudCover", 0, 100),
            incidence_angle_deg=self._number("incidenceAngle", -90, 90),
            resolution_m=self._number("resolution", 0, 1_000),
            acquisition_mode=STEREO_PRODUCTS.get(str(self.properties.get("productType")), "mono"),
        )

    def _name(self) -> SceneName:
        written = self.properties.get("acquisitionIdentifier")
        name = scene_name(written) if isinstance(written, str) else None
        if name is None:
            raise self._refused("no_name", _("its name is not that of a scene"))
        return name

    def _footprint(self) -> shapely.MultiPolygon:
        geometry = self.feature.get("geometry")
        if not isinstance(geometry, dict):
            raise self._refused("no_footprint", _("it has no footprint"))
        try:
            shape = shapely.from_geojson(json.dumps(geometry))
            if shapely.get_num_coordinates(shape) > VERTICES_MAXIMUM:
                raise self._refused("invalid_footprint", _("its footprint has too many vertices"))
            return area_of_polygons(shape)
        except (shapely.errors.GEOSException, RingUnusable, ValueError) as error:
            why = _("its footprint encloses nothing on the globe")
            raise self._refused("invalid_footprint", why) from error

    def _number(self, key: str, lowest: float, highest: float) -> float | None:
        value = self.properties.get(key)
        if value is None:
            return None
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not math.isfinite(value) or not lowest <= value <= highest:
            why = _("%(key)s is “%(value)s”, which is not between %(lowest)s and %(highest)s")
            figures = {"key": key, "value": str(value)[:40], "lowest": lowest, "highest": highest}
            raise self._refused("invalid_value", why % figures)
        return float(value)

    def _refused(self, code: str, why: str) -> MetadataRefused:
        return _refused(
            code, _("Feature %(number)s: %(why)s.") % {"number": self.number, "why": why}
        )


def _refused(code: str, message: str) -> MetadataRefused:
    return MetadataRefused(Refusal(code, message))
