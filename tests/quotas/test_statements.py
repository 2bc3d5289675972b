"""Statements on the page and as files: the same rows and the same figures for everybody."""

import json
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from quotas import services
from quotas.selectors import uses_of
from quotas.views import files
from tests.eligibility.factories import CellMemberFactory, ProgrammeRoleFactory
from tests.quotas.checks import hold
from tests.quotas.factories import AllowanceFactory, EnvelopeFactory, cause
from tests.quotas.pages import (
    FIRST,
    SECOND,
    THIS_YEAR,
    YEAR,
    affiliate,
    body,
    csv_rows,
    sheets,
    text,
    used,
)

pytestmark = pytest.mark.django_db


def url(envelope, extension=None) -> str:
    if extension is None:
        return reverse("quotas:statement", args=[envelope.pk])
    return reverse("quotas:statement_file", args=[envelope.pk, extension])


# --- What each request stands for -----------------------------------------------------------------


def test_page_says_what_each_request_holds_and_has_consumed(visit):
    envelope = used(AllowanceFactory(granted=100, **THIS_YEAR))

    read = text(visit(affiliate(envelope), url(envelope)))

    assert f"{FIRST} 0.00 49.75 {SECOND} 5.00 0.00 In all, on" in read
    assert f"December {YEAR} 5.00 49.75" in read


def test_requests_together_are_the_closing_balance():
    envelope = used(AllowanceFactory(granted=100, **THIS_YEAR))
    services.release_request(request_number=SECOND, cause=cause(SECOND))

    uses = uses_of(envelope, timezone.localdate())

    envelope.refresh_from_db()
    assert [use.request_number for use in uses] == [FIRST]
    assert (uses[0].held, uses[0].consumed) == (envelope.held, envelope.consumed)


def test_requests_are_those_of_the_last_day_shown(visit):
    envelope = used(AllowanceFactory(granted=100, **THIS_YEAR))

    read = text(visit(affiliate(envelope), url(envelope), ends_on="2020-01-31"))

    assert "Nothing was held or consumed on 31 January 2020." in read


def test_page_of_a_very_long_ledger_does_not_wait_for_its_requests(visit, monkeypatch):
    monkeypatch.setattr("quotas.selectors.statements.USES_OF_AT_MOST_ENTRIES", 4)
    envelope = used(AllowanceFactory(granted=100, **THIS_YEAR))
    envelope.refresh_from_db()

    response = visit(affiliate(envelope), url(envelope))

    assert "This envelope has 5 entries: what each request holds" in text(response)


def test_numbers_lead_to_their_request(visit):
    envelope = used(AllowanceFactory(granted=100, **THIS_YEAR))

    html = visit(affiliate(envelope), url(envelope)).content.decode()

    assert f'<a href="/requests/{FIRST}/">{FIRST}</a>' in html


# --- Filters --------------------------------------------------------------------------------------


def test_filter_by_kind_leaves_the_balances(visit):
    envelope = used(AllowanceFactory(granted=100, **THIS_YEAR))

    response = visit(affiliate(envelope), url(envelope), kind="refund")

    shown = response.context["statement"]
    assert [entry.kind for entry in shown.entries] == ["refund"]
    assert shown.closing.consumed == Decimal("49.75")
    assert "Only some entries are shown" in text(response)


def test_filter_by_request_takes_small_letters(visit):
    envelope = used(AllowanceFactory(granted=100, **THIS_YEAR))

    response = visit(affiliate(envelope), url(envelope), request=SECOND.lower())

    assert [entry.request_number for entry in response.context["statement"].entries] == [SECOND]


def test_filter_goes_with_the_downloads(visit):
    envelope = used(AllowanceFactory(granted=100, **THIS_YEAR))

    html = visit(affiliate(envelope), url(envelope), kind="hold").content.decode()

    for extension in ("csv", "xlsx", "json"):
        assert f'href="{url(envelope, extension)}?kind=hold"' in html


def test_unknown_kind_is_said(visit):
    envelope = used(AllowanceFactory(granted=100, **THIS_YEAR))

    response = visit(affiliate(envelope), url(envelope), kind="theft")

    assert list(response.context["form"].errors) == ["kind"]


