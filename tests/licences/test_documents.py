"""The printed licence: the same bytes, the right words, the structure a reader needs."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
from datetime import date
from decimal import Decimal

import pikepdf
import pytest
from django.conf import settings

from licences.documents.pdf import licence_pdf, print_page
from licences.kinds import LAYOUTS, folder, kinds_in_force
from licences.records import Beneficiary, FundingRow, Party
from orbitrage.shared.canonical import canonical_json, sha256_of
from orbitrage.shared.documents.pdf import FONTS, AddressRefused
from tests.licences.factories import membership_record_of, region_record_of
from tests.licences.frozen import CODE, frozen, frozen_of
from tests.licences.test_long_documents import annex_of, longest_licence
from tests.shared.printed import elements, squeezed, words_of

PRINT_IN_ANOTHER_PROCESS = """
import hashlib, json, sys
from licences.documents.pdf import licence_pdf
record = json.load(open(sys.argv[1]))
data = licence_pdf(record, sha256=sys.argv[2], check_code=sys.argv[3], language="fr")
print(hashlib.sha256(data).hexdigest())
"""


def printed(record, language="fr"):
    return licence_pdf(record, sha256=sha256_of(record), check_code=CODE, language=language)


# --- Bytes ----------------------------------------------------------------------------------------


def test_two_processes_print_the_same_bytes(tmp_path):
    record = frozen()
    path = tmp_path / "record.json"
    path.write_text(json.dumps(record))
    here = hashlib.sha256(printed(record)).hexdigest()

    elsewhere = [
        subprocess.run(
            [sys.executable, "-c", PRINT_IN_ANOTHER_PROCESS, path, sha256_of(record), CODE],
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "LANG": "C"},
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed, zone in (("1", "UTC"), ("2", "Pacific/Fiji"))
    ]

    assert elsewhere == [here, here]


def test_what_a_process_printed_before_changes_nothing():
    record = frozen()
    first = printed(record)

    others = [
        printed(frozen(kind=kind), language)
        for kind in kinds_of("request")
        for language in ("fr", "en")
    ]
    others.append(printed(longest_licence(), "en"))

    assert printed(record) == first
    assert first not in others


def test_language_of_the_page_does_not_change_the_document():
    from django.utils import translation

    record = frozen()

    with translation.override("fr"):
        first = printed(record, "en")
    with translation.override("en"):
        second = printed(record, "en")

    assert first == second


# --- Words ----------------------------------------------------------------------------------------


def kinds_of(subject):
    return [kind.code for kind in kinds_in_force() if kind.subject == subject]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", kinds_of("request"))
def test_text_says_what_the_record_says(kind, language):
    record = frozen(
        kind=kind,
        order_area_km2=Decimal(25),
        project_title="Littoral 2026",
        beneficiaries=(
            Beneficiary(name="Géolittomer", role="contractor", until=date(2027, 6, 30)),
        ),
        licensee=Party(name="Commune de Plougastel", siret="21290189900014", address="Mairie"),
    )

    pages = words_of(printed(record, language))

    text = squeezed(" ".join(pages))
    words = record["words"][language]
    expected = [record["number"], record["request_number"], "Commune de Plougastel"]
    expected += ["21290189900014", "Anne Le Goff", "Suivi du trait de côte.", "Littoral 2026"]
    expected += [words["title"], words["subtitle"], "Géolittomer", CODE, record["verify_address"]]
    expected += [*words["allowed"], *words["forbidden"], words["attribution_note"]]
    expected += [words["dem_rule"], *(article["title"] for article in words["articles"])]
    expected += ["3,59 km²", "25,00 km²"] if language == "fr" else ["3.59 km²", "25.00 km²"]
    expected += ["1er mars 2026"] if language == "fr" else ["1 March 2026", "30 June 2027"]
    expected += ["<année>" if language == "fr" else "<year>"]
    assert [words for words in expected if squeezed(words) not in text] == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_text_of_a_region_says_what_opens_and_when(language):
    record = frozen_of(region_record_of())

    text = squeezed(" ".join(words_of(printed(record, language))))

    words = record["words"][language]
    expected = [
        "Région Bretagne",
        "Bretagne",
        "2024",
        "SPOT 6/7",
        words["title"],
        words["dem_rule"],
    ]
    expected += [*words["allowed"], *words["forbidden"], record["number"], CODE]
    expected += ["1er janvier 2027"] if language == "fr" else ["1 January 2027"]
    expected += ["3,59 km²"] if language == "fr" else ["3.59 km²"]
    assert [words for words in expected if squeezed(words) not in text] == []


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", kinds_of("membership"))
def test_text_of_a_membership_says_who_accepted_what(kind, language):
    record = frozen_of(membership_record_of(kind=kind, valid_until=date(2028, 2, 29)))

    text = squeezed(" ".join(words_of(printed(record, language))))

    words = record["words"][language]
    (accepted,) = record["acceptances"]
    expected = ["Commune de Plougastel", "Anne Le Goff", "Yann Kermarrec", "Dominique Le Bihan"]
    expected += [words["title"], words["grant"], record["number"], CODE]
    expected += [accepted[f"title_{language}"], accepted["text_sha256"]]
    expected += ["20 février 2026"] if language == "fr" else ["20 February 2026"]
    expected += [article["title"] for article in words["articles"]]
    of_membership = ["Pléiades, SPOT 6/7", "Membre depuis" if language == "fr" else "Member since"]
    # Who accepts the charter is not a member for that.
    is_there = kind != "charter_acceptance"
    assert [words for words in expected if squeezed(words) not in text] == []
    assert [squeezed(words) in text for words in of_membership] == [is_there, is_there]


@pytest.mark.parametrize(
    ("language", "renews", "open_data"),
    [
        ("fr", "Renouvelle la licence PLE-DSP-2025-0007", "Données ouvertes"),
        ("en", "Renews licence PLE-DSP-2025-0007", "Open data"),
    ],
)
def test_renewal_says_what_it_renews_and_that_it_costs_nothing_more(language, renews, open_data):
    record = frozen(funding_lines=()) | {"renews": "PLE-DSP-2025-0007"}

    text = squeezed(" ".join(words_of(printed(record, language))))

    assert squeezed(renews) in text
    assert text.count("PLE-DSP-2025-0007") == 2
    assert squeezed(open_data) not in text


def test_every_page_carries_number_hash_and_page():
    record = frozen()

    pages = words_of(printed(record))

    for index, page in enumerate(pages, start=1):
        assert "PLE-DSP-2026-0042" in page
        assert sha256_of(record) in page
        assert f"Page {index} sur {len(pages)}" in page


def test_funding_adds_up_on_the_page():
    lines = (
        FundingRow(
            source="free",
            label_fr="Part gratuite",
            label_en="Free part",
            area_km2=Decimal(100),
            billed_area_km2=Decimal(0),
            amount_eur=Decimal(0),
            is_example=True,
        ),
        FundingRow(
            source="budget",
            label_fr="Budget du projet",
            label_en="Project budget",
            area_km2=Decimal("1134.5"),
            billed_area_km2=Decimal("1134.5"),
            rate_eur_per_km2=Decimal("5.22"),
            amount_eur=Decimal("5922.09"),
        ),
    )
    record = frozen(area_km2=Decimal("1234.5"), funding_lines=lines, total_eur=Decimal("5922.09"))

    text = squeezed(" ".join(words_of(printed(record))))

    assert squeezed("Part gratuite valeur d’exemple 100,00 km² 0,00 km² — 0,00 €") in text
    assert squeezed("Budget du projet 1 134,50 km² 1 134,50 km² 5,22 5 922,09 €") in text
    assert squeezed("Total 1 234,50 km² 1 134,50 km² 5 922,09 €") in text


# --- Structure ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "title"), [("fr", "Images Pléiades"), ("en", "Pléiades images")]
)
def test_file_is_tagged_titled_and_says_its_language(language, title):
    with pikepdf.open(io.BytesIO(printed(frozen(), language))) as pdf:
        root = pdf.Root
        assert root.MarkInfo.Marked
        assert str(root.Lang) == language
        assert root.ViewerPreferences.DisplayDocTitle
        assert title in str(pdf.docinfo["/Title"])
        found = list(elements(root.StructTreeRoot.K))
        kinds = {str(element.S) for element in found}
        assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/Figure", "/L", "/LI"} <= kinds
        assert sum(element.S == "/H1" for element in found) == 1
        assert {str(page["/Tabs"]) for page in pdf.pages} == {"/S"}


def test_every_figure_has_words():
    with pikepdf.open(io.BytesIO(printed(frozen()))) as pdf:
        figures = [
            str(element.get("/Alt", ""))
            for element in elements(pdf.Root.StructTreeRoot.K)
            if element.S == "/Figure"
        ]

    assert len(figures) == 3
    assert figures[0].startswith("Code QR")
    assert "3,59" in figures[1]
    assert "1°26′24″" in figures[1]
    assert all(figures)


def test_file_declares_both_standards_and_embeds_its_fonts():
    with pikepdf.open(io.BytesIO(printed(frozen()))) as pdf:
        metadata = pdf.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        assert metadata["pdfuaid:part"] == "1"
        fonts = {
            str(font.BaseFont).split("+")[1]: "/FontFile2" in font.DescendantFonts[0].FontDescriptor
            for page in pdf.pages
            for font in page.Resources.Font.values()
        }
    assert all(fonts.values())
    assert {name.split("-")[0] for name in fonts} == {"Source"}


def test_record_is_attached_as_it_was_hashed():
    record = frozen()

    with pikepdf.open(io.BytesIO(printed(record))) as pdf:
        attached = pdf.attachments["PLE-DSP-2026-0042.json"].get_file().read_bytes()

    assert attached == canonical_json(record)
    assert hashlib.sha256(attached).hexdigest() == sha256_of(record)


# --- Hostile text ---------------------------------------------------------------------------------


FREE = frozenset(
    [
        "name",
        "acronym",
        "siret",
        "address",
        "role_fr",
        "role_en",
        "purpose",
        "project_title",
        "reference",
        "label_fr",
        "label_en",
        "value_fr",
        "value_en",
        "rule",
        "cell_name_fr",
        "cell_name_en",
        "quotation_number",
        "purchase_reference",
        "contact",
        "sensors",
        "title_fr",
        "title_en",
        "version",
        "accepted_by",
        "countersigned_by",
        "region_name",
        "sensor_name",
        "contract_reference",
        "attribution",
        "identifier",
        "mission",
        "processing_level",
        "spectral_mode",
    ]
)
"""The fields that people, operators or the policy fill with words."""


def hostile(name):
    return (
        f"{name} <img src=file:///etc/passwd><img src=https://example.org/{name}.png>"
        '<style>@import "https://example.org/x.css"</style>{{ 7|add:7 }}'
    )


def with_hostile_words(said, name=""):
    if isinstance(said, dict):
        return {each: with_hostile_words(value, each) for each, value in said.items()}
    if isinstance(said, list):
        return [with_hostile_words(value, name) for value in said]
    return hostile(name) if name in FREE and isinstance(said, str) else said


RECORDS = {
    "request": (longest_licence, 15),
    "region": (lambda: frozen_of(region_record_of()), 6),
    "membership": (lambda: frozen_of(membership_record_of()), 10),
    "annex": (lambda: annex_of(frozen(), images=2), 9),
}


@pytest.mark.parametrize("subject", RECORDS)
def test_words_of_every_field_stay_words(subject):
    """Whatever asks for another address ends the print (AddressRefused)."""
    make, printed_fields = RECORDS[subject]
    said = make()
    record = said | with_hostile_words(
        {name: value for name, value in said.items() if name not in ("words", "policy")}
    )

    text = squeezed(" ".join(words_of(printed(record))))

    whole = {name for name in FREE if squeezed(hostile(name)) in text}
    begun = {name for name in FREE if squeezed(f"{name} <img") in text}
    assert whole == begun
    assert len(whole) >= printed_fields
    assert "root:x:0" not in text


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "https://example.org/x.png",
        "http://127.0.0.1/x.png",
        f"file://{LAYOUTS}/1/../../../services.py",
        f"file://{folder()}/spot_member/1/kind.toml",
    ],
)
def test_nothing_outside_the_kind_is_fetched(address):
    page = (
        f'<html lang="fr"><title>x</title><body><p>x</p><img src="{address}" alt="x"></body></html>'
    )

    with pytest.raises(AddressRefused, match=re.escape(address.split("..")[0])):
        print_page(page, frozen())


def test_what_the_kind_holds_is_fetched():
    """So that the refusals above are not refusals of everything."""
    assert (FONTS / "SourceSans3-Regular.ttf").is_file()
    page = '<html lang="fr"><title>x</title><body><p>x</p></body></html>'

    data = print_page(page, frozen())

    assert b"%PDF-1.7" in data[:20]


def test_long_names_do_not_leave_the_page():
    long_word = "Anthropocène" * 12
    record = frozen(
        licensee=Party(name=f"{long_word} de la Polynésie", address=long_word),
        beneficiaries=tuple(
            Beneficiary(name=long_word, role="partner", reference=long_word) for _ in range(12)
        ),
        purpose=long_word * 4,
    )

    pages = words_of(printed(record))

    text = squeezed(" ".join(pages))
    assert text.count(long_word) >= 12 + 12
