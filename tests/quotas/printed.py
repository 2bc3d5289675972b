"""A quotation to print, and the words of the file that was printed."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from quotas.documents.pdf import quotation_pdf
from quotas.pricing import FundingLine, Source
from quotas.records import Customer, Issuer, Package, Quoted, Tax, lines_of_plan
from tests.shared.printed import squeezed, words_of

LONG_NAME = "Institut interuniversitaire d'observation de la Terre et des milieux ultramarins"
HOSTILE = (
    '<img src=file:///etc/passwd><style>@import "https://example.org/x.css"</style>{{ 7|add:7 }}'
)
BUDGET = FundingLine(
    source=Source.BUDGET,
    area_km2=Decimal("29.266012"),
    price_multiplier=Decimal(2),
    rate_eur_per_km2=Decimal("4.06"),
    rule="dsp",
    rule_source="Ministry page, 2016",
    name_fr="Tarif institutionnel, archive",
    name_en="Institutional price, archive",
)
COFUNDED = FundingLine(
    source=Source.COFUNDED,
    area_km2=Decimal("29.266012"),
    rate_eur_per_km2=Decimal(1),
    programme_rate_eur_per_km2=Decimal("3.06"),
    minimum_billed_area_km2=Decimal(100),
    name_fr="ISIS, part de l'utilisateur",
    name_en="ISIS, user's share",
    is_example=True,
)
PACKAGE = Package(
    code="spot67-package-20k",
    name_fr="SPOT 6-7 : forfait de 20 000 €",
    name_en="SPOT 6-7: package of €20,000",
    amount_eur=Decimal(20_000),
    area_km2=Decimal("40000.000000"),
    rate_eur_per_km2=Decimal("0.5000"),
    life_days=365,
    source="DINAMIS presentation",
    is_example=False,
)
QUOTED = Quoted(
    request_number="R2026-000123",
    sensor_name="Pléiades",
    customer=Customer(
        name="Commune de Plougastel",
        acronym="",
        address="Mairie\n29470 Plougastel-Daoulas",
        siret="21290189900014",
        country="FR",
    ),
    issuer=Issuer(
        name="Programme d'imagerie",
        address="2 place du Devis\n31000 Toulouse",
        siret="11122233300014",
        legal_mention_fr="Mention légale.",
        legal_mention_en="Legal mention.",
        invoiced_by="Airbus DS",
        source="test",
        is_example=False,
    ),
    tax=Tax(percent=Decimal(20), source="CGI, art. 278", is_example=False),
    lines=lines_of_plan([BUDGET]),
    total_eur=BUDGET.amount_eur,
    valid_until=date(2026, 12, 21),
)


def document_of(*, references=None, **changes):
    """As issuing freezes it, on a day of the past; version 2 with ``references``."""
    record = replace(QUOTED, **changes).as_json(
        number="Q-2026-0042",
        issued_at=datetime(2026, 3, 1, 9, 12, 31, tzinfo=UTC),
        issued_on=date(2026, 3, 1),
    )
    recorded = {"recorded_at": "2026-03-04T10:00:00+00:00", "recorded_on": "2026-03-04"}
    nothing = {"recorded_at": None, "recorded_on": None}
    return record | {
        "version": 2 if references else 1,
        "engagement_number": "",
        "service_code": "",
        **(recorded if references else nothing),
        **(references or {}),
    }


def text_of(document, language="fr"):
    return squeezed(" ".join(words_of(quotation_pdf(document, language=language))))


def missing(text, *expected):
    return [words for words in expected if squeezed(words) not in text]
