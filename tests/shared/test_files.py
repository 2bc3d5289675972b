"""Files that are given out: whole or absent on a disk, and checked whenever they are read."""

import os
import resource
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.core.files.storage import default_storage

from orbitrage.shared.documents import files
from orbitrage.shared.documents.storage import FORGOTTEN_AFTER_S

DATA = b"%PDF-1.7 as it was issued"
NAME = "licences/2026/A-0123456789abcdef.pdf"


def names(storage):
    return sorted(str(path.relative_to(storage)) for path in storage.rglob("*") if path.is_file())


def test_what_is_kept_is_read_back():
    files.keep(NAME, DATA)

    assert files.read(NAME, files.digest(DATA)) == DATA
    assert files.is_whole(NAME, files.digest(DATA))


def test_what_is_kept_is_read_by_its_group_and_nobody_else(storage):
    files.keep(NAME, DATA)

    assert (storage / NAME).stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("change", ["gone", "altered", "cut"])
def test_file_that_is_not_the_one_issued_is_not_given(storage, change):
    files.keep(NAME, DATA)
    if change == "gone":
        (storage / NAME).unlink()
    else:
        (storage / NAME).write_bytes(DATA[:-1] if change == "cut" else DATA.replace(b"as", b"AS"))

    with pytest.raises(files.FileAltered) as refused:
        files.read(NAME, files.digest(DATA))

    assert refused.value.codes == ("file_altered",)
    assert "A-0123456789abcdef.pdf" in refused.value.refusals[0].message
    assert not files.is_whole(NAME, files.digest(DATA))


def test_names_of_two_contents_are_unlike():
    first, second = (
        files.name_of("licences/2026/A", files.digest(each), "pdf") for each in (b"1", b"2")
    )

    assert first != second
    assert files.name_of("licences/2026/A", files.digest(b"1"), "pdf") == first


def test_storage_that_does_not_answer_says_nothing_of_the_file(storage):
    files.keep(NAME, DATA)
    place = storage / NAME
    place.unlink()
    place.mkdir()

    with pytest.raises(files.FileAway) as refused:
        files.is_whole(NAME, files.digest(DATA))

    assert refused.value.codes == ("file_away",)


def test_what_a_killed_writer_left_is_swept_up_later(storage):
    aside = storage / "licences" / ".aside"
    aside.mkdir(parents=True)
    forgotten, at_work = (aside / f"A-0123456789abcdef.pdf.{each}" for each in ("old", "new"))
    for each in (forgotten, at_work):
        each.write_bytes(b"half")
    an_hour_ago = time.time() - FORGOTTEN_AFTER_S - 1
    os.utime(forgotten, (an_hour_ago, an_hour_ago))

    files.keep(NAME, DATA)

    assert names(storage) == sorted([f"licences/.aside/{at_work.name}", NAME])


KEEP_WITHIN_A_LIMIT = """
import resource, signal, sys
import django
from django.conf import settings
settings.configure(
    MEDIA_ROOT=sys.argv[1],
    STORAGES={"default": {
        "BACKEND": "orbitrage.shared.documents.storage.DurableFileSystemStorage"}},
)
django.setup()
from orbitrage.shared.documents import files
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    files.keep("licences/2026/A.pdf", b"x" * 10_000)
except OSError as error:
    print(error.errno)
"""


def test_disk_that_takes_no_more_keeps_nothing_of_it(storage):
    assert resource.RLIM_INFINITY in resource.getrlimit(resource.RLIMIT_FSIZE)

    said = subprocess.run(
        [sys.executable, "-c", KEEP_WITHIN_A_LIMIT, storage, "4096"],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout == "27\n"  # EFBIG
    assert names(storage) == []


def test_files_of_a_folder_are_listed_at_any_depth():
    for name in ("attachments/ab/1", "attachments/cd/2"):
        files.keep(name, DATA)

    found = set(files.kept_in("attachments"))

    assert {"attachments/ab/1", "attachments/cd/2"} <= found
    assert list(files.kept_in("nothing")) == []


def test_name_given_again_has_the_new_content():
    files.keep(NAME, b"first")
    files.keep(NAME, DATA)

    with default_storage.open(NAME) as file:
        assert file.read() == DATA
