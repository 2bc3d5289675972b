"""Who hears of what, in which language; and that every template can be sent."""

import re
from pathlib import Path
from smtplib import SMTPRecipientsRefused

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.template import engines
from django.utils import timezone

import requests_app
from eligibility.models import User
from orbitrage.outbox_handlers import HANDLERS
from orbitrage.shared import outbox
from orbitrage.shared.models import OutboxMessage
from requests_app.intake import services as intake
from requests_app.notifications import FORMER, NOTICES, notice, tell_readers
from requests_app.operators.manual import place_order
from tests.eligibility.factories import CellMemberFactory
from tests.requests_app import after, world
from tests.requests_app.books import last_record

pytestmark = pytest.mark.django_db

TEMPLATES = Path(requests_app.__file__).parent / "templates" / "requests_app" / "mail"


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


READERS = [
    (world.submitted, "submit", ["requester", "reviewer"]),
    (after.open_data, "submit_open_data", ["requester"]),
    (world.in_review, "take", []),
    (after.asked, "request_information", ["requester"]),
    (after.answered, "answer", ["reviewer"]),
    (after.proposed, "propose_inadmissible", ["arbitrator"]),
    (world.in_arbitration, "recommend", ["arbitrator"]),
    (after.returned, "return_to_review", ["reviewer"]),
    (after.deferred, "defer", ["requester"]),
    (after.refused, "refuse", ["requester"]),
    (world.approved, "approve", ["requester", "supply_officer"]),
    (world.offered, "offer", ["requester", "entity_contact"]),
    (after.accepted, "accept_offer", ["supply_officer"]),
    (after.accepted_for_a_price, "accept_offer", ["requester", "supply_officer"]),
    (after.replied, "reply_to_offer", ["arbitrator"]),
    (after.declined, "decline_offer", ["reviewer"]),
    (after.withdrawn, "withdraw_offer", ["requester"]),
    (after.rescinded, "rescind", ["requester"]),
    (world.ordered, "order", ["requester"]),
    (world.partly_delivered, "register_delivery", ["requester"]),
    (world.delivered, "register_delivery", ["requester"]),
    (after.window_closed, "close_window", ["requester"]),
    (after.stopped, "stop_order", ["requester"]),
    (after.failed, "fail", ["requester"]),
    (world.closed, "accept_delivery", []),
    (after.disputed, "dispute", ["arbitrator"]),
    (after.upheld, "uphold_delivery", ["requester"]),
    (after.refunded, "refund_part", ["requester"]),
    (after.retasked, "retask", ["requester"]),
    (after.cancelled_by_requester, "cancel", ["reviewer"]),
    (after.cancelled_by_chair, "cancel", ["requester", "reviewer"]),
    (after.lapsed, "lapse", ["requester"]),
    (after.reminded, "remind", ["requester"]),
    (after.assigned, "assign", ["arbitrator"]),
    (after.rerouted, "reroute", ["requester"]),
    (after.transferred, "transfer_request", ["colleague", "requester"]),
    (after.joined, "add_co_requester", ["colleague"]),
    (after.left, "remove_co_requester", ["colleague"]),
    (after.expedited, "expedite", ["reviewer", "arbitrator"]),
    (after.blocked, "block", ["requester", "entity_contact", "chair"]),
    (after.unblocked, "unblock", ["requester", "entity_contact", "chair"]),
    (after.rescission_proposed, "propose_rescission", ["arbitrator", "supply_officer"]),
    (after.rescission_rejected, "reject_rescission", ["chair", "supply_officer"]),
    (after.amendment_proposed, "propose_amendment", ["requester"]),
    (after.amended, "amend_order", ["supply_officer"]),
    (after.amendment_declined, "decline_amendment", ["supply_officer"]),
    (after.closing_asked, "warn_of_shortfall", ["requester"]),
    (after.closing_told, "warn_of_shortfall", ["supply_officer"]),
    (after.more_time_chosen, "choose_on_shortfall", ["supply_officer"]),
    (after.window_extended, "extend_window", ["requester"]),
]


@pytest.mark.parametrize(
    ("reach", "transition", "roles"), READERS, ids=[reach.__name__ for reach, *_ in READERS]
)
def test_readers_after(programme, reach, transition, roles):
    request = reach(programme)

    assert last_record(request).transition == transition
    assert sent_to(programme, request) == roles


def test_every_notice_is_in_the_list_above():
    told = {transition for _reach, transition, roles in READERS if roles}

    assert told == set(NOTICES) | set(FORMER)


def test_other_cell_hears_of_a_file_that_comes_to_it(programme):
    request = after.rerouted(programme)
    chair = CellMemberFactory(cell=request.cell, role="chair").user

    send(last_record(request))

    to_chair = [message for message in mail.outbox if message.to == [chair.email]]
    assert [message.extra_headers["Message-ID"].split("-")[2] for message in to_chair] == [
        "reroute_to_cell"
    ]


def test_chair_hears_of_an_answer_whose_reviewer_serves_the_cell_no_more(programme):
    request = after.answered(programme)
    programme.reviewer.cell_posts.update(until=timezone.localdate())

    assert sent_to(programme, request) == ["chair"]


def test_co_requesters_hear_too(programme):
    request = world.approved(programme)
    request.co_requesters.add(programme.colleague)

    assert sent_to(programme, request) == ["requester", "colleague", "supply_officer"]


def test_author_hears_nothing_of_what_they_did(programme):
    request = world.submitted(programme)
    request.co_requesters.add(programme.colleague)
    intake.cancel(request_id=request.pk, user=programme.colleague)

    assert sent_to(programme, request) == ["requester", "reviewer"]


def test_receipt_goes_to_the_author(programme):
    request = world.draft(programme)
    request.co_requesters.add(programme.colleague)
    intake.submit(request_id=request.pk, user=programme.colleague)

    assert sent_to(programme, request) == ["requester", "colleague", "reviewer"]


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


def test_every_template_belongs_to_a_notice():
    named = {template for readers in NOTICES.values() for _readers, template in readers}
    named |= {template for _where, template in FORMER.values()}

    assert {path.stem for path in TEMPLATES.glob("*.txt")} == named | {"footer"}


@pytest.fixture
def loud_templates(monkeypatch):
    """A variable that does not exist shows instead of vanishing."""
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", "MISSING(%s)")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_template_renders_whole(programme, loud_templates, language):
    request = world.delivered(programme, **world.tasking())
    programme.requester.language = language
    record = request.records.filter(note__isnull=False).latest("pk")
    names = sorted(path.stem for path in TEMPLATES.glob("*.txt") if path.stem != "footer")

    messages = {name: notice(record, programme.requester, name) for name in names}

    assert len(messages) == 47
    for name, message in messages.items():
        text = f"{message.subject}\n{message.body}"
        assert re.search(r"MISSING|\{\{|\{%|%\(|None", text) is None, (name, text)
        assert len(message.subject) > len(f"[{request.number}] "), name
        assert programme.requester.full_name in text, name
        assert record.note.content in text, name
        assert f"/requests/{request.number}/" in text, name
        assert "\n\n\n" not in text, name
