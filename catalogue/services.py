"""What can be done to the catalogue."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime

from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.db.models import F, Func, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue import rules, selectors
from catalogue.metadata import ItemMetadata
from catalogue.models import ArchiveScene, Item
from catalogue.sources.dimap import read_dimap
from catalogue.sources.oneatlas import FoundScene, read_search
from eligibility.models import Sensor
from licences.models import Licence
from licences.selectors import OPEN, key_for
from orbitrage.shared.errors import DomainError, Refusal
from orbitrage.shared.geo import to_geos_multipolygon

SCENE_FACTS = (
    "footprint",
    "cloud_cover_percent",
    "incidence_angle_deg",
    "resolution_m",
    "acquisition_mode",
    "found_at",
)


class IngestRefused(DomainError):
    """The image was not catalogued."""


def ingest(
    *,
    metadata: ItemMetadata,
    audience: Sequence[str],
    sensor_id: int,
    request_number: str = "",
    source_name: str = "",
) -> Item:
    """Catalogue an image, once, however often and by however many it is brought.

    Each key of `audience` opens it to those who hold that key for the image's sensor.
    The same content again gives the same row; keys of audience and a request that it did not have
    are added, none is taken away. The year of the attribution is that of the acquisition (UTC).
    Raises IngestRefused: audience_empty, audience_unknown, sensor_mismatch, identifier_conflict.
    Locks the row only where it stood there before.
    """
    sensor = Sensor.objects.get(pk=sensor_id)
    mismatch = rules.mission_refusal(metadata.mission, sensor.mission_codes, sensor.name)
    refusals = rules.audience_refusals(audience) + ([mismatch] if mismatch else [])
    if refusals:
        raise IngestRefused(*refusals)
    opened_by = {key_for(key, sensor.code) for key in audience}
    with transaction.atomic():
        # Where two bring the same image, the unique identifier makes the second wait.
        item, created = Item.objects.get_or_create(
            identifier=metadata.identifier,
            defaults={
                "sensor": sensor,
                "mission": metadata.mission,
                "footprint": to_geos_multipolygon(metadata.footprint),
                "acquired_at": metadata.acquired_at,
                "cloud_cover_percent": metadata.cloud_cover_percent,
                "incidence_angle_deg": metadata.incidence_angle_deg,
                "sun_elevation_deg": metadata.sun_elevation_deg,
                "processing_level": metadata.processing_level,
                "spectral_mode": metadata.spectral_mode,
                "resolution_m": metadata.resolution_m,
                "audience": sorted(opened_by),
                "request_numbers": [request_number] if request_number else [],
                "attribution": sensor.attribution(metadata.acquired_at.year),
                "metadata_sha256": metadata.metadata_sha256,
                "source_name": source_name[:255],
            },
        )
        return item if created else _met_again(item, metadata, opened_by, request_number)


def open_region(licence: Licence, on: date) -> int:
    """Open to all the images that an extension covers: of its sensor and its year of acquisition
    (UTC), whose whole footprint lies in its region. Each says by what and since when. Return how
    many were not open before; called again, those that came since."""
    record = licence.record
    vintage = record["vintage"]
    area = GEOSGeometry(json.dumps(record["area_geojson"]), srid=4326)
    covered = Item.objects.filter(
        sensor__code=licence.sensor_code,
        acquired_at__gte=datetime(vintage, 1, 1, tzinfo=UTC),
        acquired_at__lt=datetime(vintage + 1, 1, 1, tzinfo=UTC),
        footprint__coveredby=area,
    )
    opened = Func(F("audience"), Value(OPEN), function="array_append")
    return covered.exclude(audience__contains=[OPEN]).update(
        audience=opened, opened_by=licence.number, opened_on=on
    )


def ingest_dimap(
    *,
    data: bytes,
    audience: Sequence[str] = (),
    request_number: str = "",
    source_name: str = "",
) -> Item:
    """Catalogue the image that a DIMAP file describes.

    Without an audience, images of open sensors are for everybody and the others for members.
    Raises MetadataRefused, and IngestRefused as `ingest` or unknown_mission.
    """
    metadata = read_dimap(data)
    sensor = selectors.sensor_for_mission(metadata.mission)
    if sensor is None:
        raise IngestRefused(_unknown_mission(metadata.mission))
    return ingest(
        metadata=metadata,
        audience=audience or [rules.OPEN if sensor.is_open_data else rules.MEMBER],
        sensor_id=sensor.pk,
        request_number=request_number,
        source_name=source_name,
    )


def keep_scenes(*, data: bytes) -> int:
    """Keep the scenes of an answer of the operator's archive search, so that requests can name
    them; those that were known are brought up to date. How many there were.

    Raises MetadataRefused, as `read_search`; IngestRefused: unknown_mission.
    """
    scenes = read_search(data)
    sensors = {
        mission: selectors.sensor_for_mission(mission)
        for mission in {scene.name.mission for scene in scenes}
    }
    unknown = [_unknown_mission(mission) for mission, sensor in sensors.items() if sensor is None]
    if unknown:
        raise IngestRefused(*unknown)
    known = {mission: sensor for mission, sensor in sensors.items() if sensor is not None}
    rows = [_row(scene, known[scene.name.mission]) for scene in scenes]
    ArchiveScene.objects.bulk_create(
        sorted(rows, key=lambda row: row.identifier),
        update_conflicts=True,
        unique_fields=["identifier"],
        update_fields=SCENE_FACTS,
    )
    return len(rows)


def _row(scene: FoundScene, sensor: Sensor) -> ArchiveScene:
    return ArchiveScene(
        identifier=scene.name.text,
        sensor=sensor,
        mission=scene.name.mission,
        footprint=to_geos_multipolygon(scene.footprint),
        acquired_at=scene.name.acquired_at,
        cloud_cover_percent=scene.cloud_cover_percent,
        incidence_angle_deg=scene.incidence_angle_deg,
        resolution_m=scene.resolution_m,
        acquisition_mode=scene.acquisition_mode,
        found_at=timezone.now(),
    )


def _unknown_mission(mission: str) -> Refusal:
    message = _("No sensor of the programme has a satellite called %(mission)s.")
    return Refusal("unknown_mission", message % {"mission": mission})


def _met_again(
    item: Item, metadata: ItemMetadata, opened_by: set[str], request_number: str
) -> Item:
    conflict = rules.conflict_refusal(
        item.identifier, item.metadata_sha256, metadata.metadata_sha256
    )
    if conflict:
        raise IngestRefused(conflict)
    locked = Item.objects.select_for_update(no_key=True, of=("self",)).get(pk=item.pk)
    widened = sorted({*locked.audience, *opened_by})
    numbers = sorted({*locked.request_numbers, request_number} - {""})
    if (widened, numbers) != (locked.audience, locked.request_numbers):
        locked.audience, locked.request_numbers = widened, numbers
        locked.save(update_fields=["audience", "request_numbers"])
    return locked
