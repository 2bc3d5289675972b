"""What is said of every real file that is not simply one layer of polygons.

``verdicts.csv`` was checked by eye, file by file: a code, or the area in km² where it is accepted.
"""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from requests_app.aoi.reading import AreaRefused, read_area

TABLE = Path(__file__).with_name("verdicts.csv")
BAD_TABLE = Path(__file__).with_name("bad_verdicts.csv")
TOLERANCE = Decimal("0.001")


def rows_of(table: Path) -> list[tuple[str, str, str]]:
    with table.open(newline="") as file:
        return [(row["file"], row["verdict"], row["area_km2"]) for row in csv.DictReader(file)]


@pytest.mark.parametrize(("name", "verdict", "area_km2"), rows_of(TABLE))
def test_real_file_gets_the_verdict_of_the_table(shared_data, name, verdict, area_km2):
    found, found_km2 = verdict_on(shared_data / "aoi" / name)

    assert (found, near(found_km2, area_km2)) == (verdict, True)


@pytest.mark.parametrize(("name", "verdict", "area_km2"), rows_of(BAD_TABLE))
def test_hostile_file_gets_the_verdict_of_the_table(shared_data, name, verdict, area_km2):
    found, found_km2 = verdict_on(shared_data / "aoi_bad" / name)

    assert (found, near(found_km2, area_km2)) == (verdict, True)


def test_every_real_file_is_in_the_table_or_is_one_layer_of_polygons(shared_data):
    with (shared_data / "aoi" / "FACTS_aoi.csv").open(newline="") as file:
        facts = list(csv.DictReader(file))

    plain = {row["file"] for row in facts if row["usable"] == "polygon"}
    # The expected results of the suite are no uploads: they are compared with elsewhere.
    others = {
        row["file"] for row in facts if not row["file"].startswith("antimeridian_expected/")
    } - plain

    assert others - {name for name, _verdict, _area in rows_of(TABLE)} == set()


def verdict_on(path: Path) -> tuple[str, Decimal | None]:
    try:
        return "accepted", read_area(path.read_bytes(), path.name).area_km2
    except AreaRefused as refused:
        return refused.codes[0], None


def near(found: Decimal | None, stated: str) -> bool:
    if found is None or not stated:
        return found is None and not stated
    return abs(found - Decimal(stated)) <= Decimal(stated) * TOLERANCE
