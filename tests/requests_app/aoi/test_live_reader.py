"""The very process that reads, looked at from outside while it reads."""

import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from requests_app.aoi import sandbox
from requests_app.aoi.limits import (
    ADDRESS_SPACE_LIMIT_BYTES,
    PROCESSOR_LIMIT_S,
    UNPRIVILEGED_ID,
    WALL_CLOCK_LIMIT_S,
)
from requests_app.aoi.reading import AreaRefused, read_area

REPOSITORY = Path(__file__).resolve().parents[3]
SQUARE = b'{"type":"Polygon","coordinates":[[[1,43],[2,43],[2,44],[1,43]]]}'


def star(points: int) -> bytes:
    """About half as many crossings as the square of ``points``: long to repair."""
    turn = 2 * math.pi * (points // 2) / points
    ring = [[math.cos(turn * n), math.sin(turn * n)] for n in range(points)]
    return json.dumps({"type": "Polygon", "coordinates": [[*ring, ring[0]]]}).encode()


def readers() -> list[int]:
    server = sandbox._server._process
    if server is None:
        return []
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text()
    return [int(pid) for pid in children.split()]


def facts_of(pid: int) -> dict[str, object]:
    folder = Path(f"/proc/{pid}")
    status = dict(
        line.split(":\t", 1)
        for line in (folder / "status").read_text().splitlines()
        if ":\t" in line
    )
    return {
        "environment": (folder / "environ").read_bytes(),
        "descriptors": {str(link.readlink()) for link in (folder / "fd").iterdir()},
        "filtered": status["Seccomp"].strip(),
        "no_new_privileges": status["NoNewPrivs"].strip(),
        "users": set(status["Uid"].split()),
        "capabilities": status["CapEff"].strip(),
        "limits": (folder / "limits").read_text(),
    }


@pytest.fixture
def caught_in_the_act() -> dict[str, object]:
    """Facts of a reader, taken once its filter is in place; its verdict under ``code``."""
    refusals: list[AreaRefused] = []
    read_area(SQUARE, "square.geojson")

    def read() -> None:
        with pytest.raises(AreaRefused) as refused:
            read_area(star(1_501), "star.geojson")
        refusals.append(refused.value)

    reading = threading.Thread(target=read)
    started = time.monotonic()
    reading.start()
    facts: dict[str, object] = {}
    while reading.is_alive() and facts.get("filtered") != "2":
        for pid in readers():
            try:
                facts = facts_of(pid)
            except (FileNotFoundError, ProcessLookupError):
                continue
    reading.join()
    return {**facts, "seconds": time.monotonic() - started, "code": refusals[0].codes[0]}


def test_reader_has_no_environment_no_descriptor_and_no_privilege(caught_in_the_act):
    facts = caught_in_the_act

    assert facts["filtered"] == "2"
    assert facts["no_new_privileges"] == "1"
    assert facts["environment"].strip(b"\0").split(b"\0") == [
        f"{name}={value}".encode() for name, value in sandbox.ENVIRONMENT.items()
    ]
    assert {
        name
        for name in facts["descriptors"]
        if name != "/dev/null" and not name.startswith("socket:") and not name.endswith("/proj.db")
    } == set()
    assert sum(name.startswith("socket:") for name in facts["descriptors"]) == 1
    if os.geteuid() == 0:
        assert facts["users"] == {str(UNPRIVILEGED_ID)}
        assert int(facts["capabilities"], 16) == 0
    limits = facts["limits"]
    for name, value in (
        ("Max address space", ADDRESS_SPACE_LIMIT_BYTES),
        ("Max file size", 0),
        ("Max core file size", 0),
    ):
        line = next(line for line in limits.splitlines() if line.startswith(name))
        assert line.removeprefix(name).split()[:2] == [str(value), str(value)]
    # The file that takes for ever is stopped, in time, with a word for it.
    assert facts["code"] in {"took_too_long", "too_much_memory"}
    assert facts["seconds"] < WALL_CLOCK_LIMIT_S + 1


def test_file_that_needs_more_memory_than_the_limit_is_refused():
    many_lists = b'{"type":"Feature","geometry":null,"x":[' + b"[]," * 6_000_000 + b"[]]}"

    with pytest.raises(AreaRefused) as refused:
        read_area(many_lists, "lists.geojson")

    assert refused.value.codes == ("too_much_memory",)


def test_reader_that_waits_for_ever_is_killed_by_the_clock():
    with sandbox._server._connection() as connection:
        # Nothing is sent: the reader waits, and waiting costs no processor time.
        started = time.monotonic()
        answer = sandbox._heard(connection)

    assert answer.code == "took_too_long"
    assert answer.processor_s < PROCESSOR_LIMIT_S
    assert WALL_CLOCK_LIMIT_S - 1 < time.monotonic() - started < WALL_CLOCK_LIMIT_S + 4


AFTER_A_FORK = """
import os, sys
sys.path.insert(0, sys.argv[1])
from requests_app.aoi import sandbox
square = sys.argv[2].encode()
sandbox.ask(square, filename="square.geojson")
first = sandbox._server._process.pid
pid = os.fork()
if pid == 0:
    answer = sandbox.ask(square, filename="square.geojson")
    second = sandbox._server._process.pid
    sandbox._server.stop()
    os._exit(0 if answer.geometries and second != first else 1)
_, status = os.waitpid(pid, 0)
answer = sandbox.ask(square, filename="square.geojson")
print(os.waitstatus_to_exitcode(status), bool(answer.geometries), sandbox._server._process.pid == first)
"""


def test_worker_forked_after_a_reading_starts_its_own_reader():
    ran = subprocess.run(
        [sys.executable, "-c", AFTER_A_FORK, str(REPOSITORY), SQUARE.decode()],
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (ran.stdout.split(), ran.stderr) == (["0", "True", "True"], "")


def test_fork_server_ends_with_the_process_that_started_it():
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import os, signal\n"
        "from requests_app.aoi import sandbox\n"
        "sandbox.ask(sys.argv[2].encode(), filename='square.geojson')\n"
        "print(sandbox._server._process.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(REPOSITORY), SQUARE.decode()],
        capture_output=True,
        text=True,
        timeout=60,
    )
    server = int(ran.stdout)

    assert ran.returncode == -signal.SIGKILL
    assert gone_within(server, seconds=5)


def gone_within(pid: int, *, seconds: float) -> bool:
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
    return False
