"""DIMAP product metadata: version 2 (Pléiades, Pléiades Neo, SPOT 6/7) and version 1 (SPOT 1-5).

Vertices of a product are longitudes and latitudes WGS 84 and its times are UTC in every profile
read here. The file comes from outside: it is parsed without DTD or entity, under limits of size,
depth and number of elements.
"""

import datetime as dt
import hashlib
import math
import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError, TreeBuilder  # noqa: TID251 no parser here

import shapely
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from django.utils.translation import gettext as _

from catalogue.footprints import Point, RingUnusable, polygon_of_ring
from catalogue.metadata import ItemMetadata, MetadataRefused
from orbitrage.shared.errors import Refusal

BYTES_MAXIMUM = 16 * 1024 * 1024
ELEMENTS_MAXIMUM = 400_000
DEPTH_MAXIMUM = 40
VERTICES_MAXIMUM = 5_000
IDENTIFIER_LENGTH_MAXIMUM = 200


@dataclass(frozen=True)
class _Layout:
    """Where a generation of the format keeps things, as paths from the root."""

    identification: str
    extent: str
    longitude: str
    latitude: str
    centre: str
    source: str
    job: str
    level: str
    spectral: str
    resolution: str


_VERSION_2 = _Layout(
    identification="Dataset_Identification",
    extent="Dataset_Content/Dataset_Extent",
    longitude="LON",
    latitude="LAT",
    centre="Center",
    source="Dataset_Sources/Source_Identification/Strip_Source",
    job="Product_Information/Delivery_Identification/JOB_ID",
    level="Processing_Information/Product_Settings/PROCESSING_LEVEL",
    spectral="Processing_Information/Product_Settings/SPECTRAL_PROCESSING",
    resolution="Processing_Information/Product_Settings/Sampling_Settings/RESAMPLING_SPACING",
)
_VERSION_1 = _Layout(
    identification="Dataset_Id",
    extent="Dataset_Frame",
    longitude="FRAME_LON",
    latitude="FRAME_LAT",
    centre="Scene_Center",
    source="Dataset_Sources/Source_Information/Scene_Source",
    job="Production/JOB_ID",
    level="Data_Processing/PROCESSING_LEVEL",
    spectral="Data_Processing/SPECTRAL_PROCESSING",
    resolution="Data_Processing/RESAMPLING_SPACING",
)
_PROFILES = (
    (re.compile(r"(PHR|PNEO|S6|S7|PER1)_\w+"), _VERSION_2),
    (re.compile(r"SPOT(SCENE|SEGMENT|VIEW)_?\w*"), _VERSION_1),
)
_UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")
_TIME = re.compile(r"(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?Z?")


def read_dimap(data: bytes) -> ItemMetadata:
    """Raises MetadataRefused: too_large, forbidden_xml, malformed_xml, too_complex, not_dimap,
    unsupported_profile, no_footprint, invalid_footprint, no_acquisition_date, no_mission, no_name,
    invalid_value."""
    root = _parse(data)
    layout = _layout_of(root)
    footprint = _footprint(root, layout)
    source, acquired_at = _first_source(root, layout)
    incidences = _angles(root, "INCIDENCE_ANGLE")
    elevations = _angles(root, "SUN_ELEVATION")
    return ItemMetadata(
        identifier=_identifier(root, layout),
        mission=_mission(source),
        footprint=footprint,
        acquired_at=acquired_at,
        cloud_cover_percent=_number(
            root.findtext("Dataset_Content/CLOUD_COVERAGE"), "CLOUD_COVERAGE", 0, 100
        ),
        incidence_angle_deg=_at_centre(incidences),
        sun_elevation_deg=_at_centre(elevations),
        processing_level=_short(root.findtext(layout.level), "PROCESSING_LEVEL"),
        spectral_mode=_short(root.findtext(layout.spectral), "SPECTRAL_PROCESSING"),
        resolution_m=_resolution(root, layout),
        metadata_sha256=hashlib.sha256(data).hexdigest(),
        incidence_angles_deg=tuple(angle for _where, angle in incidences),
        sun_elevations_deg=tuple(angle for _where, angle in elevations),
    )


