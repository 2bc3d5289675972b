"""What a licence costs to print, beside bare WeasyPrint on the same HTML, and many of them in bulk.

The floor is `write_pdf` of the very page and style, with the same PDF variant and nothing else: no
record to lay out, no map to draw, nothing attached, nothing declared. The floor and ours take turns
in one process. Bulk is left to a real worker, by the outbox: laid out, printed in both languages,
sealed, kept with its hash and row.

    .venv/bin/python bench/licence.py --count 25 --bulk 10 100 1000
"""

# ruff: noqa: E402 - Django is set up before its models are imported

import argparse
import gc
import io
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orbitrage.settings.test")
os.environ["ORBITRAGE_TEST_DB_SUFFIX"] = f"_bench_{os.getpid()}"

import django

django.setup()

import pypdf
import weasyprint
from django.core.management import call_command
from django.test import override_settings

from licences import rendering
from licences.documents.pdf import licence_html, print_page
from licences.kinds import LAYOUTS, folder
from licences.models import Licence, LicenceFile
from orbitrage.outbox_handlers import HANDLERS
from orbitrage.shared import outbox
from orbitrage.shared.documents import seal
from orbitrage.shared.documents.pdf import FOLDER, FONTS, FolderFetcher
from orbitrage.shared.models import OutboxMessage
from tests import workers
from tests.eligibility.factories import EntityFactory
from tests.licences.factories import issued


def page_of(licence: Licence, language: str = "fr") -> str:
    return licence_html(
        licence.record,
        sha256=licence.record_sha256,
        check_code=licence.check_code,
        language=language,
    )


def bare(page: str, licence: Licence) -> bytes:
    fetcher = FolderFetcher(folder() / licence.kind, LAYOUTS, FONTS)
    fonts = weasyprint.text.fonts.FontConfiguration()
    sheet = weasyprint.CSS(
        filename=LAYOUTS / licence.record["layout_version"] / "licence.css",
        base_url=FOLDER.as_uri() + "/",
        font_config=fonts,
        url_fetcher=fetcher,
    )
    html = weasyprint.HTML(string=page, url_fetcher=fetcher)
    return html.write_pdf(
        stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/a-3a", pdf_tags=True
    )


def ms_of(work, *arguments) -> tuple[float, float]:
    """Elapsed, and of the processor: where a host is shared, the first is its neighbours' too."""
    gc.collect()  # each cleans up after itself alone
    began, began_cpu = time.perf_counter(), time.process_time()
    work(*arguments)
    return (time.perf_counter() - began) * 1_000, (time.process_time() - began_cpu) * 1_000


def medians_of(measured: list[tuple[float, float]]) -> tuple[float, float]:
    elapsed, of_processor = zip(*measured, strict=True)
    return statistics.median(elapsed), statistics.median(of_processor)


def one_by_one(licence: Licence, count: int) -> None:
    page = page_of(licence)
    data = print_page(page, licence.record)
    bare(page, licence)
    laid_out, floor, ours, sealed = [], [], [], []
    for _ in range(count):
        laid_out.append(ms_of(page_of, licence))
        floor.append(ms_of(bare, page, licence))
        ours.append(ms_of(print_page, page, licence.record))
        sealed.append(ms_of(seal_it, data))
    pages = len(pypdf.PdfReader(io.BytesIO(data)).pages)
    rows = {
        "bare WeasyPrint, same HTML": medians_of(floor),
        "ours, rendering part": medians_of(ours),
    }
    print(f"licence of {pages} pages, {len(data)} bytes; medians of {count}, in turns")
    for what, (elapsed, of_processor) in rows.items():
        print(
            f"  {what:28} {elapsed:7.1f} ms {1e3 / elapsed:6.2f} a second;"
            f" {of_processor:7.1f} ms of processor"
        )
    ratios = [bare / mine for bare, mine in zip(*rows.values(), strict=True)]
    print(
        f"  rate of ours to that of the bare: {ratios[0]:.2f} elapsed, {ratios[1]:.2f} of processor"
    )
    print(
        f"  besides: laying out the record {medians_of(laid_out)[0]:.1f} ms,"
        f" the seal {medians_of(sealed)[0]:.1f} ms"
    )
    print("  its twin in the other language costs as much again")


def seal_it(data: bytes) -> bytes:
    return seal.seal(data, field_title="Seal", reason="Bench").data


def in_bulk(counts: list[int], place: Path) -> None:
    """By a worker that starts anew for each count; what it weighs is its process that prints, which
    is replaced when it has grown."""
    entity = EntityFactory()
    print("in bulk, both languages, sealed and kept, by one worker:")
    for count in counts:
        for _ in range(count):
            issued(entity=entity)
        before = LicenceFile.objects.count()
        with workers.own_queue() as queue:
            worker = workers.start(place / "storage", queue, log=place / "worker.log")
            began = time.perf_counter()
            weights_mib = until_all_is_done(worker)
            seconds = time.perf_counter() - began
            worker.terminate()
            workers.end(worker)
        made = LicenceFile.objects.count() - before
        assert made == 2 * count
        print(
            f"  {count:5} licences, {made:5} documents: {seconds:7.1f} s,"
            f" {1e3 * seconds / count:6.1f} ms a licence, {count / seconds:5.2f} licences a second,"
            f" {max(weights_mib.values()):.0f} MiB at most, processes: {len(weights_mib)}"
        )


def until_all_is_done(worker: subprocess.Popen[bytes]) -> dict[int, float]:
    """How many MiB each process that printed weighed at most, by its pid."""
    weights_mib: dict[int, float] = {}
    outbox.wake_worker()
    while OutboxMessage.objects.exclude(state="done").exists():
        assert not OutboxMessage.objects.filter(state="dead").exists()
        if (pid := workers.child_of(worker)) and (weight := weight_mib(pid)):
            weights_mib[pid] = max(weight, weights_mib.get(pid, 0))
        time.sleep(0.2)
    return weights_mib


def weight_mib(pid: int) -> float:
    """Resident memory; 0 of a process that has gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except FileNotFoundError:
        return 0
    return pages * resource.getpagesize() / 2**20


def main() -> None:
    from django.db import connection

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=25)
    parser.add_argument("--bulk", type=int, nargs="*", default=[10, 100])
    options = parser.parse_args()
    connection.creation.create_test_db(verbosity=0, serialize=False)
    try:
        with tempfile.TemporaryDirectory() as place:
            call_command("make_test_seal", place, verbosity=0)
            with override_settings(
                MEDIA_ROOT=Path(place) / "storage",
                ORBITRAGE_PROCESS="worker",
                ORBITRAGE_SEAL_FILE=f"{place}/seal.p12",
                ORBITRAGE_SEAL_PASSPHRASE_FILE=f"{place}/seal-passphrase",
            ):
                os.environ["ORBITRAGE_SEAL_FILE"] = f"{place}/seal.p12"
                os.environ["ORBITRAGE_SEAL_PASSPHRASE_FILE"] = f"{place}/seal-passphrase"
                licence = issued()
                rendering.render(licence.pk)
                outbox.drain(HANDLERS)
                one_by_one(licence, options.count)
                in_bulk(options.bulk, Path(place))
    finally:
        connection.creation.destroy_test_db("", verbosity=0)


if __name__ == "__main__":
    main()
