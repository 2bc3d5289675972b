"""What is watched: thresholds on the pages, the forecast, files that hold for long."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from eligibility.models import Parameter
from quotas import selectors, services
from quotas.models import LedgerEntry
from tests.eligibility.factories import (
    AffiliationFactory,
    CellFactory,
    CellMemberFactory,
    ProgrammeRoleFactory,
    UserFactory,
)
from tests.quotas.checks import hold
from tests.quotas.factories import LONG_AGO, AllowanceFactory, EnvelopeFactory, cause
from tests.quotas.pages import statement_url, text

pytestmark = pytest.mark.django_db


def running():
    """A quarter of a year whose thirtieth day is today."""
    return {
        "period_starts_on": localdate() - dt.timedelta(days=29),
        "period_ends_on": localdate() + dt.timedelta(days=60),
    }


FIGURES = {
    "quota-warning-percent": 80,
    "quota-alert-percent": 95,
    "usual-hold-days": 60,
    "forecast-elapsed-days": 14,
    "forecast-days-of-use": 3,
}


@pytest.fixture(autouse=True)
def policy():
    names = {"name_fr": "x", "name_en": "x", "valid_from": LONG_AGO, "source": "test", "unit": "x"}
    for code, amount in FIGURES.items():
        Parameter.objects.create(code=code, amount=amount, **names)


def days_ago(days, *entries) -> None:
    """Give the entries another time: the ledger itself takes the clock's."""
    # By the clock on the wall, which went back in autumn.
    at = timezone.make_aware(timezone.make_naive(timezone.now()) - dt.timedelta(days=days))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE quotas_ledgerentry DISABLE TRIGGER ledger_append_only")
        for entry in entries:
            cursor.execute("UPDATE quotas_ledgerentry SET at = %s WHERE id = %s", [at, entry.pk])
        cursor.execute("ALTER TABLE quotas_ledgerentry ENABLE TRIGGER ledger_append_only")


# --- Thresholds -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("used", "badge", "notice"),
    [
        (79, None, None),
        (80, "running low", "This envelope is running low."),
        (95, "nearly used up", "This envelope is nearly used up."),
    ],
)
def test_threshold_is_told_in_words_on_list_and_statement(visit, used, badge, notice):
    envelope = AllowanceFactory(granted=100, **running())
    hold(envelope, used)
    user = AffiliationFactory(entity=envelope.entity).user

    listed = visit(user, reverse("quotas:list")).content.decode()
    statement = text(visit(user, statement_url(envelope)))

    found = re.findall(r'<span class="badge [^"]*">([^<]*)</span>', listed)
    assert found == ([badge] if badge else [])
    if notice is None:
        assert "This envelope is" not in statement
    else:
        assert f"{notice} {used}% of it is held or consumed" in statement


def test_budget_is_always_used_up_and_not_told(visit):
    envelope = AllowanceFactory(granted=100, scope="budget", unit="eur", **running())
    hold(envelope, 100)

    (watched,) = selectors.watched([envelope], localdate())

    assert (watched.level, selectors.used_beyond_a_threshold(localdate())) == (None, [])


# --- Forecast -------------------------------------------------------------------------------------


def test_statement_says_when_it_runs_out_and_how_that_was_worked_out(visit):
    # 60 in 30 days is 2 a day; 40 left last 20 days.
    envelope = AllowanceFactory(granted=100, **running())
    days_ago(29, envelope.entries.get())
    days_ago(25, hold(envelope, 20, "R1"))
    days_ago(20, hold(envelope, 20, "R2"))
    hold(envelope, 20, "R3")
    user = AffiliationFactory(entity=envelope.entity).user

    response = visit(user, statement_url(envelope))

    found = response.context["forecast"]
    assert (found.rate_per_day, found.left, found.days_left) == (2, 40, 20)
    assert found.runs_out_on == localdate() + dt.timedelta(days=20)
    assert "(30 days), what is held and consumed grew by 60 km²: 2 km² a day." in text(response)
    assert "At that rate the 40 km² left last 20 more days." in text(response)
    assert "use goes on in a straight line" in text(response)


def test_forecast_too_early_says_what_it_takes(visit):
    envelope = AllowanceFactory(granted=100, **running())
    hold(envelope, 20)
    user = AffiliationFactory(entity=envelope.entity).user

    read = text(visit(user, statement_url(envelope)))

    assert "Too early to say. 30 days have passed of the period, and a forecast takes 14." in read
    assert "Use grew on 1 day, and it takes 3." in read


def test_unused_envelope_lasts_until_the_end(visit):
    envelope = AllowanceFactory(granted=100, **running())
    user = AffiliationFactory(entity=envelope.entity).user

    assert "use has not grown" in text(visit(user, statement_url(envelope)))


