"""The versions of the licences' words: listed, compared, and looked at as a specimen."""

import shutil
from datetime import date

import pytest
from django.urls import reverse

from licences import kinds, texts
from licences.specimens import specimen_pdf
from tests.eligibility.factories import AffiliationFactory, ProgrammeRoleFactory, UserFactory
from tests.shared.printed import words_of

FORMER = "Vendre les images, ou s’en servir pour un service commercial."
NEW = "Vendre les images."


@pytest.fixture
def second_version(settings, tmp_path):
    """The institutional licence in a second version, from 1 February 2026 on."""
    folder = tmp_path / "kinds"
    shutil.copytree(kinds.folder(), folder)
    first, second = (folder / "pleiades_institutional" / version for version in ("1", "2"))
    shutil.copytree(first, second)
    text = (second / "kind.toml").read_text(encoding="utf-8")
    text = text.replace("in_force_on = 2025-01-01", "in_force_on = 2026-02-01")
    (second / "kind.toml").write_text(text.replace(FORMER, NEW), encoding="utf-8")
    settings.ORBITRAGE_LICENCE_KINDS = folder


@pytest.fixture
def secretary(client):
    user = ProgrammeRoleFactory(role="secretariat").user
    client.force_login(user)
    return user


def test_each_kind_has_one_version_without_an_end():
    ends = [version.until for version in texts.versions()]

    assert ends == [None] * len(kinds.kinds_in_force())


@pytest.mark.usefixtures("second_version")
def test_version_ends_the_day_before_the_next_begins():
    found = [each for each in texts.versions() if each.kind.code == "pleiades_institutional"]

    assert [(each.kind.version, each.until) for each in found] == [
        ("2", None),
        ("1", date(2026, 1, 31)),
    ]
    assert [each.before and each.before.version for each in found] == ["1", None]


@pytest.mark.usefixtures("second_version")
def test_changes_are_told_passage_by_passage():
    first, second = (kinds.get_kind("pleiades_institutional", version) for version in "12")

    assert texts.changes(first, second, "fr") == [texts.Change((FORMER,), (NEW,))]
    assert texts.changes(first, second, "en") == []
    assert texts.changes(first, first, "fr") == []


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    "kind", kinds.all_versions(), ids=lambda kind: f"{kind.code}-{kind.version}"
)
def test_specimen_says_the_words_and_that_it_is_one(kind, language):
    text = " ".join(words_of(specimen_pdf(kind, language)))

    assert f"{kind.prefix}-SPECIMEN" in text
    for article in kind.words[language]["articles"]:
        assert article["title"] in text


# --- The pages ------------------------------------------------------------------------------------

PAGES = (
    ("licences:texts", ()),
    ("licences:text_changes", ("pleiades_institutional", "1")),
    ("licences:specimen", ("pleiades_institutional", "1", "fr")),
)


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "arguments"), PAGES)
def test_pages_of_texts_are_the_secretariats(client, name, arguments):
    for user in (UserFactory(), AffiliationFactory().user):
        client.force_login(user)
        assert client.get(reverse(name, args=arguments)).status_code == 404
    client.force_login(ProgrammeRoleFactory(role="secretariat").user)
    assert client.get(reverse(name, args=arguments)).status_code == 200


@pytest.mark.django_db
@pytest.mark.usefixtures("second_version", "secretary")
def test_page_of_changes_shows_both(client):
    page = client.get(reverse("licences:text_changes", args=["pleiades_institutional", "2"])).text

    assert f"<del>{FORMER}</del>" in page
    assert f"<ins>{NEW}</ins>" in page


@pytest.mark.django_db
@pytest.mark.usefixtures("secretary")
@pytest.mark.parametrize(
    "path",
    [
        "texts/pleiades_institutional/9/",
        "texts/base/1/",
        "texts/none/1/fr/",
        "texts/pleiades_institutional/1/de/",
    ],
)
def test_what_does_not_exist_is_not_found(client, path):
    assert client.get(f"{reverse('licences:list')}{path}").status_code == 404
