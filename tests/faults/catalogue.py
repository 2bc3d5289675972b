"""The faults, as written in ``faults.toml``."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
REPOSITORY = FOLDER.parent.parent


class FaultStale(Exception):
    """The code has moved on: the fault no longer applies."""


@dataclass(frozen=True)
class Fault:
    """``in_database``: the fault is in a migration, so the database is made again for it."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    in_database: bool = False

    def applied_to(self, text: str) -> str:
        """
        Raises:
            FaultStale: ``old`` does not stand exactly once in ``text``.
        """
        count = text.count(self.old)
        if count != 1:
            raise FaultStale(f"{self.name}: the old text stands {count} times in {self.file}")
        return text.replace(self.old, self.new)


def all_faults() -> list[Fault]:
    found = tomllib.loads((FOLDER / "faults.toml").read_text(encoding="utf-8"))
    return [Fault(**{**fault, "tests": tuple(fault["tests"])}) for fault in found["fault"]]
