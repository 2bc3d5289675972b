import datetime as dt
import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from quotas import periodic, selectors, services
from quotas.models import Envelope, LedgerEntry
from tests.eligibility.factories import (
    AffiliationFactory,
    CellFactory,
    CellMemberFactory,
    EntityFactory,
    ProgrammeRoleFactory,
    UserFactory,
)
from tests.quotas.checks import hold
from tests.quotas.factories import AllowanceFactory, EnvelopeFactory, cause, free_line, plan

pytestmark = pytest.mark.django_db
NUMBER = "R2026-000001"


def dated(*moments: dt.datetime) -> None:
    """Give the entries these times, in order: the ledger itself takes the clock's."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE quotas_ledgerentry DISABLE TRIGGER ledger_append_only")
        for entry, at in zip(LedgerEntry.objects.order_by("pk"), moments, strict=True):
            cursor.execute("UPDATE quotas_ledgerentry SET at = %s WHERE id = %s", [at, entry.pk])
        cursor.execute("ALTER TABLE quotas_ledgerentry ENABLE TRIGGER ledger_append_only")


def paris(text: str) -> dt.datetime:
    return timezone.make_aware(dt.datetime.fromisoformat(text))


# --- outstanding, charged -------------------------------------------------------------------------


def test_outstanding_is_what_the_request_holds_and_has_consumed():
    one, two = EnvelopeFactory(granted=100), AllowanceFactory(granted=100)
    hold(one, 60)
    services.consume_request(request_number=NUMBER, cause=cause())
    hold(one, 5)
    hold(two, 7)
    hold(two, 9, "R2026-000002")

    assert selectors.outstanding(NUMBER) == {
        one.pk: selectors.Outstanding(held=Decimal(5), consumed=Decimal(60)),
        two.pk: selectors.Outstanding(held=Decimal(7), consumed=Decimal(0)),
    }


def test_what_was_given_back_is_not_outstanding():
    hold(EnvelopeFactory(granted=100), 60)
    services.release_request(request_number=NUMBER, cause=cause())

    assert selectors.outstanding(NUMBER) == {}


def test_free_km2_stands_on_two_envelopes_and_is_charged_once():
    allowance, programme = AllowanceFactory(granted=100), EnvelopeFactory(granted=100)
    services.hold_plan(plan=plan(free_line(60, allowance, programme)), cause=cause())

    assert selectors.charged_km2(NUMBER) == 60
    assert selectors.charged_km2("R2026-000002") == 0


# --- as of ----------------------------------------------------------------------------------------


def test_balance_at_any_instant_is_that_of_the_replay():
    envelope = EnvelopeFactory(granted=100)
    hold(envelope, 60)
    services.consume_request(request_number=NUMBER, cause=cause())
    services.refund_request(request_number=NUMBER, cause=cause())

    entries = LedgerEntry.objects.filter(envelope=envelope).order_by("sequence")
    replay = [Decimal(0)] * 3
    for entry in entries:
        deltas = (entry.d_granted, entry.d_held, entry.d_consumed)
        replay = [sum(pair) for pair in zip(replay, deltas, strict=True)]
        balance = selectors.balance_at(envelope.pk, entry.at)
        assert [balance.granted, balance.held, balance.consumed] == replay
    before = entries[0].at - dt.timedelta(microseconds=1)
    assert selectors.balance_at(envelope.pk, before) == selectors.Balance()


def test_statement_opens_and_closes_on_whole_days_of_paris():
    envelope = EnvelopeFactory(granted=100)
    for amount in (10, 20, 30):
        hold(envelope, amount)
    dated(
        paris("2026-01-05T09:00"), paris("2026-01-31T23:59"), paris("2026-02-01T00:00"),
        paris("2026-03-01T00:00"),
    )  # fmt: skip

    shown = selectors.statement(
        envelope, starts_on=dt.date(2026, 2, 1), ends_on=dt.date(2026, 2, 28)
    )

    assert shown.opening == selectors.Balance(granted=Decimal(100), held=Decimal(10))
    assert [entry.d_held for entry in shown.entries] == [20]
    assert shown.closing == selectors.Balance(granted=Decimal(100), held=Decimal(30))


def test_statement_is_of_the_period_when_no_day_is_given():
    envelope = EnvelopeFactory(granted=100)
    dated(paris("2026-01-05T09:00"))

    shown = selectors.statement(envelope)

    assert (str(shown.starts_on), str(shown.ends_on)) == ("2026-01-01", "2026-03-31")
    assert (shown.opening.granted, shown.closing.granted) == (0, 100)


def test_statement_turns_its_pages_without_losing_an_entry():
    envelope = EnvelopeFactory(granted=100)
    for _ in range(4):
        hold(envelope, 1)
    today = timezone.localdate()
    days = {"starts_on": today, "ends_on": today}

    seen, after = [], 0
    while after is not None:
        page = selectors.statement(envelope, **days, after_sequence=after, limit=2)
        seen += [entry.sequence for entry in page.entries]
        after = page.next_after

    assert seen == [1, 2, 3, 4, 5]


def rows_read(plan) -> int:
    """From indexes and tables, those thrown away included."""
    own = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
    is_scan = "Scan" in plan["Node Type"] and plan["Node Type"] != "Bitmap Heap Scan"
    return own * is_scan + sum(map(rows_read, plan.get("Plans", ())))


def test_page_of_a_month_reads_no_entry_of_another():
    envelope = EnvelopeFactory(granted=100)
    for _ in range(59):
        hold(envelope, 1)
    dated(*(paris("2026-01-01T09:00") + dt.timedelta(days=n) for n in range(60)))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE quotas_ledgerentry")
        cursor.execute("SET LOCAL enable_seqscan = off")  # a small table is read whole

    page = selectors.entries_between(envelope, dt.date(2026, 2, 1), dt.date(2026, 2, 28))[:5]

    (explained,) = json.loads(page.explain(analyze=True, format="json"))
    ends = 2 + 2  # the last entry before and the last of the month, each with one to tell a tie
    assert rows_read(explained["Plan"]) == 5 + ends
    assert [entry.sequence for entry in page] == [32, 33, 34, 35, 36]


def test_daily_balances_are_those_of_each_day_end():
    envelope = EnvelopeFactory(granted=100)
    for amount in (10, 20, 30):
        hold(envelope, amount)
    dated(
        paris("2025-12-31T09:00"), paris("2026-01-05T00:30"), paris("2026-01-05T23:30"),
        paris("2026-01-09T12:00"),
    )  # fmt: skip

    days = selectors.daily_balances(envelope, dt.date(2026, 1, 1), dt.date(2026, 3, 31))

    assert [(str(day), balance.granted, balance.held) for day, balance in days] == [
        ("2026-01-01", 100, 0),
        ("2026-01-05", 100, 30),
        ("2026-01-09", 100, 60),
    ]


# --- who sees what --------------------------------------------------------------------------------


@pytest.fixture
def envelopes():
    return {
        "programme": EnvelopeFactory(),
        "other cell": EnvelopeFactory(cell=CellFactory(code="institutional")),
        "entity": AllowanceFactory(entity=EntityFactory(name="Ours")),
        "other entity": AllowanceFactory(),
    }


def seen_by(user, envelopes) -> set[str]:
    visible = set(Envelope.objects.visible_to(user))
    return {name for name, envelope in envelopes.items() if envelope in visible}


def test_affiliate_sees_the_envelopes_of_the_entity(envelopes):
    user = AffiliationFactory(entity=envelopes["entity"].entity).user

    assert seen_by(user, envelopes) == {"entity"}


def test_former_affiliate_sees_nothing(envelopes):
    user = AffiliationFactory(entity=envelopes["entity"].entity, until=timezone.localdate()).user

    assert seen_by(user, envelopes) == set()


@pytest.mark.parametrize("role", ["reviewer", "arbitrator", "chair", "supply_officer"])
def test_cell_member_sees_the_envelopes_of_the_cell(role, envelopes):
    user = CellMemberFactory(cell=envelopes["programme"].cell, role=role).user

    assert seen_by(user, envelopes) == {"programme"}


@pytest.mark.parametrize("role", ["secretariat", "observer"])
def test_programme_roles_see_all(role, envelopes):
    assert seen_by(ProgrammeRoleFactory(role=role).user, envelopes) == set(envelopes)


def test_stranger_sees_none(envelopes):
    assert seen_by(UserFactory(), envelopes) == set()


def test_entries_are_seen_with_their_envelope():
    envelope = AllowanceFactory(granted=10)
    EnvelopeFactory(granted=10)
    user = AffiliationFactory(entity=envelope.entity).user

    assert list(LedgerEntry.objects.visible_to(user)) == list(envelope.entries.all())


# --- pressure -------------------------------------------------------------------------------------


def test_pressure_is_what_is_asked_over_what_is_left():
    envelope = EnvelopeFactory(granted=1200)
    for number, amount in (("R1", 3000), ("R2", 400)):
        services.record_demand(request_number=number, plan=plan(free_line(amount, envelope)))

    asked = selectors.pressure(envelope)

    assert (asked.asked, asked.left) == (3400, 1200)


# --- the books ------------------------------------------------------------------------------------


def reconcile() -> str:
    out = StringIO()
    call_command("reconcile_quotas", stdout=out)
    return out.getvalue()


def tamper(table: str, trigger: str, sql: str) -> None:
    """Change what the triggers protect, as somebody with the owner's rights would."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
        cursor.execute(sql)
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")


