"""What was given out is printed again from its record, and compared."""

import re
import shutil
from contextlib import suppress
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as project
from django.core.management import CommandError, call_command

from licences import rendering
from licences.kinds import get_kind
from licences.models import LicenceFile
from orbitrage.shared.documents import seal
from tests.licences.factories import issued
from tests.shared.sealing import give_seal

pytestmark = pytest.mark.django_db(transaction=True)
KIND = "pleiades_institutional"


@pytest.fixture
def kinds(settings, tmp_path) -> Path:
    """The kinds of an agency, which it may change."""
    folder = tmp_path / "kinds"
    shutil.copytree(project.BASE_DIR / "licences" / "kinds", folder)
    settings.ORBITRAGE_LICENCE_KINDS = folder
    return folder


@pytest.fixture
def licence(storage):
    given = issued()
    rendering.render(given.pk)
    return given


def rerendered() -> list[str]:
    said = StringIO()
    with suppress(CommandError):
        call_command("rerender_licences", stdout=said)
    return said.getvalue().splitlines()


def add_version(kinds: Path, version: str, in_force_on: str, **changed: str) -> None:
    shutil.copytree(kinds / KIND / "1", kinds / KIND / version)
    for name, text in changed.items():
        (kinds / KIND / version / name.replace("_", ".")).write_text(text, encoding="utf-8")
    facts = kinds / KIND / version / "kind.toml"
    words = re.sub(r"in_force_on = \S+", f"in_force_on = {in_force_on}", facts.read_text("utf-8"))
    facts.write_text(words.replace("Images Pléiades", "Pléiades, autrement"), encoding="utf-8")


def test_document_comes_out_the_same(kinds, licence):
    assert rerendered() == ["2 the same, byte for byte; 0 alike; 0 differ"]


def test_sealed_document_is_compared_as_it_was_printed(settings, storage, tmp_path):
    give_seal(settings, tmp_path)
    rendering.render(issued().pk)
    seal._means.cache_clear()

    assert LicenceFile.objects.filter(seal_level="B-B").count() == 2
    assert rerendered() == ["2 the same, byte for byte; 0 alike; 0 differ"]


def test_new_version_changes_what_is_issued_next_and_nothing_before(settings, kinds, licence):
    page = '{% extends "base/1/licence.html" %}{% block body %}<p>2</p>{% endblock %}'
    add_version(kinds, "2", "2026-01-01", document_html=page)
    shutil.copytree(kinds, kinds.parent / "next")
    settings.ORBITRAGE_LICENCE_KINDS = kinds.parent / "next"

    later = issued()
    rendering.render(later.pk)

    assert (get_kind(KIND).version, later.kind_version, licence.kind_version) == ("2", "2", "1")
    assert (later.title, licence.title) == ("Pléiades, autrement", "Images Pléiades")
    assert rerendered() == ["4 the same, byte for byte; 0 alike; 0 differ"]


@pytest.mark.parametrize(
    ("page", "differs"),
    [
        ("<p>x</p>", "pages, and now"),
        ("{{ block.super }}<p>Added.</p>", "the text of page"),
        ('{{ block.super }}<p class="qr"></p>', "the structure"),
    ],
)
def test_changed_template_is_found_out(settings, kinds, licence, page, differs):
    body = '{% extends "base/1/licence.html" %}{% block body %}' + page + "{% endblock %}"
    (kinds / KIND / "1" / "document.html").write_text(body, encoding="utf-8")
    shutil.copytree(kinds, kinds.parent / "changed")
    settings.ORBITRAGE_LICENCE_KINDS = kinds.parent / "changed"

    said = rerendered()

    assert [differs in line for line in said] == [True, True, False]
    assert said[-1] == "0 the same, byte for byte; 0 alike; 2 differ"


def test_altered_file_is_said(kinds, licence, storage):
    place = storage / LicenceFile.objects.get(language="fr").storage_name
    place.write_bytes(place.read_bytes() + b"x")

    said = rerendered()

    assert said[0].startswith(LicenceFile.objects.get(language="fr").storage_name)
    assert said[-1] == "1 the same, byte for byte; 0 alike; 1 differ"
