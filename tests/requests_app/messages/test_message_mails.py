"""Who hears of a message, in which language, and what the mail does not say."""

import pytest
from django.conf import settings
from django.core import mail

from eligibility.models import User
from orbitrage.outbox_handlers import HANDLERS
from orbitrage.shared import outbox
from orbitrage.shared.models import OutboxMessage
from requests_app.messages.notifications import letter_about, letter_of, readers_of, tell_readers
from tests.eligibility.factories import AffiliationFactory, CellMemberFactory
from tests.requests_app import after, world
from tests.requests_app.attached import upload
from tests.requests_app.messages.writing import INTERNAL, write

pytestmark = pytest.mark.django_db


def told(programme, message):
    roles = {person.pk: role for role, person in programme.people.items()}
    return [roles[reader.pk] for reader in readers_of(message)]


OF_THE_CELL = [
    (world.submitted, ["reviewer"]),
    (world.in_review, ["reviewer"]),
    (after.asked, ["reviewer"]),
    (world.in_arbitration, ["arbitrator"]),
    (world.offered, ["arbitrator"]),
    (world.approved, ["supply_officer"]),
    (world.ordered, ["supply_officer"]),
    (world.delivered, ["supply_officer"]),
    (after.disputed, ["arbitrator"]),
    (after.refused, ["chair"]),
]


@pytest.mark.parametrize(
    ("reach", "roles"), OF_THE_CELL, ids=[reach.__name__ for reach, _roles in OF_THE_CELL]
)
def test_message_of_those_who_ask_goes_to_whom_it_concerns(programme, reach, roles):
    message = write(reach(programme), programme.requester)

    assert told(programme, message) == roles


@pytest.mark.parametrize("role", ["reviewer", "chair", "secretariat"])
def test_message_of_the_cell_goes_to_those_who_ask(programme, role):
    request = world.in_review(programme)
    request.co_requesters.add(programme.stranger)

    message = write(request, programme.people[role])

    assert told(programme, message) == ["requester", "stranger"]


def test_who_has_written_hears_of_the_answers(programme):
    request = world.in_review(programme)
    write(request, programme.entity_contact)
    write(request, programme.secretariat)

    asked, answered = write(request, programme.requester), write(request, programme.reviewer)

    assert told(programme, asked) == ["reviewer", "secretariat"]
    assert told(programme, answered) == ["requester", "entity_contact"]


def test_who_has_written_and_left_hears_nothing(programme):
    request = world.in_review(programme)
    write(request, programme.entity_contact)
    write(request, programme.supply_officer)
    programme.entity_contact.affiliations.update(since=world.in_days(-9), until=world.in_days(0))
    programme.supply_officer.cell_posts.update(since=world.in_days(-9), until=world.in_days(0))

    asked, answered = write(request, programme.requester), write(request, programme.reviewer)

    assert told(programme, asked) == ["reviewer"]
    assert told(programme, answered) == ["requester"]


def test_note_goes_to_officers_and_never_to_its_author(programme):
    request = world.in_arbitration(programme)
    write(request, programme.chair, kind=INTERNAL)

    assert told(programme, write(request, programme.reviewer, kind=INTERNAL)) == [
        "arbitrator",
        "chair",
    ]
    assert told(programme, write(request, programme.arbitrator, kind=INTERNAL)) == [
        "reviewer",
        "chair",
    ]


def test_note_goes_to_no_officer_with_a_part_in_the_request(programme):
    """An arbitrator of the entity that asks."""
    request = world.in_arbitration(programme)
    AffiliationFactory(user=programme.arbitrator, entity=programme.entity)

    note = write(request, programme.chair, kind=INTERNAL)

    assert told(programme, note) == []


def test_chair_hears_where_nobody_is_on_duty(programme):
    request = world.ordered(programme)
    programme.supply_officer.cell_posts.update(since=world.in_days(-9), until=world.in_days(0))

    assert told(programme, write(request, programme.requester)) == ["chair"]


