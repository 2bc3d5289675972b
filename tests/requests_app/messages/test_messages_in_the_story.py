"""Where messages stand in the story of a request, and who reads the notes of its cell."""

import pytest
from django.utils import timezone

from eligibility.selectors import actor_of
from requests_app.models import Message, MessageText
from requests_app.selectors import request_page
from requests_app.story import reads_notes, story_of
from tests.eligibility.factories import AffiliationFactory, CellMemberFactory, MandateFactory
from tests.requests_app import world
from tests.requests_app.books import forbidden
from tests.requests_app.messages.writing import INTERNAL, address, write

pytestmark = pytest.mark.django_db


def steps(request, reader):
    found = request_page(reader).get(pk=request.pk)
    return [step for step in story_of(found, actor_of(reader)).steps if step.anchor]


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