class _TooComplex(Exception):
    pass


class _BoundedBuilder(TreeBuilder):
    """Stops at a depth or a number of elements that no product has."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._elements = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        self._elements += 1
        if self._depth > DEPTH_MAXIMUM or self._elements > ELEMENTS_MAXIMUM:
            raise _TooComplex
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def _parse(data: bytes) -> Element:
    if len(data) > BYTES_MAXIMUM:
        raise _refused(
            "too_large",
            _("The file has %(size)d bytes; %(maximum)d is the most that is read.")
            % {"size": len(data), "maximum": BYTES_MAXIMUM},
        )
    parser = DefusedXMLParser(target=_BoundedBuilder(), forbid_dtd=True)
    try:
        parser.feed(data)
        root: Element = parser.close()
    except DefusedXmlException as error:
        raise _refused(
            "forbidden_xml", _("The file declares a document type or entities: it is not read.")
        ) from error
    except _TooComplex as error:
        raise _refused(
            "too_complex", _("The file nests or repeats more elements than any product does.")
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise _refused(
            "malformed_xml",
            _("The file is not well-formed XML: %(reason)s.") % {"reason": str(error)[:200]},
        ) from error
    return root


def _layout_of(root: Element) -> _Layout:
    format_name = _first_text(
        root, "Metadata_Identification/METADATA_FORMAT", "Metadata_Id/METADATA_FORMAT"
    )
    if not format_name.startswith("DIMAP"):
        raise _refused("not_dimap", _("The file is XML, but not DIMAP metadata."))
    profile = _first_text(
        root, "Metadata_Identification/METADATA_PROFILE", "Metadata_Id/METADATA_PROFILE"
    )
    part = _first_text(root, "Metadata_Identification/METADATA_SUBPROFILE") or "PRODUCT"
    for pattern, layout in _PROFILES:
        if root.tag == "Dimap_Document" and part == "PRODUCT" and pattern.fullmatch(profile):
            return layout
    raise _refused(
        "unsupported_profile",
        _(
            "The file is DIMAP of profile “%(profile)s” (%(part)s): it does not describe an image "
            "that the catalogue knows. Give the DIM_… file of the product."
        )
        % {"profile": profile[:60] or "—", "part": part[:60]},
    )


def _first_source(root: Element, layout: _Layout) -> tuple[Element, dt.datetime]:
    """The earliest strip of the product: a mosaic bears the date of its first image."""
    sources = [(source, _acquired_at(source)) for source in root.findall(layout.source)]
    if not sources:
        raise _refused("no_acquisition_date", _("The file names no acquired strip."))
    return min(sources, key=lambda pair: pair[1])


def _acquired_at(source: Element) -> dt.datetime:
    """UTC, cut to the microsecond."""
    day_text = (source.findtext("IMAGING_DATE") or "").strip()
    time_text = (source.findtext("IMAGING_TIME") or "").strip()
    match = _TIME.fullmatch(time_text)
    if match is None:
        raise _date_refused(day_text, time_text)
    hours, minutes, seconds = (int(part) for part in match.groups()[:3])
    try:
        return dt.datetime.combine(
            dt.date.fromisoformat(day_text),
            dt.time(hours, minutes, seconds, int((match[4] or "0").ljust(6, "0")[:6])),
            tzinfo=dt.UTC,
        )
    except ValueError as error:
        raise _date_refused(day_text, time_text) from error


def _mission(source: Element) -> str:
    mission = "".join((source.findtext(tag) or "").strip() for tag in ("MISSION", "MISSION_INDEX"))
    if not re.fullmatch(r"[A-Z0-9]{2,20}", mission):
        raise _refused("no_mission", _("The file does not name the satellite."))
    return mission


def _identifier(root: Element, layout: _Layout) -> str:
    """Dataset, mode, level and production job: the panchromatic and the multispectral image of
    one dataset bear the same dataset name."""
    name = _safe(root.findtext(f"{layout.identification}/DATASET_NAME"))
    if not name:
        raise _refused("no_name", _("The file does not name the dataset."))
    level = _safe(root.findtext(layout.level))[:3]
    for token in (_safe(root.findtext(layout.spectral)), level, _safe(root.findtext(layout.job))):
        if token and f"_{token}_" not in f"_{name}_":
            name = f"{name}_{token}"
    if len(name) > IDENTIFIER_LENGTH_MAXIMUM:
        raise _invalid("DATASET_NAME", name)
    return name


def _footprint(root: Element, layout: _Layout) -> shapely.MultiPolygon:
    extent = root.find(layout.extent)
    vertices = [] if extent is None else extent.findall("Vertex")
    if extent is None or len(vertices) < 3:
        raise _refused("no_footprint", _("The file gives no footprint of the image."))
    if len(vertices) > VERTICES_MAXIMUM:
        raise _refused(
            "invalid_footprint",
            _("The footprint has %(vertices)d vertices; %(maximum)d is the most that is read.")
            % {"vertices": len(vertices), "maximum": VERTICES_MAXIMUM},
        )
    centre_element = extent.find(layout.centre)
    centre = None if centre_element is None else _point(centre_element, layout)
    # Some products repeat the centre as a last vertex of their bounding box.
    ring = [point for vertex in vertices if (point := _point(vertex, layout)) != centre]
    try:
        return polygon_of_ring(ring)
    except RingUnusable as error:
        raise _refused(
            "invalid_footprint",
            _("The footprint of the image is not usable: %(reason)s.") % {"reason": str(error)},
        ) from error


def _point(element: Element, layout: _Layout) -> Point:
    longitude = _number(element.findtext(layout.longitude), layout.longitude, -360, 360)
    latitude = _number(element.findtext(layout.latitude), layout.latitude, -90, 90)
    if longitude is None or latitude is None:
        raise _refused("invalid_footprint", _("A corner of the footprint has no coordinates."))
    return longitude, latitude


def _angles(root: Element, tag: str) -> list[tuple[str, float]]:
    """Every value of the file with the place it was measured at, in the file's order."""
    places = {
        id(angle): (values.findtext("LOCATION_TYPE") or "").strip()
        for values in root.iter("Located_Geometric_Values")
        for angle in values.iter(tag)
    }
    return [
        (places.get(id(element), ""), value)
        for element in root.iter(tag)
        if (value := _number(element.text, tag, -90, 90)) is not None
    ]


