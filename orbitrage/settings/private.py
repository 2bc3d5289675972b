"""The private PostGIS and Redis that `make services` keeps under var/."""

import os
from pathlib import Path

import environ


def use_private_services(base_dir: Path, name: str) -> bool:
    """Take from var/<name>/services.env what the environment leaves unsaid.

    Returns whether the database in use is the private one.
    """
    folder = base_dir / "var" / name
    environ.Env.read_env(folder / "services.env")
    private_url = f"postgis://orbitrage@/orbitrage?host={folder}/run"
    private_url = environ.Env().str("ORBITRAGE_PRIVATE_DATABASE_URL", default=private_url)
    os.environ.setdefault("ORBITRAGE_BROKER_URL", f"redis+socket://{folder}/run/redis.sock")
    return os.environ.setdefault("ORBITRAGE_DATABASE_URL", private_url) == private_url
