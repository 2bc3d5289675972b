"""Two sizes of the same proofs: small for every run, the counts of the issues for `make prove`."""

import os

PROVE = os.environ.get("ORBITRAGE_PROVE") == "1"


def size(small: int, large: int) -> int:
    return large if PROVE else small