def test_suspended_reader_hears_nothing(programme):
    request = world.in_review(programme)
    User.objects.filter(pk=programme.requester.pk).update(is_active=False)

    assert told(programme, write(request, programme.reviewer)) == []


# --- One mail -------------------------------------------------------------------------------------


def test_one_mail_leaves_per_reader(programme):
    request = world.in_review(programme)
    CellMemberFactory(cell=programme.cell, role="reviewer")
    outbox.drain(HANDLERS)
    mail.outbox.clear()
    message = write(request, programme.requester)

    outbox.drain(HANDLERS)
    tell_readers(message.pk)
    outbox.drain(HANDLERS)

    assert [sent.to for sent in mail.outbox] == [[programme.reviewer.email]]
    rows = OutboxMessage.objects.filter(topic="requests.message_mail")
    reader = programme.reviewer.pk
    assert list(rows.values_list("key", "stream", "state")) == [
        (f"message:{message.pk}:{reader}", f"{request.number}:{reader}", "done")
    ]


def test_reader_who_lost_the_right_meanwhile_gets_no_mail(programme):
    request = world.in_review(programme)
    message = write(request, programme.requester)
    payload = {"message_id": message.pk, "reader_id": programme.reviewer.pk}
    before = letter_of(payload)
    programme.reviewer.cell_posts.update(since=world.in_days(-9), until=world.in_days(0))

    after_it = letter_of(payload)

    assert (before is None, after_it) == (False, None)


def test_mail_has_the_words_and_leads_to_them(programme, loud_templates):
    programme.requester.language = "en"
    request = world.in_review(programme)
    message = write(request, programme.reviewer, "Which season?\nMay?", attachments=[upload()])

    sent = letter_about(message, programme.requester)

    assert sent.subject == f"[{request.number}] A message about a request"
    assert "Which season?\nMay?" in sent.body
    assert "1 file is attached to it" in sent.body
    assert f"/requests/{request.number}/#message-{message.pk}" in sent.body
    assert f"{programme.cell.name_en} has written" in sent.body
    assert programme.reviewer.full_name not in sent.body
    assert "MISSING" not in sent.body
    assert sent.as_mail().extra_headers["Message-ID"] == (
        f"<message-{message.pk}-{programme.requester.pk}@{settings.ORBITRAGE_MAIL_DOMAIN}>"
    )


def test_mail_to_the_cell_names_who_asks(programme):
    programme.reviewer.language = "en"
    message = write(world.in_review(programme), programme.requester)

    assert (
        f"{programme.requester.full_name} has written"
        in letter_about(message, programme.reviewer).body
    )


def test_mail_of_a_note_says_nothing_of_it(programme, loud_templates):
    programme.arbitrator.language = "en"
    note = write(
        world.in_arbitration(programme), programme.chair, "Conflict of interest?", kind=INTERNAL,
        attachments=[upload("evidence.pdf")],
    )  # fmt: skip

    sent = letter_about(note, programme.arbitrator)

    said = sent.subject + sent.body
    assert f"{programme.chair.full_name} has left an internal note" in said
    assert ("Conflict" in said, "evidence" in said, "MISSING" in said) == (False, False, False)


def test_mail_of_files_alone_is_whole(programme):
    programme.requester.language = "en"
    files = [upload("a.pdf"), upload("b.pdf")]
    message = write(world.in_review(programme), programme.reviewer, "", attachments=files)

    body = letter_about(message, programme.requester).body

    assert "2 files are attached to it" in body
    assert "\n\n\n" not in body


def test_each_reads_their_own_language(programme):
    request = world.in_review(programme)
    message = write(request, programme.reviewer)
    programme.requester.language, programme.colleague.language = "fr", "en"

    french, english = (
        letter_about(message, programme.requester),
        letter_about(message, programme.colleague),
    )

    assert programme.cell.name_fr in french.body
    assert programme.cell.name_en in english.body
