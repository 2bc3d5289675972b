"""What the timeline says to the cell, and what it says to those who ask."""

import pytest
from django.utils.translation import override

from eligibility.selectors import actor_of
from orbitrage.shared.errors import DomainError
from requests_app.arbitration import services as arbitration
from requests_app.declarations import WORDS
from requests_app.handling.services import people
from requests_app.intake import services as intake
from requests_app.intake.services import deliveries
from requests_app.models import ImageryRequest
from requests_app.review import services as review
from requests_app.selectors import request_page
from requests_app.story import story_of
from requests_app.supply import services as supply
from requests_app.supply.services import disputes
from tests.eligibility.factories import CellMemberFactory
from tests.requests_app import after, world

pytestmark = pytest.mark.django_db

OFFICERS = ("reviewer", "arbitrator", "chair", "supply_officer", "secretariat")


def steps(request, reader):
    found = request_page(reader).get(pk=request.pk)
    return story_of(found, actor_of(reader)).steps


def signatures(request, reader):
    return [step.by for step in steps(request, reader)]


def sentences(request, reader):
    return [step.sentence for step in steps(request, reader)]


def name_officers(programme):
    for role in OFFICERS:
        person = programme.people[role]
        person.full_name = f"Officer {role}"
        person.save(update_fields=["full_name"])


def deferred_and_resumed(programme):
    request = world.in_arbitration(programme)
    arbitration.defer(
        request_id=request.pk, user=programme.arbitrator, until=world.in_days(10), reason="Later."
    )
    return arbitration.resume(request_id=request.pk, user=programme.arbitrator)


def window_closed_by_officer(programme):
    request = world.ordered(programme, **world.tasking())
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=world.in_days(-1))
    return supply.close_window(request_id=request.pk, user=programme.supply_officer)


def judged_by_secretariat(programme):
    request = world.delivered(programme)
    deliveries.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")
    return disputes.uphold_delivery(
        request_id=request.pk, user=programme.secretariat, reason="2 % of clouds."
    )


def cancelled_by(role):
    def make(programme):
        request = world.submitted(programme)
        return intake.cancel(request_id=request.pk, user=programme.people[role], reason="Twice.")

    return make


@pytest.mark.parametrize(
    "make",
    [
        deferred_and_resumed,
        window_closed_by_officer,
        judged_by_secretariat,
        cancelled_by("chair"),
        cancelled_by("secretariat"),
        world.closed,
    ],
)
def test_officers_are_named_to_the_cell_and_to_no_requester(programme, make):
    name_officers(programme)
    request = make(programme)

    to_cell = signatures(request, programme.secretariat)
    to_requester = signatures(request, programme.requester)

    assert any(name.startswith("Officer") for name in to_cell)
    assert not any(name.startswith("Officer") for name in to_requester)


@pytest.mark.parametrize("role", ["chair", "secretariat"])
def test_cell_signs_what_its_officers_cancelled(programme, role):
    request = cancelled_by(role)(programme)

    expected = [programme.requester.full_name, programme.cell.name]
    assert signatures(request, programme.requester) == expected


@pytest.mark.parametrize("role", ["requester", "entity_contact"])
def test_the_requesters_side_signs_what_it_cancelled(programme, role):
    request = cancelled_by(role)(programme)

    expected = [programme.requester.full_name, programme.people[role].full_name]
    assert signatures(request, programme.colleague) == expected


def test_programme_signs_where_the_request_has_no_cell(programme):
    cancelled = world.draft(programme)
    intake.cancel(request_id=cancelled.pk, user=programme.secretariat, reason="Empty.")
    recalled = world.in_review(programme)
    review.release_file(request_id=recalled.pk, user=programme.reviewer)
    intake.recall(request_id=recalled.pk, user=programme.requester)

    with override("en"):
        assert signatures(cancelled, programme.requester) == ["The programme"]
        assert signatures(recalled, programme.requester) == [
            programme.requester.full_name,
            "The programme",
            "The programme",
            programme.requester.full_name,
        ]


def test_refused_move_names_the_cell_to_the_requester(programme):
    name_officers(programme)
    request = cancelled_by("chair")(programme)

    with pytest.raises(DomainError) as caught:
        intake.submit(request_id=request.pk, user=programme.requester)

    assert programme.cell.name in str(caught.value)
    assert "Officer" not in str(caught.value)


def proposed(programme):
    request = world.in_review(programme)
    return review.propose_inadmissible(
        request_id=request.pk, user=programme.reviewer, opinion="Commercial use."
    )


