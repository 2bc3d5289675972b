"""Real Celery workers, on the database of the process that starts them."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
START_S = 30


@contextmanager
def own_queue() -> Iterator[str]:
    """A queue that workers of other runs on the same broker do not listen to."""
    from celery import current_app

    queue = f"orbitrage-{os.getpid()}-{time.monotonic_ns()}"
    usual, current_app.conf.task_default_queue = current_app.conf.task_default_queue, queue
    current_app.amqp.queues.select_add(queue)
    try:
        yield queue
    finally:
        current_app.conf.task_default_queue = usual


def start(
    storage: Path, queue: str, *, log: Path, beat: Path | None = None
) -> subprocess.Popen[bytes]:
    """A worker of one process that listens to ``queue``, and is ready. With ``beat``, the file of
    its schedule, it sends the periodic tasks as well.

    Raises:
        RuntimeError: it did not start; with its log.
    """
    command = [sys.executable, "-m", "celery", "-A", "orbitrage", "worker"]
    command += ["--concurrency=1", "--without-gossip", "--without-mingle", "--loglevel=INFO"]
    if beat is not None:
        command += ["--beat", f"--schedule={beat}"]
    with log.open("wb") as output:
        worker = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=_environment(storage, queue),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    _wait_until_ready(worker, log)
    return worker


def _environment(storage: Path, queue: str) -> dict[str, str]:
    """Environment that points another process at the database of this process."""
    from django.db import connection

    database = connection.settings_dict
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "orbitrage.settings.test",
        "ORBITRAGE_DATABASE_URL": (
            f"postgis://{database['USER']}@/{database['NAME']}?host={database['HOST']}"
        ),
        "ORBITRAGE_TEST_STORAGE": str(storage),
        "ORBITRAGE_QUEUE": queue,
        "ORBITRAGE_PROCESS": "worker",
    }


def _wait_until_ready(worker: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while " ready." not in log.read_text(errors="replace"):
        if worker.poll() is not None or time.monotonic() > deadline:
            worker.kill()
            raise RuntimeError(f"the worker did not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.05)


def child_of(worker: subprocess.Popen[bytes]) -> int | None:
    """The process of the pool that does the work; the worker replaces it when it dies."""
    children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
    return int(children[0]) if children else None


def end(worker: subprocess.Popen[bytes]) -> None:
    """Wait for a worker that was told to stop; kill one that is still busy: the test is over."""
    try:
        worker.wait(timeout=START_S)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
