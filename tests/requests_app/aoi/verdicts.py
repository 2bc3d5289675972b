"""The two tables typed by hand: what becomes of every real and of every hostile file."""

import csv
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
SHARE = 0.001
# Two square metres: areas are stated to one.
LEAST_KM2 = 0.000002


class Said(NamedTuple):
    """What one of the ways in says of a file."""

    is_accepted: bool
    codes: tuple[str, ...]
    area_km2: float | None


def rows_of(table: str) -> list[dict[str, str]]:
    """Lines that begin with # are remarks, at the head of the table."""
    with (HERE / table).open(newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def fault_of(said: Said, row: dict[str, str], expected_km2: float | None) -> str:
    """How it differs from the table; empty when it does not. ``expected_km2``: where there is one,
    of what is accepted and of what is only too large."""
    allowed = row["codes"].split()
    if said.is_accepted != (row["verdict"] == "accepted"):
        return f"{'accepted' if said.is_accepted else said.codes}, not {row['verdict']} {allowed}"
    if not said.is_accepted and not (said.codes and set(said.codes) <= set(allowed)):
        return f"{said.codes}, not one of {allowed}"
    if expected_km2 is not None and not is_near(said.area_km2, expected_km2):
        return f"{said.area_km2} km², not {expected_km2}"
    return ""


def is_near(area_km2: float | None, expected_km2: float) -> bool:
    if area_km2 is None:
        return False
    return abs(area_km2 - expected_km2) <= max(expected_km2 * SHARE, LEAST_KM2)
