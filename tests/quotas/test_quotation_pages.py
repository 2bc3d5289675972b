"""The pages of quotations and packages: who reads, who records, who buys."""

import hashlib
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from quotas import services
from quotas.models import Quotation, QuotationFile, QuotationReferences
from tests.eligibility.factories import (
    AffiliationFactory,
    CellFactory,
    CellMemberFactory,
    EntityFactory,
    ProgrammeRoleFactory,
    UserFactory,
)
from tests.quotas.factories import QuotationIssuerFactory, VatFactory, cause, quoted
from tests.quotas.pages import text_of
from tests.requests_app import world as path

pytestmark = pytest.mark.django_db


def record(client, quotation, **typed):
    address = reverse("quotas:record_references", args=[quotation.number])
    return client.post(address, {"seen_id": 0} | typed, follow=True)


# --- List -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("how_many", [1, 3])
def test_list_query_count_is_flat(signed_in, contact, django_assert_num_queries, how_many):
    entity = contact.affiliations.get().entity
    for n in range(how_many):
        quoted(entity=entity, cause=cause(f"R{n}"))
    client = signed_in(contact)
    client.get(reverse("quotas:quotations"))

    # The session, the user, their posts and notices for the navigation, the count, the quotations.
    with django_assert_num_queries(6):
        response = client.get(reverse("quotas:quotations"))

    assert response.text.count('scope="row"') == how_many


def test_list_shows_mine_alone(signed_in, contact, quotation):
    other = quoted(cause=cause("R2026-000002"))

    page = signed_in(contact).get(reverse("quotas:quotations")).text

    assert quotation.number in page
    assert other.number not in page


def test_empty_list_says_when_there_will_be_one(signed_in):
    page = signed_in(UserFactory()).get(reverse("quotas:quotations"))

    assert "No quotation yet" in page.text


# --- One quotation --------------------------------------------------------------------------------


def test_page_shows_lines_parties_tax_and_where_they_come_from(signed_in, contact):
    QuotationIssuerFactory(is_example=True)
    VatFactory()
    quotation = quoted(entity=contact.affiliations.get().entity)

    page = text_of(signed_in(contact).get(quotation.get_absolute_url()))

    assert [
        words
        for words in (
            "Q-2026-0001", "€81.20", "€97.44", "VAT 20%", "CGI, art. 278", "Imagery programme",
            "SIRET 111 222 333 00014", "SIRET not recorded", "example figure", "81.20", "16.24",
            "97.44", "The programme collects no money.", "Project budget", "4.06",
            "The invoice is sent to the entity by The operator.",
        )
        if words not in page.replace("\u00a0", " ")
    ] == []  # fmt: skip


def test_page_says_the_document_is_being_prepared_then_links_it(signed_in, contact, quotation):
    client = signed_in(contact)
    before = client.get(quotation.get_absolute_url()).text
    services.render_quotation(quotation.pk, 1)

    after = client.get(quotation.get_absolute_url()).text

    link = reverse("quotas:quotation_pdf", args=[quotation.number, "fr"])
    said = "The document is being prepared"
    assert [(said in page, link in page) for page in (before, after)] == [
        (True, False),
        (False, True),
    ]


def test_page_of_a_quotation_without_a_document_says_so(signed_in, contact):
    entity = contact.affiliations.get().entity
    old = Quotation.objects.create(
        number="Q-2025-0001", year=2025, sequence=1, request_number="R2025-000001",
        decision=cause().decision, entity=entity, lines=[], total_eur=Decimal("81.20"),
        valid_until="2025-03-31",
    )  # fmt: skip

    page = text_of(signed_in(contact).get(old.get_absolute_url()))

    assert "This quotation was issued before quotations had a document" in page
    assert "Validity over" in page


def test_page_is_for_the_entity_the_cell_and_the_programme(signed_in, contact):
    cell = CellFactory()
    quotation = quoted(entity=contact.affiliations.get().entity, cell_id=cell.pk)
    readers = {
        200: [
            contact,
            AffiliationFactory(entity=quotation.entity).user,
            CellMemberFactory(cell=cell, role="arbitrator").user,
            ProgrammeRoleFactory(role="observer").user,
        ],
        404: [
            UserFactory(),
            AffiliationFactory(entity=EntityFactory(), role="entity_contact").user,
            CellMemberFactory(cell=CellFactory(code="spot-science"), role="arbitrator").user,
        ],
    }

    found = {
        status: [signed_in(user).get(quotation.get_absolute_url()).status_code for user in users]
        for status, users in readers.items()
    }

    assert found == {200: [200] * 4, 404: [404] * 3}


def test_request_page_links_the_quotation_to_those_who_may_open_it(signed_in):
    found = path.programme()
    request = path.priced_offer(found)
    number = request.quotation_number
    link = reverse("quotas:quotation", args=[number])
    address = reverse("requests:detail", args=[request.number])
    partner = AffiliationFactory().user
    request.co_requesters.add(partner)

    pages = {
        name: signed_in(user).get(address).text
        for name, user in {
            "requester": found.requester,
            "arbitrator": found.arbitrator,
            "partner": partner,
        }.items()
    }

    assert {name: (number in page, link in page) for name, page in pages.items()} == {
        "requester": (True, True),
        "arbitrator": (True, True),
        "partner": (True, False),
    }


