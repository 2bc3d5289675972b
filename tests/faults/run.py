"""Does the suite notice? Puts each fault into a copy of the tree and runs the tests meant for it.

    python -m tests.faults.run [part of a fault's name]

Ends with 0 when every fault was caught. `make faults` starts the services of the tests for it.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from tests.faults.catalogue import REPOSITORY, Fault, all_faults

DATABASE_SUFFIX = os.environ.get("ORBITRAGE_TEST_DB_SUFFIX", "") + "_faults"
LEFT_BEHIND = shutil.ignore_patterns(
    ".git", ".venv", "var", "__pycache__", ".*_cache", "node_modules"
)
TESTS_FAILED = 1
CAUGHT, MISSED, BROKEN = "caught", "MISSED", "BROKEN"


def copy_of_the_tree(folder: Path) -> Path:
    """The sources, and the way to the services of the tests."""
    copy = folder / "tree"
    shutil.copytree(REPOSITORY, copy, ignore=LEFT_BEHIND)
    (copy / "var").mkdir()
    (copy / "var" / "test").symlink_to(REPOSITORY / "var" / "test")
    return copy


def run_tests(tree: Path, tests: Iterable[str], *, make_database: bool) -> tuple[int, str]:
    """pytest's exit code and its last line."""
    arguments = ["--create-db"] if make_database else []
    command = [sys.executable, "-m", "pytest", "-q", "--reuse-db", "-p", "no:cacheprovider"]
    environment = {
        **os.environ,
        "ORBITRAGE_TEST_DB_SUFFIX": DATABASE_SUFFIX,
        "ORBITRAGE_SHARED_DATA": os.environ.get(
            "ORBITRAGE_SHARED_DATA", str(REPOSITORY.parent / "shared" / "data")
        ),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(tree),
    }
    done = subprocess.run(
        [*command, *arguments, "--tb=line", *tests],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.strip().splitlines()
    return done.returncode, lines[-1] if lines else done.stderr[-200:]


def verdict(code: int, last_line: str) -> str:
    """A fault is caught by a test that fails, not by one that could not start."""
    if code == 0:
        return MISSED
    return CAUGHT if code == TESTS_FAILED and re.search(r"\d+ failed", last_line) else BROKEN


def seed(tree: Path, fault: Fault) -> tuple[str, str]:
    place = tree / fault.file
    sound = place.read_text(encoding="utf-8")
    place.write_text(fault.applied_to(sound), encoding="utf-8")
    try:
        code, last_line = run_tests(tree, fault.tests, make_database=fault.in_database)
    finally:
        place.write_text(sound, encoding="utf-8")
    return verdict(code, last_line), last_line


def require_sound(tree: Path, faults: list[Fault]) -> None:
    """Without a fault the same tests pass; else what follows would show nothing."""
    tests = sorted({test for fault in faults for test in fault.tests})
    code, last_line = run_tests(tree, tests, make_database=True)
    print(f"without a fault: {last_line}", flush=True)
    if code != 0:
        sys.exit("The tests fail before any fault is put in.")


def main() -> int:
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    faults = [fault for fault in all_faults() if wanted in fault.name]
    verdicts = []
    with tempfile.TemporaryDirectory(prefix="orbitrage-faults-") as folder:
        tree = copy_of_the_tree(Path(folder))
        for fault in faults:
            fault.applied_to((tree / fault.file).read_text(encoding="utf-8"))
        require_sound(tree, faults)
        # Those in the database last: the ones before share a sound one.
        for fault in sorted(faults, key=lambda fault: fault.in_database):
            started = time.monotonic()
            found, last_line = seed(tree, fault)
            verdicts.append(found)
            seconds = time.monotonic() - started
            print(f"| {fault.name} | {found} | {seconds:.0f} s | {last_line} |", flush=True)
    print(f"{verdicts.count(CAUGHT)} caught of {len(faults)} seeded")
    return 0 if set(verdicts) == {CAUGHT} else 1


if __name__ == "__main__":
    sys.exit(main())
