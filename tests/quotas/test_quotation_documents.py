"""The printed quotation: the same bytes, the right words, one page, the structure a reader needs."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal

import pikepdf
import pytest
from django.conf import settings
from django.utils import translation

from orbitrage.shared.canonical import canonical_json, sha256_of
from orbitrage.shared.documents.pdf import AddressRefused
from quotas.documents.pdf import print_page, quotation_pdf
from quotas.records import line_of_package, lines_of_plan
from tests.quotas.printed import (
    BUDGET,
    COFUNDED,
    HOSTILE,
    LONG_NAME,
    PACKAGE,
    QUOTED,
    document_of,
    missing,
    text_of,
)
from tests.shared.printed import elements, squeezed, words_of

PRINT_IN_ANOTHER_PROCESS = """
import hashlib, json, sys
from quotas.documents.pdf import quotation_pdf
document = json.load(open(sys.argv[1]))
print(hashlib.sha256(quotation_pdf(document, language="fr")).hexdigest())
"""


# --- Bytes ----------------------------------------------------------------------------------------


def test_two_processes_print_the_same_bytes(tmp_path):
    document = document_of()
    path = tmp_path / "document.json"
    path.write_text(json.dumps(document))
    here = hashlib.sha256(quotation_pdf(document, language="fr")).hexdigest()

    elsewhere = [
        subprocess.run(
            [sys.executable, "-c", PRINT_IN_ANOTHER_PROCESS, path],
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "LANG": "C"},
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed, zone in (("1", "UTC"), ("2", "Pacific/Fiji"))
    ]

    assert elsewhere == [here, here]


def test_language_of_the_page_does_not_change_the_document():
    with translation.override("fr"):
        first = quotation_pdf(document_of(), language="en")
    with translation.override("en"):
        second = quotation_pdf(document_of(), language="en")

    assert first == second


# --- Words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fr", "en"])
def test_text_says_what_an_accountant_needs(language):
    text = text_of(document_of(), language)

    both = ["Q-2026-0042", "R2026-000123", "Pléiades", "Commune de Plougastel", "Airbus DS"]
    both += ["29470 Plougastel-Daoulas", "SIRET 212 901 899 00014", "SIRET 111 222 333 00014"]
    both += ["2 place du Devis", "Ministry page, 2016", "CGI, art. 278"]
    own = {
        "fr": [
            "Devis Q-2026-0042", "Établi le 1er mars 2026", "Valable jusqu’au 21 décembre 2026",
            "Tarif institutionnel, archive", "29,266012 58,532024 2 4,06 237,64",
            "Total hors taxes 237,64", "TVA 20 %", "47,53", "Total toutes taxes comprises 285,17",
            "Le programme n’encaisse aucune somme.", "La facture est adressée à l’entité par",
            "non enregistré à ce jour", "Mention légale.",
        ],
        "en": [
            "Quotation Q-2026-0042", "Issued on 1 March 2026", "Valid until 21 December 2026",
            "Institutional price, archive", "29.266012 58.532024 2 4.06 237.64",
            "Total excluding tax 237.64", "VAT 20%", "47.53", "Total including tax 285.17",
            "The programme collects no money.", "The invoice is sent to the entity by",
            "not recorded to this day", "Legal mention.",
        ],
    }[language]  # fmt: skip
    assert missing(text, *both, *own) == []
    assert squeezed("valeur d’exemple") not in text


def test_figures_can_be_worked_out_again():
    """The billed area is printed whole: 58.532024 × 4.06 = 237.640017…, half-up 237.64."""
    line = document_of()["lines"][0]

    product = Decimal(line["billed_area_km2"]) * Decimal(line["rate_eur_per_km2"])
    assert product.quantize(Decimal("0.01")) == Decimal(line["amount_eur"])


def test_cofunded_line_shows_both_shares_and_bills_the_users():
    document = document_of(lines=lines_of_plan([COFUNDED]), total_eur=COFUNDED.amount_eur)

    text = text_of(document)

    assert (
        missing(
            text,
            "ISIS, part de l'utilisateur (part de l’utilisateur)",
            "facturée au minimum du tarif : 100,00 km²",
            "29,266012 100,00 1 1,00 100,00",
            "Cofinancement (part du programme)",
            "Pour information : à la charge du programme, non comprise dans le total.",
            "29,266012 100,00 1 3,06 306,00",
            "Total hors taxes 100,00",
            "valeur d’exemple",
            "Les valeurs marquées « valeur d’exemple »",
        )
        == []
    )


def test_share_that_nobody_published_is_said_not_to_be():
    line = replace(COFUNDED, programme_rate_eur_per_km2=None)

    text = text_of(document_of(lines=lines_of_plan([line]), total_eur=line.amount_eur))

    assert missing(text, "non publié non publié") == []


def test_package_is_indicative_in_km2_and_without_a_request():
    document = document_of(
        request_number="",
        lines=(line_of_package(PACKAGE),),
        total_eur=PACKAGE.amount_eur,
        package_life_days=365,
    )

    text = text_of(document)

    assert (
        missing(
            text,
            "aucune : achat d’un forfait",
            "SPOT 6-7 : forfait de 20 000 €",
            "surface indicative, selon la météo",
            "environ 40 000,00 — — 0,50 20 000,00",
            "Total toutes taxes comprises 24 000,00",
            "le forfait s’utilise pendant 365 jours",
        )
        == []
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"siret": ""}, "SIRET non renseigné"),
        ({"siret": "", "country": "BE"}, "sans SIRET : établi hors de France (BE)"),
        ({"address": ""}, "adresse non renseignée"),
    ],
)
def test_what_is_missing_of_the_customer_is_said(changes, said):
    customer = replace(QUOTED.customer, **changes)

    assert missing(text_of(document_of(customer=customer)), said) == []


def test_missing_issuer_and_rate_are_said():
    text = text_of(document_of(issuer=None, tax=None))

    assert (
        missing(
            text,
            "Émetteur non renseigné à la date du devis",
            "Taux de TVA non renseigné à la date du devis : le total est hors taxes.",
            "La facture est adressée à l’entité par l’opérateur du satellite.",
        )
        == []
    )
    assert squeezed("Total toutes taxes comprises") not in text


def test_references_are_printed_with_the_version_that_has_them():
    references = {"engagement_number": "EJ-2026-417", "service_code": "SRV-3"}

    text = text_of(document_of(references=references))

    assert (
        missing(
            text,
            "EJ-2026-417",
            "SRV-3",
            "Version 2, avec les références comptables enregistrées le 4 mars 2026",
        )
        == []
    )


# --- Page -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fr", "en"])
def test_long_names_and_three_lines_stay_on_one_page(language):
    document = document_of(
        lines=lines_of_plan([BUDGET, COFUNDED]),
        total_eur=BUDGET.amount_eur + COFUNDED.amount_eur,
        customer=replace(QUOTED.customer, name=LONG_NAME, acronym="I" * 40),
        issuer=replace(QUOTED.issuer, name=LONG_NAME, is_example=True),
        references={"engagement_number": "E" * 50, "service_code": "S" * 100},
    )

    pages = words_of(quotation_pdf(document, language=language))

    assert len(pages) == 1
    assert missing(squeezed(pages[0]), LONG_NAME, "E" * 50, "S" * 100) == []


def test_page_carries_number_hash_and_page():
    document = document_of()

    (page,) = words_of(quotation_pdf(document, language="fr"))

    assert sha256_of(document) in page
    assert "Page 1 sur 1" in page


# --- Structure ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "title"), [("fr", "Devis Q-2026"), ("en", "Quotation Q-2026")]
)
def test_file_is_tagged_titled_and_says_its_language(language, title):
    with pikepdf.open(io.BytesIO(quotation_pdf(document_of(), language=language))) as pdf:
        root = pdf.Root
        assert root.MarkInfo.Marked
        assert str(root.Lang) == language
        assert root.ViewerPreferences.DisplayDocTitle
        assert str(pdf.docinfo["/Title"]).startswith(title)
        found = list(elements(root.StructTreeRoot.K))
        kinds = {str(element.S) for element in found}
        assert {"/H1", "/H2", "/Table", "/TH", "/TD"} <= kinds
        assert sum(element.S == "/H1" for element in found) == 1
        assert {str(page["/Tabs"]) for page in pdf.pages} == {"/S"}


def test_file_declares_both_standards_and_embeds_its_fonts():
    with pikepdf.open(io.BytesIO(quotation_pdf(document_of(), language="fr"))) as pdf:
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


def test_data_are_attached_as_they_were_hashed():
    document = document_of()

    with pikepdf.open(io.BytesIO(quotation_pdf(document, language="fr"))) as pdf:
        attached = pdf.attachments["Q-2026-0042.json"].get_file().read_bytes()

    assert attached == canonical_json(document)


# --- Hostile text ---------------------------------------------------------------------------------


def test_free_text_stays_text():
    document = document_of(
        customer=replace(QUOTED.customer, name=HOSTILE, address=HOSTILE),
        issuer=replace(QUOTED.issuer, invoiced_by=HOSTILE),
        references={"engagement_number": HOSTILE, "service_code": ""},
    )

    text = text_of(document)

    assert text.count(squeezed(HOSTILE)) == 4
    assert "root:x:0" not in text


@pytest.mark.parametrize("address", ["file:///etc/passwd", "https://example.org/x.png"])
def test_nothing_is_fetched(address):
    page = f'<html lang="fr"><title>x</title><body><img src="{address}" alt="x"></body></html>'

    with pytest.raises(AddressRefused, match=re.escape(address)):
        print_page(page, document_of())
