"""Messages about a request: who writes and reads them, and where they stand."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from eligibility.models import Cell
from eligibility.selectors import actor_of
from orbitrage.shared.models import OutboxMessage
from requests_app.intake import services as intake
from requests_app.messages.services import write_message
from requests_app.models import Message, MessageKind, MessageText
from requests_app.selectors import request_page
from requests_app.story import reads_notes, story_of
from requests_app.thread import kinds_open_to
from tests.eligibility.factories import AffiliationFactory, CellMemberFactory, MandateFactory
from tests.requests_app import after, world
from tests.requests_app.attached import posted, upload
from tests.requests_app.books import forbidden, refused
from tests.requests_app.pages import text_of

pytestmark = pytest.mark.django_db

SHARED, INTERNAL = MessageKind.SHARED, MessageKind.INTERNAL


def write(request, user, text="Is July possible?", **more):
    return write_message(request_id=request.pk, user=user, text=text, **more)


def steps(request, reader):
    found = request_page(reader).get(pk=request.pk)
    return [step for step in story_of(found, actor_of(reader)).steps if step.anchor]


def address(request):
    return reverse("requests:messages", args=[request.number])


def post(client, user, request, **typed):
    client.force_login(user)
    return client.post(address(request), typed, headers={"accept-language": "en"})


# --- Who writes -----------------------------------------------------------------------------------

BOTH = (SHARED, INTERNAL)
WRITES = {
    "requester": (SHARED,), "colleague": (), "entity_contact": (SHARED,),
    "legal_representative": (), "reviewer": BOTH, "arbitrator": BOTH, "chair": BOTH,
    "supply_officer": BOTH, "secretariat": BOTH, "observer": (), "stranger": (),
}  # fmt: skip


def test_who_may_write_what(programme):
    request = world.submitted(programme)

    found = {
        role: kinds_open_to(request, actor_of(person)) for role, person in programme.people.items()
    }

    assert found == WRITES


def test_co_requester_writes(programme):
    request = world.submitted(programme)
    request.co_requesters.add(programme.stranger)

    message = write(request, programme.stranger)

    assert (message.kind, message.cell, message.author) == (SHARED, None, programme.stranger)


def test_officer_writes_for_the_cell(programme):
    message = write(world.submitted(programme), programme.supply_officer)

    assert message.cell == programme.cell


@pytest.mark.parametrize("role", ["colleague", "legal_representative", "observer", "stranger"])
def test_who_only_reads_writes_nothing(programme, role):
    request = world.submitted(programme)

    with forbidden():
        write(request, programme.people[role])


@pytest.mark.parametrize("role", ["requester", "entity_contact", "observer"])
def test_who_asks_leaves_no_internal_note(programme, role):
    request = world.submitted(programme)

    with forbidden():
        write(request, programme.people[role], kind=INTERNAL)


def test_officer_of_another_cell_writes_nothing(programme):
    request = world.submitted(programme)
    other = CellMemberFactory(cell=Cell.objects.get(code="spot-science"), role="chair").user

    with forbidden():
        write(request, other)


def test_officer_who_has_left_writes_nothing(programme):
    request = world.submitted(programme)
    programme.reviewer.cell_posts.update(since=world.in_days(-10), until=world.in_days(0))

    with forbidden():
        write(request, programme.reviewer)


def test_suspended_person_writes_nothing(programme):
    request = world.submitted(programme)
    programme.requester.is_active = False

    with forbidden():
        write(request, programme.requester)


def test_request_that_is_over_is_still_written_about(programme):
    """How a refusal is appealed against is a question too."""
    request = after.refused(programme)

    assert write(request, programme.requester).request == request


# --- What is written ------------------------------------------------------------------------------


def test_message_is_kept_as_it_was_typed(programme):
    message = write(world.submitted(programme), programme.requester, "One.\n\n  <b>Two</b>\n")

    assert message.text.content == "One.\n\n  <b>Two</b>"


def test_files_alone_are_a_message(programme):
    message = write(world.submitted(programme), programme.requester, " \n", attachments=[upload()])

    assert not MessageText.objects.exists()
    assert message.attachments.count() == 1


def test_nothing_is_no_message(programme):
    request = world.submitted(programme)

    with refused("message_empty"):
        write(request, programme.requester, " \n\t")


def test_long_message_is_refused_with_its_length(programme):
    request = world.submitted(programme)
    write(request, programme.requester, "é" * 4_000)

    with refused("message_too_long") as refusal:
        write(request, programme.requester, "é" * 4_001)

    assert "4001" in str(refusal.value)


def test_message_with_a_nul_is_refused(programme):
    request = world.submitted(programme)

    with refused("message_not_plain"):
        write(request, programme.requester, "a\0b")


def test_there_is_nobody_to_write_to_about_a_draft(programme):
    request = world.draft(programme)

    with refused("nobody_to_write_to"):
        write(request, programme.requester)


def test_every_reason_is_told_at_once(programme):
    request = world.draft(programme)

    with refused("message_too_long", "nobody_to_write_to", "attachment_empty_file"):
        write(request, programme.requester, "a" * 4_001, attachments=[upload(data=b"")])


def test_message_leaves_one_notice(programme):
    request = world.submitted(programme)

    message = write(request, programme.requester)

    (row,) = OutboxMessage.objects.filter(topic="requests.message")
    assert (row.key, row.stream) == (f"message:{message.pk}", request.number)
    assert row.payload == {"message_id": message.pk}


# --- Where it stands ------------------------------------------------------------------------------


def test_messages_stand_among_the_moves_in_order(programme):
    request = world.submitted(programme)
    write(request, programme.requester, "First.")
    world.review.take(request_id=request.pk, user=programme.reviewer)
    write(request, programme.reviewer, "Second.")

    found = request_page(programme.requester).get(pk=request.pk)
    story = story_of(found, actor_of(programme.requester)).steps

    assert [(step.note, bool(step.anchor)) for step in story] == [
        ("", False), ("First.", True), ("", False), ("Second.", True),
    ]  # fmt: skip


def test_cell_signs_to_those_outside_and_its_officers_to_each_other(programme):
    programme.reviewer.full_name = "Officer reviewer"
    programme.reviewer.save(update_fields=["full_name"])
    request = world.submitted(programme)
    write(request, programme.requester)
    write(request, programme.reviewer)

    signatures = {
        role: [step.by for step in steps(request, programme.people[role])]
        for role in ("requester", "colleague", "observer", "chair")
    }

    asked = programme.requester.full_name
    outside, inside = [asked, programme.cell.name], [asked, "Officer reviewer"]
    assert signatures == {
        "requester": outside, "colleague": outside, "observer": outside, "chair": inside,
    }  # fmt: skip


def test_erased_text_is_said_to_be_erased(programme, read):
    message = write(world.submitted(programme), programme.requester, "My telephone number")
    MessageText.objects.filter(pk=message.pk).update(
        content=None, erased_at=timezone.now(), erasure_reason="personal_data"
    )

    page = read(programme.requester, address(message.request))

    assert "The text was erased." in page
    assert "telephone" not in page


# --- Internal notes -------------------------------------------------------------------------------


def people_with_conflicts(programme):
    """Officers of the cell who have a part in the request: as colleague, under a mandate, and as
    co-requester."""
    of_entity = CellMemberFactory(cell=programme.cell, role="supply_officer").user
    AffiliationFactory(user=of_entity, entity=programme.entity)
    mandated = CellMemberFactory(cell=programme.cell, role="reviewer").user
    contractor = AffiliationFactory(user=mandated).entity
    MandateFactory(contractor=contractor, principal=programme.entity, sensors=[programme.sensor])
    asking = CellMemberFactory(cell=programme.cell, role="chair").user
    return {"of entity": of_entity, "mandated": mandated, "asking": asking}


def test_both_ways_to_say_who_reads_notes_agree(programme):
    conflicted = people_with_conflicts(programme)
    request = world.submitted(programme)
    request.co_requesters.add(conflicted["asking"])
    note = write(request, programme.chair, kind=INTERNAL)
    everybody = programme.people | conflicted

    by_query = {
        role
        for role, person in everybody.items()
        if Message.objects.visible_to(person).filter(pk=note.pk).exists()
    }

    by_rule = {role for role, person in everybody.items() if reads_notes(request, actor_of(person))}
    assert by_query == by_rule
    assert by_query == {"reviewer", "arbitrator", "chair", "supply_officer", "secretariat"}


def test_officer_with_a_part_in_the_request_writes_no_note(programme):
    conflicted = people_with_conflicts(programme)
    request = world.submitted(programme)
    request.co_requesters.add(conflicted["asking"])

    for person in conflicted.values():
        with forbidden():
            write(request, person, kind=INTERNAL)


def test_note_stays_inside_even_where_messages_come_unfiltered(programme):
    """Second line: whoever shows a request that was read without ``request_page``."""
    request = world.submitted(programme)
    write(request, programme.chair, "Too vague.", kind=INTERNAL)

    def notes_for(person):
        return [step.note for step in story_of(request, actor_of(person)).steps if step.anchor]

    assert notes_for(programme.reviewer) == ["Too vague."]
    assert notes_for(programme.requester) == []


# --- The page -------------------------------------------------------------------------------------


def test_message_is_sent_and_leads_to_it(programme, client):
    request = world.submitted(programme)

    response = post(
        client, programme.requester, request, text="One.\r\nTwo.", attachments=[posted()]
    )

    message = Message.objects.get()
    assert response["Location"] == f"{request.get_absolute_url()}#message-{message.pk}"
    assert message.text.content == "One.\nTwo."
    assert f'id="message-{message.pk}"' in client.get(request.get_absolute_url()).text


def test_officer_chooses_who_reads(programme, client):
    request = world.submitted(programme)

    post(client, programme.reviewer, request, text="Too vague.", kind="internal")
    post(client, programme.reviewer, request, text="Too vague.", kind="shared")

    assert list(Message.objects.values_list("kind", flat=True)) == ["internal", "shared"]


@pytest.mark.parametrize("kind", ["", "public"])
def test_officer_must_say_who_reads(programme, client, kind):
    request = world.submitted(programme)

    response = post(client, programme.reviewer, request, text="Too vague.", kind=kind)

    assert set(response.context["message_form"].errors) == {"kind"}
    assert Message.objects.count() == 0


def test_requester_who_forges_a_note_sends_a_message(programme, client):
    request = world.submitted(programme)

    post(client, programme.requester, request, text="Too vague.", kind="internal", cell="1")

    message = Message.objects.get()
    assert (message.kind, message.cell) == (SHARED, None)


def test_text_stays_where_a_file_is_refused(programme, client):
    request = world.submitted(programme)

    response = post(
        client, programme.requester, request,
        text="A <b>long</b> letter", attachments=[posted(), posted("page.html", b"<html>")],
    )  # fmt: skip

    assert response.status_code == 409
    assert "A &lt;b&gt;long&lt;/b&gt; letter</textarea>" in response.text
    assert "“page.html” is of a kind that is not accepted. Accepted: PDF" in response.text
    assert "Choose the files again" in response.text
    assert Message.objects.count() == 0


def test_limit_counts_an_end_of_line_once(programme, client):
    request = world.submitted(programme)
    text = "a" * 3_998 + "\r\nb"

    assert post(client, programme.requester, request, text=text).status_code == 302
    assert post(client, programme.requester, request, text=text + "c").status_code == 200
    assert len(MessageText.objects.get().content) == 4_000


def test_markup_is_text(programme, client):
    request = world.submitted(programme)
    write(request, programme.requester, "<script>alert(1)</script>\nTwo")
    client.force_login(programme.reviewer)

    page = client.get(request.get_absolute_url()).text

    assert "<p>&lt;script&gt;alert(1)&lt;/script&gt;<br>Two</p>" in page


def test_who_may_answer_is_sent_to_the_answer(programme, client):
    request = after.asked(programme)
    answer = f'href="{reverse("requests:move", args=[request.number, "answer"])}"'

    def says(person):
        client.force_login(person)
        page = client.get(address(request), headers={"accept-language": "en"}).text
        return answer in page, "Write a message without answering" in page

    assert says(programme.requester) == (True, True)
    assert says(programme.reviewer) == (False, False)


def test_draft_has_no_form_and_colleagues_none(programme, client):
    draft, request = world.draft(programme), world.submitted(programme)

    def form(person, of):
        client.force_login(person)
        return client.get(of.get_absolute_url()).context["message_form"]

    assert form(programme.requester, draft) is None
    assert form(programme.colleague, request) is None
    assert form(programme.requester, request) is not None


def test_message_of_a_request_taken_back_stays_readable(programme, client):
    request = world.submitted(programme)
    write(request, programme.requester, "Wait, please.")

    intake.recall(request_id=request.pk, user=programme.requester)

    client.force_login(programme.requester)
    assert "Wait, please." in text_of(client.get(address(request)))


@pytest.mark.parametrize("page", ["requests:detail", "requests:messages"])
@pytest.mark.parametrize("role", ["requester", "chair"])
def test_page_asks_the_same_of_one_message_and_of_three(programme, client, page, role):
    request = world.in_review(programme)
    client.force_login(programme.people[role])

    def queries():
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse(page, args=[request.number]))
        return len(asked)

    def exchange():
        write(request, programme.requester, attachments=[upload()])
        write(request, programme.reviewer, attachments=[upload(), upload("b.pdf")])
        write(request, programme.chair, kind=INTERNAL, attachments=[upload()])

    exchange()
    one = queries()
    exchange()
    exchange()

    assert queries() == one
