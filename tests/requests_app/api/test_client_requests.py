"""The command line: areas and requests, from a file to the list."""

import json

import httpx
import pytest

from orbitrage_client import Orbitrage, Refused, account
from requests_app.models import ImageryRequest, UploadedArea
from requests_app.states import State
from tests.places.factories import PlaceFactory
from tests.requests_app import world
from tests.requests_app.api.calling import new_request
from tests.requests_app.api.shell import new
from tests.requests_app.outlines import BOW_TIE, drawn

pytestmark = pytest.mark.django_db(transaction=True)


# --- Areas ----------------------------------------------------------------------------------------


def test_areas_are_checked_one_by_one(shell, area_file, tmp_path):
    broken = tmp_path / "broken.geojson"
    broken.write_text("{")

    told = json.loads(shell("--json", "areas", "check", area_file, broken))

    kept = UploadedArea.objects.get()
    assert shell.code == 1
    assert [(each["file"], each["area"] and each["area"]["id"]) for each in told] == [
        (str(area_file), kept.pk),
        (str(broken), None),
    ]
    assert [reason["code"] for reason in told[1]["refusals"]] == ["invalid_json"]


def test_file_that_is_not_there_has_its_exit_code(shell, tmp_path):
    shell("areas", "check", tmp_path / "nothing.geojson")

    assert (shell.code, "nothing.geojson" in shell.error) == (2, True)


# --- Requests -------------------------------------------------------------------------------------


def test_request_goes_from_a_file_to_its_cell(shell, area_file):
    shell(*new(area_file, "--submit"))

    request = ImageryRequest.objects.get()
    assert (shell.code, request.state, request.title) == (0, State.SUBMITTED, "Hedges")
    assert request.number in shell("requests", "--state", "submitted")
    assert "The request was submitted (Requester)" in shell("follow", request.number)
    shell("do", request.number, "recall")
    request.refresh_from_db()
    assert request.state == State.DRAFT


def test_dry_run_writes_nothing(shell, area_file):
    told = shell(*new(area_file, "--dry-run"))

    assert (shell.code, told.splitlines()[0]) == (
        0,
        "Submitting would be accepted. Nothing was written.",
    )
    assert ImageryRequest.objects.count() == 0


def test_refused_submission_stays_a_draft_that_is_named(shell, area_file):
    window = world.tasking_window()
    days = ("--from", window["window_starts_on"], "--until", window["window_ends_on"])

    shell(*new(area_file, "--kind", "tasking", *days, "--submit"))

    request = ImageryRequest.objects.get()
    lines = shell.error.splitlines()
    assert (shell.code, request.state) == (1, State.DRAFT)
    assert lines[0] == f"{request.number} stays a draft."
    assert lines[1].startswith("below_minimum_order: ")


def test_emergency_is_not_submitted(shell, area_file):
    told = shell(*new(area_file, "--emergency", "--submit"))

    assert ImageryRequest.objects.get().state == State.DRAFT
    assert "Go there first: /emergency/" in told


def test_refusal_speaks_the_language_asked_for(shell, area_file):
    shell("--language", "fr", *new(area_file, "--clouds", "200"))

    assert (shell.code, shell.error.partition(":")[0]) == (1, "less_than_equal")


def test_every_page_of_a_list_is_read(shell, committed_programme, monkeypatch):
    for _ in range(3):
        world.draft(committed_programme)
    service = Orbitrage(*(account.found().url, account.found().token))

    listed = list(service.requests(limit=1))

    numbers = ImageryRequest.objects.order_by("-pk").values_list("number", flat=True)
    assert [each["number"] for each in listed] == list(numbers)
    service.close()


def test_request_of_another_has_its_exit_code(shell):
    shell("follow", "R2026-000001")

    assert (shell.code, shell.error.partition(":")[0]) == (4, "not_found")


def test_following_ends_when_it_must(shell, committed_programme):
    request = world.submitted(committed_programme)

    shell("follow", request.number, "--wait", "--every", "0.01", "--for", "0.02")

    assert shell.code == 6


def test_following_ends_when_the_request_is_over(shell, committed_programme):
    request = world.closed(committed_programme)

    told = shell("follow", request.number, "--wait")

    assert (shell.code, told.count("\n")) == (0, request.records.count())


