"""The secret address of a calendar ends with what opened it."""

from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from eligibility import services
from eligibility.models import ApiToken, CalendarAddress, User
from tests.eligibility.factories import ProgrammeRoleFactory, UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery staple"
NEW = "another battery staple"


def account():
    user = User.objects.create_user("ada@example.org", PASSWORD, full_name="Ada Byron")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def test_token_opens_the_address_and_only_its_hash_is_kept():
    user = UserFactory()

    token = services.make_calendar_address(user_id=user.pk)

    address = CalendarAddress.objects.opened_by(token).get()
    assert address.user == user
    assert token not in address.token_sha256
    assert len(token) >= 43


def test_tokens_differ():
    tokens = {services.make_calendar_address(user_id=UserFactory().pk) for _ in range(3)}

    assert len(tokens) == 3


def test_suspension_ends_it():
    user, office = UserFactory(), ProgrammeRoleFactory().user
    services.make_calendar_address(user_id=user.pk)
    services.make_calendar_address(user_id=office.pk)

    services.suspend_account(user_id=user.pk, by_user_id=office.pk)

    assert [address.user for address in CalendarAddress.objects.all()] == [office]


def test_suspension_that_fails_ends_nothing():
    user = UserFactory()
    services.make_calendar_address(user_id=user.pk)

    with pytest.raises(services.EligibilityRefused):
        services.suspend_account(user_id=user.pk, by_user_id=UserFactory().pk)

    assert CalendarAddress.objects.count() == 1


def test_new_password_from_the_page_ends_it(client):
    user = account()
    services.make_calendar_address(user_id=user.pk)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    typed = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}

    client.post(reverse("account_change_password"), typed)

    user.refresh_from_db()
    assert user.check_password(NEW)
    assert not CalendarAddress.objects.exists()


def test_password_that_is_refused_ends_nothing(client):
    user = account()
    services.make_calendar_address(user_id=user.pk)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    typed = {"oldpassword": "wrong", "password1": NEW, "password2": NEW}

    client.post(reverse("account_change_password"), typed)

    assert CalendarAddress.objects.count() == 1


def test_sign_in_does_not_end_it(client):
    user = account()
    services.make_calendar_address(user_id=user.pk)

    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})

    assert CalendarAddress.objects.count() == 1


def test_database_keeps_hashes_only():
    user = UserFactory()

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        CalendarAddress.objects.create(user=user, token_sha256="a token as it was given")

    assert refusal.value.__cause__.diag.constraint_name == "calendar_address_is_a_hash"


def test_command_that_changes_a_password_ends_it_and_every_token(monkeypatch):
    user = account()
    services.make_calendar_address(user_id=user.pk)
    services.create_token(user_id=user.pk, name="nightly", scopes=["read"], days=30)
    monkeypatch.setattr("getpass.getpass", lambda **_asked: NEW)

    call_command("changepassword", user.email, stdout=StringIO())

    user.refresh_from_db()
    assert user.check_password(NEW)
    assert not CalendarAddress.objects.exists()
    assert not ApiToken.objects.usable().exists()
