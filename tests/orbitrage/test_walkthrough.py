"""The main job by `manage.py walkthrough`, on real files, in each of its three cases."""

import csv
import json
import re
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
import shapely
from django.core.management import call_command

from orbitrage.shared.geo import geodesic_area_km2
from requests_app.models import ImageryRequest
from tests.requests_app.world import load_policy
from tests.sizes import size

CASES = {
    "pleiades-science-archive": "pleiades-science",
    "institution-tasking": "institutional",
    "spot-science": "spot-science",
}
FIJI = "overseas_antimeridian/country-levels-export__FJ.geojson"
FILES = [
    "geojson/Geotrek-admin__cities.geojson",
    "derived_crs/haute_garonne_epsg2154.zip",
    FIJI,
    *size(
        small=[],
        large=[
            "derived_crs/haute_garonne.kml",
            "derived_crs/haute_garonne.kmz",
            "gpkg/gdal__poly_golden.gpkg",
            "derived_overseas/reunion_epsg2975.zip",
            "derived_overseas/guadeloupe.kmz",
            "derived_overseas/fidji_epsg3832.zip",
            "derived_shapes/toulouse_metropole_ndjson.geojsonl",
            "derived_shapes/haute_garonne_with_holes.geojson",
            "shapefile_zip/geotrek__city.zip",
        ],
    ),
]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.prove]


@pytest.fixture
def walk(shared_data):
    load_policy()

    def run(file: str, case: str) -> str:
        out = StringIO()
        call_command("walkthrough", shared_data / "aoi" / file, case=case, stdout=out)
        return out.getvalue()

    return run


def stated_km2(shared_data: Path, file: str) -> Decimal | None:
    """The area the facts of the real data give for a file with one usable layer."""
    with (shared_data / "aoi" / "FACTS_aoi.csv").open(newline="") as facts:
        rows = [row for row in csv.DictReader(facts) if row["file"] == file]
    (row,) = rows
    return Decimal(row["area_km2_union"]) if row["usable"] == "polygon" else None


def halves_km2(shared_data: Path) -> Decimal:
    """Fiji's parts east and west of ±180°, measured apart."""
    said = json.loads((shared_data / "aoi" / FIJI).read_text())
    features = said.get("features", [said])
    parts = shapely.get_parts(
        [shapely.from_geojson(json.dumps(each["geometry"])) for each in features]
    )
    east = [part for part in parts if part.centroid.x > 0]
    west = [part for part in parts if part.centroid.x <= 0]
    assert east
    assert west
    return sum((geodesic_area_km2(shapely.union_all(half)) for half in (east, west)), Decimal(0))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("file", FILES)
def test_a_real_file_goes_through_the_main_job(walk, shared_data, proof, file, case):
    said = walk(file, case)

    request = ImageryRequest.objects.get()
    expected = halves_km2(shared_data) if file == FIJI else stated_km2(shared_data, file)
    if expected is not None:
        assert abs(request.area_km2 - expected) <= expected / 1000
    west, south, east, north = request.aoi.extent
    assert -180 <= west < east <= 180
    assert -90 <= south < north <= 90
    assert request.cell.code == CASES[case]
    assert request.state == "closed"
    ledger, pdf = re.search(
        r"Books reconcile: ledger km2 ([\d.]+); .*pdf km2 ([\d.]+)", said
    ).groups()
    assert round(Decimal(ledger), 2) == Decimal(pdf)
    proof(f"walkthrough {case} over {file}: {request.area_km2} km²", 1)
