"""The mails of a record, sent as the worker does."""

from django.core import mail

from orbitrage.outbox_handlers import HANDLERS
from orbitrage.shared.models import OutboxMessage
from requests_app.notifications import tell_readers
from tests.requests_app.books import last_record


def send(record):
    """As the worker does: the record's notice, then each of its mails."""
    tell_readers(record.pk)
    written = OutboxMessage.objects.filter(topic="requests.mail", payload__record_id=record.pk)
    for message in written.order_by("pk"):
        HANDLERS["requests.mail"](message.payload)


def sent_to(programme, request):
    """Roles of those who are written to about the request's last record."""
    mail.outbox.clear()
    send(last_record(request))
    roles = {person.email: role for role, person in programme.people.items()}
    return [roles[address] for message in mail.outbox for address in message.to]
