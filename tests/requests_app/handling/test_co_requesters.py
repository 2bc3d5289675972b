"""Others ask with the requester of a request."""

import pytest

from eligibility.models import Cell
from requests_app.handling import services as handling
from requests_app.handling.services import people
from requests_app.intake import services as intake
from requests_app.models import ImageryRequest
from requests_app.review import services as review
from requests_app.states import State
from requests_app.supply import services as supply
from tests.eligibility.factories import (
    AffiliationFactory,
    CellMemberFactory,
    ProgrammeRoleFactory,
    UserFactory,
)
from tests.requests_app import after, world
from tests.requests_app.books import again, balances, forbidden, last_record, refused
from tests.requests_app.reached import HANDED_IN

pytestmark = pytest.mark.django_db


def add(programme, request, email, role="requester"):
    return people.add_co_requester(request_id=request.pk, user=programme.people[role], email=email)


def remove(programme, request, person, role="requester"):
    return people.remove_co_requester(
        request_id=request.pk, user=programme.people[role], person_id=person.pk
    )


@pytest.mark.parametrize("reach", [world.draft, *HANDED_IN])
def test_co_requester_is_added_and_nothing_moves(programme, reach):
    request = reach(programme)
    partner = AffiliationFactory().user

    joined = add(programme, request, partner.email.upper())

    record = last_record(joined)
    assert (joined.state, joined.co_requester_ids) == (request.state, {partner.pk})
    assert (record.transition, record.changes) == ("add_co_requester", {"person": partner.pk})


def test_co_requester_asks_with_the_requester(programme):
    request = after.asked(programme)
    partner = AffiliationFactory().user
    assert not ImageryRequest.objects.visible_to(partner).exists()

    add(programme, request, partner.email)

    assert ImageryRequest.objects.visible_to(partner).get() == request
    answered = intake.answer(request_id=request.pk, user=partner, text="Because.")
    assert answered.state == State.IN_REVIEW


def test_co_requester_opens_the_review_of_nationality_again(programme):
    request = world.in_arbitration(programme)

    joined = add(programme, request, AffiliationFactory().user.email)

    assert joined.nationality_reviewed is False


def test_removed_co_requester_asks_no_more(programme):
    request = after.asked(programme)
    partner = AffiliationFactory().user
    add(programme, request, partner.email)

    left = remove(programme, request, partner)

    record = last_record(left)
    assert (record.transition, record.changes) == ("remove_co_requester", {"person": partner.pk})
    with forbidden():
        intake.answer(request_id=request.pk, user=partner, text="Because.")


def test_address_that_nobody_known_has_is_refused(programme):
    request = world.draft(programme)

    with refused("nobody_known"):
        add(programme, request, "nobody@example.org")


@pytest.mark.parametrize("flaw", ["of no organisation", "suspended"])
def test_account_that_cannot_ask_is_told_from_none_by_no_word(programme, flaw):
    request = world.draft(programme)
    person = UserFactory(email="x@example.org", is_active=flaw != "suspended")
    if flaw == "suspended":
        AffiliationFactory(user=person)

    with refused("nobody_known") as caught:
        add(programme, request, person.email)

    assert person.full_name not in str(caught.value)


@pytest.mark.parametrize("role", ["requester", "colleague"])
def test_who_asks_already_is_not_added(programme, role):
    request = world.draft(programme)
    request.co_requesters.add(programme.colleague)

    with refused("asks_already"):
        add(programme, request, programme.people[role].email)


def test_nobody_takes_a_reviewer_off_the_file_by_adding_them(programme):
    request = world.in_review(programme)
    AffiliationFactory(user=programme.reviewer)

    with refused("serves_the_cell"):
        add(programme, request, programme.reviewer.email)

    assert review.release_file(request_id=request.pk, user=programme.reviewer)


@pytest.mark.parametrize("role", ["reviewer", "chair", "secretariat"])
def test_nobody_who_may_decide_is_named_in_a_draft(programme, role):
    request = world.draft(programme)
    AffiliationFactory(user=programme.people[role])

    with refused("serves_the_cell"):
        add(programme, request, programme.people[role].email)


