import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from quotas import services
from quotas.charts import draw
from quotas.selectors import Balance
from tests.eligibility.factories import (
    CellFactory,
    CellMemberFactory,
    EntityFactory,
    ProgrammeRoleFactory,
    UserFactory,
)
from tests.quotas.factories import AllowanceFactory, EnvelopeFactory, cause, free_line, plan
from tests.quotas.pages import THIS_YEAR, YEAR, affiliate, statement_url, text

pytestmark = pytest.mark.django_db


def ours(queries) -> int:
    """Those on tables of this app, beside the session and the navigation."""
    plain = [query["sql"].replace('"', "") for query in queries]
    return sum("FROM quotas_" in sql and "notices_notice" not in sql for sql in plain)


def csv_url(envelope) -> str:
    return reverse("quotas:statement_file", args=[envelope.pk, "csv"])


def used_allowance():
    """100 granted, 60 held by a request."""
    envelope = AllowanceFactory(granted=100, **THIS_YEAR)
    services.hold(amounts=[services.Amount(envelope.pk, Decimal(60))], cause=cause("R2026-000007"))
    return envelope


# --- The list -------------------------------------------------------------------------------------


def test_list_shows_what_is_granted_held_and_left(visit):
    envelope = used_allowance()
    AllowanceFactory(entity=EntityFactory(acronym="ELSEWHERE"), **THIS_YEAR)

    response = visit(affiliate(envelope), reverse("quotas:list"))

    assert list(response.context["page"].object_list) == [envelope]
    assert "100.00 60.00 0.00 40.00" in text(response)
    assert f"January 1, {YEAR + 1}" in text(response) or f"1 January {YEAR + 1}" in text(response)
    assert "ELSEWHERE" not in text(response)


def test_list_shows_a_cell_what_is_asked_of_it(visit):
    envelope = EnvelopeFactory(granted=1200, **THIS_YEAR)
    services.record_demand(request_number="R1", plan=plan(free_line(3400, envelope)))
    user = CellMemberFactory(cell=envelope.cell).user

    response = visit(user, reverse("quotas:list"))

    assert "3,400.00" in text(response)


def test_list_of_another_day_shows_the_envelopes_of_that_day(visit):
    old = AllowanceFactory(granted=5)
    user = affiliate(old)

    today = visit(user, reverse("quotas:list"))
    then = visit(user, reverse("quotas:list"), on="2026-02-15")

    if timezone.localdate() > old.period_ends_on:
        assert list(today.context["page"].object_list) == []
    assert list(then.context["page"].object_list) == [old]


def test_list_without_envelope_says_why(visit):
    response = visit(UserFactory(), reverse("quotas:list"))

    assert "An entity's allowance is opened with its first request" in text(response)


def test_list_query_count_is_flat(visit):
    def open_two(n):
        EnvelopeFactory(granted=10, cell=CellFactory(code=f"cell-{n}"), **THIS_YEAR)
        AllowanceFactory(granted=10, **THIS_YEAR)

    user = ProgrammeRoleFactory().user
    visit(user, reverse("quotas:list"))
    open_two(1)
    with CaptureQueriesContext(connection) as one:
        visit(user, reverse("quotas:list"))
    open_two(2)
    open_two(3)
    with CaptureQueriesContext(connection) as three:
        response = visit(user, reverse("quotas:list"))

    assert len(response.context["page"].object_list) == 6
    assert len(one) == len(three)
    # How many envelopes, the envelopes, what is announced, the acts that wait.
    assert ours(three) == 4


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("list", []), ("held", []), ("statement", [1]), ("statement_file", [1, "csv"])],
)
def test_pages_ask_for_a_sign_in(client, name, arguments):

    response = client.get(reverse(f"quotas:{name}", args=arguments))

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


# --- The statement --------------------------------------------------------------------------------


def test_statement_shows_entries_with_their_request_between_two_balances(visit):
    envelope = used_allowance()

    response = visit(affiliate(envelope), statement_url(envelope))

    read = text(response)
    assert "Opening balance 0.00 0.00 0.00 0.00" in read
    assert "Hold R2026-000007 +60.00 40.00" in read
    assert "Closing balance 100.00 60.00 0.00 40.00" in read


def test_statement_says_what_a_reduction_still_waits_for(visit):
    envelope = used_allowance()
    member = affiliate(envelope)
    before = text(visit(member, statement_url(envelope)))

    services.reduce(envelope_id=envelope.pk, amount=Decimal(70), cause=cause(""))

    waits = "30 km² still to be taken back"
    assert waits not in before
    assert waits in text(visit(member, statement_url(envelope)))


