"""The table of the workflow, written by hand from the specification."""

import csv
from pathlib import Path

TABLE = Path(__file__).with_name("workflow_table.csv")


def rows() -> list[dict[str, str]]:
    with TABLE.open(newline="") as file:
        return list(csv.DictReader(file))
