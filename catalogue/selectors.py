"""Reads of the catalogue: which images, and how much of an area they cover."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import shapely
from django.contrib.gis.db.models.functions import Area, AsGeoJSON, Intersection
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import connection
from django.db.models import ExpressionWrapper, F, Q, TextField

from catalogue.criteria import CoverageCriteria
from catalogue.models import ArchiveScene, Item, ItemQuerySet
from catalogue.rules import ENTITY_PREFIX, LICENCE_PREFIX, MEMBER, OPEN
from eligibility.models import Entity, Sensor
from licences.kinds import kinds_in_force
from licences.selectors import Audience
from orbitrage.shared.geo import geodesic_area_km2, to_shapely

__all__ = [
    "Access",
    "Coverage",
    "CoverageCriteria",
    "ItemOver",
    "ItemPage",
    "Position",
    "SceneOver",
    "access_to",
    "coverage",
    "item_page",
    "items_over",
    "scene_footprints",
    "scenes_beside",
    "scenes_over",
    "sensor_for_mission",
    "shown_to",
]

PAGE_LENGTH = 25
_ONE_SQUARE_METRE = Decimal("0.000001")
_ALL = Decimal(100)
_NEARLY_ALL = Decimal("99.99")


@dataclass(frozen=True)
class Coverage:
    """`covered_km2 + remaining_km2 == area_km2`, the geodesic area (WGS 84) of what was asked.

    `items` counts the images that touch the area and meet the criteria. `remaining` is None when
    less than 1 m² is left; `covered_percent` is 100 only then.
    """

    area_km2: Decimal
    covered_km2: Decimal
    covered_percent: Decimal
    remaining_km2: Decimal
    remaining: MultiPolygon | None
    items: int


# The union of a few hundred images, taken at random, leaves little of an area that is mostly
# covered: then only the images that meet what is left need be joined. The result is that of the
# union of all. Edges are straight in lon/lat where geometries are cut, so areas are compared
# along straight edges too (segments of 0.1° at most): the share is then free of the bulge of
# geodesics on long edges.
_COVERAGE_SQL = """
WITH chosen AS MATERIALIZED ({chosen}),
first_union AS (
    SELECT ST_UnaryUnion(ST_Collect(shape)) AS shape
    FROM (SELECT shape FROM chosen ORDER BY hashint8(id) LIMIT {sample}) AS sample
),
first_rest AS MATERIALIZED (
    SELECT coalesce(ST_Difference(%s::geometry, shape), %s::geometry) AS shape FROM first_union
),
second_union AS MATERIALIZED (
    SELECT ST_UnaryUnion(ST_Collect(late.shape)) AS shape
    FROM first_rest,
        (SELECT shape FROM chosen ORDER BY hashint8(id) OFFSET {sample}) AS late
    WHERE ST_Intersects(first_rest.shape, late.shape)
),
rest AS MATERIALIZED (
    SELECT coalesce(ST_Difference(first_rest.shape, second_union.shape), first_rest.shape) AS shape
    FROM first_rest, second_union
),
measured AS MATERIALIZED (
    SELECT part.geom AS shape, ST_Area(ST_Segmentize(part.geom, 0.1)::geography) AS area
    FROM rest, ST_Dump(rest.shape) AS part
    WHERE ST_Dimension(part.geom) = 2
),
parts AS MATERIALIZED (SELECT shape, area FROM measured WHERE area >= 1)
SELECT
    (SELECT count(*) FROM chosen),
    ST_Area(ST_Segmentize(%s::geometry, 0.1)::geography),
    (SELECT coalesce(sum(area), 0) FROM parts),
    (SELECT ST_AsEWKB(ST_Multi(ST_Collect(shape))) FROM parts)
