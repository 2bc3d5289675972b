"""The programme's seal: valid for outside tools, made by the worker alone, and not drawn."""

import io
from datetime import UTC, datetime, timedelta

import pikepdf
import pytest

from licences.documents.pdf import licence_pdf
from orbitrage.shared import http
from orbitrage.shared.canonical import sha256_of
from orbitrage.shared.documents import seal
from tests.licences.frozen import CODE, frozen
from tests.shared.authorities import authorities
from tests.shared.sealing import give_seal, pdfsig_says, pyhanko_says


@pytest.fixture(scope="module")
def printed():
    record = frozen()
    return licence_pdf(record, sha256=sha256_of(record), check_code=CODE, language="fr")


@pytest.fixture
def folder(settings, tmp_path):
    give_seal(settings, tmp_path)
    yield tmp_path
    seal._means.cache_clear()


def sealed(printed: bytes) -> seal.Sealed:
    return seal.seal(printed, field_title="Sceau du programme", reason="Document délivré")


def test_two_tools_accept_the_seal(folder, printed):
    path = folder / "sealed.pdf"
    path.write_bytes(sealed(printed).data)

    assert pdfsig_says(path) == "Signature is Valid."
    assert pyhanko_says(path, folder / "seal-authority.pem") == "The signature is judged VALID."


def test_seal_leaves_what_was_printed_as_it_was(folder, printed):
    document = sealed(printed)

    assert document.level == "B-B"
    assert document.data.startswith(printed)
    with pikepdf.open(io.BytesIO(document.data)) as pdf:
        metadata = pdf.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfuaid:part"]) == ("3", "1")
        (field,) = pdf.Root.AcroForm.Fields
        assert str(field.TU) == "Sceau du programme"
        assert [float(each) for each in field.Rect] == [0, 0, 0, 0]
        signed_at = datetime.strptime(str(field.V.M).replace("'", ""), "D:%Y%m%d%H%M%S%z")
    assert abs(datetime.now(UTC) - signed_at) < timedelta(minutes=5)


@pytest.mark.parametrize("process", ["web", "command"])
def test_no_other_process_seals(folder, settings, printed, process):
    settings.ORBITRAGE_PROCESS = process

    with pytest.raises(seal.SealUnavailable, match=process):
        sealed(printed)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"ORBITRAGE_SEAL_LEVEL": "B-X"}, "B-X"),
        ({"ORBITRAGE_SEAL_LEVEL": "B-T"}, "ORBITRAGE_TIMESTAMP_ADDRESS"),
        ({"ORBITRAGE_SEAL_FILE": "/nowhere.p12"}, "nowhere"),
        ({"ORBITRAGE_SEAL_PASSPHRASE_FILE": "/dev/null"}, "PKCS"),
    ],
)
def test_seal_that_cannot_be_read_is_said(folder, settings, printed, changed, says):
    for name, value in changed.items():
        setattr(settings, name, value)

    with pytest.raises(seal.SealUnavailable, match=says):
        sealed(printed)


# --- With authorities that answer -----------------------------------------------------------------


@pytest.fixture
def with_authorities(settings, tmp_path):
    with authorities(tmp_path) as found:
        for name, value in found.items():
            setattr(settings, name, value)
        seal._means.cache_clear()
        yield tmp_path
    seal._means.cache_clear()


@pytest.mark.parametrize("level", ["B-B", "B-T", "B-LT"])
def test_each_level_is_accepted_by_two_tools(with_authorities, settings, printed, level):
    settings.ORBITRAGE_SEAL_LEVEL = level
    document = sealed(printed)
    path = with_authorities / "sealed.pdf"
    path.write_bytes(document.data)

    assert document.level == level
    assert pdfsig_says(path) == "Signature is Valid."
    root = with_authorities / "seal-authority.pem"
    assert pyhanko_says(path, root) == "The signature is judged VALID."
    with pikepdf.open(path) as pdf:
        (field,) = pdf.Root.AcroForm.Fields
        signed = bytes(field.V.Contents)
        assert (b"Test tsa" in signed) == (level != "B-B")
        assert ("/DSS" in pdf.Root) == (level == "B-LT")
        if level == "B-LT":
            assert len(pdf.Root.DSS.OCSPs) >= 1


def test_failure_of_one_seal_is_forgotten_by_the_next(with_authorities, settings, printed):
    settings.ORBITRAGE_SEAL_LEVEL = "B-LT"
    port, settings.ORBITRAGE_HTTP_TEST_PORT = settings.ORBITRAGE_HTTP_TEST_PORT, 0
    with pytest.raises(http.AddressRefused):
        sealed(printed)
    settings.ORBITRAGE_HTTP_TEST_PORT = port

    assert sealed(printed).level == "B-LT"


@pytest.mark.parametrize("level", ["B-T", "B-LT"])
def test_seal_waits_for_an_authority_that_does_not_answer(tmp_path, settings, printed, level):
    with authorities(tmp_path) as found:
        for name, value in found.items():
            setattr(settings, name, value)
    settings.ORBITRAGE_SEAL_LEVEL = level
    seal._means.cache_clear()

    with pytest.raises(http.NoAnswer):
        sealed(printed)
    seal._means.cache_clear()
