"""How long `coverage()` takes beside the bare statement that any answer needs.

The floor is one SQL statement on a table that holds nothing but footprints: intersect the area
with the union of the footprints and divide two areas on the ellipsoid. `coverage()` reads the
catalogue, filters by audience and sensor, counts the images and also gives back what remains.
Both run in this process on one connection, in turn; a database is made for it and dropped.

    .venv/bin/python bench/coverage.py
"""

# ruff: noqa: E402 - Django is set up before its models are imported

import argparse
import datetime as dt
import math
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orbitrage.settings.test")
os.environ["ORBITRAGE_TEST_DB_SUFFIX"] = f"_bench_{os.getpid()}"

import django

django.setup()

import shapely
from django.db import connection

from catalogue.models import Item
from catalogue.selectors import CoverageCriteria, coverage
from eligibility.models import Sensor
from licences.selectors import Audience
from orbitrage.shared.geo import to_geos_multipolygon

FLOOR = """
SELECT ST_Area(ST_Intersection(%s::geometry, (
           SELECT ST_UnaryUnion(ST_Collect(shape)) FROM bench_footprint
           WHERE size = %s AND shape && %s::geometry
       ))::geography) / ST_Area(%s::geometry::geography)
"""
# Footprints, side in km, and the longitudes between which they fall. The last two leave the east
# of the area bare: no union can stop early there.
SIZES = {
    "1": (1, 40, (2.5, 5.3)),
    "100": (100, 20, (2.5, 5.3)),
    "1000": (1_000, 20, (2.5, 5.3)),
    "10000": (10_000, 20, (2.5, 5.3)),
    "1000 west": (1_000, 20, (2.5, 3.9)),
    "10000 west": (10_000, 20, (2.5, 3.9)),
}
GROWTH = ("1", "100", "1000", "10000")
ANYBODY = Audience(user_id=None, keys=frozenset({"open"}))
chance = random.Random(11)


def footprint(longitude: float, latitude: float, side_km: float) -> shapely.MultiPolygon:
    """A tilted rectangle, as a satellite on its way south leaves them."""
    half_width = side_km / 2 * chance.uniform(0.8, 1.2)
    half_length = half_width * chance.uniform(0.8, 2)
    tilt = math.radians(chance.gauss(12, 4))
    km_per_degree = math.cos(math.radians(latitude)) * 111.32
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    ring = [
        (
            longitude
            + (x * half_width * math.cos(tilt) - y * half_length * math.sin(tilt)) / km_per_degree,
            latitude
            + (x * half_width * math.sin(tilt) + y * half_length * math.cos(tilt)) / 110.57,
        )
        for x, y in corners
    ]
    return shapely.MultiPolygon([shapely.Polygon(ring)])


def area_of_interest() -> shapely.MultiPolygon:
    """About 23,000 km² of the south of France with 200 vertices."""
    points = []
    for n in range(200):
        radius, angle = 1 + 0.1 * chance.random(), 2 * math.pi * n / 200
        points.append(
            (3.9 + 1.26 * radius * math.cos(angle), 43.9 + 0.6 * radius * math.sin(angle))
        )
    return shapely.MultiPolygon([shapely.Polygon(points)])


def fill(size: str) -> Sensor:
    count, side_km, (west, east) = SIZES[size]
    shapes = [
        footprint(chance.uniform(west, east), chance.uniform(43.2, 44.6), side_km)
        for _ in range(count)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO bench_footprint (size, shape) VALUES (%s, ST_GeomFromWKB(%s, 4326))",
            [(size, shapely.to_wkb(shape)) for shape in shapes],
        )
    sensor = Sensor.objects.create(
        code=f"bench-{size.replace(' ', '-')}",
        name=size,
        operator="bench",
        policy=Sensor.Policy.OPEN,
        attribution_pattern="{year}",
        valid_from=dt.date(2020, 1, 1),
        source="bench",
    )
    Item.objects.bulk_create(
        Item(
            identifier=f"{sensor.code}-{n}",
            sensor=sensor,
            mission="PHR1A",
            footprint=to_geos_multipolygon(shape),
            acquired_at=dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
            audience=["open"],
            attribution="bench",
            metadata_sha256=f"{n:064x}",
        )
        for n, shape in enumerate(shapes)
    )
    return sensor


def median_ms(runs: list[Callable[[], object]], repeats: int) -> list[float]:
    """Of each of the runs, taken in turn so that a slow minute hits all of them."""
    taken: list[list[float]] = [[] for _ in runs]
    for _ in range(repeats):
        for run, times in zip(runs, taken, strict=True):
            began = time.perf_counter()
            run()
            times.append((time.perf_counter() - began) * 1_000)
    return [statistics.median(times) for times in taken]


def measure(size: str, sensor: Sensor, aoi: shapely.MultiPolygon, repeats: int) -> list[float]:
    area = to_geos_multipolygon(aoi)
    text = area.hexewkb.decode()

    def floor() -> float:
        with connection.cursor() as cursor:
            cursor.execute(FLOOR, [text, size, text, text])
            return float(cursor.fetchone()[0])

    def ours() -> float:
        criteria = CoverageCriteria(sensor_id=sensor.pk)
        found = coverage(aoi=area, criteria=criteria, audience=ANYBODY)
        return float(found.covered_km2 / found.area_km2)

    difference = abs(floor() - ours())
    if difference > 1e-4:
        sys.exit(f"{size}: the two differ by {difference}")
    return [*median_ms([floor, ours], repeats), difference]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=15)
    repeats = parser.parse_args().repeats
    connection.creation.create_test_db(verbosity=0, serialize=False)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TABLE bench_footprint (size text, shape geometry(MultiPolygon, 4326))"
            )
        aoi = area_of_interest()
        sensors = {size: fill(size) for size in SIZES}
        with connection.cursor() as cursor:
            cursor.execute("CREATE INDEX ON bench_footprint USING gist (shape)")
            cursor.execute("VACUUM ANALYZE bench_footprint, catalogue_item")
        print_table({size: measure(size, sensors[size], aoi, repeats) for size in SIZES})
    finally:
        connection.creation.destroy_test_db("", verbosity=0)


def print_table(results: dict[str, list[float]]) -> None:
    print(
        f"{'footprints':>12} {'floor ms':>10} {'coverage() ms':>14} {'ratio':>6} {'differ by':>10}"
    )
    for size, (floor, ours, difference) in results.items():
        print(f"{size:>12} {floor:10.2f} {ours:14.2f} {ours / floor:6.2f} {difference:10.1e}")
    for who, column in (("floor", 0), ("coverage()", 1)):
        steps = [results[size][column] / results[GROWTH[0]][column] for size in GROWTH]
        print(f"growth of {who}: " + " → ".join(f"×{step:.1f}" for step in steps))


if __name__ == "__main__":
    main()
