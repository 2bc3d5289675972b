"""What a quotation prints is settled on the day it is issued."""

import datetime as dt
from decimal import Decimal

import pytest

from orbitrage.shared.models import OutboxMessage
from quotas.models import Quotation
from quotas.pricing import FundingLine, Source
from quotas.records import Tax, lines_of_plan, totals
from tests.eligibility.factories import (
    CellFactory,
    CellMemberFactory,
    EntityFactory,
    SensorFactory,
)
from tests.quotas.factories import (
    IN_QUARTER,
    QuotationIssuerFactory,
    VatFactory,
    budget_charges,
    cause,
    free_line,
    priced_line,
    quoted,
)

pytestmark = pytest.mark.django_db
VAT_20 = Tax(percent=Decimal("20.000000"), source="CGI, art. 278", is_example=False)


def cofunded(area_km2, programme_rate=None) -> FundingLine:
    return FundingLine(
        source=Source.COFUNDED,
        area_km2=Decimal(area_km2),
        rate_eur_per_km2=Decimal(1),
        programme_rate_eur_per_km2=None if programme_rate is None else Decimal(programme_rate),
        minimum_billed_area_km2=Decimal(100),
        rule="isis",
        rule_source="test",
        name_fr="ISIS",
        name_en="ISIS",
        charges=budget_charges(),
    )


def said(line, *names):
    return {name: line[name] for name in names}


def test_record_holds_both_parties_the_lines_and_the_tax():
    QuotationIssuerFactory()
    VatFactory()
    entity = EntityFactory(name="Commune", acronym="", siret="21290189900014")

    quotation = quoted(priced_line(20), entity=entity, valid_until=dt.date(2026, 3, 17))

    record = Quotation.objects.get(pk=quotation.pk).record
    issued_at = record.pop("issued_at")
    assert dt.datetime.fromisoformat(issued_at).tzinfo is not None
    assert record == {
        "format": "orbitrage-quotation/1",
        "layout_version": "1",
        "number": "Q-2026-0001",
        "issued_on": IN_QUARTER.isoformat(),
        "valid_until": "2026-03-17",
        "request_number": "R2026-000001",
        "package_life_days": None,
        "sensor_name": SensorFactory().name,
        "issuer": {
            "name": "Imagery programme",
            "address": "2 place du Devis\n31000 Toulouse",
            "siret": "11122233300014",
            "legal_mention_fr": "Mention légale.",
            "legal_mention_en": "Legal mention.",
            "invoiced_by": "The operator",
            "source": "test",
            "is_example": False,
        },
        "customer": {
            "name": "Commune",
            "acronym": "",
            "address": "1 rue de la Mesure\n34000 Montpellier",
            "siret": "21290189900014",
            "country": "FR",
        },
        "lines": [
            {
                "kind": "user",
                "source": "budget",
                "name_fr": "",
                "name_en": "",
                "area_km2": "20",
                "billed_area_km2": "20.000000",
                "minimum_billed_area_km2": None,
                "price_multiplier": "1",
                "rate_eur_per_km2": "4.06",
                "amount_eur": "81.20",
                "rule": "",
                "rule_source": "",
                "is_example": False,
            }
        ],
        "total_excluding_tax_eur": "81.20",
        "tax": {
            "percent": "20",
            "amount_eur": "16.24",
            "source": "CGI, art. 278",
            "is_example": False,
        },
        "total_including_tax_eur": "97.44",
    }


def test_later_change_of_party_rate_or_address_does_not_reach_it():
    QuotationIssuerFactory()
    VatFactory()
    entity = EntityFactory(name="Before", siret="")
    quotation = quoted(entity=entity)
    before = Quotation.objects.get(pk=quotation.pk).record

    entity.name, entity.siret, entity.postal_address = "After", "21290189900014", "Elsewhere"
    entity.save(update_fields=["name", "siret", "postal_address"])
    QuotationIssuerFactory(valid_from=IN_QUARTER, name="Another issuer")
    VatFactory(valid_from=IN_QUARTER, amount=Decimal(5))

    assert Quotation.objects.get(pk=quotation.pk).record == before
    after = quoted(entity=entity, cause=cause("R2026-000002")).record
    assert (after["customer"]["name"], after["issuer"]["name"], after["tax"]["percent"]) == (
        "After",
        "Another issuer",
        "5",
    )


def test_without_issuer_or_rate_the_record_says_so():
    record = quoted().record

    assert said(record, "issuer", "tax", "total_excluding_tax_eur", "total_including_tax_eur") == {
        "issuer": None,
        "tax": None,
        "total_excluding_tax_eur": "81.20",
        "total_including_tax_eur": None,
    }


@pytest.mark.parametrize(
    ("total", "vat", "due"),
    [
        ("81.20", "16.24", "97.44"),
        # 0.125 and 0.115 of tax: half-up to the cent.
        ("0.625", "0.13", "0.76"),
        ("0.58", "0.12", "0.70"),
        ("0.57", "0.11", "0.68"),
        ("0.00", "0.00", "0.00"),
    ],
)
def test_tax_is_half_up_to_the_cent_on_the_total(total, vat, due):
    found = totals(Decimal(total), VAT_20)

    assert (found["tax"]["amount_eur"], found["total_including_tax_eur"]) == (vat, due)


def test_programmes_share_is_a_line_of_its_own_and_adds_to_no_total():
    line = cofunded(40, programme_rate="3.06")

    quotation = quoted(line)

    user, programme = quotation.record["lines"]
    names = ("kind", "billed_area_km2", "minimum_billed_area_km2", "rate_eur_per_km2", "amount_eur")
    assert said(user, *names) == {
        "kind": "user",
        "billed_area_km2": "100.000000",
        "minimum_billed_area_km2": "100",
        "rate_eur_per_km2": "1",
        "amount_eur": "100.00",
    }
    assert said(programme, *names) == {
        "kind": "programme",
        "billed_area_km2": "100.000000",
        "minimum_billed_area_km2": None,
        "rate_eur_per_km2": "3.06",
        "amount_eur": "306.00",
    }
    assert quotation.record["total_excluding_tax_eur"] == "100.00"


def test_programmes_share_without_a_published_rate_has_no_figure():
    _, programme = lines_of_plan([cofunded(40)])

    assert said(programme, "rate_eur_per_km2", "amount_eur") == {
        "rate_eur_per_km2": None,
        "amount_eur": None,
    }


def test_minimum_is_said_only_where_it_applies():
    above, _ = lines_of_plan([cofunded(140)])

    assert (above["minimum_billed_area_km2"], above["billed_area_km2"]) == (None, "140.000000")


def test_free_lines_are_not_quoted():
    lines = lines_of_plan([free_line(100), priced_line(20)])

    assert [line["source"] for line in lines] == ["budget"]


def test_document_is_asked_for_in_the_transaction_of_the_quotation():
    quotation = quoted()

    message = OutboxMessage.objects.get()
    assert (message.topic, message.payload) == (
        "quotas.render_quotation",
        {"quotation_id": quotation.pk, "version": 1},
    )


def test_members_of_the_cell_that_put_the_price_see_it():
    cell, other = CellFactory(), CellFactory(code="spot-science")

    quotation = quoted(cell_id=cell.pk)

    arbitrator = CellMemberFactory(cell=cell, role="arbitrator").user
    stranger = CellMemberFactory(cell=other, role="arbitrator").user
    assert list(Quotation.objects.visible_to(arbitrator)) == [quotation]
    assert not Quotation.objects.visible_to(stranger).exists()
