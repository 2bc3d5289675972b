"""The programme's seal: valid for outside tools, made by the worker alone, and not drawn."""

import io
from datetime import UTC, datetime

import pikepdf
import pytest

from licences.documents.pdf import licence_pdf
from orbitrage.shared.canonical import sha256_of
from orbitrage.shared.documents import seal
from tests.licences.frozen import CODE, frozen
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
        signed_at = datetime.strptime(str(field.V.M)[2:16], "%Y%m%d%H%M%S")
    assert signed_at.date() == datetime.now(UTC).date()


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
