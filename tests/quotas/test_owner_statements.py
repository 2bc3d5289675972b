"""The statement of an entity or a cell: all its envelopes on one page and in one file."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.eligibility.factories import (
    AffiliationFactory,
    CellMemberFactory,
    ProgrammeRoleFactory,
    UserFactory,
)
from tests.quotas.checks import hold
from tests.quotas.factories import AllowanceFactory, EnvelopeFactory
from tests.quotas.pages import FIRST, THIS_YEAR, affiliate, body, csv_rows, sheets, text, used

pytestmark = pytest.mark.django_db


def owner_url(envelope, extension=None) -> str:
    kind = "cell" if envelope.cell_id else "entity"
    owner = envelope.cell_id or envelope.entity_id
    if extension is None:
        return reverse(f"quotas:{kind}_statement", args=[owner])
    return reverse(f"quotas:{kind}_file", args=[owner, extension])


def test_entity_reads_all_its_envelopes_on_one_page(visit):
    one = used(AllowanceFactory(granted=100, **THIS_YEAR))
    two = AllowanceFactory(granted=7, entity=one.entity, unit="attempts", **THIS_YEAR)

    response = visit(affiliate(one), owner_url(one))

    lines = {line.envelope: line for line in response.context["lines"]}
    assert set(lines) == {one, two}
    first = lines[one]
    assert (first.opening.left, first.granted, first.held, first.consumed, first.closing.left) == (
        0, 100, 5, Decimal("49.75"), Decimal("45.25"),
    )  # fmt: skip
    entries = response.context["page"].object_list
    assert [(entry.envelope, entry.kind) for entry in entries] == [
        (one, "grant"), (one, "hold"), (one, "consume"), (one, "hold"), (one, "refund"),
        (two, "grant"),
    ]  # fmt: skip


def test_owner_files_agree_with_the_page(visit):
    one = used(AllowanceFactory(granted=100, **THIS_YEAR))
    AllowanceFactory(granted=7, entity=one.entity, unit="attempts", **THIS_YEAR)
    user = affiliate(one)

    page = visit(user, owner_url(one)).context
    lines = csv_rows(visit(user, owner_url(one, "csv")))[1:]
    book = sheets(visit(user, owner_url(one, "xlsx")))
    document = json.loads(body(visit(user, owner_url(one, "json"))))

    closing = {line.envelope.pk: line.closing.left for line in page["lines"]}
    assert {int(line[0]): Decimal(line[13]) for line in lines[-2:]} == closing
    assert {row[0]: Decimal(str(row[8])) for row in book["Envelopes"][1:]} == closing
    told = {each["envelope"]["id"]: each["closing"]["left"] for each in document["envelopes"]}
    assert {pk: Decimal(left) for pk, left in told.items()} == closing
    moved = [(e.envelope_id, e.sequence) for e in page["page"].object_list]
    assert [(int(line[0]), int(line[2])) for line in lines[2:-2]] == moved
    assert [(row[0], row[2]) for row in book["Entries"][3:-2]] == moved
    assert [(each["envelope"], each["sequence"]) for each in document["entries"]] == moved


def test_old_envelope_on_which_something_moved_is_there(visit):
    """What comes back after a period is posted where it was taken."""
    quarters = [
        (dt.date(2020, 1, 1), dt.date(2020, 3, 31)),
        (dt.date(2020, 4, 1), dt.date(2020, 6, 30)),
    ]
    days = [{"period_starts_on": first, "period_ends_on": last} for first, last in quarters]
    moved = AllowanceFactory(granted=100, **days[0])
    AllowanceFactory(entity=moved.entity, **days[1])

    response = visit(affiliate(moved), owner_url(moved))

    assert [line.envelope for line in response.context["lines"]] == [moved]


def test_cell_has_its_statement(visit):
    envelope = EnvelopeFactory(granted=100, **THIS_YEAR)
    hold(envelope, 60, FIRST)
    member = CellMemberFactory(cell=envelope.cell).user

    response = visit(member, owner_url(envelope))

    assert [line.envelope for line in response.context["lines"]] == [envelope]
    assert "+100.00 +60.00 0.00 40.00" in text(response)


def test_statement_of_an_owner_does_not_exist_for_strangers(visit):
    for envelope in (AllowanceFactory(granted=1, **THIS_YEAR), EnvelopeFactory(granted=1)):
        assert visit(ProgrammeRoleFactory().user, owner_url(envelope)).status_code == 200
        for address in (owner_url(envelope), owner_url(envelope, "csv")):
            assert visit(UserFactory(), address).status_code == 404


def test_entity_without_envelope_has_an_empty_statement(visit):
    user = AffiliationFactory().user
    entity = user.affiliations.get().entity

    response = visit(user, reverse("quotas:entity_statement", args=[entity.pk]))

    assert "No envelope between these days" in text(response)


@pytest.mark.parametrize("extension", ["csv", "xlsx", "json"])
def test_owner_file_of_reversed_days_is_the_page_that_says_so(visit, extension):
    envelope = AllowanceFactory(granted=1, **THIS_YEAR)
    days = {"starts_on": "2026-02-01", "ends_on": "2026-01-01"}

    response = visit(affiliate(envelope), owner_url(envelope, extension), **days)

    assert response.status_code == 400
    assert "The last day is before the first." in text(response)


def test_owner_statement_asks_as_much_for_three_envelopes_as_for_one(visit):
    def add(unit):
        envelope = AllowanceFactory(granted=10, entity=first.entity, unit=unit, **THIS_YEAR)
        hold(envelope, 1, f"R {unit}")

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            visit(user, owner_url(first))
        return len(asked)

    first = AllowanceFactory(granted=10, **THIS_YEAR)
    user = affiliate(first)
    queries()
    one = queries()
    add("attempts")
    add("products")

    assert queries() == one


def test_list_leads_to_the_statements_of_owners(visit):
    envelope = AllowanceFactory(granted=1, **THIS_YEAR)

    html = visit(affiliate(envelope), reverse("quotas:list")).content.decode()

    assert f'href="{owner_url(envelope)}"' in html
