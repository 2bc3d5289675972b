"""What an arbitrator decides, with the accounts after each decision."""

from decimal import Decimal

import pytest

from eligibility.models import Sensor
from licences.models import Licence
from orbitrage.shared.models import OutboxMessage
from quotas.models import Envelope
from quotas.selectors import charged_km2
from quotas.services import Cause, expire
from requests_app.arbitration import services as arbitration
from requests_app.intake.services.offers import accept_offer
from requests_app.reasons import RefusalReason
from requests_app.review import services as review
from requests_app.states import State
from requests_app.supply.services import order
from tests.eligibility.factories import AffiliationFactory, CellMemberFactory
from tests.requests_app import world
from tests.requests_app.books import (
    ASKED_KM2,
    balances,
    demand,
    forbidden,
    held,
    last_record,
    postings,
    refused,
)

pytestmark = pytest.mark.django_db


def leave_on_the_programme_envelope(km2, request):
    """Take back what the cell's envelope has beyond ``km2``."""
    envelope = Envelope.objects.get(scope="programme", demands__request_number=request.number)
    cause = Cause(decision=request.records.latest("pk").decision, reason="test")
    expire(envelope_id=envelope.pk, amount=envelope.left - Decimal(km2), cause=cause)


# -- approve ---------------------------------------------------------------------------------------


def test_approve_holds_the_programme_envelope_too(programme):
    request = world.in_arbitration(programme)

    approved = arbitration.approve(request_id=request.pk, user=programme.arbitrator, note="Yes.")

    assert approved.state == State.APPROVED
    assert balances(request.number) == held(entity=ASKED_KM2, programme=ASKED_KM2)
    assert postings(request.number, "approve") == [("hold", "programme km2", ASKED_KM2)]
    assert charged_km2(request.number) == ASKED_KM2
    assert demand(request.number) == {}


def test_approve_freezes_what_is_granted(programme):
    request = world.approved(programme)

    assert request.granted_aoi.equals(request.aoi)
    assert (request.granted_area_km2, request.priced_eur) == (ASKED_KM2, 0)
    assert request.due_on is None
    assert last_record(request).changes == {
        "counted_km2": str(ASKED_KM2),
        "free_km2": str(ASKED_KM2),
        "priced_km2": "0",
        "total_eur": "0.00",
    }


def test_approve_gives_the_licence_of_the_decision(programme):
    request = world.approved(programme)

    licence = Licence.objects.get()
    assert (licence.request_number, licence.number) == (request.number, request.licence_number)
    assert (licence.decision, licence.area_km2) == (last_record(request).decision, ASKED_KM2)
    message = OutboxMessage.objects.get(topic="licences.render")
    assert (message.payload, message.stream) == ({"licence_id": licence.pk}, request.number)


def test_approve_of_a_part_to_pay_is_refused(programme):
    request = world.in_arbitration(programme, aoi=world.square(size_deg=0.12))

    with refused("priced_part") as caught:
        arbitration.approve(request_id=request.pk, user=programme.arbitrator)

    assert "29,27 km²" in str(caught.value)
    assert "100 €" in str(caught.value)


def test_approve_beyond_the_envelope_is_refused_with_what_is_left(programme):
    request = world.in_arbitration(programme)
    leave_on_the_programme_envelope(40, request)

    with refused("quota_exhausted") as caught:
        arbitration.approve(request_id=request.pk, user=programme.arbitrator)

    assert "40 km²" in str(caught.value)


def test_approve_with_the_nationality_open_is_refused(programme):
    sensor = Sensor.objects.filter(pk=programme.sensor.pk)
    sensor.update(needs_nationality_review=False)
    request = world.in_review(programme)
    review.recommend(request_id=request.pk, user=programme.reviewer, opinion="Useful.")
    sensor.update(needs_nationality_review=True)

    with refused("nationality_review_open"):
        arbitration.approve(request_id=request.pk, user=programme.arbitrator)


@pytest.mark.parametrize("reach", [world.offered, world.approved])
def test_review_of_nationality_opened_again_stops_what_follows(programme, reach):
    request = reach(programme)
    type(request).objects.filter(pk=request.pk).update(nationality_reviewed=False)
    type(request.sensor).objects.update(needs_nationality_review=True)

    with refused("nationality_review_open"):
        if reach is world.offered:
            accept_offer(request_id=request.pk, user=programme.requester)
        else:
            order(request_id=request.pk, user=programme.supply_officer)


def test_file_in_review_is_not_approved(programme):
    request = world.in_review(programme)

    with refused("already_decided"):
        arbitration.approve(request_id=request.pk, user=programme.arbitrator)


@pytest.mark.parametrize("role", ["requester", "reviewer", "chair", "secretariat", "stranger"])
def test_others_do_not_approve(programme, role):
    request = world.in_arbitration(programme)

    with forbidden():
        arbitration.approve(request_id=request.pk, user=programme.people[role])


