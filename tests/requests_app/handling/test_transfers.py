"""A request changes hands."""

import pytest

from requests_app.handling.services import people
from requests_app.handling.services.standing import review_standing
from requests_app.intake import services as intake
from requests_app.intake.services import offers
from requests_app.models import ImageryRequest
from requests_app.states import State
from tests.eligibility.factories import AffiliationFactory, MandateFactory
from tests.requests_app import after, world
from tests.requests_app.books import (
    ASKED_KM2,
    again,
    balances,
    forbidden,
    held,
    last_record,
    refused,
    transitions,
)
from tests.requests_app.reached import HANDED_IN

pytestmark = pytest.mark.django_db


# -- transfer --------------------------------------------------------------------------------------


def transfer(programme, request, *, to="colleague", role="entity_contact", reason="Leaves in May."):
    return people.transfer_request(
        request_id=request.pk,
        user=programme.people[role],
        to_id=programme.people[to].pk,
        reason=reason,
    )


@pytest.mark.parametrize("reach", HANDED_IN)
def test_request_changes_hands_and_nothing_else(programme, reach):
    request = reach(programme)
    before = balances(request.number)

    given = transfer(programme, request)

    record = last_record(given)
    assert (given.state, again(given).requester) == (request.state, programme.colleague)
    assert (record.transition, record.note.content) == ("transfer_request", "Leaves in May.")
    assert record.changes == {"requester": [programme.requester.pk, programme.colleague.pk]}
    assert balances(request.number) == before


@pytest.mark.parametrize("role", ["entity_contact", "chair", "secretariat"])
def test_contact_chair_and_secretariat_transfer(programme, role):
    request = world.submitted(programme)

    assert transfer(programme, request, role=role).requester == programme.colleague


def test_new_requester_answers_and_the_former_does_not(programme):
    request = after.asked(programme)
    transfer(programme, request)

    with forbidden():
        intake.answer(request_id=request.pk, user=programme.requester, text="Because.")

    answered = intake.answer(request_id=request.pk, user=programme.colleague, text="Because.")
    assert answered.state == State.IN_REVIEW
    assert balances(request.number) == held(entity=ASKED_KM2)


def test_co_requester_who_takes_it_over_is_none_any_more(programme):
    request = world.submitted(programme)
    request.co_requesters.add(programme.colleague)

    transfer(programme, request)

    assert list(again(request).co_requesters.all()) == []


def test_review_of_nationality_is_open_again(programme):
    request = world.in_arbitration(programme)
    assert request.nationality_reviewed

    transfer(programme, request)

    assert not again(request).nationality_reviewed


def test_person_who_left_is_replaced_and_the_file_goes_on(programme):
    request = world.approved(programme)
    programme.requester.affiliations.update(until=world.in_days(0))
    review_standing(request_id=request.pk)
    assert again(request).blocked_reason == "requester_left"

    transfer(programme, request, role="chair")

    assert again(request).blocked_reason == ""
    assert transitions(request)[-3:] == ["block", "transfer_request", "unblock"]


def test_transfer_does_not_mend_a_suspended_membership(programme):
    request = world.approved(programme)
    programme.entity.memberships.update(suspended_on=world.in_days(0), suspension_reason="Fee.")

    transfer(programme, request, role="chair")

    record = last_record(again(request))
    assert again(request).blocked_reason == "membership_suspended"
    assert (record.transition, record.reason) == ("block", "membership_suspended")


@pytest.fixture
def mandated(programme):
    """A request of a contractor, who has a colleague there."""
    contractor = AffiliationFactory().user
    firm = contractor.affiliations.get().entity
    programme.people |= {
        "contractor": contractor,
        "contractors_colleague": AffiliationFactory(entity=firm).user,
    }
    mandate = MandateFactory(
        contractor=firm, principal=programme.entity, sensors=[programme.sensor]
    )
    draft = intake.draft_of(
        user=contractor,
        entity=programme.entity,
        mandate=mandate,
        sensor=programme.sensor,
        area=world.area_of(contractor),
        answers=world.ANSWERS,
    )
    draft = intake.create_draft(draft=draft, user=contractor)
    return intake.submit(request_id=draft.pk, user=contractor)


def test_principal_takes_the_request_of_its_contractor_over(programme, mandated):
    given = transfer(programme, mandated, to="colleague")

    assert (given.requester, given.mandate) == (programme.colleague, None)


def test_contractors_colleague_goes_on_under_the_mandate(programme, mandated):
    given = transfer(programme, mandated, to="contractors_colleague")

    assert (given.requester, given.mandate) == (
        programme.people["contractors_colleague"],
        mandated.mandate,
    )


def test_contractor_whose_mandate_is_over_takes_nothing_over(programme, mandated):
    type(mandated.mandate).objects.update(ends_on=world.in_days(-1))

    with refused("cannot_take_over"):
        transfer(programme, mandated, to="contractors_colleague")


@pytest.mark.parametrize("to", ["stranger", "reviewer"])
def test_stranger_takes_nothing_over(programme, to):
    request = world.submitted(programme)

    with refused("cannot_take_over"):
        transfer(programme, request, to=to)


def test_suspended_account_takes_nothing_over(programme):
    request = world.submitted(programme)
    type(programme.colleague).objects.filter(pk=programme.colleague.pk).update(is_active=False)

    with refused("cannot_take_over"):
        transfer(programme, request)


def test_transfer_to_the_requester_is_refused(programme):
    request = world.submitted(programme)

    with refused("asks_already"):
        transfer(programme, request, to="requester")


def test_transfer_without_a_reason_is_refused(programme):
    request = world.submitted(programme)

    with refused("reason_missing"):
        transfer(programme, request, reason="")


@pytest.mark.parametrize("role", ["requester", "colleague", "reviewer", "arbitrator", "observer"])
def test_others_transfer_nothing(programme, role):
    request = world.submitted(programme)

    with forbidden():
        transfer(programme, request, role=role)


@pytest.mark.parametrize("reach", [world.draft, world.closed])
def test_draft_and_closed_request_stay_where_they_are(programme, reach):
    request = reach(programme)

    with refused("wrong_state" if reach is world.draft else "already_decided"):
        transfer(programme, request)


# -- co-requesters ---------------------------------------------------------------------------------


def test_former_requester_accepts_no_offer(programme):
    request = world.offered(programme)
    transfer(programme, request)

    with forbidden():
        offers.accept_offer(request_id=request.pk, user=programme.requester)

    ImageryRequest.objects.filter(pk=request.pk).update(nationality_reviewed=True)
    accepted = offers.accept_offer(request_id=request.pk, user=programme.colleague)
    assert accepted.state == State.APPROVED
