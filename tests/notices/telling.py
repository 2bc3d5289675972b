"""The worker, as far as people are told."""

from django.core import mail
from django.utils import timezone

from notices.models import CopyAddress
from orbitrage.outbox_handlers import HANDLERS
from orbitrage.shared import outbox
from orbitrage.shared.letters import Letter, LetterKind, Text
from tests.eligibility.factories import AffiliationFactory

ELSEWHERE = ("licences.render", "quotas.render_quotation", "requests.place_order")


def nothing(_payload):
    """Documents and orders have tests of their own."""


TELLING = HANDLERS | dict.fromkeys(ELSEWHERE, nothing)


def tell():
    """Bring about what waits; the mails that left, in order."""
    mail.outbox.clear()
    outbox.drain(TELLING)
    return list(mail.outbox)


def sent_to(person):
    """Those of them that ``person`` got."""
    return [message for message in tell() if message.to == [person.email]]


def letter(reader, **changes):
    """A letter about the reader's own affiliation, which they may always see."""
    affiliation = reader.affiliations.first() or AffiliationFactory(user=reader)
    usual = {
        "key": "letter:1",
        "message_name": "letter-1",
        "kind": LetterKind.PROGRESS,
        "reader_id": reader.pk,
        "to": reader.email,
        "language": reader.language,
        "about": ("affiliation", affiliation.pk),
        "path": "/there/",
        "texts": {"fr": Text("Sujet", "Texte.\n"), "en": Text("Subject", "Text.\n")},
    }
    return Letter(**usual | changes)


def confirmed_copy(**fields):
    usual = {"address": "files@example.org", "language": "en", "confirmed_at": timezone.now()}
    return CopyAddress.objects.create(**usual | fields)
