"""The pages of acts: what the secretariat types, reads and confirms."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from eligibility.models import Parameter
from quotas import services
from quotas.models import LedgerEntry, PendingReduction, QuotaAct
from tests.eligibility.factories import ProgrammeRoleFactory
from tests.quotas.checks import balances
from tests.quotas.factories import LONG_AGO, AllowanceFactory, EnvelopeFactory, cause
from tests.quotas.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def threshold():
    names = {"name_fr": "Seuil", "name_en": "Threshold", "valid_from": LONG_AGO, "source": "test"}
    Parameter.objects.create(code="second-person-from-km2", unit="km2", amount=50, **names)


@pytest.fixture
def secretary(client):
    user = ProgrammeRoleFactory(role="secretariat").user
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return user


def act(client, envelope, kind, **typed):
    return client.post(reverse("quotas:act", args=[envelope.pk, kind]), typed, follow=True)


def test_small_grant_is_done_and_listed_with_its_reason(client, secretary):
    envelope = EnvelopeFactory(granted=100, period_ends_on="2099-12-31")
    envelope.refresh_from_db()

    response = act(client, envelope, "grant", amount="10", reason="A <b>new</b> contract.")

    assert balances(envelope) == (110, 0, 0)
    assert "The act is done." in text_of(response)
    assert f"10 km²: {envelope.label}" in text_of(response)
    assert "A &lt;b&gt;new&lt;/b&gt; contract." in response.text


def test_amount_is_asked_for_with_its_unit(client, secretary):
    envelope = EnvelopeFactory(granted=100, period_ends_on="2099-12-31")

    page = client.get(reverse("quotas:act", args=[envelope.pk, "grant"]))

    assert page.context["form"].fields["amount"].label == "Amount, km²"


def test_large_transfer_waits_and_is_confirmed_by_another(client, secretary):
    giver = AllowanceFactory(granted=100, period_ends_on="2099-12-31")
    taker = AllowanceFactory(sensor=giver.sensor, period_ends_on="2099-12-31")

    response = act(client, giver, "transfer", to_envelope=taker.pk, amount="60", reason="Agreed.")
    waiting = QuotaAct.objects.get()
    alone = reverse("quotas:confirm_act", args=[waiting.pk]) in response.text
    client.force_login(ProgrammeRoleFactory(role="secretariat").user)
    listed = client.get(reverse("quotas:acts"))
    client.post(reverse("quotas:confirm_act", args=[waiting.pk]))

    assert "waits for a second person" in text_of(response)
    assert not alone
    assert reverse("quotas:confirm_act", args=[waiting.pk]) in listed.text
    assert (balances(giver), balances(taker)) == ((40, 0, 0), (60, 0, 0))


def test_refused_act_says_why_and_loses_nothing_typed(client, secretary):
    envelope = EnvelopeFactory(granted=100)

    response = act(client, envelope, "reduce", amount="200", reason="Too much was granted.")

    assert response.status_code == 200
    assert "200 km² to take back, 100 km² granted" in text_of(response)
    assert 'value="200"' in response.text
    assert "Too much was granted." in response.text
    assert not QuotaAct.objects.exists()


def holding(amount, **fields):
    envelope = EnvelopeFactory(granted=100, **fields)
    amounts = [services.Amount(envelope.pk, Decimal(amount))]
    services.hold(amounts=amounts, cause=cause("R2026-000001"))
    envelope.refresh_from_db()
    return envelope


def test_reduction_waits_unless_it_is_only_of_what_is_free(client, secretary):
    envelope = holding(80)

    refused = act(client, envelope, "reduce", amount="30", reason="A cut.", only_if_free="on")
    acts_before = QuotaAct.objects.count()
    act(client, envelope, "reduce", amount="30", reason="A cut.")

    assert "20 km² at most now. It is used by: R2026-000001." in text_of(refused)
    assert "checked" in refused.text
    assert acts_before == 0
    assert QuotaAct.objects.get().facts == {"envelope_id": envelope.pk, "amount": "30"}
    assert PendingReduction.objects.get().remaining == 10
    assert balances(envelope) == (80, 80, 0)


def test_reduction_only_of_what_is_free_is_refused_when_it_is_confirmed_too_late(client, secretary):
    envelope = holding(30)
    listed = act(client, envelope, "reduce", amount="60", reason="A cut.", only_if_free="on")
    waiting = QuotaAct.objects.get()
    amounts = [services.Amount(envelope.pk, Decimal(20))]
    services.hold(amounts=amounts, cause=cause("R2026-000002"))
    client.force_login(ProgrammeRoleFactory(role="secretariat").user)

    url = reverse("quotas:confirm_act", args=[waiting.pk])
    refused = client.post(url, follow=True)

    assert waiting.facts == {"envelope_id": envelope.pk, "amount": "60", "only_if_free": True}
    told = f"60 km²: {envelope.label}, only if all of it is free when it is done"
    assert told in text_of(listed)
    assert "50 km² at most now. It is used by: R2026-000001, R2026-000002." in text_of(refused)
    assert QuotaAct.objects.get().is_waiting
    assert balances(envelope) == (100, 50, 0)


def test_grant_beyond_what_the_books_hold_says_so(client, secretary):
    envelope = EnvelopeFactory(granted=100, period_ends_on="2099-12-31")

    response = act(client, envelope, "grant", amount="99999999.999999", reason="A slip.")

    assert response.status_code == 200
    assert "it must be less than 100,000,000 km²" in text_of(response)


@pytest.mark.parametrize(("unit", "step"), [("attempts", "1"), ("eur", "0.01")])
def test_amount_is_typed_as_finely_as_its_unit_is_counted(client, secretary, unit, step):
    envelope = EnvelopeFactory(unit=unit, period_ends_on="2099-12-31")

    response = act(client, envelope, "grant", amount="10.005", reason="A slip.")

    assert f'step="{step}"' in response.text
    assert list(response.context["form"].errors) == ["amount"]
    assert 'value="10.005"' in response.text


def test_correction_of_an_entry_that_is_not_there_says_how_many_there_are(client, secretary):
    envelope = EnvelopeFactory(granted=100)

    response = act(client, envelope, "correct", number="7", granted="1", reason="A digit.")

    assert "This envelope has 1 entries; there is no no. 7." in text_of(response)


def test_correction_is_told_in_words(client, secretary):
    envelope = EnvelopeFactory(granted=100)

    response = act(client, envelope, "correct", number="1", granted="-5", reason="A digit.")

    told = f"entry no. 1 of the {envelope.label}: granted -5 km²"
    assert told in text_of(response)
    assert LedgerEntry.objects.count() == 1


def test_conversion_offers_only_the_other_kind_of_the_same_envelope(client, secretary):
    archive = EnvelopeFactory(request_kind="archive", granted=10, period_ends_on="2099-12-31")
    shared = {"sensor": archive.sensor, "period_ends_on": "2099-12-31"}
    tasking = EnvelopeFactory(request_kind="tasking", cell=archive.cell, **shared)
    AllowanceFactory(request_kind="tasking", **shared)

    form = client.get(reverse("quotas:act", args=[archive.pk, "convert"])).context["form"]

    assert list(form.fields["to_envelope"].queryset) == [tasking]


def test_list_of_acts_asks_as_much_for_three_as_for_one(client, secretary):
    def propose():
        facts = {
            "envelope_id": AllowanceFactory(granted=1, period_ends_on="2099-12-31").pk,
            "amount": Decimal(1),
        }
        services.propose_act(user=secretary, kind="grant", facts=facts, reason="Agreed.")

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            response = client.get(reverse("quotas:acts"))
        assert len(response.context["told"]) == QuotaAct.objects.count()
        return len(asked)

    propose()
    queries()
    one = queries()
    propose()
    propose()

    assert queries() == one


def test_empty_list_says_so(client, secretary):
    assert "No act yet" in text_of(client.get(reverse("quotas:acts")))


@pytest.mark.parametrize(
    ("ends_on", "offered"),
    [
        ("2099-12-31", ["grant", "reduce", "transfer", "convert", "correct"]),
        ("2026-03-31", ["reduce", "transfer", "correct"]),
    ],
)
def test_statement_of_a_period_that_is_over_offers_no_grant(client, secretary, ends_on, offered):
    envelope = EnvelopeFactory(granted=100, period_ends_on=ends_on)

    page = client.get(reverse("quotas:statement", args=[envelope.pk])).text

    kinds = ["grant", "reduce", "transfer", "convert", "correct"]
    links = [kind for kind in kinds if reverse("quotas:act", args=[envelope.pk, kind]) in page]
    assert links == offered
