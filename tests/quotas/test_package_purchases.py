"""A package is accepted with a purchase reference, and granted once."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.timezone import localdate

from orbitrage.shared.days import day_in_words
from orbitrage.shared.errors import Refusal
from quotas import selectors, services
from quotas.models import Envelope, LedgerEntry, Quotation, Tariff
from quotas.periodic import close_packages_nobody_accepted
from quotas.services import Amount, QuotaRefused, packages
from tests.concurrency import in_parallel, second_waits_for_first
from tests.eligibility.factories import (
    AffiliationFactory,
    ParameterFactory,
    ProgrammeRoleFactory,
)
from tests.quotas.checks import balances, kinds
from tests.quotas.factories import buyer, cause, quoted
from tests.quotas.purchases import (
    NothingBought,
    accept,
    buyer_again,
    entity_of,
    out_of_time,
    quote,
)

pytestmark = pytest.mark.django_db


# --- Acceptance -----------------------------------------------------------------------------------


def test_acceptance_opens_the_envelope_and_grants_the_package():
    package, contact = buyer()
    quotation = quote(contact)

    envelope = accept(quotation, contact, " PO-2026-7 ")

    assert (envelope.scope, envelope.unit, envelope.allotment) == ("prefunded", "eur", "first_come")
    assert (envelope.entity, envelope.sensor, envelope.package) == (
        entity_of(contact),
        package.sensor,
        package,
    )
    assert (envelope.period_starts_on, envelope.period_ends_on) == (
        localdate(),
        localdate() + dt.timedelta(days=364),
    )
    assert kinds(envelope) == [("grant", 20_000, 0, 0)]
    entry = LedgerEntry.objects.get()
    assert (entry.decision, entry.author_id, entry.reason) == (
        quotation.decision,
        contact.pk,
        "package",
    )
    quotation.refresh_from_db()
    assert (quotation.state, quotation.purchase_reference) == ("accepted", "PO-2026-7")
    assert selectors.discrepancies() == []


def test_life_of_the_package_is_the_one_that_was_quoted():
    _, contact = buyer()
    quotation = quote(contact)
    ParameterFactory(code="package-life-days", amount=Decimal(10), valid_from=localdate())

    envelope = accept(quotation, contact)

    assert envelope.period_ends_on == localdate() + dt.timedelta(days=364)


def test_indicative_area_follows_the_euros():
    _, contact = buyer()
    envelope = accept(quote(contact), contact)

    services.hold(amounts=[Amount(envelope.pk, Decimal("1000.01"))], cause=cause())

    used = Envelope.objects.with_owner().get(pk=envelope.pk)
    assert (used.indicative_granted_km2, used.indicative_left_km2) == (
        40_000,
        Decimal("37999.98"),
    )


def test_envelope_without_a_package_has_no_indicative_area():
    _, contact = buyer()
    envelope = accept(quote(contact), contact)
    envelope.package = None

    assert (envelope.indicative_granted_km2, envelope.indicative_left_km2) == (None, None)


def test_second_acceptance_is_refused():
    _, contact = buyer()
    quotation = quote(contact)
    envelope = accept(quotation, contact)

    with NothingBought() as refused:
        accept(quotation, contact, "PO-2026-8")

    assert refused.refusals == [
        Refusal(
            "package_already_accepted",
            f"Quotation {quotation.number} is accepted already, with the reference PO-2026-7.",
        )
    ]
    assert balances(envelope) == (20_000, 0, 0)


def test_database_refuses_to_grant_a_quotation_twice():
    _, contact = buyer()
    quotation = quote(contact)
    envelope = accept(quotation, contact)
    quotation.refresh_from_db()

    with pytest.raises(IntegrityError), transaction.atomic():
        packages._open_and_grant(quotation, envelope.package, localdate(), contact)

    assert balances(envelope) == (20_000, 0, 0)


@pytest.mark.parametrize("role", ["member", "legal_representative"])
def test_others_of_the_entity_do_not_accept(role):
    _, contact = buyer()
    quotation = quote(contact)
    user = AffiliationFactory(entity=entity_of(contact), role=role).user

    with NothingBought():
        accept(quotation, user)


def test_secretariat_does_not_accept_for_an_entity():
    _, contact = buyer()
    quotation = quote(contact)

    with NothingBought():
        accept(quotation, ProgrammeRoleFactory(role="secretariat").user)


def test_acceptance_without_a_purchase_reference_is_refused():
    _, contact = buyer()
    quotation = quote(contact)

    with NothingBought() as refused:
        accept(quotation, contact, "  ")

    assert [refusal.code for refusal in refused.refusals] == ["purchase_reference_missing"]


def test_acceptance_out_of_time_is_refused():
    _, contact = buyer()
    old = out_of_time(quote(contact))

    with NothingBought() as refused:
        accept(old, contact)

    until = day_in_words(localdate() - dt.timedelta(days=1))
    assert refused.refusals == [
        Refusal("quotation_expired", f"Quotation Q-2000-0001 was valid until {until}.")
    ]


def test_acceptance_of_a_closed_quotation_is_refused():
    _, contact = buyer()
    quotation = quote(contact)
    Quotation.objects.filter(pk=quotation.pk).update(closed_at=timezone.now())

    with NothingBought() as refused:
        accept(quotation, contact)

    assert refused.refusals == [
        Refusal("quotation_closed", f"Quotation {quotation.number} is closed. Ask for another one.")
    ]


def test_acceptance_after_the_membership_ended_is_refused():
    _, contact = buyer()
    quotation = quote(contact)
    entity_of(contact).memberships.all().delete()

    with NothingBought() as refused:
        accept(quotation, contact)

    assert [refusal.code for refusal in refused.refusals] == ["not_a_member"]


def test_price_of_a_request_is_not_accepted_as_a_package():
    _, contact = buyer()
    quotation = quoted(entity=entity_of(contact))

    with pytest.raises(Quotation.DoesNotExist):
        accept(quotation, contact)


# --- Lapse ----------------------------------------------------------------------------------------


def test_package_nobody_accepted_in_time_is_closed_by_the_calendar():
    _, contact = buyer()
    old = out_of_time(quote(contact))
    still_open = quote_of_another()

    assert close_packages_nobody_accepted() == 1
    assert close_packages_nobody_accepted() == 0

    old.refresh_from_db()
    still_open.refresh_from_db()
    assert (old.state, still_open.state) == ("closed", "open")


def quote_of_another():
    _, contact = buyer_again(Tariff.objects.get())
    return quote(contact)


def test_calendar_leaves_what_was_accepted_and_what_is_of_a_request():
    _, contact = buyer()
    bought = out_of_time(quote(contact))
    Quotation.objects.filter(pk=bought.pk).update(
        accepted_at=timezone.now(), purchase_reference="PO-1"
    )
    quoted(valid_until=localdate() - dt.timedelta(days=1))

    assert services.close_lapsed_packages(localdate()) == 0


# --- Two at once ----------------------------------------------------------------------------------


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_two_acceptances_at_once_grant_once():
    _, contact = buyer()
    quotation = quote(contact)

    race = second_waits_for_first(
        lambda: accept(quotation, contact, "PO-1"), lambda: accept(quotation, contact, "PO-2")
    )

    race.assert_second_waited()
    envelope = race.winner.result()
    with pytest.raises(QuotaRefused) as refused:
        race.loser.result()
    assert refused.value.codes == ("package_already_accepted",)
    assert kinds(envelope) == [("grant", 20_000, 0, 0)]
    assert Envelope.objects.count() == 1


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_second_acceptance_would_not_wait(monkeypatch):
    """The control: it then comes to the grant, which the database refuses."""
    _, contact = buyer()
    quotation = quote(contact)
    rows = type(Quotation.objects.all())
    monkeypatch.setattr(rows, "select_for_update", lambda self, **kwargs: self)

    race = second_waits_for_first(
        lambda: accept(quotation, contact, "PO-1"),
        lambda: accept(quotation, contact, "PO-2"),
        timeout_s=2,
    )

    with pytest.raises(AssertionError):
        race.assert_second_waited()
    assert isinstance(race.loser.exception(), IntegrityError)
    assert LedgerEntry.objects.count() == 1


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_many_who_ask_at_once_get_one_quotation():
    _, contact = buyer()

    futures = in_parallel([lambda: quote(contact) for _ in range(4)])

    codes = [future.exception().codes for future in futures if future.exception()]
    assert codes == [("package_already_quoted",)] * 3
    assert Quotation.objects.get().sequence == 1