@pytest.mark.parametrize("extension", ["csv", "xlsx", "json"])
def test_file_of_reversed_days_is_the_page_that_says_so(visit, extension):
    envelope = used(AllowanceFactory(granted=100, **THIS_YEAR))
    days = {"starts_on": "2026-02-01", "ends_on": "2026-01-01"}

    response = visit(affiliate(envelope), url(envelope, extension), **days)

    assert response.status_code == 400
    assert "The last day is before the first." in text(response)


def test_entries_turn_the_page_with_their_filter(visit):
    envelope = AllowanceFactory(granted=1000, **THIS_YEAR)
    for n in range(101):
        hold(envelope, 1, f"R2026-{n:06d}")

    response = visit(affiliate(envelope), url(envelope), kind="hold")

    assert response.context["next_query"] == "kind=hold&after=101"
    assert 'href="?kind=hold&amp;after=101"' in response.content.decode()


# --- The files ------------------------------------------------------------------------------------


def test_page_and_files_agree(visit):
    envelope = used(AllowanceFactory(granted=100, **THIS_YEAR))
    user = affiliate(envelope)

    page = visit(user, url(envelope)).context["statement"]
    lines = csv_rows(visit(user, url(envelope, "csv")))
    book = sheets(visit(user, url(envelope, "xlsx")))
    document = json.loads(body(visit(user, url(envelope, "json"))))

    figures = [(entry.d_granted, entry.d_held, entry.d_consumed) for entry in page.entries]
    assert figures == [
        (100, 0, 0),
        (0, Decimal("60.25"), 0),
        (0, Decimal("-60.25"), Decimal("60.25")),
        (0, 5, 0),
        (0, 0, Decimal("-10.5")),
    ]
    assert [tuple(map(Decimal, line[5:8])) for line in lines[2:-1]] == figures
    assert [tuple(map(Decimal, map(str, row[5:8]))) for row in book["Statement"][2:-1]] == figures
    names = ("granted", "held", "consumed")
    told = [tuple(Decimal(entry[name]) for name in names) for entry in document["entries"]]
    assert told == figures
    closing = [Decimal(100), Decimal(5), Decimal("49.75"), Decimal("45.25")]
    assert [page.closing.granted, page.closing.held, page.closing.consumed, page.closing.left] == (
        closing
    )
    assert list(map(Decimal, lines[-1][8:12])) == closing
    assert [Decimal(str(cell)) for cell in book["Statement"][-1][8:12]] == closing
    assert [Decimal(document["closing"][name]) for name in (*names, "left")] == closing


def test_requests_agree_too(visit):
    envelope = used(AllowanceFactory(granted=100, **THIS_YEAR))
    user = affiliate(envelope)

    book = sheets(visit(user, url(envelope, "xlsx")))
    document = json.loads(body(visit(user, url(envelope, "json"))))

    assert book["Requests"] == [
        ("Request", "Held (km²)", "Consumed (km²)"), (FIRST, 0, 49.75), (SECOND, 5, 0),
    ]  # fmt: skip
    assert document["requests"] == [
        {"request": FIRST, "held": "0.000000", "consumed": "49.750000"},
        {"request": SECOND, "held": "5.000000", "consumed": "0.000000"},
    ]


def test_everybody_reads_the_same_figures(visit):
    """The entity's envelope: its affiliate and the secretariat. The cell's: its member and the
    secretariat."""
    allowance = used(AllowanceFactory(granted=100, **THIS_YEAR))
    programme = EnvelopeFactory(granted=100, **THIS_YEAR)
    hold(programme, "60.25", FIRST)
    secretary = ProgrammeRoleFactory(role="secretariat").user
    member = CellMemberFactory(cell=programme.cell).user

    def read(user, envelope):
        page = text(visit(user, url(envelope))).partition("What each request stands for")[2]
        document = json.loads(body(visit(user, url(envelope, "json"))))
        document.pop("made_at")
        return page, csv_rows(visit(user, url(envelope, "csv"))), document

    assert read(affiliate(allowance), allowance) == read(secretary, allowance)
    assert read(member, programme) == read(secretary, programme)
    assert visit(member, url(allowance)).status_code == 404
    assert visit(affiliate(allowance), url(programme)).status_code == 404


