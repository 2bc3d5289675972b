"""Ask Orbitrage for satellite images from a program."""

from orbitrage_client.errors import (
    NotFound,
    NotLetIn,
    OrbitrageError,
    Refusal,
    Refused,
    Unreachable,
)
from orbitrage_client.service import Orbitrage

__all__ = [
    "NotFound",
    "NotLetIn",
    "Orbitrage",
    "OrbitrageError",
    "Refusal",
    "Refused",
    "Unreachable",
]
