"""A message from the contact page: counted, left to the outbox, mailed to the service."""

from uuid import uuid4

from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from orbitrage.forms import ContactSubject
from orbitrage.shared import outbox
from orbitrage.shared.errors import DomainError, Refusal
from orbitrage.shared.outbox import Payload

MESSAGES_PER_HOUR = 5
HOUR_S = 3600


class ContactRefused(DomainError):
    """The message was not taken."""


def take_contact_message(
    *, subject: str, name: str, email: str, request_number: str, message: str, sender: str
) -> None:
    """Hand the message over to the outbox. ``sender`` is whom the hourly limit counts.

    Raises:
        ContactRefused: ``sender`` has sent ``MESSAGES_PER_HOUR`` within the hour.
    """
    if count_message(sender) > MESSAGES_PER_HOUR:
        text = _("%(limit)d messages an hour can be sent from here. Try again later.")
        raise ContactRefused(
            Refusal(code="too_many_messages", message=text % {"limit": MESSAGES_PER_HOUR})
        )
    message_id = str(uuid4())
    payload = {
        "message_id": message_id,
        "subject": subject,
        "name": name,
        "email": email,
        "request_number": request_number,
        "message": message,
    }
    with transaction.atomic():
        outbox.write(
            topic="orbitrage.contact", key=f"orbitrage.contact:{message_id}", payload=payload
        )


def count_message(sender: str) -> int:
    key = f"contact:{sender}"
    cache.add(key, 0, timeout=HOUR_S)
    return cache.incr(key)


def send_contact_message(payload: Payload) -> None:
    """Handler of ``orbitrage.contact``; sent twice, it is the same mail by its Message-ID."""
    with override(settings.LANGUAGE_CODE):
        subject = str(ContactSubject(payload["subject"]).label)
        body = render_to_string("site/mail/contact.txt", payload)
    EmailMessage(
        subject=f"[Orbitrage] {subject}",
        body=body,
        to=[settings.ORBITRAGE_CONTACT_EMAIL],
        reply_to=[payload["email"]],
        headers={
            "Message-ID": f"<contact-{payload['message_id']}@{settings.ORBITRAGE_MAIL_DOMAIN}>"
        },
    ).send()
