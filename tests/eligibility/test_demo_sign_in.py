import pytest
from django.urls import reverse

from tests.eligibility.factories import AffiliationFactory, CellMemberFactory, ProgrammeRoleFactory
from tests.eligibility.pages import text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def demonstration(settings):
    settings.ORBITRAGE_DEMO = True
    settings.ORBITRAGE_PRIVATE_DATABASE = True
    return settings


def sign_in_as(client, user):
    return client.post(reverse("eligibility:demo_sign_in"), {"account": user.pk})


def test_demonstration_offers_its_accounts_by_post(client, demonstration):
    AffiliationFactory(user__full_name="Ada Byron", entity__acronym="LAB")
    CellMemberFactory(user__full_name="Emmy Noether", role="chair")
    ProgrammeRoleFactory(user__full_name="Grace Hopper")

    page = text(client.get(reverse("account_login")))

    for words in ("Ada Byron", "Member — LAB", "Emmy Noether", "Chair — ", "Grace Hopper"):
        assert words in page


def test_one_click_signs_in(client, demonstration):
    user = AffiliationFactory(user__language="en").user

    response = sign_in_as(client, user)

    assert client.session["_auth_user_id"] == str(user.pk)
    assert response.url == reverse("home")


@pytest.mark.parametrize("missing", ["ORBITRAGE_DEMO", "ORBITRAGE_PRIVATE_DATABASE"])
def test_without_demo_or_private_database_there_is_no_such_page(client, demonstration, missing):
    user = AffiliationFactory(user__full_name="Ada Byron").user
    offered = sign_in_as(client, user).status_code
    client.logout()
    setattr(demonstration, missing, False)

    refused = sign_in_as(client, user).status_code

    assert (offered, refused) == (302, 404)
    assert "_auth_user_id" not in client.session
    assert "Ada Byron" not in text(client.get(reverse("account_login")))


@pytest.mark.parametrize("account", ["", "0", "999999", "1; DROP", None])
def test_account_that_is_not_offered_is_not_found(client, demonstration, account):
    AffiliationFactory()

    typed = {} if account is None else {"account": account}

    assert client.post(reverse("eligibility:demo_sign_in"), typed).status_code == 404


def test_demo_sign_in_page_asks_as_much_for_three_accounts_as_for_one(
    client, demonstration, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from eligibility import demo

    AffiliationFactory()
    CellMemberFactory()
    ProgrammeRoleFactory()
    with CaptureQueriesContext(connection) as one:
        demo.offers()
    AffiliationFactory()
    CellMemberFactory()

    with django_assert_num_queries(len(one)):
        demo.offers()
