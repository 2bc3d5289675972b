"""What the process that reads a stranger's file may still do: compute, a little."""

import io
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from requests_app.aoi import sandbox
from requests_app.aoi.limits import (
    MAXIMUM_FILE_BYTES,
)
from requests_app.aoi.reading import AreaRefused, read_area

REPOSITORY = Path(__file__).resolve().parents[3]
SQUARE = b"""{"type": "Polygon", "coordinates": [[[1, 43], [1.1, 43], [1.1, 43.1], [1, 43.1],
[1, 43]]]}"""

CONFINED = """
import os, socket, sys
sys.path.insert(0, sys.argv[1])
import requests_app.aoi.warm_up
from requests_app.aoi import confinement
confinement.drop_privileges()
confinement.limit_resources()
confinement.open_reference_systems()
before = os.open("/etc/hostname", os.O_RDONLY)
socket.socket().close()
confinement.filter_system_calls()
def tried(name, call):
    try:
        call()
    except OSError as error:
        print(name, error.errno)
    else:
        print(name, "done")
tried("open", lambda: os.open("/etc/hostname", os.O_RDONLY))
tried("socket", lambda: socket.socket())
tried("fork", lambda: os.fork())
tried("exec", lambda: os.execv("/bin/true", ["true"]))
tried("kill", lambda: os.kill(os.getpid(), 0))
tried("unlink", lambda: os.unlink("/tmp/none"))
tried("rename", lambda: os.rename("/tmp/none", "/tmp/other"))
tried("mkdir", lambda: os.mkdir("/tmp/none"))
"""


def test_the_confined_process_opens_nothing_and_reaches_nobody():
    """What could be done before the filter cannot after it (1: not permitted)."""
    ran = subprocess.run(
        [sys.executable, "-c", CONFINED, str(REPOSITORY)], capture_output=True, text=True
    )

    assert ran.stdout.split("\n")[:-1] == [
        "open 1", "socket 1", "fork 1", "exec 1", "kill 1", "unlink 1", "rename 1", "mkdir 1",
    ], ran.stderr  # fmt: skip


def test_reader_is_at_work_after_a_file_made_it_stop(monkeypatch):
    first = read_area(SQUARE, "square.geojson")
    sandbox._server.stop()

    second = read_area(SQUARE, "square.geojson")

    assert first == second


def test_files_are_read_from_several_threads_at_once():
    with ThreadPoolExecutor(max_workers=8) as pool:
        found = list(pool.map(lambda _: read_area(SQUARE, "square.geojson").area_km2, range(16)))

    assert len(set(found)) == 1


def test_empty_file_is_refused():
    with pytest.raises(AreaRefused) as refused:
        read_area(b"", "nothing.geojson")

    assert refused.value.codes == ("empty_file",)


def test_file_over_the_limit_is_refused_before_it_is_read():
    with pytest.raises(AreaRefused) as refused:
        read_area(b" " * (MAXIMUM_FILE_BYTES + 1), "large.geojson")

    assert refused.value.codes == ("file_too_large",)


def test_archive_that_unpacks_beyond_the_limit_is_refused():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", b"0" * 200 * 1024 * 1024)

    with pytest.raises(AreaRefused) as refused:
        read_area(packed.getvalue(), "bomb.kmz")

    assert refused.value.codes == ("archive_too_large",)


def test_file_name_is_never_a_path():
    found = read_area(SQUARE, "../../etc/passwd/../square.geojson")

    assert found.parts == 1