def test_books_reconcile():
    envelope = EnvelopeFactory(granted=100)
    hold(envelope, 60)
    AllowanceFactory()

    assert reconcile() == "The books reconcile: 2 envelopes, 2 entries.\n"


TAMPERINGS = [
    ("quotas_envelope", "envelope_moved_by_entries_only", "UPDATE quotas_envelope SET held = 50"),
    ("quotas_envelope", "envelope_moved_by_entries_only",
     "UPDATE quotas_envelope SET last_sequence = 7"),
    ("quotas_ledgerentry", "ledger_append_only",
     "UPDATE quotas_ledgerentry SET d_held = 50 WHERE kind = 'hold'"),
    ("quotas_ledgerentry", "ledger_append_only",
     "UPDATE quotas_ledgerentry SET held_after = 50 WHERE kind = 'hold'"),
    ("quotas_ledgerentry", "ledger_append_only",
     "DELETE FROM quotas_ledgerentry WHERE kind = 'hold'"),
    ("quotas_ledgerentry", "ledger_append_only",
     "UPDATE quotas_ledgerentry SET request_number = 'R2026-000002' WHERE kind = 'release'"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "trigger", "sql"), TAMPERINGS)
def test_books_that_were_tampered_with_do_not_reconcile(table, trigger, sql, capsys):
    envelope = EnvelopeFactory(granted=100)
    hold(envelope, 60)
    hold(envelope, 10, "R2026-000003")
    services.release_request(request_number="R2026-000003", cause=cause("R2026-000003"))
    tamper(table, trigger, sql)

    with pytest.raises(CommandError) as refused:
        call_command("reconcile_quotas")

    assert refused.value.returncode == 1
    assert f"envelope {envelope.pk}: " in capsys.readouterr().out


def test_every_night_says_what_disagrees(caplog):
    envelope = EnvelopeFactory(granted=100)
    sound = periodic.reconcile()
    tamper(*TAMPERINGS[0])

    assert (sound, periodic.reconcile()) == (0, 1)
    assert f"Envelope {envelope.pk}: envelope says granted 100.000000, held 50" in caplog.text


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ({"starts_on": dt.date(2026, 5, 1)}, (dt.date(2026, 5, 1), dt.date(2026, 5, 1))),
        ({"ends_on": dt.date(2025, 5, 1)}, (dt.date(2025, 5, 1), dt.date(2025, 5, 1))),
    ],
)
def test_statement_of_one_day_outside_the_period_does_not_run_backwards(typed, shown):
    statement = selectors.statement(EnvelopeFactory(granted=100), **typed)

    assert (statement.starts_on, statement.ends_on) == shown
