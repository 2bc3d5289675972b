"""A decision is taken back by the chair with a second person: what it held is released."""

from decimal import Decimal

import pytest

from licences.models import Licence
from requests_app.arbitration import services as arbitration
from requests_app.workflow import State
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


def rescind(programme, request, *, second="arbitrator", reason="An error."):
    return arbitration.rescind(
        request_id=request.pk,
        user=programme.chair,
        confirmed_by=programme.people[second],
        reason=reason,
    )


@pytest.mark.parametrize("second", ["arbitrator", "secretariat"])
def test_rescind_releases_the_decision_and_keeps_the_allowance(programme, second):
    request = world.approved(programme)

    back = rescind(programme, request, second=second)

    assert (back.state, back.granted_aoi, back.granted_area_km2) == (
        State.IN_ARBITRATION,
        None,
        None,
    )
    assert postings(request.number, "rescind") == [("release", "programme km2", -ASKED_KM2)]
    assert balances(request.number) == held(entity=ASKED_KM2)
    assert demand(request.number) == {"programme": ASKED_KM2}
    assert last_record(back).changes == {"confirmed_by": programme.people[second].pk}


def test_rescind_revokes_the_licence_and_a_new_approval_gives_another_number(programme):
    request = world.approved(programme)
    first = request.licence_number

    rescind(programme, request)
    again = arbitration.approve(request_id=request.pk, user=programme.arbitrator)

    licences = dict(Licence.objects.values_list("number", "state"))
    assert licences == {first: "revoked", again.licence_number: "issued"}
    assert balances(request.number) == held(entity=ASKED_KM2, programme=ASKED_KM2)


def test_rescind_of_a_paid_offer_returns_the_budget(programme):
    request = world.priced_offer(programme)
    arbitration_state = world.accepted_price(programme, request)
    assert arbitration_state.state == State.APPROVED

    back = rescind(programme, request)

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


def test_rescind_without_a_reason_is_refused(programme):
    request = world.approved(programme)

    with refused("reason_missing"):
        rescind(programme, request, reason=" ")


@pytest.mark.parametrize("second", ["chair", "reviewer", "requester", "supply_officer", "observer"])
def test_rescind_takes_a_second_person_who_decides(programme, second):
    request = world.approved(programme)

    with forbidden():
        rescind(programme, request, second=second)


def test_only_the_chair_rescinds(programme):
    request = world.approved(programme)

    with forbidden():
        arbitration.rescind(
            request_id=request.pk,
            user=programme.arbitrator,
            confirmed_by=programme.secretariat,
            reason="An error.",
        )


def test_ordered_request_is_not_rescinded(programme):
    request = world.ordered(programme)

    with refused("already_decided"):
        rescind(programme, request)
