"""A PostgreSQL of one test's own, with fsync on, that may be stopped without warning."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connection, connections

SETTINGS = {
    "listen_addresses": "''",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "40",
    "shared_buffers": "'64MB'",
    "jit": "off",
}
SERVER_USER = "postgres" if os.geteuid() == 0 else None
"""PostgreSQL refuses root."""


class Cluster:
    """Sockets only, in ``folder``, which is of this cluster alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.bin = Path(f"/usr/lib/postgresql/{connection.pg_version // 10_000}/bin")

    def make(self, user: str) -> None:
        options = ["--auth=trust", f"--username={user}", "--encoding=UTF8", "--locale=C.UTF-8"]
        self._run("initdb", *options, "--no-sync", f"--pgdata={self.data}")
        lines = [f"{name} = {value}\n" for name, value in SETTINGS.items()]
        lines.append(f"unix_socket_directories = '{self.folder}'\n")
        with (self.data / "postgresql.conf").open("a") as configuration:
            configuration.writelines(lines)

    def start(self) -> None:
        self._run("pg_ctl", "start", "--wait", "--silent", f"--log={self.folder / 'log'}")

    def stop(self, mode: str = "fast") -> None:
        """``immediate`` is a power cut: no checkpoint; the next start recovers from the log."""
        self._run("pg_ctl", "stop", "--wait", "--silent", f"--mode={mode}")

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self.bin / program, *arguments],
            env={**os.environ, "PGDATA": str(self.data)},
            cwd=self.folder,
            user=SERVER_USER,
            check=True,
            stdout=subprocess.DEVNULL,
        )


@contextmanager
def cluster_of_its_own() -> Iterator[Cluster]:
    """Django's connection leads to a migrated database of the new cluster meanwhile."""
    usual = dict(connection.settings_dict)
    folder = Path(tempfile.mkdtemp(prefix="orbitrage-cluster-", dir="/tmp"))
    if SERVER_USER:
        shutil.chown(folder, SERVER_USER)
    cluster = Cluster(folder)
    cluster.make(usual["USER"])
    cluster.start()
    connections.close_all()
    try:
        connection.settings_dict.update(HOST=str(folder), NAME="postgres")
        call_command("migrate", verbosity=0)
        yield cluster
    finally:
        connections.close_all()
        connection.settings_dict.update(usual)
        cluster.stop("immediate")
        shutil.rmtree(folder)
