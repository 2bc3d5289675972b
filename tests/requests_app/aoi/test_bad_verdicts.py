"""Every hostile file, by the command and by the address of the form, against the table that was
typed from the manifest before anything was run."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from requests_app.aoi import sandbox
from requests_app.models import UploadedArea
from tests.requests_app.aoi import independent, tripwire
from tests.requests_app.aoi.verdicts import Said, fault_of, rows_of
from tests.sizes import size

REPOSITORY = Path(__file__).resolve().parents[3]
BAD = settings.ORBITRAGE_SHARED_DATA / "aoi_bad"
TABLE = rows_of("bad_verdicts.csv")
ONE_IN = size(small=11, large=1)
LIMIT_S = 10
LIMIT_KIB = 512 * 1024
REFUSED_UNLESS_STATED_SOUND = {"archive_bad", "json_syntax", "made_archive", "made_wrong_type"}
# The codes that say little more than "no".
UNREADABLE = {"unreadable_file", "archive_unreadable", "reader_stopped"}
UNREADABLE_SHARE = 0.15
SOUND = '{"type":"Polygon","coordinates":[[[1,43],[1.1,43],[1.1,43.1],[1,43]]]}'


def path_of(row: dict[str, str]) -> Path:
    return BAD / row["folder"] / row["file"]


@pytest.fixture(scope="module")
def expected_km2() -> dict[Path, float]:
    """Of those that are accepted. Before any test holds a transaction, which may not be idle."""
    accepted = (path_of(row) for row in TABLE[::ONE_IN] if row["verdict"] == "accepted")
    return {path: independent.area_km2(path) for path in accepted}


def faults_of(
    rows: list[dict[str, str]], said: list[Said], expected_km2: dict[Path, float]
) -> list[tuple[str, str]]:
    return [
        (f"{row['folder']}/{row['file']}", fault)
        for row, one in zip(rows, said, strict=True)
        if (fault := fault_of(one, row, expected_km2.get(path_of(row))))
    ]


def too_late(rows: list[dict[str, str]], seconds: list[float]) -> list[tuple[str, float]]:
    return [
        (f"{row['folder']}/{row['file']}", took)
        for row, took in zip(rows, seconds, strict=True)
        if took >= LIMIT_S
    ]


def prove_each_folder(
    proof: Callable[[str, int], None], way: str, rows: list[dict[str, str]], said: list[Said]
) -> None:
    accepted, files = Counter[str](), Counter[str]()
    for row, one in zip(rows, said, strict=True):
        files[row["folder"]] += 1
        accepted[row["folder"]] += one.is_accepted
    for folder, count in files.items():
        refused = count - accepted[folder]
        proof(f"{way}, {folder}: {accepted[folder]} accepted, {refused} refused", count)


# --- The table ------------------------------------------------------------------------------------


def test_table_names_every_hostile_file(shared_data):
    there = {(path.parent.name, path.name) for path in BAD.rglob("*") if path.is_file()}

    assert {(row["folder"], row["file"]) for row in TABLE} == there
    assert len(TABLE) == len(there)


def test_table_accepts_in_the_worst_folders_only_what_the_manifest_calls_sound(shared_data):
    manifest = (BAD.parent / "MANIFEST.md").read_text()
    accepted = [
        row["file"]
        for row in TABLE
        if row["folder"] in REFUSED_UNLESS_STATED_SOUND and row["verdict"] == "accepted"
    ]

    stated = {
        name: re.search(rf"^\| {re.escape(name)} \|.* \| (.*) \|$", manifest, re.MULTILINE)[1]
        for name in accepted
    }

    assert stated == {
        "made__kmz_kml_in_subfolder.kmz": "MADE: KML in a subfolder, accented name: should be read",
        "made__macosx_junk.zip": "MADE: archive made by macOS: junk members should be ignored",
    }


def test_every_refusal_of_the_table_names_its_code():
    assert [
        row["file"] for row in TABLE if (row["verdict"] == "refused") != bool(row["codes"])
    ] == []


# --- By the command -------------------------------------------------------------------------------


class Run(NamedTuple):
    said: list[Said]
    seconds: list[float]
    most_kib: int
    errors: str


def run_of_the_command(files: list[Path], folder: Path) -> Run:
    """One process for all of them; the clock runs from one line to the next."""
    first, errors = folder / "sound.geojson", folder / "errors.txt"
    first.write_text(SOUND)
    command = [sys.executable, "manage.py", "inspect_aoi", "--json", str(first), *map(str, files)]
    with errors.open("wb") as target:
        process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=target,
        )
        read, peaks_kib = [], []
        with process.stdout as lines:
            for line in lines:
                read.append((json.loads(line), time.monotonic()))
                peaks_kib.append(peak_kib(process.pid))
        process.wait()
    clocks = [at for _line, at in read]
    said = [
        Said(line["ok"], tuple(one["code"] for one in line["refusals"]), line["area_km2"])
        for line, _at in read[1:]
    ]
    seconds = [end - start for start, end in pairwise(clocks)]
    return Run(said, seconds, max(peaks_kib), errors.read_text())


def peak_kib(pid: int) -> int:
    """Of the process itself; what its readers may take is limited, and measured with the form."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) if found else 0


