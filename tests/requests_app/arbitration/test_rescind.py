"""A decision is taken back by the chair with a second person: what it held is released."""

from decimal import Decimal

import pytest
from django.utils import timezone

from licences.models import Licence
from requests_app.arbitration import services as arbitration
from requests_app.arbitration.services import rescission
from requests_app.states import State
from tests.eligibility.factories import AffiliationFactory, CellMemberFactory
from tests.requests_app import world
from tests.requests_app.books import (
    ASKED_KM2,
    PROGRAMME_EUR,
    balances,
    demand,
    forbidden,
    held,
    last_record,
    postings,
    refused,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("second", ["arbitrator", "secretariat"])
def test_rescind_releases_the_decision_and_keeps_the_allowance(programme, second):
    request = world.approved(programme)

    back = world.rescind(programme, request.pk, second=second)

    assert (back.state, back.granted_aoi, back.granted_area_km2) == (
        State.IN_ARBITRATION,
        None,
        None,
    )
    assert postings(request.number, "rescind") == [("release", "programme km2", -ASKED_KM2)]
    assert balances(request.number) == held(entity=ASKED_KM2)
    assert demand(request.number) == {"programme": ASKED_KM2}
    assert last_record(back).changes == {"proposed_by": programme.people[second].pk}


def test_rescind_revokes_the_licence_and_a_new_approval_gives_another_number(programme):
    request = world.approved(programme)
    first = request.licence_number

    world.rescind(programme, request.pk)
    again = arbitration.approve(request_id=request.pk, user=programme.arbitrator)

    licences = dict(Licence.objects.values_list("number", "state"))
    assert licences == {first: "revoked", again.licence_number: "issued"}
    assert balances(request.number) == held(entity=ASKED_KM2, programme=ASKED_KM2)


def test_rescind_of_a_paid_offer_returns_the_budget(programme):
    request = world.priced_offer(programme)
    arbitration_state = world.accepted_price(programme, request)
    assert arbitration_state.state == State.APPROVED

    back = world.rescind(programme, request.pk)

    assert (back.priced_eur, back.quotation_number, back.purchase_reference) == (0, "", "")
    assert postings(request.number, "rescind") == [
        ("release", "budget eur", Decimal(-100)),
        ("expire", "budget eur", Decimal(-100)),
        ("release", "budget km2", Decimal("-29.265754")),
        ("expire", "budget km2", Decimal("-29.265754")),
        ("release", "programme eur", -PROGRAMME_EUR),
        ("release", "programme km2", Decimal(-100)),
    ]
    assert balances(request.number) == held(entity=Decimal(100))


def propose(programme, request, role="chair", reason="An error."):
    person = programme.people[role]
    return rescission.propose_rescission(request_id=request.pk, user=person, reason=reason)


def confirm(programme, request, role):
    return rescission.rescind(request_id=request.pk, user=programme.people[role])


def keep(programme, request, role="arbitrator", reason="It is right."):
    person = programme.people[role]
    return rescission.reject_rescission(request_id=request.pk, user=person, reason=reason)


def test_proposal_is_recorded_and_moves_nothing(programme):
    request = world.approved(programme)
    before = balances(request.number)

    proposed = propose(programme, request)

    record = last_record(proposed)
    assert (record.transition, record.source, record.target) == (
        "propose_rescission", "approved", "approved",
    )  # fmt: skip
    assert (record.note.content, record.changes) == ("An error.", {"is_chair": True})
    assert balances(request.number) == before
    assert Licence.objects.get().state == "issued"


@pytest.mark.parametrize("second", ["arbitrator", "secretariat"])
def test_chair_proposes_and_another_confirms_for_the_same_reason(programme, second):
    request = world.approved(programme)
    propose(programme, request, "chair")

    back = confirm(programme, request, second)

    record = last_record(back)
    assert (back.state, record.author) == (State.IN_ARBITRATION, programme.people[second])
    assert record.note.content == "An error."


def test_proposal_without_a_reason_is_refused(programme):
    request = world.approved(programme)

    with refused("reason_missing"):
        propose(programme, request, reason=" ")


def test_second_proposal_is_refused(programme):
    request = world.approved(programme)
    propose(programme, request)

    with refused("rescission_proposed"):
        propose(programme, request, "arbitrator")


@pytest.mark.parametrize("role", ["reviewer", "requester", "supply_officer", "observer"])
def test_others_neither_propose_confirm_nor_keep(programme, role):
    request = world.approved(programme)

    with forbidden():
        propose(programme, request, role)
    propose(programme, request)
    with forbidden():
        confirm(programme, request, role)
    with forbidden():
        keep(programme, request, role)


def test_nobody_confirms_what_nobody_proposed(programme):
    request = world.approved(programme)

    with refused("rescission_not_proposed"):
        confirm(programme, request, "chair")
    with refused("rescission_not_proposed"):
        keep(programme, request)


def test_nobody_confirms_the_own_proposal(programme):
    request = world.approved(programme)
    propose(programme, request)

    with refused("same_person"):
        confirm(programme, request, "chair")


def test_one_of_the_two_chairs_the_cell(programme):
    request = world.approved(programme)
    propose(programme, request, "arbitrator")

    with refused("chair_missing"):
        confirm(programme, request, "secretariat")


def test_one_person_who_is_chair_and_arbitrator_is_no_two_persons(programme):
    CellMemberFactory(cell=programme.cell, user=programme.chair, role="arbitrator")
    request = world.approved(programme)
    propose(programme, request)

    with refused("same_person"):
        confirm(programme, request, "chair")


def test_secretary_with_an_interest_does_not_confirm(programme):
    request = world.approved(programme)
    propose(programme, request)
    AffiliationFactory(user=programme.secretariat, entity=programme.entity)

    with forbidden():
        confirm(programme, request, "secretariat")


def test_decision_that_is_kept_can_be_proposed_again(programme):
    request = world.approved(programme)
    propose(programme, request)

    kept = keep(programme, request)

    assert (kept.state, last_record(kept).note.content) == (State.APPROVED, "It is right.")
    with refused("rescission_not_proposed"):
        confirm(programme, request, "arbitrator")
    assert propose(programme, request).state == State.APPROVED


def test_decision_is_not_kept_without_a_reason(programme):
    request = world.approved(programme)
    propose(programme, request)

    with refused("reason_missing"):
        keep(programme, request, reason="")


def test_proposal_about_an_approval_is_none_about_the_next_one(programme):
    request = world.approved(programme)
    world.rescind(programme, request.pk)
    arbitration.approve(request_id=request.pk, user=programme.arbitrator)

    with refused("rescission_not_proposed"):
        confirm(programme, request, "chair")


def test_ordered_request_is_not_rescinded(programme):
    request = world.ordered(programme)

    with refused("already_decided"):
        propose(programme, request)
    with refused("already_decided"):
        confirm(programme, request, "chair")


def test_chair_who_has_left_takes_no_part_any_more(programme):
    """And is somebody who may no longer propose it."""
    request = world.approved(programme)
    propose(programme, request, "chair")
    programme.chair.cell_posts.update(until=timezone.localdate())

    with refused("proposer_may_no_more", "chair_missing"):
        confirm(programme, request, "arbitrator")
    assert keep(programme, request).state == State.APPROVED


def test_chair_who_is_arbitrator_only_by_now_is_no_chair(programme):
    request = world.approved(programme)
    propose(programme, request, "chair")
    programme.chair.cell_posts.update(role="arbitrator")

    with refused("chair_missing"):
        confirm(programme, request, "secretariat")


def test_proposer_who_has_an_interest_by_now_does_not_count(programme):
    request = world.approved(programme)
    propose(programme, request, "secretariat")
    AffiliationFactory(user=programme.secretariat, entity=programme.entity)

    with refused("proposer_may_no_more"):
        confirm(programme, request, "chair")
