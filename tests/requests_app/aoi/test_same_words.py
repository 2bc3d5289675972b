"""The command says of a file what the form says of it: over the real and the hostile files."""

import contextlib
import json
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest
import shapely
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils.translation import override

from orbitrage.shared.geo import to_geos_multipolygon
from tests.sizes import size

DATA = settings.ORBITRAGE_SHARED_DATA
FILES = [
    path
    for folder in ("aoi", "aoi_bad")
    for path in sorted((DATA / folder).rglob("*"))
    if path.is_file() and path.name != "FACTS_aoi.csv"
]
ONE_IN = size(small=29, large=1)
FRANCE = shapely.box(-5.2, 42.3, 8.3, 51.1)


class Words(NamedTuple):
    """``repair``: km² before and after, and the first place."""

    refusals: tuple[tuple[str, str], ...]
    area_km2: float | None
    notes: tuple[str, ...]
    repair: tuple[float, float, float, float] | None
    looks_swapped: bool


def of_the_command(path: Path, entity_id: int) -> Words:
    out = StringIO()
    with override("en"), contextlib.suppress(SystemExit):  # with 1 where it is refused
        call_command("inspect_aoi", str(path), "--entity", str(entity_id), "--json", stdout=out)
    line = json.loads(out.getvalue())
    refusals = tuple((each["code"], each["message"]) for each in line["refusals"])
    if refusals:
        return Words(refusals, None, (), None, looks_swapped=False)
    repair = line["repair"]
    return Words(
        refusals,
        line["area_km2"],
        tuple(line["notes"]),
        repair
        and (
            repair["before_km2"],
            repair["after_km2"],
            repair["faults"][0]["longitude"],
            repair["faults"][0]["latitude"],
        ),
        looks_swapped=line["swapped"] is not None,
    )


def of_the_form(client, path: Path) -> Words:
    response = client.post(
        reverse("requests:read_area"),
        {"area_file": SimpleUploadedFile(path.name, path.read_bytes())},
        headers={"accept-language": "en"},
    )
    refusals = tuple((each.code, each.message) for each in response.context["refusals"])
    area = response.context["area"]
    if area is None:
        return Words(refusals, None, (), None, looks_swapped=False)
    fault = area.first_fault
    return Words(
        refusals,
        float(area.area_km2),
        tuple(area.notes),
        fault and (float(area.drawn_km2), float(area.area_km2), fault.longitude, fault.latitude),
        looks_swapped=area.looks_swapped,
    )


@pytest.mark.prove
@pytest.mark.django_db
def test_command_and_form_say_the_same_of_every_file(shared_data, proof, client, programme):
    files = FILES[::ONE_IN]
    programme.entity.territory = to_geos_multipolygon(FRANCE)
    programme.entity.save(update_fields=["territory"])
    client.force_login(programme.requester)

    said = [
        (path.name, of_the_command(path, programme.entity.pk), of_the_form(client, path))
        for path in files
    ]

    assert [(name, printed, shown) for name, printed, shown in said if printed != shown] == []
    accepted = sum(not printed.refusals for _name, printed, _shown in said)
    proof(f"files of which the command and the form say the same, {accepted} usable", len(files))
