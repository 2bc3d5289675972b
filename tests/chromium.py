"""The Chromium of the system, with nothing of its own on the network."""

import os
import shutil

# The shell draws and runs pages alike, and has no windows of its own to keep.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def executable() -> str | None:
    """``ORBITRAGE_CHROMIUM``, or the first that is installed."""
    return os.environ.get("ORBITRAGE_CHROMIUM") or next(
        filter(None, map(shutil.which, NAMES)), None
    )
