"""The pages of grants from a file: what the secretariat sends, reads, applies and confirms."""

import csv
import datetime as dt
import io
import re
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from eligibility.models import Parameter
from quotas.grant_files import COLUMNS
from quotas.models import Envelope, LedgerEntry, QuotaAct, SupplyCeiling
from tests.eligibility.factories import (
    CellFactory,
    EntityFactory,
    ProgrammeRoleFactory,
    UserFactory,
)
from tests.quotas.checks import balances
from tests.quotas.factories import (
    LONG_AGO,
    AllowanceFactory,
    EnvelopeFactory,
    SupplyContractFactory,
)
from tests.quotas.pages import text

pytestmark = pytest.mark.django_db
YEAR = timezone.localdate().year + 1
PERIOD = {"period_starts_on": dt.date(YEAR, 1, 1), "period_ends_on": dt.date(YEAR, 12, 31)}
SIRET = "13000000000017"
HEADING = ";".join(COLUMNS)
PAGE, APPLY = "quotas:grant_file", "quotas:apply_grants"


@pytest.fixture(autouse=True)
def threshold():
    names = {"name_fr": "Seuil", "name_en": "Threshold", "valid_from": LONG_AGO, "source": "test"}
    Parameter.objects.create(code="second-person-from-km2", unit="km2", amount=1000, **names)


@pytest.fixture
def secretary(client):
    user = ProgrammeRoleFactory(role="secretariat").user
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return user


@pytest.fixture
def envelope():
    return AllowanceFactory(entity=EntityFactory(siret=SIRET), granted=100, **PERIOD)


def text_of(*lines: str) -> str:
    return "\n".join((HEADING, *lines))


def line(amount="250,5", owner=SIRET, reason="Committee") -> str:
    return f"entity;{owner};pleiades;any;km2;{YEAR}-01-01;{amount};{reason}"


def upload(client, data: bytes, **typed):
    return client.post(reverse(PAGE), {"file": SimpleUploadedFile("grants.csv", data), **typed})


def codes(response) -> list[str]:
    return re.findall(r'data-code="([^"]+)"', response.content.decode())


def test_dry_run_shows_each_line_and_writes_nothing(client, secretary, envelope):
    response = upload(client, text_of(line(), line(owner="00000000000000")).encode())

    assert "1 line cannot be granted: nothing is." in text(response)
    assert "no. 3 00000000000000, Pléiades Committee 250.5 km² — refused" in text(response)
    assert f"no. 2 {envelope.label[0].upper()}{envelope.label[1:]} Committee" in text(response)
    assert "250.5 km² 350.5 km² would be granted" in text(response)
    assert codes(response) == ["owner_unknown"]
    assert reverse(APPLY) not in response.content.decode()
    assert (balances(envelope), LedgerEntry.objects.count()) == ((100, 0, 0), 1)


def test_lines_of_a_file_are_shown_to_be_mended(client, secretary, envelope):
    text = text_of(line("12x"))

    response = upload(client, text.encode())

    assert response.context["form"]["text"].value() == text
    assert codes(response) == ["amount_unreadable"]


def test_what_the_dry_run_showed_is_granted(client, secretary, envelope):
    response = client.post(reverse(PAGE), {"text": text_of(line())})
    hidden = re.search(r'<textarea name="text" hidden>\n(.*?)</textarea>', response.text, re.DOTALL)

    done = client.post(reverse(APPLY), {"text": hidden.group(1)}, follow=True)

    assert balances(envelope) == (Decimal("350.5"), 0, 0)
    assert "The act is done." in text(done)
    assert done.redirect_chain == [
        (reverse("quotas:act_lines", args=[QuotaAct.objects.get().pk]), 302)
    ]