def test_proposal_to_refuse_is_read_by_the_cell_alone_until_it_is_decided(programme):
    sentence = str(WORDS["propose_inadmissible"]["sentence"])
    request = proposed(programme)
    assert sentence in sentences(request, programme.arbitrator)
    assert sentence not in sentences(request, programme.requester)
    assert not any(step.reason for step in steps(request, programme.requester))

    arbitration.refuse(
        request_id=request.pk, user=programme.arbitrator, reason="inadmissible", text="Commercial."
    )

    assert sentence in sentences(request, programme.requester)
    notes = [step.note for step in steps(request, programme.requester)]
    assert "Commercial use." not in notes


@pytest.mark.parametrize("role", ["requester", "colleague"])
def test_officer_who_asks_or_whose_entity_asks_reads_what_a_requester_reads(programme, role):
    request = proposed(programme)
    sentence = str(WORDS["propose_inadmissible"]["sentence"])
    CellMemberFactory(cell=programme.cell, user=programme.people[role], role="supply_officer")

    assert sentence in sentences(request, programme.supply_officer)
    assert sentence not in sentences(request, programme.people[role])


def test_calendar_signs_what_it_did(programme):
    request = world.delivered(programme)
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=world.in_days(-1))
    deliveries.accept_delivery(request_id=request.pk, user=None)

    with override("en"):
        assert signatures(request, programme.requester)[-1] == "The calendar"


@pytest.mark.parametrize("make", [after.rescission_proposed, after.rescission_rejected])
def test_proposal_to_rescind_is_read_by_the_cell_alone(programme, make):
    request = make(programme)
    sentence = str(WORDS["propose_rescission"]["sentence"])

    assert sentence in sentences(request, programme.arbitrator)
    assert sentence not in sentences(request, programme.requester)
    notes = [step.note for step in steps(request, programme.requester)]
    assert "An error." not in notes


def test_requester_reads_why_the_decision_was_rescinded(programme):
    request = after.rescinded(programme)

    last = steps(request, programme.requester)[-1]

    assert (last.sentence, last.note) == (str(WORDS["rescind"]["sentence"]), "An error.")
    assert last.by == programme.cell.name


def test_reason_to_expedite_is_the_cells(programme):
    request = after.expedited(programme)

    to_requester = steps(request, programme.requester)[-1]

    assert (to_requester.sentence, to_requester.note) == (str(WORDS["expedite"]["sentence"]), "")
    assert steps(request, programme.chair)[-1].note == "The harvest ends."


def test_opinion_is_read_by_no_officer_whose_entity_asks(programme):
    request = world.in_arbitration(programme)
    CellMemberFactory(cell=programme.cell, user=programme.colleague, role="arbitrator")

    assert steps(request, programme.arbitrator)[-1].note != ""
    assert steps(request, programme.colleague)[-1].note == ""


@pytest.mark.parametrize("reader", ["requester", "chair"])
@pytest.mark.parametrize(
    ("reach", "figures"),
    [
        (after.assigned, []),
        (after.rescinded, []),
        (after.transferred, []),
        (after.refunded, ["identifiers", "proposed_km2", "refunded_km2"]),
    ],
)
def test_step_tells_figures_and_no_person(programme, reach, figures, reader):
    request = reach(programme)

    (last,) = steps(request, programme.people[reader])[-1:]

    assert request.records.last().changes != {}
    assert sorted(last.numbers) == figures


def test_calendar_says_why_it_blocks(programme):
    request = after.blocked(programme)

    with override("en"):
        last = steps(request, programme.requester)[-1]

    assert (last.by, last.reason) == ("The calendar", "The membership is suspended")


def test_contact_signs_the_transfer_and_the_cell_that_of_its_chair(programme):
    by_contact = after.transferred(programme)
    by_chair = world.submitted(programme, aoi=world.square(west=3))
    people.transfer_request(
        request_id=by_chair.pk, user=programme.chair, to_id=programme.colleague.pk, reason="Left."
    )

    assert signatures(by_contact, programme.colleague)[-1] == programme.entity_contact.full_name
    assert signatures(by_chair, programme.colleague)[-1] == programme.cell.name


def test_every_transition_has_its_sentence():
    names = {found.name for found in ImageryRequest(state="draft").get_all_state_transitions()}

    assert names - {name for name, words in WORDS.items() if words["sentence"]} == set()
