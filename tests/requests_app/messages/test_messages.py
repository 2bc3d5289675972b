"""Who writes messages about a request, what they write, and how much of it."""

import pytest
from django.utils import timezone

from eligibility.models import Cell
from eligibility.selectors import actor_of
from orbitrage.shared.models import OutboxMessage
from requests_app.messages.permissions import kinds_offered, kinds_open_to
from requests_app.models import MessageText
from tests.eligibility.factories import CellMemberFactory, ParameterFactory
from tests.requests_app import after, world
from tests.requests_app.attached import upload
from tests.requests_app.books import forbidden, refused
from tests.requests_app.messages.writing import INTERNAL, SHARED, write

pytestmark = pytest.mark.django_db


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


def test_nothing_is_offered_to_write_before_a_cell_has_the_request(programme):
    actor = actor_of(programme.requester)
    draft, submitted = world.draft(programme), world.submitted(programme)

    assert (kinds_open_to(draft, actor), kinds_offered(draft, actor)) == ((SHARED,), ())
    assert kinds_offered(submitted, actor) == (SHARED,)


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


# --- How many within a day ------------------------------------------------------------------------


def test_one_person_writes_a_number_of_messages_within_a_day(programme):
    ParameterFactory(
        code="messages-per-day-maximum", amount=2, valid_from=timezone.localdate(), unit="messages"
    )
    request = world.in_review(programme)
    for _ in range(2):
        write(request, programme.requester)

    with refused("too_many_messages"):
        write(request, programme.requester)

    assert write(request, programme.reviewer).pk
    other = world.submitted(programme, aoi=world.square(west=3))
    assert write(other, programme.requester).pk
