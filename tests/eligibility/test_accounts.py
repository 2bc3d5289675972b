import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.core import mail
from django.urls import reverse

from eligibility.models import Affiliation, TermsAcceptance, User
from eligibility.notifications import AFFILIATION_TOPIC
from orbitrage.shared.models import OutboxMessage
from tests.eligibility.factories import EntityFactory, TermsFactory, UserFactory
from tests.eligibility.pages import link_in, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

PASSWORD = "correct horse battery staple"


def signup(client, **changes):
    typed = {
        "full_name": "Ada Byron",
        "email": "ada@example.org",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "language": "fr",
        **changes,
    }
    return client.post(reverse("account_signup"), typed)


def test_sign_up_asks_to_join_and_keeps_the_accepted_terms(client):
    entity = EntityFactory()
    terms = TermsFactory(kind="site")

    signup(client, entity=entity.pk, accepts_terms="on")

    user = User.objects.get()
    assert (user.email, user.full_name, user.language) == ("ada@example.org", "Ada Byron", "fr")
    assert Affiliation.objects.pending().get().entity == entity
    assert TermsAcceptance.objects.get().terms == terms


def test_sign_up_without_the_terms_is_refused(client):
    TermsFactory(kind="site")

    response = signup(client)

    assert response.context["form"].errors.keys() == {"accepts_terms"}
    assert not User.objects.exists()


def test_sign_up_needs_no_organisation(client):
    signup(client)

    assert User.objects.count() == 1
    assert not Affiliation.objects.exists()


def test_address_known_in_another_case_makes_no_second_account(client):
    user = UserFactory(email="ada@example.org")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)

    signup(client, email="ADA@example.org")

    assert User.objects.count() == 1
    assert "vous" in mail.outbox[0].body or "account" in mail.outbox[0].body


def test_account_is_usable_once_its_address_is_confirmed(client):
    signup(client)
    credentials = {"login": "ada@example.org", "password": PASSWORD}
    before = client.post(reverse("account_login"), credentials)

    client.post(link_in(mail.outbox[0]))
    after = client.post(reverse("account_login"), credentials)

    assert before.url == reverse("account_email_verification_sent")
    assert after.url == reverse("home")
    assert after.cookies["django_language"].value == "fr"


def confirmed_user(**fields) -> User:
    user = User.objects.create_user("ada@example.org", PASSWORD, full_name="Ada Byron", **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def test_sign_in_ignores_the_case_of_the_address(client):
    user = confirmed_user()

    client.post(reverse("account_login"), {"login": "Ada@Example.org", "password": PASSWORD})

    assert client.session["_auth_user_id"] == str(user.pk)


def test_wrong_password_does_not_sign_in(client):
    confirmed_user()

    client.post(reverse("account_login"), {"login": "ada@example.org", "password": "wrong"})

    assert "_auth_user_id" not in client.session


def test_suspended_account_does_not_sign_in(client):
    confirmed_user(is_active=False)

    client.post(reverse("account_login"), {"login": "ada@example.org", "password": PASSWORD})

    assert "_auth_user_id" not in client.session


def test_forgotten_password_is_changed_by_the_link(client):
    user = confirmed_user()
    client.post(reverse("account_reset_password"), {"email": user.email})

    form = client.get(link_in(mail.outbox[0]), follow=True)
    new = "another battery staple"
    client.post(form.request["PATH_INFO"], {"password1": new, "password2": new})

    user.refresh_from_db()
    assert user.check_password(new)


def test_reset_of_an_unknown_address_says_the_same(client):
    confirmed_user()
    known = client.post(reverse("account_reset_password"), {"email": "ada@example.org"})
    unknown = client.post(reverse("account_reset_password"), {"email": "who@example.org"})

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)


@pytest.mark.parametrize(
    ("language", "words"), [("fr", "Orbitrage"), ("en", "Follow this link to choose it")]
)
def test_mail_is_in_the_language_of_its_reader(client, language, words):
    user = confirmed_user(language=language)

    client.post(reverse("account_reset_password"), {"email": user.email})

    assert words in mail.outbox[0].body


ANONYMOUS_PAGES = [
    "account_login",
    "account_signup",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account_email_verification_sent",
    "account_inactive",
]
SIGNED_IN_PAGES = ["account_logout", "account_email", "account_change_password"]


@pytest.mark.parametrize("name", ANONYMOUS_PAGES)
def test_entrance_page_is_ours(client, name):
    assert '<main class="page page--narrow"' in text(client.get(reverse(name)))


@pytest.mark.parametrize("name", SIGNED_IN_PAGES)
def test_account_page_is_ours(client, name):
    client.force_login(confirmed_user())

    assert '<main class="page page--narrow"' in text(client.get(reverse(name)))


def test_password_is_asked_again_in_our_page(client):
    client.force_login(confirmed_user())

    assert "Confirm that it is you" in text(client.get(reverse("account_reauthenticate")))


def test_link_that_is_too_old_says_so(client):
    url = reverse("account_reset_password_from_key", kwargs={"uidb36": "1", "key": "abc-def"})

    assert "This link is no longer valid" in text(client.get(url))
    confirmation = reverse("account_confirm_email", args=["nonsense"])
    assert "This link is no longer valid" in text(client.get(confirmation))


def test_name_of_two_lines_makes_no_account(client):
    signup(client)
    response = signup(client, email="eve@example.org", full_name="Ada\nSign in at https://evil")

    assert response.context["form"].errors.as_data()["full_name"][0].code == "not_one_line"
    assert [user.email for user in User.objects.all()] == ["ada@example.org"]


def test_mails_to_an_address_nobody_has_proven_are_without_the_name(client):
    signup(client, full_name="Prize of the day")
    client.post(reverse("account_login"), {"login": "ada@example.org", "password": PASSWORD})

    assert mail.outbox
    assert not [message for message in mail.outbox if "Prize" in message.subject + message.body]


def requests_to_join() -> list[dict]:
    written = OutboxMessage.objects.filter(topic=AFFILIATION_TOPIC).order_by("pk")
    return [{"id": row.payload["id"], "event": row.payload["event"]} for row in written]


def test_contact_is_told_of_a_sign_up_once_its_address_is_confirmed(client):
    signup(client, entity=EntityFactory().pk)
    before = requests_to_join()

    client.post(link_in(mail.outbox[0]))

    assert before == []
    assert requests_to_join() == [{"id": Affiliation.objects.get().pk, "event": "requested"}]


def test_second_confirmed_address_tells_the_contact_nothing_again(client):
    signup(client, entity=EntityFactory().pk)
    client.post(link_in(mail.outbox[0]))
    user = User.objects.get()
    second = EmailAddress.objects.create(user=user, email="ada@home.example")

    client.post(reverse("account_confirm_email", args=[EmailConfirmationHMAC(second).key]))

    second.refresh_from_db()
    assert second.verified
    assert len(requests_to_join()) == 1
