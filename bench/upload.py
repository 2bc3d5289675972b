"""An area of 100,000 vertices on its way from a file to the form.

The floor is what any reader must do in its own process: parse the file, see that the polygon is
valid, and measure it on the ellipsoid. Ours reads it in a process without rights, checks it again,
keeps it, and draws it for the map.

    .venv/bin/python bench/upload.py --vertices 100000
"""

import argparse
import math
import random

import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from website import client_of, programme, times_of

from orbitrage.shared.geo import geodesic_area_km2
from requests_app.aoi.reading import read_area

PATH = "/requests/area/"
SIZES = (1_000, 10_000, 100_000)
CALLS = 5


def coast(vertices: int) -> bytes:
    """A ragged outline about 100 km across, as GeoJSON."""
    chance = random.Random(11)
    ring = []
    for n in range(vertices):
        radius, angle = 0.5 + 0.02 * chance.random(), 2 * math.pi * n / vertices
        ring.append((2 + radius * math.cos(angle), 45 + radius * math.sin(angle)))
    return shapely.to_geojson(shapely.Polygon(ring)).encode()


def bare(data: bytes) -> float:
    polygon = shapely.from_geojson(data)
    assert polygon.is_valid
    return float(geodesic_area_km2(polygon))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vertices", type=int, nargs="+", default=SIZES)
    with programme() as found:
        client = client_of(found.requester)

        def send(data: bytes) -> None:
            file = SimpleUploadedFile("coast.geojson", data)
            assert "notice--success" in client.post(PATH, {"area_file": file}).text

        for vertices in parser.parse_args().vertices:
            data = coast(vertices)
            floor = times_of(lambda data=data: bare(data), CALLS)
            reading = times_of(lambda data=data: read_area(data, "coast.geojson"), CALLS)
            upload = times_of(lambda data=data: send(data), CALLS)
            ratio = upload.median_ms / floor.median_ms
            print(f"{vertices:7,} vertices, {len(data) / 2**20:.1f} MiB:")
            print(f"  bare {floor}\n  in the sandbox {reading}", flush=True)
            print(f"  upload and its answer {upload}, x{ratio:.1f}", flush=True)


if __name__ == "__main__":
    main()