@pytest.mark.parametrize(
    "area",
    [
        ("--typed", "1.3, 43.5, 1.38, 43.58"),
        ("--tile", "31TEJ"),
        ("--area-id", 0),
        ("--earlier", ""),
        ("--place", ""),
    ],
    ids=lambda area: area[0],
)
def test_area_is_given_in_other_ways(shell, committed_programme, area):
    way, value = area
    if way == "--area-id":
        value = world.area_of(committed_programme.requester).pk
    if way == "--earlier":
        value = world.draft(committed_programme).number
    if way == "--place":
        PlaceFactory(name="Montpellier")
        value = shell("places", "montp").split()[0]

    shell(
        "request", "new", way, value, "--sensor", "pleiades", "--title", "Hedges",
        "--purpose", "Inventory",
    )  # fmt: skip

    assert (shell.code, shell.error) == (0, "")
    assert ImageryRequest.objects.order_by("pk").last().title == "Hedges"


def test_place_that_is_no_number_is_said(shell):
    shell(
        "request", "new", "--place", "Paris", "--sensor", "pleiades", "--title", "a",
        "--purpose", "b",
    )  # fmt: skip

    assert shell.code == 2
    assert shell.error.startswith("--place Paris: ")


def test_mended_outline_is_told_and_agreed_to(shell, tmp_path):
    file = tmp_path / "bow.geojson"
    file.write_bytes(drawn(BOW_TIE))

    shell(*new(file))
    refused = (shell.code, shell.error)
    shell(*new(file, "--agree-to-repair"))

    lines = refused[1].splitlines()
    assert refused[0] == 1
    assert lines[0].startswith("mended by ")
    assert lines[1].startswith("repair_not_agreed: agrees_to_repair: ")
    assert (shell.code, ImageryRequest.objects.get().agrees_to_repair) == (0, True)


def test_list_is_filtered_and_sorted(shell, committed_programme):
    for title in ("B", "A"):
        world.draft(committed_programme, title=title)

    told = json.loads(shell("--json", "requests", "--sort", "title", "--bbox", "1,43,2,44"))

    assert [each["title"] for each in told] == ["A", "B"]
    shell("requests", "--bbox", "here")
    assert (shell.code, shell.error.partition(" ")[0]) == (1, "bbox:")


@pytest.mark.parametrize("extension", ["csv", "xlsx", "geojson", "gpkg"])
def test_list_is_kept_as_a_file(shell, committed_programme, tmp_path, extension):
    world.draft(committed_programme)
    path = tmp_path / f"list.{extension}"

    told = shell("requests", "--state", "draft", "--to", path)

    assert (shell.code, told, path.stat().st_size > 100) == (0, f"{path}\n", True)


def test_list_is_kept_in_no_other_format(shell, tmp_path):
    shell("requests", "--to", tmp_path / "list.pdf")

    assert (shell.code, (tmp_path / "list.pdf").exists()) == (2, False)


# --- A line that breaks ---------------------------------------------------------------------------


class BreaksAfterTheAnswer(httpx.HTTPTransport):
    """The server has done it; the client does not hear of it, the first time."""

    broken = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if request.method == "POST" and not self.broken:
            self.broken = True
            response.read()
            raise httpx.ReadError("broken", request=request)
        return response


def test_request_is_made_once_over_a_line_that_breaks(shell, committed_programme):
    body = new_request(committed_programme, world.area_of(committed_programme.requester))
    found, line = account.found(), BreaksAfterTheAnswer()

    with Orbitrage(found.url, found.token, pause_s=0, transport=line) as service:
        made = service.create_request(**body)

    assert line.broken
    assert [request.number for request in ImageryRequest.objects.all()] == [made["number"]]


def test_every_reason_of_a_refusal_is_told(shell, committed_programme):
    draft = world.draft(committed_programme, **world.tasking_window())
    found = account.found()

    with Orbitrage(found.url, found.token) as service, pytest.raises(Refused) as refused:
        service.do(draft.number, "submit")

    assert refused.value.status == 409
    assert [each.code for each in refused.value.refusals] == ["below_minimum_order"]
