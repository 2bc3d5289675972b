"""Writes what the tests of `make prove` counted where ORBITRAGE_PROOFS says."""

import os
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.sizes import PROVE

ROWS = pytest.StashKey[list[str]]()
HEAD = """# Proofs

Written by `make prove`: every line is one property, held at the count its issue names.

Last run: {day}, {seconds:.0f} s.

| property | count | seconds | result |
|---|---:|---:|---|
"""


@pytest.fixture
def proof(record_property: Callable[[str, object], None]) -> Callable[[str, int], None]:
    """``proof("licence number after a kill", 500)``: a line of docs/proofs.md for this test."""

    def note(line: str, count: int) -> None:
        record_property("proof", f"{line}|{count}")

    return note


def pytest_configure(config: pytest.Config) -> None:
    config.stash[ROWS] = []
    config.stash[STARTED] = time.monotonic()


STARTED = pytest.StashKey[float]()


class Collector:
    """Hears the reports of all xdist workers."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call":
            return
        for name, value in report.user_properties:
            if name == "proof":
                line, _, count = str(value).rpartition("|")
                row = f"| {line} | {int(count):,} | {report.duration:.1f} | {report.outcome} |\n"
                self.config.stash[ROWS].append(row)


def pytest_sessionstart(session: pytest.Session) -> None:
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    if PROVE and not is_worker:
        session.config.pluginmanager.register(Collector(session.config), "orbitrage-proofs")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    rows = terminalreporter.config.stash[ROWS]
    if rows:
        terminalreporter.section("proofs")
        terminalreporter.write("".join(sorted(rows)))


def pytest_sessionfinish(session: pytest.Session) -> None:
    rows = session.config.stash[ROWS]
    page = os.environ.get("ORBITRAGE_PROOFS")
    if page and rows and "PYTEST_XDIST_WORKER" not in os.environ:
        seconds = time.monotonic() - session.config.stash[STARTED]
        head = HEAD.format(day=date.today().isoformat(), seconds=seconds)
        Path(page).write_text(head + "".join(sorted(rows)))
