"""A package is quoted to an entity, under the numbers of all quotations."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils.timezone import localdate

from orbitrage.shared.errors import Refusal
from orbitrage.shared.models import OutboxMessage
from quotas.models import LedgerEntry
from tests.eligibility.factories import (
    AffiliationFactory,
    ProgrammeRoleFactory,
)
from tests.quotas.factories import PackageFactory, buyer, quoted
from tests.quotas.purchases import (
    NothingBought,
    accept,
    buyer_again,
    entity_of,
    out_of_time,
    quote,
)

pytestmark = pytest.mark.django_db


def test_package_is_quoted_under_the_same_numbers_as_requests():
    package, contact = buyer()
    quoted(on=localdate())

    quotation = quote(contact)

    assert quotation.number == f"Q-{localdate().year}-0002"
    assert (quotation.package, quotation.request_number, quotation.total_eur) == (
        package,
        "",
        Decimal(20_000),
    )
    assert quotation.valid_until == localdate() + dt.timedelta(days=30)
    assert not LedgerEntry.objects.filter(decision=quotation.decision).exists()
    assert OutboxMessage.objects.latest("pk").payload == {
        "quotation_id": quotation.pk,
        "version": 1,
    }


def test_record_of_a_package_has_its_euros_its_indicative_area_and_its_life():
    _, contact = buyer()

    record = quote(contact).record

    assert (record["package_life_days"], record["total_excluding_tax_eur"]) == (365, "20000.00")
    assert record["lines"] == [
        {
            "kind": "package",
            "source": "package",
            "name_fr": "SPOT 6-7 : forfait de 20 000 €",
            "name_en": "SPOT 6-7: package of €20,000",
            "area_km2": "40000.000000",
            "billed_area_km2": None,
            "minimum_billed_area_km2": None,
            "price_multiplier": None,
            "rate_eur_per_km2": "0.5000",
            "amount_eur": "20000.00",
            "rule": "spot67-package-20k",
            "rule_source": "test",
            "is_example": False,
        }
    ]


def test_secretariat_asks_for_an_entity():
    _, contact = buyer()

    quotation = quote(contact, user=ProgrammeRoleFactory(role="secretariat").user)

    assert quotation.entity == entity_of(contact)


def test_two_entities_have_the_same_package_quoted():
    package, one = buyer()
    _, other = buyer_again(package)

    assert {quote(one).entity, quote(other).entity} == {entity_of(one), entity_of(other)}


@pytest.mark.parametrize("role", ["member", "legal_representative"])
def test_others_of_the_entity_do_not_ask(role):
    _, contact = buyer()
    user = AffiliationFactory(entity=entity_of(contact), role=role).user

    with NothingBought():
        quote(contact, user=user)


def test_package_that_is_not_in_force_is_refused():
    _, contact = buyer(PackageFactory(valid_from=localdate() + dt.timedelta(days=1)))

    with NothingBought() as refused:
        quote(contact)

    assert refused.refusals == [
        Refusal("package_unknown", "No package called “spot67-package-20k” is in force today.")
    ]


def test_tariff_that_is_no_package_is_refused():
    _, contact = buyer(PackageFactory(package_eur=None, package_area_km2=None))

    with NothingBought() as refused:
        quote(contact)

    assert refused.refusals[0].code == "package_unknown"


def test_entity_without_membership_is_refused():
    _, contact = buyer()
    entity_of(contact).memberships.all().delete()

    with NothingBought() as refused:
        quote(contact)

    assert [refusal.code for refusal in refused.refusals] == ["not_a_member"]


def test_second_quotation_of_a_package_is_refused_while_one_is_open():
    _, contact = buyer()
    first = quote(contact)

    with NothingBought() as refused:
        quote(contact)

    assert refused.refusals == [
        Refusal(
            "package_already_quoted",
            f"Quotation {first.number} of this package is open: it can be accepted.",
        )
    ]


def test_quotation_out_of_time_makes_room_for_another():
    _, contact = buyer()
    old = out_of_time(quote(contact))

    quotation = quote(contact)

    old.refresh_from_db()
    assert (old.state, quotation.state) == ("closed", "open")


def test_package_bought_may_be_quoted_again():
    _, contact = buyer()
    accept(quote(contact), contact)

    assert quote(contact).state == "open"
