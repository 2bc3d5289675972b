"""Access tokens: what is kept of them, and their pages."""

import hashlib
import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from eligibility.models import ApiToken
from eligibility.services import create_token, revoke_token
from tests.eligibility.factories import UserFactory
from tests.eligibility.refusing import refused

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"


def make(user, **changes):
    wanted = {"name": "nightly", "scopes": ["read"], "days": 30} | changes
    return create_token(user_id=user.pk, **wanted)


@pytest.fixture
def person():
    user = UserFactory()
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def signed_in(client, person):
    """With the password given again just now."""
    client.cookies["django_language"] = "en"
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


# --- The secret -----------------------------------------------------------------------------------


def test_secret_is_kept_as_its_hash_only():
    token, secret = make(UserFactory())

    token.refresh_from_db()
    assert token.sha256 == hashlib.sha256(secret.encode()).hexdigest()
    assert re.fullmatch(rf"orb_{token.prefix}_[\w-]{{43}}", secret)
    stored = ApiToken.objects.values_list().get()
    assert [value for value in stored if isinstance(value, str) and value in secret] == [
        token.prefix
    ]


def test_two_tokens_are_different():
    user = UserFactory()

    assert make(user)[1] != make(user)[1]


# --- What is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize("scopes", [[], ["write"], ["read", "everything"]])
def test_unknown_scopes_are_refused(scopes):
    user = UserFactory()

    codes = refused(make, user=user, scopes=scopes)

    assert (codes, ApiToken.objects.count()) == (("scope_unknown",), 0)


@pytest.mark.parametrize("days", [0, -1, 366])
def test_token_lives_a_year_at_most(days):
    codes = refused(make, user=UserFactory(), days=days)

    assert (codes, ApiToken.objects.count()) == (("lifetime_not_allowed",), 0)


def test_account_has_twenty_tokens_in_use_at_most():
    user = UserFactory()
    tokens = [make(user)[0] for _ in range(20)]

    assert refused(make, user=user) == ("too_many_tokens",)

    revoke_token(token_id=tokens[0].pk, user_id=user.pk)
    make(user)
    assert ApiToken.objects.usable().count() == 20


def test_nobody_ends_the_token_of_another():
    token, _secret = make(UserFactory())

    revoke_token(token_id=token.pk, user_id=UserFactory().pk)

    assert ApiToken.objects.usable().count() == 1


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"expires_at": timezone.now() + timedelta(days=400)}, "api_token_expires_within_a_year"),
        ({"expires_at": timezone.now() - timedelta(days=400)}, "api_token_expires_within_a_year"),
        ({"scopes": []}, "api_token_has_known_scopes"),
        ({"scopes": ["everything"]}, "api_token_has_known_scopes"),
        ({"sha256": "a secret"}, "api_token_is_kept_hashed"),
    ],
)
def test_database_holds_what_must_be_true_of_a_token(changes, constraint):
    make(UserFactory())

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        ApiToken.objects.update(**changes)


# --- Pages ----------------------------------------------------------------------------------------


def test_token_is_made_and_shown_once(signed_in, person):
    typed = {"name": "nightly", "scopes": ["read", "areas"], "days": "30"}

    response = signed_in.post(reverse("eligibility:token_new"), typed)

    token = ApiToken.objects.get()
    secret = re.search(
        r'<code class="code" id="secret">(\S+)</code>', response.content.decode()
    ).group(1)
    assert hashlib.sha256(secret.encode()).hexdigest() == token.sha256
    assert (token.user, token.name, token.scopes) == (person, "nightly", ["areas", "read"])
    assert "no-store" in response["Cache-Control"]
    assert secret not in signed_in.get(reverse("eligibility:tokens")).content.decode()


def test_token_asks_for_the_password_again(client, person):
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    typed = {"name": "nightly", "scopes": ["read"], "days": "30"}

    response = client.post(reverse("eligibility:token_new"), typed)

    assert response["Location"].startswith(reverse("account_reauthenticate"))
    assert ApiToken.objects.count() == 0


def test_what_was_typed_wrongly_is_said_and_kept(signed_in):
    typed = {"name": "nightly", "scopes": ["read"], "days": "400"}

    response = signed_in.post(reverse("eligibility:token_new"), typed)

    assert response.context["form"].errors.as_data()["days"][0].code == "max_value"
    assert 'value="nightly"' in response.content.decode()


def test_password_change_on_the_page_ends_every_token(signed_in, person):
    make(person)

    signed_in.post(
        reverse("account_change_password"),
        {
            "oldpassword": PASSWORD,
            "password1": "a quite new password",
            "password2": "a quite new password",
        },
    )

    person.refresh_from_db()
    assert person.check_password("a quite new password")
    assert ApiToken.objects.usable().count() == 0


def test_token_is_ended_from_its_page(signed_in, person):
    token, _secret = make(person)

    signed_in.post(reverse("eligibility:token_end", args=[token.pk]))

    assert ApiToken.objects.usable().count() == 0


def test_token_of_another_is_not_there(signed_in):
    token, _secret = make(UserFactory())

    response = signed_in.post(reverse("eligibility:token_end", args=[token.pk]))

    assert response.status_code == 404
    assert ApiToken.objects.usable().count() == 1


@pytest.mark.parametrize("tokens", [1, 3])
def test_list_of_tokens_costs_the_same_queries(
    signed_in, person, tokens, django_assert_num_queries
):
    for _ in range(tokens):
        make(person)
    signed_in.get(reverse("eligibility:tokens"))

    # The session, the account, its posts, its tokens, its unread notices.
    with django_assert_num_queries(5):
        signed_in.get(reverse("eligibility:tokens"))