# --- References -----------------------------------------------------------------------------------


def test_contact_records_the_commitment_and_its_trace_is_shown(signed_in, contact, quotation):
    response = record(
        signed_in(contact), quotation, engagement_number=" EJ-2026-417 ", service_code="SRV-3"
    )

    page = text_of(response)
    row = QuotationReferences.objects.get()
    assert (row.engagement_number, row.service_code, row.author) == (
        "EJ-2026-417",
        "SRV-3",
        contact,
    )
    assert "The references are recorded." in page
    assert "Who recorded what" in page
    assert contact.full_name in page


def test_refused_references_keep_what_was_typed(signed_in, contact, quotation):
    Quotation.objects.filter(pk=quotation.pk).update(
        accepted_at=timezone.now(), purchase_reference="PO-1"
    )

    response = record(
        signed_in(contact),
        quotation,
        engagement_number="EJ-2026-417",
        paid_on=timezone.localdate().isoformat(),
    )

    assert response.status_code == 200
    assert "A payment is recorded with the number of its invoice." in text_of(response)
    assert 'value="EJ-2026-417"' in response.text
    assert not QuotationReferences.objects.exists()


@pytest.mark.parametrize(
    "typed", [{"engagement_number": "<b>"}, {"engagement_number": "E" * 51}, {"seen_id": "x"}]
)
def test_references_that_cannot_be_are_refused(signed_in, contact, quotation, typed):
    response = record(signed_in(contact), quotation, **typed)

    assert response.status_code == 200
    assert response.context["references_form"].errors
    assert not QuotationReferences.objects.exists()


def test_invoice_of_an_open_quotation_is_not_taken(signed_in, contact, quotation):
    record(signed_in(contact), quotation, engagement_number="EJ-1", invoice_number="F-9")

    row = QuotationReferences.objects.get()
    assert (row.engagement_number, row.invoice_number) == ("EJ-1", "")


def test_members_read_the_references_and_record_none(signed_in, contact, quotation):
    client = signed_in(AffiliationFactory(entity=quotation.entity).user)

    assert "Accounting references" in client.get(quotation.get_absolute_url()).text
    assert record(client, quotation, engagement_number="EJ-1").status_code == 403
    assert not QuotationReferences.objects.exists()


@pytest.mark.parametrize("how_many", [1, 3])
def test_page_query_count_is_flat(signed_in, contact, quotation, how_many):
    client = signed_in(contact)
    seen_id = 0
    for n in range(how_many):
        references = services.References(engagement_number=f"EJ-{n}")
        row = services.record_references(
            user=contact, quotation_number=quotation.number, references=references, seen_id=seen_id
        )
        seen_id = row.pk

    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get(quotation.get_absolute_url())

    assert response.text.count("<time") == how_many
    # The quotation, its journal, its files, and what its version prints.
    asked = [query["sql"] for query in queries if "notices_notice" not in query["sql"]]
    assert sum('FROM "quotas_' in sql for sql in asked) == 4


# --- Download -------------------------------------------------------------------------------------


@pytest.fixture
def prepared(quotation):
    services.render_quotation(quotation.pk, 1)
    return quotation


def pdf_of(quotation, language="fr"):
    return reverse("quotas:quotation_pdf", args=[quotation.number, language])


@pytest.mark.parametrize("language", ["fr", "en"])
def test_download_gives_the_file_issued(signed_in, contact, prepared, language):
    response = signed_in(contact).get(pdf_of(prepared, language))

    kept = QuotationFile.objects.get(quotation=prepared, language=language)
    assert hashlib.sha256(response.content).hexdigest() == kept.sha256
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'attachment; filename="Q-2026-0001-{language}.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox"
    assert "no-store" in response["Cache-Control"]


def test_download_is_not_for_strangers(client, signed_in, prepared):
    assert client.get(pdf_of(prepared)).status_code == 302
    assert signed_in(UserFactory()).get(pdf_of(prepared)).status_code == 404


def test_download_of_no_language_is_not_found(signed_in, contact, prepared):
    assert signed_in(contact).get(pdf_of(prepared, "de")).status_code == 404


def test_download_is_that_of_the_references_as_they_hold(signed_in, contact, prepared):
    client = signed_in(contact)
    record(client, prepared, engagement_number="EJ-1")
    while_it_is_made = client.get(pdf_of(prepared)).status_code
    services.render_quotation(prepared.pk, 2)

    response = client.get(pdf_of(prepared))

    kept = QuotationFile.objects.get(quotation=prepared, language="fr", version=2)
    assert while_it_is_made == 404
    assert hashlib.sha256(response.content).hexdigest() == kept.sha256


def test_altered_file_is_not_given_out(signed_in, contact, prepared, storage):
    place = storage / QuotationFile.objects.get(language="fr").storage_name
    place.write_bytes(place.read_bytes() + b"\n")
    client = signed_in(contact)

    response = client.get(pdf_of(prepared))

    assert response.status_code == 503
    assert b"%PDF" not in response.content
    assert client.get(pdf_of(prepared, "en")).status_code == 200