def test_whoever_gave_an_opinion_does_not_decide_after_putting_the_file_back(programme):
    """Recommended by one, sent back, put back, taken and recommended by another."""
    request = world.in_arbitration(programme)
    CellMemberFactory(cell=programme.cell, user=programme.reviewer, role="arbitrator")
    second = CellMemberFactory(cell=programme.cell, role="reviewer").user
    arbitration.return_to_review(request_id=request.pk, user=programme.arbitrator, note="Again.")
    review.release_file(request_id=request.pk, user=programme.reviewer)
    review.take(request_id=request.pk, user=second)
    review.recommend(
        request_id=request.pk, user=second, opinion="Useful.", nationality_reviewed=True
    )

    with forbidden():
        arbitration.approve(request_id=request.pk, user=programme.reviewer)


def test_reviewer_of_the_file_does_not_approve_it_as_arbitrator(programme):
    request = world.in_arbitration(programme)
    CellMemberFactory(cell=programme.cell, user=programme.reviewer, role="arbitrator")

    with forbidden():
        arbitration.approve(request_id=request.pk, user=programme.reviewer)


def test_arbitrator_of_the_same_entity_does_not_approve(programme):
    request = world.in_arbitration(programme)
    AffiliationFactory(user=programme.arbitrator, entity=programme.entity)

    with forbidden():
        arbitration.approve(request_id=request.pk, user=programme.arbitrator)


# -- refuse ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", RefusalReason.values)
def test_refuse_releases_with_each_reason(programme, reason):
    request = world.in_arbitration(programme)

    over = arbitration.refuse(
        request_id=request.pk, user=programme.arbitrator, reason=reason, text="Appeal by May."
    )

    assert (over.state, over.due_on) == (State.REFUSED, None)
    assert balances(request.number) == {}
    assert demand(request.number) == {}
    assert postings(request.number, "refuse") == [("release", "entity km2", -ASKED_KM2)]
    record = last_record(over)
    assert (record.reason, record.note.content) == (reason, "Appeal by May.")


def test_refuse_without_a_text_is_refused(programme):
    request = world.in_arbitration(programme)

    with refused("text_missing"):
        arbitration.refuse(
            request_id=request.pk, user=programme.arbitrator, reason="competition", text=" "
        )


def test_refuse_for_an_unknown_reason_is_refused(programme):
    request = world.in_arbitration(programme)

    with refused("reason_unknown"):
        arbitration.refuse(
            request_id=request.pk, user=programme.arbitrator, reason="bad_mood", text="No."
        )


def test_refusal_says_until_when_one_may_appeal(programme):
    request = world.in_arbitration(programme)

    over = arbitration.refuse(
        request_id=request.pk, user=programme.arbitrator, reason="competition", text="Others first."
    )

    record = last_record(over)
    assert (record.changes, record.appeal_until) == (
        {"appeal_until": world.in_days(60).isoformat()},
        world.in_days(60),
    )


def test_file_in_review_is_refused_as_inadmissible_on_proposal(programme):
    request = world.in_review(programme)
    review.propose_inadmissible(
        request_id=request.pk, user=programme.reviewer, opinion="Commercial use."
    )

    over = arbitration.refuse(
        request_id=request.pk, user=programme.arbitrator, reason="inadmissible", text="See why."
    )

    assert over.state == State.REFUSED
    assert balances(request.number) == {}


def test_file_in_review_is_not_refused_without_a_proposal(programme):
    request = world.in_review(programme)

    with refused("inadmissible_not_proposed"):
        arbitration.refuse(
            request_id=request.pk, user=programme.arbitrator, reason="inadmissible", text="No."
        )


def test_file_in_review_is_not_refused_for_another_reason(programme):
    request = world.in_review(programme)
    review.propose_inadmissible(
        request_id=request.pk, user=programme.reviewer, opinion="Commercial use."
    )

    with refused("inadmissible_not_proposed"):
        arbitration.refuse(
            request_id=request.pk, user=programme.arbitrator, reason="competition", text="No."
        )


@pytest.mark.parametrize("role", ["reviewer", "chair", "secretariat"])
def test_others_do_not_refuse(programme, role):
    request = world.in_arbitration(programme)

    with forbidden():
        arbitration.refuse(
            request_id=request.pk, user=programme.people[role], reason="other", text="No."
        )


# -- return to review ------------------------------------------------------------------------------


def test_return_to_review_keeps_the_reviewer_and_the_hold(programme):
    request = world.in_arbitration(programme)

    returned = arbitration.return_to_review(
        request_id=request.pk, user=programme.arbitrator, note="Check the use."
    )

    assert (returned.state, returned.reviewer) == (State.IN_REVIEW, programme.reviewer)
    assert last_record(returned).note.content == "Check the use."
    assert balances(request.number) == held(entity=ASKED_KM2)
    assert demand(request.number) == {"programme": ASKED_KM2}


def test_return_to_review_without_a_note_is_refused(programme):
    request = world.in_arbitration(programme)

    with refused("note_missing"):
        arbitration.return_to_review(request_id=request.pk, user=programme.arbitrator, note="")


def test_others_do_not_return_to_review(programme):
    request = world.in_arbitration(programme)

    with forbidden():
        arbitration.return_to_review(request_id=request.pk, user=programme.chair, note="Why?")
