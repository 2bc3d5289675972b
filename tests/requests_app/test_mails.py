"""In which language mails are, what they name, and that every template can be sent."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail

import requests_app
from eligibility.models import User
from orbitrage.shared.letters import LetterKind
from requests_app.notifications import MAILS, Mail, letter_about
from tests.requests_app import after, world
from tests.requests_app.books import last_record
from tests.requests_app.mails import send, sent_to

pytestmark = pytest.mark.django_db

TEMPLATES = Path(requests_app.__file__).parent / "templates" / "requests_app" / "mail"


def test_reminder_of_a_price_tells_each_what_they_can_do(programme):
    User.objects.update(language="en")
    request = after.price_reminded(programme)

    sent_to(programme, request)

    of_requester, of_contact = (" ".join(message.body.split()) for message in mail.outbox)
    assert (
        "The offer of 129.27 km², to pay: €100.00, waits for the contact of the entity, who alone"
        " can accept the price. The contact: Entity Contact. You may decline the offer, or reply"
        " to it once." in of_requester
    )
    assert "Answer the offer of 129.27 km², to pay: €100.00." in of_contact


@pytest.mark.parametrize(
    ("language", "area"),
    [("fr", "57,47\N{NO-BREAK SPACE}km²"), ("en", "57.47\N{NO-BREAK SPACE}km²")],
)
def test_mail_is_in_the_language_of_its_reader(programme, language, area):
    User.objects.filter(pk=programme.requester.pk).update(language=language)
    request = world.submitted(programme)

    send(last_record(request))

    assert area in mail.outbox[0].body.replace("\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}")


def test_two_readers_each_read_their_own_language(programme):
    User.objects.filter(pk=programme.reviewer.pk).update(language="en")
    request = world.submitted(programme)

    send(last_record(request))

    french, english = (message.body for message in mail.outbox)
    assert ("57,47" in french, "57.47" in english) == (True, True)


def test_mail_names_the_request_and_leads_to_it(programme):
    request = world.submitted(programme)

    send(last_record(request))

    message = mail.outbox[0]
    assert message.subject.startswith(f"[{request.number}] ")
    assert f"{settings.ORBITRAGE_PUBLIC_URL}/requests/{request.number}/" in message.body


def test_every_template_belongs_to_a_notice():
    named = {mail.template for mails in MAILS.values() for mail in mails}

    assert {path.stem for path in TEMPLATES.glob("*.txt")} == named | {"footer"}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_template_renders_whole(programme, loud_templates, language):
    request = world.delivered(programme, **world.tasking())
    programme.requester.language = language
    record = request.records.filter(note__isnull=False).latest("pk")
    names = sorted(path.stem for path in TEMPLATES.glob("*.txt") if path.stem != "footer")

    mails = {name: Mail(name, LetterKind.DECISION, ()) for name in names}
    messages = {
        name: letter_about(record, programme.requester, mail) for name, mail in mails.items()
    }

    assert len(messages) == 50
    for name, message in messages.items():
        text = f"{message.subject}\n{message.body}"
        assert re.search(r"MISSING|\{\{|\{%|%\(|None", text) is None, (name, text)
        assert len(message.subject) > len(f"[{request.number}] "), name
        assert programme.requester.full_name in text, name
        assert record.note.content in text, name
        assert f"/requests/{request.number}/" in text, name
        assert "\n\n\n" not in text, name