@pytest.mark.prove
def test_command_gives_every_hostile_file_the_verdict_of_the_table(
    shared_data, proof, tmp_path, expected_km2
):
    rows = TABLE[::ONE_IN]

    run = run_of_the_command([path_of(row) for row in rows], tmp_path)

    assert run.errors == ""
    assert faults_of(rows, run.said, expected_km2) == []
    assert too_late(rows, run.seconds) == []
    assert run.most_kib < LIMIT_KIB
    prove_each_folder(proof, "hostile files by the command", rows, run.said)
    most = f"{max(run.seconds):.1f} s and {run.most_kib // 1024} MiB at most"
    proof(f"hostile files by the command: {most}", len(rows))


# --- By the address of the form -------------------------------------------------------------------


@pytest.fixture
def readers_on_the_wire(monkeypatch) -> Iterator[None]:
    sandbox._server.stop()
    monkeypatch.setattr(sandbox, "_BOOT", tripwire.BOOT)
    yield
    sandbox._server.stop()


@pytest.fixture
def answers(monkeypatch) -> list[sandbox.Answer]:
    """What the sandbox measured of each reader, as it went by."""
    heard: list[sandbox.Answer] = []
    ask = sandbox.ask

    def asked(*arguments: object, **named: object) -> sandbox.Answer:
        heard.append(ask(*arguments, **named))
        return heard[-1]

    monkeypatch.setattr(sandbox, "ask", asked)
    return heard


def posted(client, path: Path) -> tuple[int, Said]:
    response = client.post(
        reverse("requests:read_area"),
        {"area_file": SimpleUploadedFile(path.name, path.read_bytes())},
        headers={"accept-language": "en"},
    )
    codes = tuple(re.findall(r'data-code="(\w+)"', response.text))
    kept = re.search(r'name="area_id" value="(\d+)"', response.text)
    area_km2 = float(UploadedArea.objects.get(pk=kept[1]).area_km2) if kept else None
    return response.status_code, Said(kept is not None and not codes, codes, area_km2)


@pytest.mark.prove
@pytest.mark.django_db
def test_form_gives_every_hostile_file_the_verdict_of_the_table_and_no_reader_opens_or_connects(
    shared_data, proof, expected_km2, client, programme, readers_on_the_wire, answers
):
    rows = TABLE[::ONE_IN]
    client.force_login(programme.requester)
    client.raise_request_exception = False
    posted(client, path_of(TABLE[0]))  # starts the fork server
    statuses, said, seconds = Counter[int](), [], []

    for row in rows:
        started = time.monotonic()
        status, one = posted(client, path_of(row))
        seconds.append(time.monotonic() - started)
        statuses[status] += 1
        said.append(one)

    assert statuses == {200: len(rows)}
    assert faults_of(rows, said, expected_km2) == []
    assert too_late(rows, seconds) == []
    assert max(answer.memory_kib for answer in answers) < LIMIT_KIB
    prove_each_folder(proof, "hostile files by the form", rows, said)
    most_mib = max(answer.memory_kib for answer in answers) // 1024
    most = f"{max(seconds):.1f} s and {most_mib} MiB at most, no open, no connect"
    proof(f"hostile files by the form: {most}", len(rows))
    unreadable = sum(bool(UNREADABLE & set(one.codes)) for one in said)
    assert unreadable <= len(rows) * UNREADABLE_SHARE
    proof(f"hostile files of which the form says little more than no, of {len(rows)}", unreadable)


@pytest.mark.parametrize(
    "attempt",
    [
        "os.open('/etc/hostname', os.O_RDONLY)",
        "open('/nowhere')",
        "socket.socket()",
        "their.connect(('127.0.0.1', 9))",
    ],
)
def test_wire_kills_whoever_opens_or_connects(attempt):
    """It is laid around the same thing, undone: which then happens."""
    before = "import os, socket\ntheir = socket.socket()\n"
    undone = f"{before}import contextlib\nwith contextlib.suppress(OSError):\n    {attempt}\n"

    ran = [
        subprocess.run([sys.executable, "-c", script], capture_output=True).returncode
        for script in (undone, f"{tripwire.LAY}{before}lay()\n{attempt}\n")
    ]

    assert ran == [0, -signal.SIGSYS]


OPENS_AND_SAYS_NOTHING = """
from requests_app.aoi import child
def verdict(*_, **__):
    try:
        open("/etc/hostname")
    except OSError:
        pass
    return {"code": "empty_file", "facts": {}}, []
child.verdict = verdict
"""


def test_wire_lies_where_the_readers_walk(monkeypatch):
    """A reader that tries to open a file meets the wall unseen, but not the wire."""
    path, call = "import sys; sys.path.insert(0, sys.argv[1])\n", "child.serve(int(sys.argv[2]))"
    boots = (
        f"{path}{OPENS_AND_SAYS_NOTHING}{call}",
        tripwire.BOOT.replace(call, f"{OPENS_AND_SAYS_NOTHING}{call}"),
    )

    codes = []
    for boot in boots:
        sandbox._server.stop()
        monkeypatch.setattr(sandbox, "_BOOT", boot)
        codes.append(sandbox.ask(SOUND.encode(), filename="sound.geojson").code)
    sandbox._server.stop()

    assert codes == ["empty_file", "reader_stopped"]
