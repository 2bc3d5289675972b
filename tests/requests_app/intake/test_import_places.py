"""Places from official files, by the command that an operator runs."""

import json
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from django.core.management import CommandError, call_command
from pyogrio import raw

from orbitrage.management.commands.load_demo import load_places
from places.models import Place, PlaceKind
from places.selectors import find_places

pytestmark = pytest.mark.django_db

SQUARE = shapely.box(1.3, 43.5, 1.38, 43.58)
COMMUNES = "aoi/fr_admin/france-geojson__communes-la-reunion.geojson"
DEPARTMENT = "aoi/fr_admin/france-geojson__departement-974-la-reunion.geojson"


def run(path: Path, kind: str = "commune", *, as_of: str = "2026-01-01", **options) -> str:
    told = StringIO()
    call_command(
        "import_places", path, kind=kind, source="A register", as_of=date.fromisoformat(as_of),
        stdout=told, stderr=told, **options,
    )  # fmt: skip
    return told.getvalue()


def geojson(folder: Path, *features: tuple[dict, shapely.Geometry | None]) -> Path:
    path = folder / "places.geojson"
    collection = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": properties,
                "geometry": json.loads(shapely.to_geojson(area)) if area else None,
            }
            for properties, area in features
        ],
    }
    path.write_text(json.dumps(collection), encoding="utf-8")
    return path


def test_real_communes_are_imported_and_found(shared_data):
    run(shared_data / DEPARTMENT, "department")

    told = run(shared_data / COMMUNES)

    (found,) = find_places("st-denis")
    assert "24 added, 0 changed" in told
    assert (found.code, found.parent_label) == ("97411", "La Réunion (974)")
    assert (found.source, found.as_of) == ("A register", date(2026, 1, 1))
    assert 138 < found.area_km2 < 148
    assert Place.objects.filter(kind="commune").count() == 24


def test_second_run_changes_nothing(shared_data):
    run(shared_data / COMMUNES)
    before = list(Place.objects.order_by("pk").values())

    told = run(shared_data / COMMUNES)

    assert "0 added, 0 changed, 0 confirmed at the new date, 24 unchanged" in told
    assert list(Place.objects.order_by("pk").values()) == before


def test_what_changed_is_said(tmp_path):
    run(
        geojson(
            tmp_path, ({"code": "1", "nom": "Ici"}, SQUARE), ({"code": "2", "nom": "La"}, SQUARE)
        )
    )

    told = run(
        geojson(
            tmp_path,
            ({"code": "1", "nom": "Ici-Bas"}, shapely.box(1.3, 43.5, 1.4, 43.6)),
            ({"code": "2", "nom": "La"}, SQUARE),
            ({"code": "3", "nom": "Ailleurs"}, SQUARE),
        ),
        as_of="2026-02-01",
        verbosity=2,
    )

    changed = Place.objects.get(code="1")
    assert "added     Ailleurs (3)" in told
    assert "changed   Ici-Bas (1): " in told
    assert "1 added, 1 changed, 1 confirmed at the new date, 0 unchanged" in told
    assert (changed.search_name, changed.geometry.extent) == ("ici bas", (1.3, 43.5, 1.4, 43.6))
    assert set(Place.objects.values_list("as_of", flat=True)) == {date(2026, 2, 1)}


def test_older_file_leaves_newer_places_alone(tmp_path):
    run(geojson(tmp_path, ({"code": "1", "nom": "Ici"}, SQUARE)))

    told = run(geojson(tmp_path, ({"code": "1", "nom": "Avant"}, SQUARE)), as_of="2025-01-01")

    assert "1 known from a later date left alone" in told
    assert Place.objects.get().name == "Ici"


def test_geopackage_names_its_columns_as_it_is_published(tmp_path):
    path = tmp_path / "admin_express.gpkg"
    path.write_bytes(geopackage(NOM="Hérault", INSEE_DEP="34", INSEE_REG="76"))

    told = run(path, "department")

    assert "1 added" in told
    place = Place.objects.get()
    assert (place.code, place.name, place.parent_label) == ("34", "Hérault", "76")
    assert abs(shapely.from_wkb(bytes(place.geometry.wkb)).area - SQUARE.area) < 1e-6


def geopackage(**columns: str) -> bytes:
    """One square in Lambert-93, with text columns."""
    target = BytesIO()
    lambert = shapely.transform(SQUARE, _to_lambert)
    raw.write(
        target, shapely.to_wkb(np.array([lambert], dtype=object)),
        [np.array([value], dtype=object) for value in columns.values()], list(columns),
        crs="EPSG:2154", driver="GPKG", geometry_type="Polygon", layer="DEPARTEMENT",
    )  # fmt: skip
    return target.getvalue()


def _to_lambert(positions):
    transformer = pyproj.Transformer.from_crs("OGC:CRS84", "EPSG:2154", always_xy=True)
    return np.column_stack(transformer.transform(positions[:, 0], positions[:, 1]))


def test_what_is_no_place_is_left_out_and_said(tmp_path):
    crossed = shapely.from_wkt("POINT (1 43)")
    path = geojson(
        tmp_path,
        ({"code": "1", "nom": "Ici"}, SQUARE),
        ({"name": "Without a code"}, SQUARE),
        ({"code": "2", "nom": "東京"}, SQUARE),
        ({"code": "3", "nom": "A point"}, crossed),
        ({"code": "4", "nom": "Nowhere"}, None),
        ({"code": "5", "nom": "Nul\0 \ud800 here"}, SQUARE),
    )

    told = run(path)

    assert "2 added" in told
    assert "4 left out" in told
    assert "A point (3)" in told
    assert {place.name for place in Place.objects.all()} == {"Ici", "Nul here"}


def test_code_that_is_there_twice_imports_nothing(tmp_path):
    path = geojson(tmp_path, *[({"code": "1", "nom": "Ici"}, SQUARE)] * 2)

    with pytest.raises(CommandError, match="place_twice"):
        run(path)

    assert not Place.objects.exists()


HOSTILE = (
    "json_syntax/JSONTestSuite__n_structure_100000_opening_arrays.json",
    "json_syntax/JSONTestSuite__i_string_invalid_utf-8.json",
    "made_gpkg/made__corrupt_pages.gpkg",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_with_its_code(shared_data, name):
    with pytest.raises(CommandError, match=r"[a-z]+_[a-z_]+: .*Nothing was imported"):
        run(shared_data / "aoi_bad" / name)

    assert not Place.objects.exists()


@pytest.mark.parametrize(
    ("name", "code"), [("places.zip", "places_format"), ("places.gpkg", "wrong_extension")]
)
def test_file_of_another_kind_is_refused(tmp_path, name, code):
    path = geojson(tmp_path, ({"code": "1", "nom": "Ici"}, SQUARE)).rename(tmp_path / name)

    with pytest.raises(CommandError, match=code):
        run(path)


def test_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        run(tmp_path / "none.geojson")


def test_demonstration_ships_its_own_few():
    load_places()

    (department,) = find_places("herault")
    communes = find_places("montpellier")
    assert {place.kind for place in Place.objects.all()} == set(PlaceKind.values)
    assert department.parent_label == "Occitanie (76)"
    assert [place.parent_label for place in communes] == ["Hérault (34)", ""]
    assert set(Place.objects.values_list("source", flat=True)) == {
        "Orbitrage, rough outlines made for the demonstration"
    }
