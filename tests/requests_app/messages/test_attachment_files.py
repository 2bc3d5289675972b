"""Which files may be attached: by their content, under a name that is safe."""

import io
import zipfile

import pytest
from django.utils.translation import override

from requests_app.attachments.checking import check_files
from requests_app.attachments.names import NAME_MAXIMUM_CHARACTERS, clean_name
from tests.requests_app.attached import (
    WHOLE,
    archive,
    docx,
    image,
    open_document,
    pdf,
    upload,
    xlsx,
)

PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00PE\x00\x00"
PAGE = b"<!DOCTYPE html><script>alert(1)</script>"
DRAWING = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


def codes(name: str, data: bytes) -> list[str]:
    found, refused = check_files([upload(name, data)])
    assert (found == []) == (refused != [])
    return [refusal.code for refusal in refused]


@pytest.mark.parametrize("name", WHOLE)
def test_whole_file_is_of_its_kind(name):
    kind, data = WHOLE[name]

    (checked,), refused = check_files([upload(name, data)])

    assert refused == []
    assert (checked.name, checked.kind, checked.data) == (name, kind, data)


OTHER_CONTENT = [
    ("letter.pdf", PROGRAM),
    ("letter.pdf", PAGE),
    ("letter.pdf", b"junk before\n" + pdf()),
    ("letter.pdf", pdf()[:200]),
    ("letter.pdf", docx()),
    ("scan.png", DRAWING),
    ("scan.png", image("JPEG")),
    ("photo.jpg", image("PNG")),
    ("scan.tif", PAGE),
    ("letter.docx", pdf()),
    ("letter.docx", archive({"readme.txt": b"x"})),
    ("letter.docx", xlsx()),
    ("letter.odt", docx()),
    ("letter.odt", open_document("spreadsheet")),
    ("table.xlsx", docx()),
    ("table.csv", xlsx()),
    ("notes.txt", PAGE),
    ("notes.txt", b"\xef\xbb\xbf \n" + DRAWING),
    ("notes.txt", b"a\x00b"),
    ("notes.txt", "Été".encode("utf-16")),
    ("zone.geojson", b"[1, 2]"),
    ("zone.geojson", b'{"a": 1}'),
    ("zone.geojson", PAGE),
    ("zone.zip", pdf()),
    ("zone.zip", b"GIF89a" + archive({"zone.shp": b"x"})),
]


@pytest.mark.parametrize(("name", "data"), OTHER_CONTENT)
def test_wrong_content_under_a_right_name_is_refused(name, data):
    assert codes(name, data) == ["attachment_other_content"]


@pytest.mark.parametrize(
    "name",
    [
        "setup.exe",
        "page.html",
        "drawing.svg",
        "letter.pdf.exe",
        "letter.docm",
        "letter",
        ".pdf",
        "",
    ],
)
def test_kind_that_is_not_accepted_is_refused_whatever_it_holds(name):
    assert codes(name, pdf()) == ["attachment_kind_not_accepted"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("letter.docx", docx({"word/vbaProject.bin": b"x"})),
        ("letter.odt", open_document("text", {"Basic/Standard/script.xml": b"x"})),
    ],
)
def test_macros_are_refused(name, data):
    assert codes(name, data) == ["attachment_with_macros"]


@pytest.mark.parametrize(
    ("name", "data"),
    [("letter.pdf", pdf()), ("scan.png", image("PNG")), ("photo.jpg", image("JPEG"))],
)
def test_archive_behind_a_document_is_refused(name, data):
    both = data + archive({"setup.exe": PROGRAM}) + (b"\n%%EOF" if name == "letter.pdf" else b"")
    assert zipfile.ZipFile(io.BytesIO(both)).namelist() == ["setup.exe"]

    assert codes(name, both) == ["attachment_hides_archive"]


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"zone.shp": b"x", "setup.exe": PROGRAM}, "member_not_accepted"),
        ({"inner.zip": archive({"a.txt": b"x"})}, "member_not_accepted"),
        ({"__MACOSX/setup.exe": PROGRAM}, "member_not_accepted"),
        ({"../zone.shp": b"x"}, "archive_unsafe"),
        ({"/etc/zone.txt": b"x"}, "archive_unsafe"),
    ],
)
def test_archive_holds_only_what_is_accepted_alone(members, code):
    assert codes("zone.zip", archive(members)) == [f"attachment_{code}"]


