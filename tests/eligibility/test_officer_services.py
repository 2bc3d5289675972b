import pytest
from django.utils.timezone import localdate

from eligibility import services
from eligibility.models import ProgrammeRole
from tests.eligibility.factories import CellFactory, UserFactory
from tests.eligibility.refusing import refused

pytestmark = pytest.mark.django_db


def test_secretariat_appoints_to_a_cell(secretariat):
    cell, user = CellFactory(), UserFactory()

    post = services.appoint_cell_member(
        cell_id=cell.pk, user_id=user.pk, role="chair", by_user_id=secretariat.pk
    )

    assert (post.cell, post.user, post.role, post.since) == (cell, user, "chair", localdate())


def test_role_in_a_cell_is_given_once(secretariat):
    appointing = {
        "cell_id": CellFactory().pk,
        "user_id": UserFactory().pk,
        "role": "reviewer",
        "by_user_id": secretariat.pk,
    }
    services.appoint_cell_member(**appointing)

    assert refused(services.appoint_cell_member, **appointing) == ("already_appointed",)


def test_only_the_secretariat_appoints():
    codes = refused(
        services.appoint_cell_member,
        cell_id=CellFactory().pk,
        user_id=UserFactory().pk,
        role="arbitrator",
        by_user_id=UserFactory().pk,
    )

    assert codes == ("not_secretariat",)


def test_first_account_opens_the_office_and_may_say_so_twice():
    user = UserFactory()

    services.open_office(user_id=user.pk)
    services.open_office(user_id=user.pk)

    assert ProgrammeRole.objects.get().user == user


def test_office_is_opened_once(secretariat):
    codes = refused(services.open_office, user_id=UserFactory().pk)

    assert codes == ("office_already_open",)
    assert ProgrammeRole.objects.count() == 1


def test_suspended_account_is_signed_out(client, secretariat):
    user = UserFactory()
    client.force_login(user)
    before = client.get("/accounts/profile/").status_code

    services.suspend_account(user_id=user.pk, by_user_id=secretariat.pk)

    assert (before, client.get("/accounts/profile/").status_code) == (200, 302)


def test_nobody_suspends_their_own_account(secretariat):
    codes = refused(services.suspend_account, user_id=secretariat.pk, by_user_id=secretariat.pk)

    secretariat.refresh_from_db()
    assert (codes, secretariat.is_active) == (("own_account",), True)


def test_only_the_secretariat_suspends_an_account():
    user = UserFactory()

    codes = refused(services.suspend_account, user_id=user.pk, by_user_id=UserFactory().pk)

    user.refresh_from_db()
    assert (codes, user.is_active) == (("not_secretariat",), True)