def test_second_sending_says_when_and_grants_nothing(client, secretary, envelope):
    client.post(reverse(APPLY), {"text": text_of(line())})

    again = client.post(reverse(APPLY), {"text": text_of(line("250.50", reason="Another"))})

    assert "These lines were sent on" in text(again)
    assert again.context["form"]["text"].value() == text_of(line("250.50", reason="Another"))
    assert balances(envelope) == (Decimal("350.5"), 0, 0)


def test_large_file_waits_and_is_confirmed_by_another(client, secretary, envelope):
    dry_run = client.post(reverse(PAGE), {"text": text_of(line("1000"))})
    proposed = client.post(reverse(APPLY), {"text": text_of(line("1000"))}, follow=True)
    act = QuotaAct.objects.get()
    confirm = reverse("quotas:confirm_act", args=[act.pk])
    client.force_login(ProgrammeRoleFactory(role="secretariat").user)
    lines = client.get(reverse("quotas:act_lines", args=[act.pk]))
    client.post(confirm)

    assert "Together they take a second person" in text(dry_run)
    assert "waits for a second person" in text(proposed)
    assert confirm not in proposed.text
    assert confirm in lines.text
    assert "1 envelope: 1,000 km²" in text(lines)
    assert balances(envelope) == (1100, 0, 0)


def test_act_that_can_no_longer_be_granted_says_so(client, secretary, envelope):
    client.post(reverse(APPLY), {"text": text_of(line("1000"))})
    act = QuotaAct.objects.get()
    entity = envelope.entity
    entity.siret = ""
    entity.save(update_fields=["siret"])
    client.force_login(ProgrammeRoleFactory(role="secretariat").user)

    response = client.get(reverse("quotas:act_lines", args=[act.pk]))

    assert codes(response) == ["owner_unknown"]
    assert reverse("quotas:confirm_act", args=[act.pk]) not in response.text


def test_lines_refused_at_the_last_moment_are_told_and_nothing_is_lost(client, secretary, envelope):
    text = text_of(line(), line(owner="00000000000000"))

    response = client.post(reverse(APPLY), {"text": text})

    assert response.status_code == 200
    assert codes(response) == ["owner_unknown"]
    assert response.context["form"]["text"].value() == text
    assert balances(envelope) == (100, 0, 0)


def test_totals_stand_against_the_ceiling(client, secretary):
    contract = SupplyContractFactory()
    SupplyCeiling.objects.create(contract=contract, unit="km2", amount=300)
    EnvelopeFactory(contract=contract, granted=100, **PERIOD)
    cell_line = f"programme;pleiades-science;pleiades;any;km2;{YEAR}-01-01;50;Committee"

    response = client.post(reverse(PAGE), {"text": text_of(cell_line)})

    assert f"{contract} 100 km² 50 km² 300 km² 150 km²" in text(response)


# --- Hostile and hurried --------------------------------------------------------------------------

NASTY = [
    b"",
    b"\x00" * 100,
    b"\xff\xfe\xff",
    b"PK\x03\x04",
    b"\xef\xbb\xbf",
    b"=cmd|' /C calc'!A0",
    (HEADING + "\n").encode(),
    text_of(line("NaN")).encode(),
    text_of(line("1e30")).encode(),
    text_of(line("-1")).encode(),
    text_of(line("9" * 5000)).encode(),
    text_of('"' + line()).encode(),
    text_of(line(owner="\u202e<script>alert(1)</script>")).encode(),
    text_of(line(owner="'; DROP TABLE quotas_envelope; --")).encode(),
    text_of(line(reason="=HYPERLINK(1)")).encode(),
    text_of(line(), line()).encode(),
    text_of(*(";" * n for n in range(50))).encode(),
    text_of(line()).encode("utf-16"),
    text_of(line(reason="é")).encode("cp1252"),
    b"\r\n".join([b"a"] * 20_000),
]


