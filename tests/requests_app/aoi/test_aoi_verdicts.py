"""Every real area of interest, by the command: what the table typed beforehand says of it.

The table's areas are those of the facts, measured apart from this project; where the facts have none
(`area_from`), they are measured here, by a reader of the test's own.
"""

import contextlib
import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from requests_app.aoi.reading import AreaRefused, read_area
from tests.requests_app.aoi import independent
from tests.requests_app.aoi.verdicts import Said, fault_of, rows_of
from tests.sizes import size

AOI = settings.ORBITRAGE_SHARED_DATA / "aoi"
TABLE = rows_of("aoi_verdicts.csv")
ONE_IN = size(small=6, large=1)


def inspected(files: list[str], *options: str) -> list[Said]:
    out = StringIO()
    paths = [str(AOI / name) for name in files]
    with contextlib.suppress(SystemExit):  # with 1 as soon as one is refused
        call_command("inspect_aoi", *paths, *options, "--json", stdout=out)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    return [
        Said(line["ok"], tuple(one["code"] for one in line["refusals"]), line["area_km2"])
        for line in lines
    ]


def expected_km2(row: dict[str, str]) -> float | None:
    if row["area_km2"]:
        return float(row["area_km2"])
    source = row["file"] if row["area_from"] == "itself" else row["area_from"]
    return independent.area_km2(AOI / source) if source else None


def said_of(rows: list[dict[str, str]]) -> list[Said]:
    whole = [row["file"] for row in rows if not row["layer"]]
    of_files = dict(zip(whole, inspected(whole), strict=True))
    return [
        inspected([row["file"]], "--layer", row["layer"])[0]
        if row["layer"]
        else of_files[row["file"]]
        for row in rows
    ]


@pytest.mark.prove
def test_every_real_file_gets_the_verdict_of_the_table(shared_data, proof):
    rows = TABLE[::ONE_IN]

    said = said_of(rows)

    faults = [
        (row["file"], row["layer"], fault)
        for row, one in zip(rows, said, strict=True)
        if (fault := fault_of(one, row, expected_km2(row)))
    ]
    assert faults == []
    accepted = sum(one.is_accepted for one in said)
    proof(f"real files and their layers: {accepted} accepted with their area", len(rows))


def test_table_names_every_real_file(shared_data):
    there = {str(path.relative_to(AOI)) for path in AOI.rglob("*") if path.is_file()}

    assert {row["file"] for row in TABLE} == there - {"FACTS_aoi.csv"}


def test_areas_of_the_table_are_those_of_the_facts(shared_data):
    with (AOI / "FACTS_aoi.csv").open(newline="") as file:
        stated = {(fact["file"], fact["area_km2_union"]) for fact in csv.DictReader(file)}

    typed = {(row["file"], row["area_km2"]) for row in TABLE if row["area_km2"]}

    assert typed <= stated
    assert len(typed) > 100


def test_every_row_that_is_accepted_has_an_area_to_compare_with():
    assert [
        row["file"]
        for row in TABLE
        if row["verdict"] == "accepted" and not row["area_km2"] and not row["area_from"]
    ] == []


def test_every_refusal_of_a_real_file_is_a_whole_sentence(shared_data):
    refused = [row for row in TABLE if row["verdict"] == "refused" and not row["layer"]][::ONE_IN]

    for row in refused:
        with pytest.raises(AreaRefused) as found:
            read_area((AOI / row["file"]).read_bytes(), Path(row["file"]).name)
        for refusal in found.value.refusals:
            assert refusal.code
            assert "%(" not in refusal.message
            assert refusal.message.endswith((".", "…", "?"))
