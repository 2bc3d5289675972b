"""A request changes hands, and others ask with its requester."""

import pytest

from requests_app.handling import people
from requests_app.handling.standing import review_standing
from requests_app.intake import services as intake
from requests_app.intake.services import offers
from requests_app.models import ImageryRequest
from requests_app.review import services as review
from requests_app.supply import services as supply
from requests_app.workflow import State
from tests.eligibility.factories import AffiliationFactory, MandateFactory, UserFactory
from tests.requests_app import after, world
from tests.requests_app.books import (
    ASKED_KM2,
    balances,
    forbidden,
    held,
    last_record,
    refused,
)

pytestmark = pytest.mark.django_db


def again(request):
    return ImageryRequest.objects.get(pk=request.pk)


# -- transfer --------------------------------------------------------------------------------------


def transfer(programme, request, *, to="colleague", role="entity_contact", reason="Leaves in May."):
    return people.transfer_request(
        request_id=request.pk,
        user=programme.people[role],
        to_id=programme.people[to].pk,
        reason=reason,
    )


HANDED_IN = [
    world.submitted, world.in_review, after.asked, world.in_arbitration, after.deferred,
    world.offered, world.approved, world.ordered, world.partly_delivered, world.delivered,
    after.disputed,
]  # fmt: skip


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


def test_transfer_does_not_mend_a_suspended_membership(programme):
    request = world.approved(programme)
    programme.entity.memberships.update(suspended_on=world.in_days(0), suspension_reason="Fee.")

    transfer(programme, request, role="chair")

    assert again(request).blocked_reason == "membership_suspended"


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


def test_former_requester_accepts_no_offer(programme):
    request = world.offered(programme)
    transfer(programme, request)

    with forbidden():
        offers.accept_offer(request_id=request.pk, user=programme.requester)

    ImageryRequest.objects.filter(pk=request.pk).update(nationality_reviewed=True)
    accepted = offers.accept_offer(request_id=request.pk, user=programme.colleague)
    assert accepted.state == State.APPROVED


def test_whoever_is_too_late_is_told_who_moved_the_file_and_not_who_did_something_else(programme):
    request = world.ordered(programme)
    add(programme, request, programme.colleague.email)

    with refused("already_decided") as caught:
        supply.order(request_id=request.pk, user=programme.supply_officer)

    assert programme.supply_officer.full_name in str(caught.value)
    assert programme.requester.full_name not in str(caught.value)
