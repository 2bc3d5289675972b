"""How many licences a second one process prints, beside a bare two-page document.

The floor, run by `make bench` just before, is the same engine and the same PDF variant on a fixed
page. Ours lays out the frozen record, draws the map and the locator, embeds the record and
declares both variants.

    .venv/bin/python bench/licence.py --count 25
"""

# ruff: noqa: E402 - Django is set up before its models are imported

import argparse
import io
import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orbitrage.settings.test")
os.environ["ORBITRAGE_TEST_DB_SUFFIX"] = f"_bench_{os.getpid()}"

import django

django.setup()

import pypdf

from licences.documents.pdf import licence_pdf
from licences.models import Licence
from tests.licences.factories import issued


def printed(licence: Licence, language: str) -> bytes:
    return licence_pdf(
        licence.record,
        sha256=licence.record_sha256,
        check_code=licence.check_code,
        language=language,
    )


def main() -> None:
    from django.db import connection

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=25)
    count = parser.parse_args().count
    connection.creation.create_test_db(verbosity=0, serialize=False)
    try:
        licence = issued()
    finally:
        connection.creation.destroy_test_db("", verbosity=0)
    began = time.perf_counter()
    data = printed(licence, "fr")
    first_ms = (time.perf_counter() - began) * 1_000
    times = []
    for n in range(count):
        began = time.perf_counter()
        data = printed(licence, ("fr", "en")[n % 2])
        times.append((time.perf_counter() - began) * 1_000)
    pages = len(pypdf.PdfReader(io.BytesIO(data)).pages)
    print(
        f"licence         pages={pages} bytes={len(data)} first={first_ms:.0f}ms"
        f" warm p50={statistics.median(times):.1f}ms PDFs/s={1_000 * count / sum(times):.2f}"
    )


if __name__ == "__main__":
    main()
