"""Real files against the facts that were read from them by other hands."""

import csv
import datetime as dt
import json

import pytest
import shapely
from django.conf import settings

from catalogue.metadata import MetadataRefused
from catalogue.sources.dimap import read_dimap

FOLDER = settings.ORBITRAGE_SHARED_DATA / "dimap"
# The facts name the mission of the first generation of the format without its number.
NUMBERED = {
    "cnes_dimap/StereoPipeline__spot_example1.xml": "SPOT5",
    "gdal_dimap/gdal__dimap__METADATA.DIM": "SPOT4",
}
# This file repeats its centre as a fifth vertex of a box; it declares 2.2754 km², the four corners.
CENTRE_AMONG_VERTICES = "gdal_dimap/gdal__dimap2__vhr2020_ms_fs__MS-FS__DIM_MS-FS.XML"


def rows() -> list[dict[str, str]]:
    if not FOLDER.is_dir():
        return []
    with (FOLDER / "FACTS_dimap.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


DESCRIBED = [row for row in rows() if row["footprint_lon_lat"].strip('"')]
OTHERS = [row for row in rows() if not row["footprint_lon_lat"].strip('"')]


def name_of(row: dict[str, str]) -> str:
    return row["file"]


def number(text: str) -> float | None:
    return float(text) if text else None


def test_facts_hold_both_sorts_of_files(shared_data):
    assert (len(DESCRIBED), len(OTHERS)) == (16, 27)


@pytest.mark.parametrize("row", DESCRIBED, ids=name_of)
def test_image_is_read_as_its_facts_say(row):
    metadata = read_dimap((FOLDER / row["file"]).read_bytes())

    hours = row["imaging_time"].rstrip("Z")
    assert (
        metadata.mission,
        metadata.acquired_at,
        metadata.processing_level,
        metadata.spectral_mode,
        metadata.cloud_cover_percent,
    ) == (
        NUMBERED.get(row["file"], row["mission"]),
        dt.datetime.fromisoformat(f"{row['imaging_date']}T{hours}+00:00"),
        row["processing_level"],
        row["spectral"],
        number(row["cloud_percent"]),
    )


@pytest.mark.parametrize("row", DESCRIBED, ids=name_of)
def test_angles_are_those_of_the_facts(row):
    metadata = read_dimap((FOLDER / row["file"]).read_bytes())

    assert metadata.incidence_angles_deg[:3] == tuple(
        float(angle) for angle in row["incidence_angles_first3"].split()
    )
    assert metadata.sun_elevations_deg[0] == float(row["sun_elevation"])
    assert metadata.incidence_angle_deg in metadata.incidence_angles_deg
    assert metadata.sun_elevation_deg in metadata.sun_elevations_deg


@pytest.mark.parametrize("row", DESCRIBED, ids=name_of)
def test_footprint_is_that_of_the_facts(row):
    ring = json.loads(row["footprint_lon_lat"])
    if row["file"] == CENTRE_AMONG_VERTICES:
        ring.pop()

    footprint = read_dimap((FOLDER / row["file"]).read_bytes()).footprint

    (part,) = footprint.geoms
    assert part.exterior.is_ccw
    assert set(part.exterior.coords) == {tuple(point) for point in ring}
    assert shapely.equals(part, shapely.Polygon(ring))


@pytest.mark.parametrize("row", OTHERS, ids=name_of)
def test_what_is_no_image_is_refused_with_a_code(row):
    products_without_footprint = ("DIM_PNEO3_STD_x_1_1_F_1.XML", "DIM_foo.XML")
    code = (
        "no_footprint"
        if row["file"].endswith(products_without_footprint)
        else "unsupported_profile"
    )

    with pytest.raises(MetadataRefused) as refused:
        read_dimap((FOLDER / row["file"]).read_bytes())

    assert refused.value.codes == (code,)


def test_centre_is_preferred_to_the_first_angle(shared_data):
    file = FOLDER / "airbus_dimap/Stars__DIM_PHR1A_MS_202108271549303_SEN_5897098101-2.XML"

    metadata = read_dimap(file.read_bytes())

    assert (metadata.incidence_angle_deg, metadata.sun_elevation_deg, metadata.resolution_m) == (
        28.61590497053497,
        71.76705923747583,
        2.0,
    )


def test_every_image_has_an_identifier_of_its_own():
    identifiers = [read_dimap((FOLDER / row["file"]).read_bytes()).identifier for row in DESCRIBED]

    assert len(set(identifiers)) == len(identifiers)


def test_other_real_files_are_refused_and_never_crash(shared_data):
    files = [*FOLDER.glob("sentinel_safe/*"), *FOLDER.glob("preview_kmz/*")]
    files += [*FOLDER.glob("expected_values/*"), *FOLDER.glob("cnes_dimap/rpcm__rpc_WV*")]
    files += FOLDER.glob("cnes_dimap/shareloc__PHRDIMAP*")

    codes = set()
    for file in files:
        with pytest.raises(MetadataRefused) as refused:
            read_dimap(file.read_bytes())
        codes |= set(refused.value.codes)

    assert len(files) > 60
    assert codes == {"not_dimap", "malformed_xml", "unsupported_profile"}