"""
_SAMPLE = 512


def coverage(*, aoi: GEOSGeometry, criteria: CoverageCriteria, audience: Audience) -> Coverage:
    """How much of a valid (Multi)Polygon, lon/lat WGS 84 within ±180°, the bearer of these keys
    can already download."""
    chosen = (
        Item.objects.visible_to(audience)
        .matching(criteria)
        .over(aoi)
        .order_by()
        .annotate(shape=ExpressionWrapper(F("footprint"), output_field=TextField()))
        .values("id", "shape")
    )
    chosen_sql, chosen_params = chosen.query.sql_with_params()
    area = aoi.hexewkb.decode()
    with connection.cursor() as cursor:
        cursor.execute(
            _COVERAGE_SQL.format(chosen=chosen_sql, sample=_SAMPLE),
            [*chosen_params, area, area, area],
        )
        items, straight_m2, rest_m2, rest = cursor.fetchone()
    area_km2 = geodesic_area_km2(to_shapely(aoi))
    remaining_km2 = min(area_km2, _share(area_km2, rest_m2, straight_m2))
    covered_km2 = area_km2 - remaining_km2
    return Coverage(
        area_km2=area_km2,
        covered_km2=covered_km2,
        covered_percent=_percent(covered_km2, area_km2, is_whole=rest is None),
        remaining_km2=remaining_km2,
        remaining=None if rest is None else _multipolygon(rest),
        items=items,
    )


@dataclass(frozen=True)
class Position:
    """Where a page of the list ends."""

    acquired_at: dt.datetime
    pk: int


@dataclass(frozen=True)
class ItemPage:
    """Each item has `sensor` loaded and carries `geojson`, the text of its footprint."""

    items: list[Item]
    next: Position | None


def item_page(
    *,
    audience: Audience,
    criteria: CoverageCriteria,
    area: MultiPolygon | None = None,
    after: Position | None = None,
) -> ItemPage:
    found = Item.objects.visible_to(audience).matching(criteria)
    if area is not None:
        found = found.over(area)
    if after is not None:
        found = found.filter(acquired_at__lte=after.acquired_at).exclude(
            Q(acquired_at=after.acquired_at, pk__gte=after.pk)
        )
    items = list(_shown(found)[: PAGE_LENGTH + 1])
    last = items[PAGE_LENGTH - 1] if len(items) > PAGE_LENGTH else None
    return ItemPage(
        items=items[:PAGE_LENGTH],
        next=None if last is None else Position(last.acquired_at, last.pk),
    )


def shown_to(audience: Audience) -> ItemQuerySet:
    """What the bearer may open, each with `sensor` loaded and `geojson`."""
    return _shown(Item.objects.visible_to(audience))


def sensor_for_mission(mission: str) -> Sensor | None:
    return Sensor.objects.filter(mission_codes__contains=[mission]).order_by("pk").first()


@dataclass(frozen=True)
class Access:
    """Who may download an image, in words."""

    is_open: bool
    for_members: bool
    licences: tuple[str, ...]
    entities: tuple[str, ...]


def access_to(item: Item, language: str) -> Access:
    titles = {kind.code: kind.title(language) for kind in kinds_in_force()}
    keys = [key.partition("@")[0] for key in item.audience]
    numbers = [int(number) for number in _after(ENTITY_PREFIX, keys)]
    entities = Entity.objects.filter(pk__in=numbers).order_by("name") if numbers else ()
    return Access(
        is_open=OPEN in keys,
        for_members=MEMBER in keys,
        licences=tuple(titles.get(code, code) for code in _after(LICENCE_PREFIX, keys)),
        entities=tuple(entity.name for entity in entities),
    )


ITEMS_SHOWN = 5
SCENES_SHOWN = 100


@dataclass(frozen=True)
class ItemOver:
    """An image that one may download, and how much of the area it covers, in percent."""

    item: Item
    covered_percent: Decimal


def items_over(
    *,
    aoi: MultiPolygon,
    criteria: CoverageCriteria,
    audience: Audience,
    at_most: int = ITEMS_SHOWN,
) -> tuple[ItemOver, ...]:
    """Of those that :func:`coverage` counts the newest."""
    found = Item.objects.visible_to(audience).matching(criteria).over(aoi).newest_first()
    whole_km2 = geodesic_area_km2(to_shapely(aoi))
    return tuple(
        ItemOver(item, _covered_percent(item.footprint, aoi, whole_km2)) for item in found[:at_most]
    )


@dataclass(frozen=True)
class SceneOver:
    """A scene of the operator's archive, and how much of the area it covers, in percent."""

    scene: ArchiveScene
    covered_percent: Decimal


def scenes_over(area: MultiPolygon, criteria: CoverageCriteria) -> list[SceneOver]:
    """Those that cover most of the area first, among equals the newest; at most 100."""
    found = ArchiveScene.objects.matching(criteria).over(area)
    part = Area(Intersection(F("footprint"), area))
    ranked = found.annotate(part=part).order_by("-part", "-acquired_at", "pk")
    whole_km2 = geodesic_area_km2(to_shapely(area))
    return [
        SceneOver(scene, _covered_percent(scene.footprint, area, whole_km2))
        for scene in ranked[:SCENES_SHOWN]
    ]


def scenes_beside(names: Sequence[str], area: MultiPolygon) -> list[str]:
    """Those of the recorded scenes that do not meet the area, in the order of ``names``."""
    recorded = ArchiveScene.objects.filter(identifier__in=names)
    beside = recorded.exclude(pk__in=recorded.over(area).values("pk"))
    found = set(beside.values_list("identifier", flat=True))
    return [name for name in names if name in found]


def scene_footprints(names: Sequence[str]) -> dict[str, MultiPolygon]:
    """By name, in EPSG:4326, of those that are recorded."""
    recorded = ArchiveScene.objects.filter(identifier__in=names)
    return dict(recorded.values_list("identifier", "footprint"))


def _covered_percent(footprint: MultiPolygon, area: MultiPolygon, whole_km2: Decimal) -> Decimal:
    rest = shapely.difference(to_shapely(area), to_shapely(footprint))
    if rest.is_empty:
        return _ALL
    return _percent(whole_km2 - geodesic_area_km2(rest), whole_km2, is_whole=False)


def _after(prefix: str, keys: list[str]) -> list[str]:
    return [key.removeprefix(prefix) for key in keys if key.startswith(prefix)]


def _shown(found: ItemQuerySet) -> ItemQuerySet:
    return (
        found.newest_first()
        .select_related("sensor")
        .defer("footprint")
        .annotate(geojson=AsGeoJSON("footprint", precision=6))
    )


def _multipolygon(ewkb: bytes) -> MultiPolygon:
    geometry = GEOSGeometry(memoryview(ewkb))
    assert isinstance(geometry, MultiPolygon)
    return geometry


def _share(area_km2: Decimal, part: float, whole: float) -> Decimal:
    if whole == 0:
        return Decimal(0)
    return (area_km2 * Decimal(part) / Decimal(whole)).quantize(
        _ONE_SQUARE_METRE, rounding=ROUND_HALF_UP
    )


def _percent(covered_km2: Decimal, area_km2: Decimal, *, is_whole: bool) -> Decimal:
    if is_whole:
        return _ALL
    rounded = (covered_km2 * 100 / area_km2).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return min(rounded, _NEARLY_ALL)