@pytest.mark.parametrize("data", NASTY)
def test_no_file_breaks_the_page(client, secretary, envelope, data):
    response = upload(client, data)

    assert response.status_code == 200
    assert "<script>alert(1)" not in response.text
    form = response.context["form"]
    assert form.errors or response.context["rehearsal"].outcomes or form.read.refused
    assert LedgerEntry.objects.count() == 1


@pytest.mark.parametrize("data", NASTY[5:17])
def test_no_text_breaks_what_applies_it(client, secretary, data):
    response = client.post(reverse(APPLY), {"text": data.decode("utf-8", "replace")})

    assert response.status_code == 200
    assert not QuotaAct.objects.exists()


def test_too_large_a_file_says_how_large(client, secretary):
    response = upload(client, b"x" * (2 * 1024 * 1024 + 1), text="kept")

    assert "2.0\u00a0MB at most" in response.text
    assert response.context["form"]["text"].value() == "kept"


def test_many_lines_are_read_and_the_first_are_shown(client, secretary):
    lines = [line(owner=f"{n:014d}") for n in range(2_000)]

    response = client.post(reverse(PAGE), {"text": text_of(*lines)})

    assert "2000 lines cannot be granted" in text(response)
    # Neither the entity nor the sensor is known, of each of the 500.
    assert len(codes(response)) == 1_000
    assert "the first 500 are shown" in text(response)


def test_nothing_sent_asks_for_a_file(client, secretary):
    response = client.post(reverse(PAGE), {"text": ""})

    assert "Choose a file, or write its lines." in text(response)


# --- Around ---------------------------------------------------------------------------------------


def test_example_file_is_read_by_the_form(client, secretary):
    response = client.get(reverse("quotas:grant_template"))

    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))
    again = upload(client, response.content)
    assert rows[0] == [*COLUMNS, "ends_on"]
    assert response["Content-Disposition"] == 'attachment; filename="grants.csv"'
    assert again.context["form"].read.refused == ()
    assert len(again.context["rehearsal"].outcomes) == 3


def test_list_of_acts_leads_to_the_lines(client, secretary, envelope):
    client.post(reverse(APPLY), {"text": text_of(line())})

    listed = client.get(reverse("quotas:acts"))

    assert reverse("quotas:act_lines", args=[QuotaAct.objects.get().pk]) in listed.text
    assert "1 envelope: 250.5 km²" in text(listed)


def test_act_page_asks_as_much_for_three_lines_as_for_one(client, secretary):
    def proposed(count):
        owners = [f"1300000000{n}{count:03d}" for n in range(count)]
        for owner in owners:
            AllowanceFactory(entity=EntityFactory(siret=owner), **PERIOD)
        lines = [line("1000", owner=owner) for owner in owners]
        client.post(reverse(APPLY), {"text": text_of(*lines)})
        return reverse("quotas:act_lines", args=[QuotaAct.objects.latest("pk").pk])

    def queries(url) -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(url)
        return len(asked)

    one, three = proposed(1), proposed(3)
    queries(one)

    assert queries(one) == queries(three)


def test_pages_are_the_secretariats(client, envelope):
    stranger, observer = UserFactory(), ProgrammeRoleFactory(role="observer").user
    for user, status in ((stranger, 404), (observer, 403)):
        client.force_login(user)
        for answer in (
            client.get(reverse(PAGE)),
            client.post(reverse(PAGE), {"text": text_of(line())}),
            client.post(reverse(APPLY), {"text": text_of(line())}),
            client.get(reverse("quotas:grant_template")),
        ):
            assert answer.status_code == status
    assert not QuotaAct.objects.exists()
    assert Envelope.objects.get().granted == 100


def test_lines_of_another_kind_of_act_do_not_exist(client, secretary):
    act = QuotaAct.objects.create(
        kind="grant",
        facts={"envelope_id": EnvelopeFactory(cell=CellFactory()).pk, "amount": "1"},
        reason="x",
        proposed_by=secretary,
    )

    assert client.get(reverse("quotas:act_lines", args=[act.pk])).status_code == 404
