"""A mail leaves once and in order, whatever becomes of the others."""

from smtplib import SMTPRecipientsRefused

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from orbitrage.outbox_handlers import HANDLERS
from orbitrage.shared import outbox
from orbitrage.shared.models import OutboxMessage
from requests_app.intake import services as intake
from requests_app.notifications import tell_readers
from requests_app.operators.manual import place_order
from tests.eligibility.factories import CellMemberFactory
from tests.requests_app import world
from tests.requests_app.books import last_record
from tests.requests_app.mails import send, sent_to

pytestmark = pytest.mark.django_db


def message_ids(record):
    mail.outbox.clear()
    send(record)
    return [message.extra_headers["Message-ID"] for message in mail.outbox]


def test_message_id_is_the_same_when_sent_again(programme):
    record = last_record(world.submitted(programme))

    first, again = message_ids(record), message_ids(record)

    names = (f"submit-{programme.requester.pk}", f"submit_to_cell-{programme.reviewer.pk}")
    assert first == again
    assert first == [
        f"<notice-{record.pk}-{name}@{settings.ORBITRAGE_MAIL_DOMAIN}>" for name in names
    ]


def test_two_mails_of_a_record_to_one_reader_are_told_apart(programme):
    CellMemberFactory(cell=programme.cell, user=programme.requester, role="reviewer")
    request = world.draft(programme)
    request.co_requesters.add(programme.colleague)
    intake.submit(request_id=request.pk, user=programme.colleague)

    assert sent_to(programme, request) == ["requester", "colleague", "requester", "reviewer"]
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 4


def test_mails_of_a_notice_brought_about_twice_are_written_once(programme):
    record = last_record(world.submitted(programme))

    tell_readers(record.pk)
    tell_readers(record.pk)

    number, requester, reviewer = (
        record.request.number, programme.requester.pk, programme.reviewer.pk,
    )  # fmt: skip
    mails = OutboxMessage.objects.filter(topic="requests.mail").order_by("pk")
    assert list(mails.values_list("key", "stream")) == [
        (f"notice:{record.pk}:submit:{requester}", f"{number}:{requester}"),
        (f"notice:{record.pk}:submit_to_cell:{reviewer}", f"{number}:{reviewer}"),
    ]


class OneAddressBounces(EmailBackend):
    address = ""

    def send_messages(self, messages):
        if any(self.address in message.to for message in messages):
            raise SMTPRecipientsRefused({self.address: (550, b"no such mailbox")})
        return super().send_messages(messages)


@pytest.fixture
def bouncing(settings, monkeypatch):
    """Call with an address: its mail server refuses every mail from now on."""

    def refuse(address):
        monkeypatch.setattr(OneAddressBounces, "address", address)
        settings.EMAIL_BACKEND = f"{__name__}.{OneAddressBounces.__name__}"

    return refuse


def states(topic):
    rows = OutboxMessage.objects.filter(topic=topic).order_by("pk")
    return list(rows.values_list("state", flat=True))


def retry_what_failed():
    OutboxMessage.objects.filter(state="pending").update(not_before=timezone.now())
    outbox.drain(HANDLERS)


def test_refused_mail_repeats_nobody_elses_and_holds_back_neither_licence_nor_order(
    programme, bouncing
):
    bouncing(programme.requester.email)
    request = world.ordered(programme)

    outbox.drain(HANDLERS)
    retry_what_failed()
    retry_what_failed()

    sent = [message.to for message in mail.outbox]
    assert sent.count([programme.supply_officer.email]) == 1
    assert sent.count([settings.ORBITRAGE_OPERATOR_EMAIL]) == 1
    assert states("licences.render") == states("requests.place_order") == ["done"]
    waiting = OutboxMessage.objects.exclude(state="done")
    assert {message.stream for message in waiting} == {f"{request.number}:{programme.requester.pk}"}
    assert outbox.oldest_pending_age_s() == 0


def test_mails_of_one_reader_leave_in_order_when_the_mailbox_is_back(programme, bouncing):
    bouncing(programme.requester.email)
    world.ordered(programme)
    outbox.drain(HANDLERS)
    bouncing("")

    retry_what_failed()

    to_requester = [m for m in mail.outbox if m.to == [programme.requester.email]]
    keys = [m.extra_headers["Message-ID"].split("-")[2] for m in to_requester]
    assert keys == ["submit", "approve", "order"]


def test_order_is_mailed_once_with_its_area(programme):
    request = world.ordered(programme)
    acquisition = request.shares.get().acquisition

    place_order(acquisition.pk)
    place_order(acquisition.pk)

    (message,) = mail.outbox
    reference = f"ORB-{acquisition.pk:06d}"
    assert message.to == [settings.ORBITRAGE_OPERATOR_EMAIL]
    assert message.subject == f"Order {reference}, Pléiades, 57.47 km²"
    assert message.extra_headers["Message-ID"] == (
        f"<order-{acquisition.pk}@{settings.ORBITRAGE_MAIL_DOMAIN}>"
    )
    assert [name for name, _content, _type in message.attachments] == [f"{reference}.geojson"]
    acquisition.refresh_from_db()
    assert (acquisition.state, acquisition.operator_reference) == ("placed", reference)