def _at_centre(angles: list[tuple[str, float]]) -> float | None:
    at_centre = [value for where, value in angles if where.lower() == "center"]
    return next(iter(at_centre + [value for _where, value in angles]), None)


def _resolution(root: Element, layout: _Layout) -> float | None:
    spacing = root.find(layout.resolution)
    if spacing is None or spacing.get("unit", "m") != "m":
        return None
    metres = _number(spacing.text, "RESAMPLING_SPACING", 0, 10_000)
    # A product in degrees may still call its unit "m".
    return metres if metres is not None and metres >= 0.01 else None


def _number(text: str | None, tag: str, lowest: float, highest: float) -> float | None:
    if text is None or not text.strip():
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise _invalid(tag, text) from error
    if not math.isfinite(value) or not lowest <= value <= highest:
        raise _invalid(tag, text)
    return value


def _short(text: str | None, tag: str) -> str:
    value = (text or "").strip()
    if not re.fullmatch(r"[\w.+-]{0,30}", value):
        raise _invalid(tag, value)
    return value


def _first_text(root: Element, *paths: str) -> str:
    return next((text.strip() for path in paths if (text := root.findtext(path))), "")


def _safe(text: str | None) -> str:
    return "_".join(part for part in _UNSAFE.split(text or "") if part)


def _refused(code: str, message: str) -> MetadataRefused:
    return MetadataRefused(Refusal(code, message))


def _date_refused(day: str, time: str) -> MetadataRefused:
    return _refused(
        "no_acquisition_date",
        _("“%(day)s %(time)s” is not a date and time of acquisition.")
        % {"day": day[:40], "time": time[:40]},
    )


def _invalid(tag: str, text: str) -> MetadataRefused:
    return _refused(
        "invalid_value",
        _("%(tag)s has a value that cannot be: “%(value)s”.")
        % {"tag": tag, "value": text.strip()[:60]},
    )
