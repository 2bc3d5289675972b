"""The command line: messages, notices and what is fetched."""

import json

import pytest

from licences.models import Licence
from licences.rendering import render
from tests.requests_app import world
from tests.requests_app.attached import image

pytestmark = pytest.mark.django_db(transaction=True)


# --- Messages -------------------------------------------------------------------------------------


def test_message_is_written_read_and_its_file_fetched(shell, committed_programme, tmp_path):
    request = world.in_review(committed_programme)
    file = tmp_path / "scan.png"
    file.write_bytes(image("PNG"))

    shell("write", request.number, "Is July possible?", "--attach", file)

    assert (shell.code, shell.out) == (0, "The message is sent.\n")
    lines = shell("messages", request.number).splitlines()
    assert [line.strip() for line in lines[1:]] == ["Is July possible?", "+ scan.png"]
    shell("download", request.number, "--to", tmp_path / "down")
    (kept,) = (tmp_path / "down" / f"{request.number}-attached").iterdir()
    assert kept.read_bytes() == image("PNG")


def test_empty_message_is_refused(shell, committed_programme):
    request = world.in_review(committed_programme)

    shell("write", request.number)

    assert (shell.code, shell.error.partition(":")[0]) == (1, "message_empty")


def test_what_a_move_asks_is_told(shell, committed_programme):
    request = world.in_review(committed_programme)

    told = shell("asks", request.number, "cancel")

    assert "  reason: Reason (may be left out)" in told.splitlines()


def test_notices_are_listed(shell, committed_programme):
    shell("notices", "--unread")

    assert (shell.code, shell.out) == (0, "\n")


# --- Download -------------------------------------------------------------------------------------


def test_licence_and_areas_are_downloaded(shell, committed_programme, tmp_path):
    request = world.delivered(committed_programme)
    licence = Licence.objects.get()
    render(licence.pk)
    folder = tmp_path / "down"

    shell("download", request.number, "--to", folder)

    names = {path.name for path in folder.iterdir()}
    stored = {f"{licence.number}-{language}.pdf" for language in ("fr", "en")}
    assert shell.code == 0
    assert names == stored | {
        f"{request.number}-{kind}" for kind in ("areas.geojson", "story.json", "images.json")
    }
    assert all((folder / name).read_bytes().startswith(b"%PDF") for name in stored)
    items = json.loads((folder / f"{request.number}-images.json").read_text())
    assert [item["identifier"] for item in items] == ["DS_PHR1A_1"]
