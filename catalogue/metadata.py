"""What the catalogue knows of a delivered image, whatever format said it."""

import datetime as dt
from dataclasses import dataclass

import shapely

from orbitrage.shared.errors import DomainError


class MetadataRefused(DomainError):
    """The file cannot be read as the description of an image."""


@dataclass(frozen=True)
class ItemMetadata:
    """Angles in degrees; `footprint` is lon/lat WGS 84, counter-clockwise, its parts within ±180°.

    The single angles are those of the scene's centre. The tuples hold every value of the file in
    its order, sign included.
    """

    identifier: str
    mission: str
    footprint: shapely.MultiPolygon
    acquired_at: dt.datetime
    cloud_cover_percent: float | None
    incidence_angle_deg: float | None
    sun_elevation_deg: float | None
    processing_level: str
    spectral_mode: str
    resolution_m: float | None
    metadata_sha256: str
    incidence_angles_deg: tuple[float, ...] = ()
    sun_elevations_deg: tuple[float, ...] = ()