def test_nobody_of_a_cell_that_the_file_may_move_to_is_named(programme):
    request = world.submitted(programme)
    officer = CellMemberFactory(cell=Cell.objects.get(code="institutional"), role="arbitrator")
    AffiliationFactory(user=officer.user)

    with refused("serves_the_cell"):
        add(programme, request, officer.user.email)


@pytest.mark.parametrize("post", ["cell", "secretariat"])
def test_draft_of_who_serves_its_cell_since_is_not_submitted(programme, post):
    request = world.draft(programme)
    request.co_requesters.add(programme.colleague)
    if post == "cell":
        CellMemberFactory(cell=programme.cell, user=programme.colleague, role="chair")
    else:
        ProgrammeRoleFactory(user=programme.colleague, role="secretariat")

    with refused("serves_the_cell"):
        intake.submit(request_id=request.pk, user=programme.requester)
    assert again(request).state == State.DRAFT

    people.leave_request(request_id=request.pk, user=programme.colleague)
    assert intake.submit(request_id=request.pk, user=programme.requester).state == State.SUBMITTED


def test_file_goes_to_no_cell_that_a_co_requester_serves(programme):
    request = world.submitted(programme)
    other = Cell.objects.get(code="institutional")
    CellMemberFactory(cell=other, user=programme.colleague, role="arbitrator")
    request.co_requesters.add(programme.colleague)

    def move():
        return handling.reroute(
            request_id=request.pk, user=programme.chair, cell_id=other.pk, reason="Glaciers."
        )

    with refused("serves_the_cell"):
        move()
    assert again(request).cell == programme.cell

    people.leave_request(request_id=request.pk, user=programme.colleague)
    assert move().cell_id == other.pk


@pytest.mark.parametrize("reach", [world.draft, world.in_arbitration, world.delivered])
def test_co_requester_leaves_of_their_own_will(programme, reach):
    request = reach(programme)
    partner = AffiliationFactory().user
    request.co_requesters.add(partner)
    before = balances(request.number)

    gone = people.leave_request(request_id=request.pk, user=partner)

    record = last_record(gone)
    assert (gone.state, gone.co_requester_ids) == (request.state, frozenset())
    assert (record.transition, record.changes) == ("leave_request", {"person": partner.pk})
    assert balances(request.number) == before
    assert not ImageryRequest.objects.visible_to(partner).exists()


@pytest.mark.parametrize("role", ["requester", "entity_contact", "reviewer", "secretariat"])
def test_who_is_no_co_requester_does_not_leave(programme, role):
    request = world.in_review(programme)

    with forbidden():
        people.leave_request(request_id=request.pk, user=programme.people[role])


def test_who_is_no_co_requester_is_not_removed(programme):
    request = world.draft(programme)

    with refused("no_co_requester"):
        remove(programme, request, programme.colleague)


@pytest.mark.parametrize("role", ["co_requester", "colleague", "entity_contact", "chair"])
def test_only_the_requester_says_who_asks_too(programme, role):
    request = world.submitted(programme)
    programme.people["co_requester"] = AffiliationFactory().user
    request.co_requesters.add(programme.people["co_requester"])

    with forbidden():
        add(programme, request, programme.colleague.email, role)
    with forbidden():
        remove(programme, request, programme.people["co_requester"], role)


def test_closed_request_takes_no_co_requester(programme):
    request = world.closed(programme)

    with refused("already_decided"):
        add(programme, request, programme.colleague.email)


def test_whoever_is_too_late_is_told_who_moved_the_file_and_not_who_did_something_else(programme):
    request = world.ordered(programme)
    add(programme, request, programme.colleague.email)

    with refused("already_decided") as caught:
        supply.order(request_id=request.pk, user=programme.supply_officer)

    assert programme.supply_officer.full_name in str(caught.value)
    assert programme.requester.full_name not in str(caught.value)