def test_csv_opens_and_closes_with_its_balances(visit):
    envelope = used(AllowanceFactory(granted=100, **THIS_YEAR))

    response = visit(affiliate(envelope), url(envelope, "csv"))

    lines = csv_rows(response)
    assert lines[0] == [
        "No.", "At", "Entry", "Request", "Reason", "Granted (km²)", "Held (km²)", "Consumed (km²)",
        "Granted after (km²)", "Held after (km²)", "Consumed after (km²)", "Left after (km²)",
        "Decision",
    ]  # fmt: skip
    assert lines[1] == [
        "", f"{YEAR}-01-01", "Opening balance", "", "", "", "", "",
        "0.000000", "0.000000", "0.000000", "0.000000", "",
    ]  # fmt: skip
    assert [line[2:4] for line in lines[2:]] == [
        ["Grant", ""],
        ["Hold", FIRST],
        ["Consumption", FIRST],
        ["Hold", SECOND],
        ["Refund", FIRST],
        ["Closing balance", ""],
    ]
    assert response["Content-Disposition"] == (
        f'attachment; filename="envelope-{envelope.pk}_{YEAR}-01-01_{YEAR}-12-31.csv"'
    )


def test_json_has_the_shape_that_is_written_down(visit):
    envelope = AllowanceFactory(granted=100, **THIS_YEAR)

    document = json.loads(body(visit(affiliate(envelope), url(envelope, "json"))))

    (entry,) = document["entries"]
    posted = envelope.entries.get()
    zero = {"granted": "0.000000", "held": "0.000000", "consumed": "0.000000", "left": "0.000000"}
    hundred = zero | {"granted": "100.000000", "left": "100.000000"}
    document.pop("made_at")
    assert document == {
        "format": "orbitrage-statement/1",
        "envelope": {
            "id": envelope.pk,
            "scope": "entity",
            "owner": str(envelope.entity),
            "sensor": envelope.sensor.code,
            "request_kind": "any",
            "unit": "km2",
            "period_starts_on": f"{YEAR}-01-01",
            "period_ends_on": f"{YEAR}-12-31",
        },
        "starts_on": f"{YEAR}-01-01",
        "ends_on": f"{YEAR}-12-31",
        "filter": {"kind": "", "request": ""},
        "opening": zero,
        "entries": [entry],
        "closing": hundred,
        "requests": [],
    }
    assert entry == {
        "sequence": 1,
        "at": timezone.localtime(posted.at).isoformat(timespec="seconds"),
        "kind": "grant",
        "request": "",
        "reason": "",
        "granted": "100.000000",
        "held": "0.000000",
        "consumed": "0.000000",
        "after": hundred,
        "decision": str(posted.decision),
    }


def test_format_that_is_not_there(visit):
    envelope = AllowanceFactory(granted=100, **THIS_YEAR)

    assert visit(affiliate(envelope), url(envelope, "pdf")).status_code == 404


@pytest.mark.parametrize(("extension", "status"), [("csv", 200), ("xlsx", 400), ("json", 400)])
def test_file_too_long_for_memory_says_what_to_do(visit, monkeypatch, extension, status):
    monkeypatch.setattr(files, "ENTRIES_OF_A_FILE", 4)
    envelope = used(AllowanceFactory(granted=100, **THIS_YEAR))

    response = visit(affiliate(envelope), url(envelope, extension))

    assert response.status_code == status
    if status == 400:
        assert "More than 4 entries: choose fewer days, or CSV." in text(response)


# --- What a spreadsheet would run -----------------------------------------------------------------


@pytest.mark.parametrize("extension", ["csv", "xlsx"])
def test_reason_is_not_run(visit, extension):
    envelope = AllowanceFactory(granted=100, **THIS_YEAR)
    why = cause("=1+1", reason="@SUM(1)")
    services.hold(amounts=[services.Amount(envelope.pk, Decimal(60))], cause=why)

    response = visit(affiliate(envelope), url(envelope, extension))

    rows = csv_rows(response) if extension == "csv" else sheets(response)["Statement"]
    assert list(rows[-2][3:5]) == ["'=1+1", "'@SUM(1)"]
