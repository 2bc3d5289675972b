"""A new pyogrio or shapely is welcome when these still pass."""

import json
import subprocess
import sys
from pathlib import Path

import pyogrio
import pytest
import shapely
from django.conf import settings
from django.contrib.gis.gdal import DataSource, gdal_version
from django.contrib.gis.geos import GEOSGeometry
from django.core.checks import run_checks

KML = """<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark>
<Polygon><outerBoundaryIs><LinearRing><coordinates>2,48 3,48 3,49 2,48</coordinates></LinearRing>
</outerBoundaryIs></Polygon></Placemark></Document></kml>"""


def test_gdal_and_geos_are_those_of_the_wheels():
    assert "pyogrio.libs" in settings.GDAL_LIBRARY_PATH
    assert "shapely.libs" in settings.GEOS_LIBRARY_PATH


def test_gdal_can_refuse_hostile_spatial_references():
    found = {message.id for message in run_checks()}

    assert "gis.W001" not in found
    assert tuple(int(part) for part in gdal_version().decode().split(".")[:2]) >= (3, 12)


def test_lambert_93_becomes_longitude_and_latitude():
    paris = GEOSGeometry("POINT (652469 6862035)", srid=2154)

    paris.transform(4326)

    assert paris.x == pytest.approx(2.3522, abs=1e-3)
    assert paris.y == pytest.approx(48.8566, abs=1e-3)


def test_kml_is_read_by_both(tmp_path: Path):
    path = tmp_path / "area.kml"
    path.write_text(KML)

    _metadata, _ids, geometries, _fields = pyogrio.raw.read(path, columns=[])
    layer = DataSource(path)[0]

    assert shapely.from_wkb(geometries[0]).geom_type == "Polygon"
    assert layer.num_feat == 1


def test_geometry_goes_round_through_wkb_unchanged():
    square = shapely.box(2, 48, 3, 49)

    django_square = GEOSGeometry(memoryview(shapely.to_wkb(square)), srid=4326)

    assert shapely.from_wkb(bytes(django_square.wkb)).equals(square)


def test_settings_load_neither_pyogrio_nor_shapely():
    code = (
        "import orbitrage.settings.test, sys, json;"
        "print(json.dumps([m for m in ('pyogrio', 'shapely') if m in sys.modules]))"
    )

    out = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert json.loads(out.stdout) == []