def test_statement_has_its_drawing_and_the_same_figures_in_a_table(visit):
    envelope = used_allowance()

    html = visit(affiliate(envelope), statement_url(envelope)).content.decode()

    assert '<path class="chart__granted" d="M' in html
    assert "style=" not in html.partition("<main")[2]
    assert html.count('<th scope="row">Opening</th>') == 1


def test_statement_of_some_days(visit):
    envelope = used_allowance()

    response = visit(
        affiliate(envelope), statement_url(envelope), starts_on="2020-01-01", ends_on="2020-01-31"
    )

    assert "No entry between these days." in text(response)


def test_statement_of_reversed_days_says_so(visit):
    envelope = used_allowance()

    response = visit(
        affiliate(envelope), statement_url(envelope), starts_on="2026-02-01", ends_on="2026-01-01"
    )

    assert response.context["form"].errors == {"ends_on": ["The last day is before the first."]}


@pytest.mark.parametrize("url", [statement_url, csv_url])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_statement_of_the_last_day_there_is_does_not_fail(visit, url, day):
    envelope = used_allowance()

    response = visit(affiliate(envelope), url(envelope), starts_on=day, ends_on=day)

    assert response.status_code in (200, 400)


@pytest.mark.parametrize("url", [statement_url, csv_url])
def test_statement_does_not_exist_for_strangers(visit, url):
    envelope = used_allowance()

    assert visit(affiliate(envelope), url(envelope)).status_code == 200
    assert visit(UserFactory(), url(envelope)).status_code == 404


def test_statement_query_count_is_flat(visit):
    envelope = used_allowance()
    user = affiliate(envelope)
    visit(user, statement_url(envelope))
    with CaptureQueriesContext(connection) as two:
        visit(user, statement_url(envelope))
    for n in range(3):
        hold = [services.Amount(envelope.pk, Decimal(1))]
        services.hold(amounts=hold, cause=cause(f"R{n}"))
    with CaptureQueriesContext(connection) as five:
        response = visit(user, statement_url(envelope))

    assert len(response.context["statement"].entries) == 5
    assert len(two) == len(five)
    # The envelope, entries, two balances, two of the drawing, what each request stands for, demand.
    assert ours(five) == 9


# --- The drawing ----------------------------------------------------------------------------------


def test_drawing_steps_at_each_change():
    first, last = dt.date(2026, 1, 1), dt.date(2026, 1, 31)
    days = [
        (first, Balance(granted=Decimal(100))),
        (dt.date(2026, 1, 16), Balance(granted=Decimal(100), held=Decimal(50))),
    ]

    chart = draw(days, starts_on=first, ends_on=last, until=dt.date(2026, 2, 10))

    # 716 wide from 2, 160 high from 30: mid-month is at 360, half of 100 at 110.
    assert chart.granted == "M2.0 30.0H360.0V30.0H718.0"
    assert chart.used == "M2.0 190.0H360.0V110.0H718.0V190H2.0Z"
    assert [(tick.y, tick.amount) for tick in chart.ticks] == [
        ("190.0", 0),
        ("110.0", 50),
        ("30.0", 100),
    ]


def test_drawing_ends_today():
    first, last = dt.date(2026, 1, 1), dt.date(2026, 1, 31)
    days = [(first, Balance(granted=Decimal(100)))]

    chart = draw(days, starts_on=first, ends_on=last, until=dt.date(2026, 1, 16))

    assert chart.granted == "M2.0 30.0H360.0"


def test_drawing_of_an_empty_envelope_is_flat():
    day = dt.date(2026, 1, 1)

    chart = draw([(day, Balance())], starts_on=day, ends_on=day, until=day)

    assert chart.granted == "M2.0 190.0H2.0"


# --- The administration pages ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "model",
    ["envelope", "ledgerentry", "quotation", "quotationissuer", "quotapolicy", "tariff", "demand",
     "supplycontract", "supplyceiling"],
)  # fmt: skip
def test_administration_looks_and_changes_nothing(visit, model):
    admin = UserFactory(is_staff=True, is_superuser=True)

    assert visit(admin, reverse(f"admin:quotas_{model}_changelist")).status_code == 200
    assert visit(admin, reverse(f"admin:quotas_{model}_add")).status_code == 403


def test_administration_does_not_change_an_envelope(visit, client):
    envelope = EnvelopeFactory(granted=100)
    url = reverse("admin:quotas_envelope_change", args=[envelope.pk])
    admin = UserFactory(is_staff=True, is_superuser=True)

    assert visit(admin, url).status_code == 200
    assert client.post(url, {"unit": "eur"}).status_code == 403
    assert (
        client.post(reverse("admin:quotas_envelope_delete", args=[envelope.pk])).status_code == 403
    )
