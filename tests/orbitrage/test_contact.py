import pytest
from django.core.cache import cache
from django.urls import reverse

from orbitrage.contact import MESSAGES_PER_HOUR, send_contact_message
from orbitrage.forms import ContactForm
from orbitrage.shared.models import OutboxMessage
from tests.eligibility.factories import UserFactory

pytestmark = pytest.mark.django_db

MESSAGE = {
    "subject": "request",
    "name": "Anne Martin",
    "email": "anne.martin@example.org",
    "request_number": "R2026-000123",
    "message": "Where is my request?",
}


@pytest.fixture(autouse=True)
def no_message_counted():
    cache.clear()


def test_message_is_left_to_the_outbox(client):
    response = client.post(reverse("contact"), MESSAGE)

    sent = OutboxMessage.objects.get()
    assert response.url == reverse("contact")
    message_id = sent.key.removeprefix("orbitrage.contact:")
    assert (sent.topic, sent.payload) == (
        "orbitrage.contact",
        {**MESSAGE, "message_id": message_id},
    )


def test_refused_message_keeps_what_was_typed(client):
    response = client.post(reverse("contact"), {**MESSAGE, "email": "not an address"})

    assert list(response.context["form"].errors) == ["email"]
    assert "Where is my request?" in response.text
    assert OutboxMessage.objects.count() == 0


def test_one_message_too_many_is_refused_and_kept_on_the_page(client):
    for _ in range(MESSAGES_PER_HOUR):
        client.post(reverse("contact"), MESSAGE)

    response = client.post(reverse("contact"), MESSAGE, headers={"accept-language": "en"})

    assert response.context["form"].non_field_errors() == [
        "5 messages an hour can be sent from here. Try again later."
    ]
    assert "Where is my request?" in response.text
    assert OutboxMessage.objects.count() == MESSAGES_PER_HOUR


def test_limit_counts_each_sender_apart(client):
    for _ in range(MESSAGES_PER_HOUR):
        client.post(reverse("contact"), MESSAGE)
    client.force_login(UserFactory())

    response = client.post(reverse("contact"), MESSAGE)

    assert response.status_code == 302


def test_form_knows_who_is_signed_in(client):
    user = UserFactory(full_name="Anne Martin", email="anne.martin@example.org")
    client.force_login(user)

    form = client.get(reverse("contact")).context["form"]

    assert form.initial == {"name": "Anne Martin", "email": "anne.martin@example.org"}


def test_mail_reaches_the_service_and_is_answered_to_the_sender(mailoutbox, settings):
    settings.ORBITRAGE_CONTACT_EMAIL = "images@example.org"
    settings.ORBITRAGE_MAIL_DOMAIN = "example.org"

    send_contact_message({**MESSAGE, "message_id": "b5a0"})

    [mail] = mailoutbox
    assert mail.to == ["images@example.org"]
    assert mail.reply_to == ["anne.martin@example.org"]
    assert mail.extra_headers == {"Message-ID": "<contact-b5a0@example.org>"}
    assert "R2026-000123" in mail.body
    assert "Where is my request?" in mail.body


def test_mail_shows_what_was_typed_as_it_was_typed(mailoutbox):
    send_contact_message({**MESSAGE, "message": "a < b & c", "message_id": "b5a0"})

    assert "a < b & c" in mailoutbox[0].body


def test_name_and_number_of_the_request_are_of_one_line():
    form = ContactForm(MESSAGE | {"name": "Ada\nByron", "request_number": "R2026\n-1"})

    found = {field: errors[0].code for field, errors in form.errors.as_data().items()}
    assert found == {"name": "not_one_line", "request_number": "not_one_line"}