@pytest.mark.parametrize("unit", ["km2", "eur"])
def test_no_forecast_outside_the_period_nor_of_a_budget(unit):
    over = AllowanceFactory(granted=100, period_ends_on=dt.date(2026, 1, 31))
    budget = AllowanceFactory(granted=100, scope="budget", unit=unit, **running())

    assert selectors.forecast_of(over, dt.date(2026, 2, 1)) is None
    assert selectors.forecast_of(over, dt.date(2026, 1, 31)) is not None
    assert selectors.forecast_of(budget, localdate()) is None


# --- Held longer than usual -----------------------------------------------------------------------

HELD = "quotas:held"


def long_hold(envelope, number, days=61, amount=10):
    entry = hold(envelope, amount, number)
    days_ago(days, entry)
    return entry


def shown(response) -> list[tuple]:
    return [
        (each.request_number, each.envelope, each.amount, each.days)
        for each in response.context["holds"]
    ]


def test_secretariat_reads_every_hold_older_than_usual_the_oldest_first(visit):
    allowance = AllowanceFactory(granted=100, **running())
    programme = EnvelopeFactory(granted=100, **running())
    long_hold(allowance, "R1", days=61)
    long_hold(programme, "R2", days=90)
    long_hold(programme, "R3", days=59)

    response = visit(ProgrammeRoleFactory(role="secretariat").user, reverse(HELD))

    assert shown(response) == [("R2", programme, 10, 90), ("R1", allowance, 10, 61)]
    assert '<a href="/requests/R2/">R2</a>' in response.content.decode()
    assert "more than 60 days" in text(response)


def test_what_was_given_back_or_ordered_is_not_held(visit):
    envelope = EnvelopeFactory(granted=100, **running())
    long_hold(envelope, "R1")
    long_hold(envelope, "R2")
    services.release_request(request_number="R1", cause=cause("R1"))
    services.consume_request(request_number="R2", cause=cause("R2"))

    response = visit(ProgrammeRoleFactory(role="secretariat").user, reverse(HELD))

    assert shown(response) == []
    assert "No file holds quota for longer than usual" in text(response)


def test_hold_taken_again_counts_from_then(visit):
    envelope = EnvelopeFactory(granted=100, **running())
    long_hold(envelope, "R1")
    services.release_request(request_number="R1", cause=cause("R1"))
    hold(envelope, 10, "R1")

    response = visit(ProgrammeRoleFactory(role="secretariat").user, reverse(HELD))

    assert shown(response) == []


def test_chair_reads_those_of_the_cell_and_a_contact_those_of_the_entity(visit):
    allowance = AllowanceFactory(granted=100, **running())
    programme = EnvelopeFactory(granted=100, **running())
    other = EnvelopeFactory(granted=100, cell=CellFactory(code="other"), **running())
    for envelope in (allowance, programme, other):
        long_hold(envelope, "R1")
    chair = CellMemberFactory(cell=programme.cell, role="chair").user
    contact = AffiliationFactory(entity=allowance.entity, role="entity_contact").user

    assert [row[1] for row in shown(visit(chair, reverse(HELD)))] == [programme]
    assert [row[1] for row in shown(visit(contact, reverse(HELD)))] == [allowance]


def test_reviewer_who_is_the_contact_of_an_entity_reads_that_entitys_only(visit):
    programme = EnvelopeFactory(granted=100, **running())
    long_hold(programme, "R1")
    reviewer = CellMemberFactory(cell=programme.cell, role="reviewer").user
    AffiliationFactory(user=reviewer, role="entity_contact")

    assert shown(visit(reviewer, reverse(HELD))) == []


@pytest.mark.parametrize("role", ["reviewer", "arbitrator", "supply_officer"])
def test_list_does_not_exist_for_others_of_the_cell(visit, role):
    member = CellMemberFactory(role=role).user

    assert visit(member, reverse(HELD)).status_code == 404
    assert "Held longer than usual" not in text(visit(member, reverse("quotas:list")))


def test_list_does_not_exist_for_members_and_strangers(visit):
    assert visit(AffiliationFactory().user, reverse(HELD)).status_code == 404
    assert visit(UserFactory(), reverse(HELD)).status_code == 404


def test_list_of_holds_asks_as_much_for_three_as_for_one(visit):
    def add(n):
        envelope = EnvelopeFactory(granted=100, cell=CellFactory(code=f"cell-{n}"), **running())
        long_hold(envelope, f"R{n}")

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            response = visit(user, reverse(HELD))
        assert len(response.context["holds"]) == LedgerEntry.objects.filter(kind="hold").count()
        return len(asked)

    user = ProgrammeRoleFactory(role="secretariat").user
    add(1)
    queries()
    one = queries()
    add(2)
    add(3)

    assert queries() == one
