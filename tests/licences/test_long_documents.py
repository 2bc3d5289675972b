"""The longest document there may be and the shortest: nothing overflows, nothing is cut."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pypdfium2
import pytest

from licences.documents.pdf import licence_pdf, print_page
from licences.records import Beneficiary, Party
from orbitrage.shared.canonical import sha256_of
from tests.licences.factories import image_of
from tests.licences.frozen import CODE, frozen
from tests.shared.printed import squeezed, words_of

POINTS_PER_MM = 72 / 25.4
PAGE_MM = (210, 297)
MARGIN_MM = {"left": 19, "right": 19, "top": 17, "bottom": 6}
TOLERANCE_MM = 0.4

LONG = "Établissement public de coopération intercommunale à fiscalité propre"
BENEFICIARIES = tuple(
    Beneficiary(
        name=f"{LONG} du bassin de vie numéro {number}, service de l’observation de la Terre",
        role="contractor" if number % 2 else "partner",
        until=date(2028, 1, number) if number % 2 else None,
        reference=f"Accord-cadre 2026-{number:04d} / lot géomatique et télédétection",
    )
    for number in range(1, 13)
)


def ring(west, south, size):
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


# Fiji: on both sides of the antimeridian, in three parts, one with a hole.
ACROSS = {
    "type": "MultiPolygon",
    "coordinates": [
        [ring(179.2, -17.0, 0.8), list(reversed(ring(179.4, -16.8, 0.2)))],
        [ring(-180.0, -17.0, 0.7)],
        [ring(178.0, -18.2, 0.5)],
    ],
}


def longest_licence():
    return frozen(
        licensee=Party(
            name=f"{LONG} de la côte et des îles", siret="21290189900014", address="Mairie\n" * 4
        ),
        beneficiaries=BENEFICIARIES,
        purpose="Suivi du trait de côte et des récifs. " * 40,
        project_title=f"Observatoire des littoraux ultramarins, {LONG.lower()}",
        area_geojson=ACROSS,
        area_km2=Decimal("18234.123456"),
        order_area_km2=Decimal("18300.5"),
    )


def annex_of(licence, *, images):
    first = datetime(2019, 1, 3, 22, 14, 5, tzinfo=UTC)
    return licence | {
        "subject": "annex",
        "sequence": 1,
        "number": f"{licence['number']}-A1",
        "licence_number": licence["number"],
        "licence_record_sha256": sha256_of(licence),
        "images": [
            image_of(
                identifier=f"DS_PHR1B_2019{number:04d}221405_FR1_PX_E179S17_0714_{number:05d}_R1C1",
                acquired_at=first + timedelta(days=61 * number),
                attribution=f"© CNES {(first + timedelta(days=61 * number)).year},"
                " distribution Airbus DS",
            ).as_json()
            for number in range(images)
        ],
    }


def shortest_licence():
    point = {"type": "Polygon", "coordinates": [ring(1.44, 43.6, 0.00001)]}
    return frozen(
        licensee=Party(name="X"),
        representative=None,
        purpose="Y",
        area_geojson=point,
        area_km2=Decimal("0.000001"),
        funding_lines=(),
        parameters=(),
    )


DOCUMENTS = {
    "longest licence": longest_licence,
    "annex of 40 images": lambda: annex_of(longest_licence(), images=40),
    "shortest licence": shortest_licence,
    "annex of one image": lambda: annex_of(shortest_licence(), images=1),
}


def drawn(record, language):
    return licence_pdf(record, sha256=sha256_of(record), check_code=CODE, language=language)


def outside_the_margins(data):
    """Each letter that is drawn beyond what the page has for it: page, letter, mm from the left."""
    width, height = (side * POINTS_PER_MM for side in PAGE_MM)
    slack = TOLERANCE_MM * POINTS_PER_MM
    least_x = MARGIN_MM["left"] * POINTS_PER_MM - slack
    most_x = width - MARGIN_MM["right"] * POINTS_PER_MM + slack
    least_y = MARGIN_MM["bottom"] * POINTS_PER_MM - slack
    most_y = height - MARGIN_MM["top"] * POINTS_PER_MM + slack
    found = []
    with pypdfium2.PdfDocument(data) as pdf:
        for number in range(len(pdf)):
            page = pdf[number]
            text = page.get_textpage()
            for index in range(text.count_chars()):
                letter = text.get_text_range(index, 1)
                left, bottom, right, top = text.get_charbox(index)
                within = least_x <= left and right <= most_x and least_y <= bottom and top <= most_y
                if letter.strip() and not within:
                    found.append((number + 1, letter, round(left / POINTS_PER_MM)))
            text.close()
            page.close()
    return found


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_letter_stands_within_the_margins(name, language):
    assert outside_the_margins(drawn(DOCUMENTS[name](), language)) == []


def test_a_letter_beyond_the_margins_is_found():
    """So that the test above is not one that finds nothing."""
    page = (
        '<html lang="fr"><title>x</title><body><p style="margin-left:-9mm">Hors</p></body></html>'
    )

    found = outside_the_margins(print_page(page, frozen()))

    assert [letter for _page, letter, *_place in found][:1] == ["H"]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_longest_licence_says_everything(language):
    record = longest_licence()

    text = squeezed(" ".join(words_of(drawn(record, language))))

    for each in BENEFICIARIES:
        assert squeezed(each.name) in text
        assert squeezed(each.reference) in text
    assert squeezed(record["purpose"]) in text
    assert "18234,12" in text.replace("\u202f", "") or "18,234.12" in text


@pytest.mark.parametrize("language", ["fr", "en"])
def test_annex_of_forty_images_says_each_with_the_credit_of_its_year(language):
    record = annex_of(longest_licence(), images=40)

    pages = words_of(drawn(record, language))

    text = squeezed(" ".join(pages))
    for image in record["images"]:
        assert image["identifier"] in text
    for year in range(2019, 2026):
        said = sum(f"CNES {year}," in image["attribution"] for image in record["images"])
        assert text.count(f"©CNES{year},") == said
    heading = "Mention obligatoire" if language == "fr" else "Attribution"
    # The heads of the columns come again on each page that the table goes on to.
    assert sum(heading in page for page in pages) >= 2
    assert all(f"{number} " in pages[number - 1] for number in range(1, len(pages) + 1))
