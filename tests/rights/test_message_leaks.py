"""What officers write to each other reaches no one else: on no page, in no file, by no mail."""

import pytest
from django.core import mail
from django.urls import reverse

from orbitrage.outbox_handlers import HANDLERS
from orbitrage.shared import outbox
from requests_app.messages.services import write_message
from requests_app.models import Message
from tests.rights.table import OF_THE_CELL, address, rows, text_of
from tests.rights.world import ROLES, World

pytestmark = pytest.mark.django_db

INTERNAL = "Words of the internal message."
SHARED = "Words of the shared message."
INSIDE = (*OF_THE_CELL, "secretariat", "staff_secretariat")
OUTSIDE = tuple(role for role in ROLES if role not in INSIDE)


def pages_of_the_file(world: World) -> list[str]:
    """Every address that is about the request the note stands on, or lists requests."""
    number = world.requests["in_review"].number
    lists = ("home", "requests:list", "queue:list", "licences:list", "quotas:list", "quotas:held")
    of_requests = {
        address(world, row)
        for row in rows()
        if row.method == "GET" and row.url.startswith("requests:") and row.object_name
    }
    return sorted({page for page in of_requests if number in page}) + [
        reverse(name) for name in lists
    ]


@pytest.mark.parametrize("role", OUTSIDE)
def test_note_is_on_no_page_of_those_outside(world: World, role: str):
    found = {page: text_of(world.clients[role].get(page)) for page in pages_of_the_file(world)}

    assert [
        page for page, text in found.items() if INTERNAL in text or "internal.pdf" in text
    ] == []


@pytest.mark.parametrize("role", INSIDE)
def test_note_is_on_the_page_of_those_inside(world: World, role: str):
    """So that the test above is about rights and not about a note that is nowhere."""
    page = world.requests["in_review"].get_absolute_url()

    text = text_of(world.clients[role].get(page))

    assert (INTERNAL in text, "internal.pdf" in text, SHARED in text) == (True, True, True)


@pytest.mark.parametrize(
    "role", ["requester", "co_requester", "colleague", "entity_contact", "observer"]
)
def test_message_is_on_the_page_of_who_sees_the_request(world: World, role: str):
    text = text_of(world.clients[role].get(world.requests["in_review"].get_absolute_url()))

    assert (SHARED in text, "shared.pdf" in text) == (True, True)


@pytest.mark.parametrize("role", OUTSIDE)
def test_who_comes_too_late_reads_no_note(world: World, role: str):
    late = reverse("requests:move", args=[world.requests["in_review"].number, "recall"])

    assert INTERNAL not in text_of(world.clients[role].post(late, {"csrfmiddlewaretoken": "x"}))


@pytest.mark.parametrize("role", OUTSIDE)
def test_who_is_refused_a_message_reads_no_note(world: World, role: str):
    thread = reverse("requests:messages", args=[world.requests["in_review"].number])

    assert INTERNAL not in text_of(world.clients[role].post(thread, {"text": ""}))


def test_message_is_found_by_who_may_read_it_alone(world: World):
    texts = {
        role: set(
            Message.objects.visible_to(person)
            .filter(text__isnull=False, request=world.requests["in_review"])
            .values_list("text__content", flat=True)
        )
        for role, person in world.people.items()
    }

    for role, found in texts.items():
        if role in INSIDE:
            assert found == {SHARED, INTERNAL}, role
        else:
            assert found <= {SHARED}, role
    assert texts["stranger"] == texts["suspended_member"] == texts["other_cell_officer"] == set()


def test_mail_of_a_note_goes_inside_without_its_words(world: World):
    request = world.requests["in_review"]
    outbox.drain(HANDLERS)
    mail.outbox.clear()

    write_message(
        request_id=request.pk, user=world.people["chair"], text="Refuse it.", kind="internal"
    )
    outbox.drain(HANDLERS)

    inside = {world.people[role].email for role in INSIDE}
    assert mail.outbox
    assert {address for sent in mail.outbox for address in sent.to} <= inside
    assert [sent for sent in mail.outbox if "Refuse it." in f"{sent.subject}{sent.body}"] == []
