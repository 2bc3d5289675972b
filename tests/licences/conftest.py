import shutil

import pytest

from licences import kinds


@pytest.fixture
def signed_kind(settings, tmp_path):
    """A kind that its legal representative or its requester signs on the site, each time."""
    folder = tmp_path / "kinds"
    shutil.copytree(kinds.folder(), folder)
    path = folder / "pleiades_institutional" / "1" / "kind.toml"
    text = path.read_text(encoding="utf-8")
    text = text.replace('signature = "at_joining"', 'signature = "per_request"')
    signatories = 'signatories = ["legal_representative", "requester"]'
    text = text.replace('signatories = ["legal_representative"]', signatories)
    path.write_text(text, encoding="utf-8")
    settings.ORBITRAGE_LICENCE_KINDS = folder
