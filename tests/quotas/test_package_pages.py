"""The page of packages, and buying one by mouse."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from quotas import services
from quotas.models import Envelope, Quotation
from tests.eligibility.factories import (
    AffiliationFactory,
    MembershipFactory,
    ProgrammeRoleFactory,
    UserFactory,
)
from tests.quotas.factories import PackageFactory, buyer, cause, quoted
from tests.quotas.pages import text_of

pytestmark = pytest.mark.django_db


def ask(client, package, entity):
    typed = {"package": package.code, "entity": entity.pk}
    return client.post(reverse("quotas:packages"), typed, follow=True)


def accept(client, quotation, reference="PO-2026-7"):
    address = reverse("quotas:accept_package", args=[quotation.number])
    return client.post(address, {"purchase_reference": reference}, follow=True)


def test_packages_in_force_are_listed_with_their_source(signed_in):
    PackageFactory(source="A presentation")
    PackageFactory(code="to-come", name_en="To come", valid_from="2999-01-01")

    page = text_of(signed_in(UserFactory()).get(reverse("quotas:packages")))

    assert "SPOT 6-7: package of €20,000" in page
    assert "≈ 40,000 km²" in page
    assert "A presentation" in page
    assert "To come" not in page
    assert "Ask for the quotation" not in page


@pytest.mark.parametrize("how_many", [1, 3])
def test_packages_query_count_is_flat(signed_in, django_assert_num_queries, how_many):
    for n in range(how_many):
        PackageFactory(code=f"package-{n}")
    client = signed_in(UserFactory())
    client.get(reverse("quotas:packages"))

    # The session, the user, their posts for the page and for the navigation, their notices, the
    # packages.
    with django_assert_num_queries(6):
        response = client.get(reverse("quotas:packages"))

    assert response.text.count('scope="row"') == how_many


def test_contact_asks_for_a_package_and_buys_it(signed_in):
    package, contact = buyer()
    client = signed_in(contact)

    asked = ask(client, package, contact.affiliations.get().entity)
    quotation = Quotation.objects.get()
    bought = accept(client, quotation)

    assert "Accept and buy" in asked.text
    envelope = Envelope.objects.get()
    assert bought.redirect_chain[-1][0] == reverse("quotas:statement", args=[envelope.pk])
    page = text_of(bought)
    assert "The package is bought" in page
    assert "about 40,000 km² granted, about 40,000 km² left" in page
    assert "Accept and buy" not in client.get(quotation.get_absolute_url()).text


def test_secretariat_asks_for_any_entity_and_does_not_accept(signed_in):
    package, contact = buyer()
    client = signed_in(ProgrammeRoleFactory(role="secretariat").user)

    asked = ask(client, package, contact.affiliations.get().entity)

    assert "The entity contact accepts this package" in text_of(asked)
    assert accept(client, Quotation.objects.get()).status_code == 403
    assert not Envelope.objects.exists()


def test_contact_does_not_ask_for_another_entity(signed_in):
    package, contact = buyer()
    other = MembershipFactory(sensors=[package.sensor]).entity

    response = ask(signed_in(contact), package, other)

    assert response.status_code == 200
    assert response.context["form"].errors
    assert not Quotation.objects.exists()


def test_member_does_not_ask(signed_in):
    package, contact = buyer()
    entity = contact.affiliations.get().entity

    response = ask(signed_in(AffiliationFactory(entity=entity).user), package, entity)

    assert response.status_code == 403
    assert not Quotation.objects.exists()


def test_refused_package_keeps_what_was_chosen(signed_in):
    package, contact = buyer()
    client, entity = signed_in(contact), contact.affiliations.get().entity
    ask(client, package, entity)

    response = ask(client, package, entity)

    assert "of this package is open: it can be accepted." in text_of(response)
    assert re.search(f'value="{package.code}"[^>]* checked', response.text)


def test_refused_acceptance_keeps_what_was_typed(signed_in):
    package, contact = buyer()
    client, entity = signed_in(contact), contact.affiliations.get().entity
    ask(client, package, entity)
    entity.memberships.all().delete()

    response = accept(client, Quotation.objects.get(), "PO-2026-7")

    assert response.status_code == 200
    assert 'value="PO-2026-7"' in response.text
    assert not Envelope.objects.exists()


def test_price_of_a_request_is_not_accepted_here(signed_in):
    contact = AffiliationFactory(role="entity_contact")
    quotation = quoted(entity=contact.entity)

    assert accept(signed_in(contact.user), quotation).status_code == 403


def test_list_of_quotas_shows_the_indicative_area_of_a_package(signed_in):
    package, contact = buyer()
    client = signed_in(contact)
    ask(client, package, contact.affiliations.get().entity)
    accept(client, Quotation.objects.get())
    amounts = [services.Amount(Envelope.objects.get().pk, Decimal(5_000))]
    services.hold(amounts=amounts, cause=cause())

    page = text_of(client.get(reverse("quotas:list")))

    assert '20,000.00<br><span class="small muted">≈ 40,000 km²' in page
    assert '15,000.00</strong><br><span class="small muted">≈ 30,000 km²' in page
