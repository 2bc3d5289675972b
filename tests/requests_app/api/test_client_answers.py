"""The command line: every answer of a request has its option."""

import json
from typing import Any

import pytest

from orbitrage.api import described
from orbitrage.shared.geo import to_geos_multipolygon
from orbitrage_client.answers import ANSWERS
from requests_app.models import ImageryRequest
from tests.catalogue.factories import ItemFactory
from tests.requests_app import world
from tests.requests_app.api.shell import new
from tests.requests_app.outlines import TERRITORY

pytestmark = pytest.mark.django_db(transaction=True)

OTHERWISE = {"area_id", "on_behalf", "sensor", "request_kind", "is_emergency"}
"""Answers of a request that have options of their own."""


def shapes_of(operation_body: str) -> dict[str, Any]:
    return described("en")["components"]["schemas"][operation_body]["properties"]


@pytest.mark.parametrize(
    ("body", "elsewhere"),
    [("NewRequest", OTHERWISE), ("ChangedRequest", {"area_id", "sensor", "request_kind"})],
)
def test_every_answer_has_its_option(body, elsewhere):
    is_new = body == "NewRequest"
    options = {each.name for each in ANSWERS if is_new or not each.is_of_new_only}

    assert options | elsewhere == set(shapes_of(body))


def test_choices_are_those_of_the_service():
    shapes = shapes_of("NewRequest")

    for answer in ANSWERS:
        parts = [shapes[answer.name], *shapes[answer.name].get("anyOf", [])]
        allowed = next((part["enum"] for part in parts if "enum" in part), [])
        assert list(answer.options.get("choices", [])) == allowed, answer.option


def test_every_expert_answer_is_kept(shell, committed_programme, area_file):
    window = world.tasking_window()
    colleague = committed_programme.colleague

    shell(
        *new(area_file, "--kind", "tasking", "--mode", "stereo", "--bh-min", "0.2"),
        "--bh-max", "0.6", "--from", window["window_starts_on"],
        "--until", window["window_ends_on"], "--clouds", 15, "--incidence", 25,
        "--product", "bundle", "--level", "primary", "--radiometry", "display", "--bits", 8,
        "--format", "jpeg2000", "--on-shortfall", "ask", "--agree-to-enlargement",
        "--project", "Hedges of the plain", "--mission", "Biodiversity", "--partner", "A lab",
        "--partner", "Another", "--contractor", "Maps Ltd; 2026-01-15; C-17",
        "--with", colleague.email,
    )  # fmt: skip

    assert (shell.code, shell.error) == (0, "")
    request = ImageryRequest.objects.get()
    told = {name: str(getattr(request, name)) for name in EXPERT}
    assert told == EXPERT
    assert [person.pk for person in request.co_requesters.all()] == [colleague.pk]


EXPERT = {
    "project": "Hedges of the plain",
    "public_service_mission": "Biodiversity",
    "partners": "A lab\nAnother",
    "contractors": "Maps Ltd; 2026-01-15; C-17",
    "acquisition_mode": "stereo",
    "base_to_height_minimum": "0.20",
    "base_to_height_maximum": "0.60",
    "maximum_cloud_percent": "15",
    "maximum_incidence_deg": "25",
    "spectral_mode": "bundle",
    "processing_level": "primary",
    "radiometry": "display",
    "bit_depth": "8",
    "file_format": "jpeg2000",
    "on_shortfall": "ask",
}


def test_scenes_are_named_one_by_one(shell, area_file):
    names = ["DS_PHR1A_202406011030000_FR1_PX_E001N43_0101_01234"] * 2

    shell(*new(area_file, "--scene", names[0], "--scene", "nonsense"))

    assert (shell.code, ImageryRequest.objects.count()) == (1, 0)
    assert "archive_scenes: " in shell.error


def test_request_is_changed_in_what_is_typed(shell, committed_programme):
    draft = world.draft(committed_programme, purpose="Mapping of hedges")

    shell("request", "change", draft.number, "--title", "Roofs", "--no-agree-to-enlargement")

    draft.refresh_from_db()
    assert (shell.code, draft.title, draft.purpose) == (0, "Roofs", "Mapping of hedges")


def test_change_of_nothing_is_said(shell, committed_programme):
    shell("request", "change", world.draft(committed_programme).number)

    assert (shell.code, shell.error.partition(":")[0]) == (2, "Say what to change")


def test_request_is_changed_to_what_remains(shell, committed_programme):
    draft = world.draft(committed_programme)
    ItemFactory(sensor=committed_programme.sensor, footprint=world.strip(width_deg=0.048))

    shell("request", "change", draft.number, "--remaining")

    draft.refresh_from_db()
    assert (shell.code, draft.aoi_file_name) == (0, "rest of area.geojson")


def test_request_is_copied(shell, committed_programme):
    source = world.submitted(committed_programme)

    told = shell("request", "copy", source.number)

    copied = ImageryRequest.objects.exclude(pk=source.pk).get()
    assert (shell.code, told.partition(" ")[0]) == (0, copied.number)


def test_axes_are_swapped(shell, committed_programme):
    entity = committed_programme.entity
    entity.territory = to_geos_multipolygon(TERRITORY)
    entity.save(update_fields=["territory"])
    area = world.area_of(committed_programme.requester, world.square(west=43.5, south=1.3))
    area.looks_swapped = True
    area.save(update_fields=["looks_swapped"])

    told = json.loads(shell("--json", "areas", "swap", area.pk))

    assert (shell.code, told[0]["area"]["bbox"]) == (0, pytest.approx([1.3, 43.5, 1.38, 43.58]))


def test_preview_says_all_that_the_page_says(shell, committed_programme):
    item = ItemFactory(sensor=committed_programme.sensor, footprint=world.strip(width_deg=0.048))
    near = world.submitted(committed_programme)
    draft = world.draft(committed_programme, aoi=world.square(size_deg=0.05))

    lines = shell("request", "check", draft.number).splitlines()

    assert (shell.code, lines[0]) == (1, "Submitting would be refused. Nothing was written.")
    beginnings = [
        "  may you ask: yes (", "    below_minimum_order: ", f"    near it: {near.number}",
        "  to pay: 0.00 €", "  available already: ", f"    {item.identifier}, ",
        "  the cell's delay: it sets itself ", "  such orders: 0 of three years",
    ]  # fmt: skip
    for beginning in beginnings:
        assert [line for line in lines if line.startswith(beginning)], (beginning, lines)