def test_archive_that_unpacks_to_too_much_is_refused_unopened():
    members = {f"{number}.txt": bytes(10 * 2**20) for number in range(13)}

    assert codes("zone.zip", archive(members)) == ["attachment_archive_too_large"]


@pytest.mark.parametrize("count", [1_001, 5_001])
def test_archive_of_very_many_members_is_refused(count):
    members = {f"{number}.txt": b"" for number in range(count)}

    assert codes("zone.zip", archive(members)) == ["attachment_archive_too_many_members"]


def test_damaged_archive_is_refused():
    assert codes("zone.zip", archive({"zone.shp": b"x"})[:-30]) == ["attachment_archive_unreadable"]


def test_empty_file_is_refused():
    assert codes("letter.pdf", b"") == ["attachment_empty_file"]


def test_every_file_that_is_refused_is_named():
    with override("en"):
        found, refused = check_files(
            [upload("a.exe", PROGRAM), upload("b.pdf"), upload("c.pdf", b""), upload("d.png", PAGE)]
        )

    assert [file.name for file in found] == ["b.pdf"]
    assert [refusal.message.partition("”")[0] for refusal in refused] == [
        "“a.exe",
        "“c.pdf",
        "“d.png",
    ]


def test_too_many_files_are_refused_with_the_figures(settings):
    settings.ORBITRAGE_ATTACHMENTS_PER_MESSAGE = 2

    with override("en"):
        found, refused = check_files([upload()] * 3)

    assert found == []
    assert [(refusal.code, refusal.message) for refusal in refused] == [
        ("too_many_files", "3 files; at most 2 at a time.")
    ]


def test_files_that_are_too_large_together_are_refused_with_the_figures(settings):
    settings.ORBITRAGE_ATTACHMENTS_MAXIMUM_MIB = 1
    half = b"a" * 2**19

    with override("en"):
        assert check_files([upload("a.txt", half), upload("b.txt", half)])[1] == []
        _found, (refusal,) = check_files([upload("a.txt", half), upload("b.txt", half + b"a")])

    assert refusal.code == "attachments_too_large"
    assert refusal.message == "The files are 2 MiB together; at most 1 MiB are taken."


# --- Names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Lettre d’engagement.pdf", "Lettre d’engagement.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\me\\letter.pdf", "letter.pdf"),
        ("invoice\u202efdp.pdf", "invoicefdp.pdf"),
        ("a\u2066b\u2069\u200b.pdf", "ab.pdf"),
        ("two\r\nlines\u2028.pdf", "two lines.pdf"),
        (" .hidden. .pdf. ", "hidden.pdf"),
        ('a"b<c>:|?*.pdf', "a_b_c_____.pdf"),
        ("e\u0301te\u0301.pdf", "été.pdf"),
        ("تقرير.pdf", "تقرير.pdf"),
        ("\ud800.pdf", "pdf"),
        ("", ""),
        ("..", ""),
    ],
)
def test_name_is_kept_without_what_could_mislead(given, kept):
    assert clean_name(given) == kept


def test_long_name_keeps_its_suffix():
    name = clean_name("x" * 300 + ".pdf")

    assert (len(name), name[-5:]) == (NAME_MAXIMUM_CHARACTERS, "x.pdf")


def test_long_suffix_is_none():
    assert codes("a." + "x" * 300 + "pdf", pdf()) == ["attachment_kind_not_accepted"]
